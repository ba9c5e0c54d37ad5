"""How much the cache on disk holds.

Owns: counting now and then, off the interface thread. Refuses: emptying it.
"""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.post import Post

EVERY_MS = 60_000


def bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder; what cannot be read counts nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:
            continue
    return total


class CacheSize(QObject):
    """`bytes` is None until it was counted; `changed` when it differs."""

    changed = Signal()

    def __init__(self, folder: Path, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._post = folder, post
        self.bytes: int | None = None
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.count)

    def start(self) -> None:
        self._timer.start()
        QTimer.singleShot(4000, self, self.count)  # not while the window is still coming up

    def stop(self) -> None:
        self._timer.stop()

    def count(self) -> None:
        """Counts in the background."""
        threading.Thread(target=lambda: self._post(self._counted, bytes_in(self._folder)), name="count cache", daemon=True).start()

    def _counted(self, found: int) -> None:
        if found != self.bytes:
            self.bytes = found
            self.changed.emit()
