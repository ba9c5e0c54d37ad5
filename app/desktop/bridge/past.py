"""The past of one clip, found without holding up the window.

Owns: going through the history newest first in short slices, handing on what it finds. Refuses: showing it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.open_project import OpenProject
from editor_core.document import Entry
from editor_core.storage import StorageError
from editor_core.sync.blame import Touch, looking

log = logging.getLogger(__name__)
SLICE = 0.006
"""Seconds of the interface thread that looking may take at a time."""


class Past(QObject):
    """Every change to a clip. `found` after each slice that found something, `finished` at the end; `touches` is newest first by then."""

    found = Signal()
    finished = Signal()

    def __init__(self, project: OpenProject, clip: str, parent: QObject | None = None, lines: Sequence[Entry] | None = None) -> None:
        """With `lines` only those of the history are gone through."""
        super().__init__(parent)
        self._project, self.clip, self._lines = project, clip, lines
        self.touches: list[Touch] = []
        self.done = False
        self._rest: Iterator[Touch | None] = iter(())
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._slice)
        self.again()

    def again(self) -> None:
        """Begins anew, after a change."""
        self.done = False
        self._fresh: list[Touch] = []
        lines = self._project.door.history.entries if self._lines is None else self._lines
        self._rest = looking(self.clip, list(lines), self._project.file.change)
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _slice(self) -> None:
        until, before = time.perf_counter() + SLICE, len(self._fresh)
        while time.perf_counter() < until:
            try:
                touch = next(self._rest)
            except StopIteration:
                self.done = True
                break
            except StorageError as error:
                log.warning("the history of a clip cannot be read further: %s", error)
                self.done = True
                break
            if touch is not None:
                self._fresh.append(touch)
        if len(self._fresh) > max(before, len(self.touches)) or self.done:
            self.touches = sorted(self._fresh, key=lambda touch: (touch.time, touch.stamp), reverse=True)
            self.found.emit()
        if self.done:
            self.finished.emit()
        else:
            self._timer.start()
