"""Which media is there on this machine.

Owns: looking for files off the interface thread; the sets of offline and of replaced assets.
Refuses: decoding. Of a file no more is read than three short pieces, once, and again when its size or time has changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.ports import Locations
from app.desktop.bridge.post import Post
from app.services.replaced import replaced

EVERY_MS = 10_000


class MediaWatch(QObject):
    """`offline` holds the ids of assets of which no file is where one was last seen, `replaced` of those where another file lies in
    its place (other content, whatever its name and size); `changed` when one of them differs.

    It looks again every ten seconds and when asked: a drive that is plugged in again brings its clips back by itself.
    """

    changed = Signal()
    returned = Signal(str)
    """An asset that was offline is there again."""

    def __init__(self, places: Callable[[], Locations], post: Post, hashes: Callable[[], Mapping[str, str]] = dict,
                 hash_of: Callable[[list[Path]], list[str]] = lambda paths: [""] * len(paths), parent: QObject | None = None) -> None:
        """`hashes` gives the quick hash that each asset was imported with; `hash_of` makes those of files, "" where it cannot."""
        super().__init__(parent)
        self._places, self._post, self._hashes, self._hash_of = places, post, hashes, hash_of
        self._seen: dict[Path, tuple[tuple[int, int], str]] = {}
        self._busy = False
        self._again = False
        self.offline: frozenset[str] = frozenset()
        self.replaced: frozenset[str] = frozenset()
        self.known = False
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        self._timer.start()
        self.look()

    def stop(self) -> None:
        self._timer.stop()

    def look(self) -> None:
        """Looks in the background; a look that is asked for meanwhile follows."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        places, hashes = dict(self._places()), dict(self._hashes())
        threading.Thread(target=self._search, args=(places, hashes), name="look for media", daemon=True).start()

    def _search(self, places: Mapping[str, list[Path]], hashes: Mapping[str, str]) -> None:
        there = {asset: next((path for path in paths if _is_there(path)), None) for asset, paths in places.items()}
        gone = frozenset(asset for asset, path in there.items() if path is None)
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
            back = self.offline - gone
            self.offline, self.replaced, self.known = gone, other, True
            self.changed.emit()
            for asset in back:
                self.returned.emit(asset)
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
