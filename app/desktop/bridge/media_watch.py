"""Which media is there on this machine.

Owns: looking for files off the interface thread, the set of offline assets, the problems that come of it. Refuses: opening files.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.ports import Locations
from app.desktop.bridge.post import Post

EVERY_MS = 10_000


class MediaWatch(QObject):
    """`offline` holds the ids of assets of which no file is where one was last seen; `changed` when that differs.

    It looks again every ten seconds and when asked: a drive that is plugged in again brings its clips back by itself.
    """

    changed = Signal()
    returned = Signal(str)
    """An asset that was offline is there again."""

    def __init__(self, places: Callable[[], Locations], post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._places, self._post = places, post
        self._busy = False
        self._again = False
        self.offline: frozenset[str] = frozenset()
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
        threading.Thread(target=self._search, args=(dict(self._places()),), name="look for media", daemon=True).start()

    def _search(self, places: Mapping[str, list[Path]]) -> None:
        gone = frozenset(asset for asset, paths in places.items() if not any(_is_there(path) for path in paths))
        self._post(self._found, gone)

    def _found(self, gone: frozenset[str]) -> None:
        self._busy = False
        if gone != self.offline or not self.known:
            back = self.offline - gone
            self.offline, self.known = gone, True
            self.changed.emit()
            for asset in back:
                self.returned.emit(asset)
        if self._again:
            self._again = False
            self.look()


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
