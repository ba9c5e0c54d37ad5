"""Looking for what only cycles keep alive, when nobody is at work.

Owns: when the search for cycles goes through everything: in a quiet moment, and over what is new only. Refuses: what is found.

A search through the records and widgets of a large film takes longer than a few frames, and comes in the midst of whatever makes many
objects: a merge, a ripple, the review.
"""

from __future__ import annotations

import gc
import time
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QCursor, QGuiApplication

SETTLE_MS = 600
"""From when on, with growing distances, what is loaded counts as staying; the last time about 9 seconds after opening."""
LOOK_MS = 5000
QUIET = 8.0
"""Seconds without anybody doing anything, after which there is time for a search through what is new."""
LONG_QUIET, SELDOM = 60.0, 600.0
"""Seconds of quiet, and since the last time, for a search through everything there is."""
NEW = 20_000
"""Objects that outlived two small searches, from which on it is worth while."""
_YOUNG = (5_000, 4, 1_000_000)
"""Small searches run by themselves, large ones never."""


class Tidying(QObject):
    """Begins by itself; `close` gives everything back to the ordinary search."""

    def __init__(self, bench: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._before = gc.get_threshold()
        self._seen: tuple[object, ...] = ()
        self._since = self._whole = time.monotonic()
        self._settling = QTimer(self, interval=0)
        self._settling.timeout.connect(self._settle)
        self._settling.start()
        self._looking = QTimer(self, interval=LOOK_MS)
        self._looking.timeout.connect(self.look)

    def close(self) -> None:
        self._settling.stop()
        self._looking.stop()
        gc.set_threshold(*self._before)
        gc.unfreeze()

    def _settle(self) -> None:
        gc.freeze()
        gc.set_threshold(*_YOUNG)
        self._settling.setInterval(self._settling.interval() * 2 or SETTLE_MS)
        if self._settling.interval() > 8 * SETTLE_MS:
            self._settling.stop()
            self._looking.start()

    def look(self) -> None:
        """Searches, if it is quiet."""
        bench, now = self._bench, time.monotonic()
        keys = getattr(bench.late.get("shell"), "keys", None)
        seen = (bench.document.snapshot.revision, bench.transport.ticks, bench.selection.clips, QCursor.pos().toTuple(),
                getattr(keys, "heard", 0))
        if seen != self._seen or bench.transport.playing or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._seen, self._since = seen, now
        elif now - self._since > LONG_QUIET and now - self._whole > SELDOM:
            self._whole = now
            gc.unfreeze()
            self._search()
        elif now - self._since > QUIET and len(gc.get_objects(2)) > NEW:
            self._search()

    def _search(self) -> None:
        gc.collect()
        gc.freeze()  # what is left stays, as far as one can tell
