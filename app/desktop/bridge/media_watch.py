"""Which media is there on this machine.

Owns: looking for files off the interface thread; the sets of offline and of replaced assets.
Refuses: decoding. Of a file no more is read than three short pieces, once, and again when its size or time has changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from app.desktop.bridge.ports import Locations
from app.desktop.bridge.post import Post
from app.services.replaced import replaced

LEAST_MS, MOST_MS = 3_000, 60_000
_SHARE = 50
"""Between two looks there is this many times what one takes: ten thousand files on a slow server are not asked for all the time."""


class MediaWatch(QObject):
    """`offline` holds the ids of assets of which no file is where one was last seen, `replaced` of those where another file lies in
    its place (other content, whatever its name and size); `changed` when one of them differs.

    It looks again every three seconds (less often where a look takes long), when the window is used again and when asked: a drive that
    is plugged in again brings its clips back by itself, and what was moved away is soon offline.
    """

    changed = Signal()
    turned = Signal(object)
    """Ids (a frozenset) of assets whose file has gone, come back or become another: what has it open shall look anew."""

    def __init__(self, places: Callable[[], Locations], post: Post, hashes: Callable[[], Mapping[str, str]] = dict,
                 hash_of: Callable[[list[Path]], list[str]] = lambda paths: [""] * len(paths), parent: QObject | None = None) -> None:
        """`hashes` gives the quick hash that each asset was imported with; `hash_of` makes those of files, "" where it cannot."""
        super().__init__(parent)
        self._places, self._post, self._hashes, self._hash_of = places, post, hashes, hash_of
        self._seen: dict[Path, tuple[tuple[int, int], str]] = {}
        self._busy = False
        self._again = False
        self._pause = LEAST_MS
        self.offline: frozenset[str] = frozenset()
        self.replaced: frozenset[str] = frozenset()
        self.known = False
        self._timer = QTimer(self, interval=LEAST_MS)
        self._timer.timeout.connect(self.look)
        self._app: QGuiApplication | None = None

    def start(self) -> None:
        self._timer.start()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication) and self._app is None:
            self._app = app
            app.applicationStateChanged.connect(self._used)
        self.look()

    def stop(self) -> None:
        self._timer.stop()
        if self._app is not None:
            self._app.applicationStateChanged.disconnect(self._used)
            self._app = None

    def _used(self, state: Qt.ApplicationState) -> None:
        """Who comes back from a file manager may have moved something there."""
        if state == Qt.ApplicationState.ApplicationActive:
            self.look()

    def look(self) -> None:
        """Looks in the background; a look that is asked for meanwhile follows."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        places, hashes = dict(self._places()), dict(self._hashes())
        threading.Thread(target=self._search, args=(places, hashes), name="look for media", daemon=True).start()

    def _search(self, places: Mapping[str, list[Path]], hashes: Mapping[str, str]) -> None:
        began = time.monotonic()
        there = {asset: next((path for path in paths if _is_there(path)), None) for asset, paths in places.items()}
        gone = frozenset(asset for asset, path in there.items() if path is None)
        self._pause = max(LEAST_MS, min(MOST_MS, round((time.monotonic() - began) * 1000 * _SHARE)))
        self._post(self._found, gone, self.replaced - gone, False)
        watched = {asset: (path, hashes.get(asset, "")) for asset, path in there.items() if path is not None}
        self._look_into({path for path, _ in watched.values()})
        other = frozenset(replaced(watched, {path: made for path, (_, made) in self._seen.items()}))
        self._post(self._found, gone, other, True)

    def _look_into(self, paths: set[Path]) -> None:
        """Hashes the files that were not hashed yet, or have another size or time since."""
        states = {path: state for path in paths if (state := _state_of(path)) is not None}
        fresh = [path for path, state in states.items() if path not in self._seen or self._seen[path][0] != state]
        if fresh:
            self._seen.update((path, (states[path], made)) for path, made in zip(fresh, self._hash_of(fresh), strict=True))

    def _found(self, gone: frozenset[str], other: frozenset[str], done: bool) -> None:
        self._busy = not done
        if gone != self.offline or other != self.replaced or not self.known:
            turned = (self.offline ^ gone) | (self.replaced ^ other)
            self.offline, self.replaced, self.known = gone, other, True
            self.changed.emit()
            if turned:
                self.turned.emit(turned)
        if done and self._timer.interval() != self._pause:
            self._timer.setInterval(self._pause)
        if done and self._again:
            self._again = False
            self.look()


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
