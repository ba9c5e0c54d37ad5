"""One frame of an exported file and the cut's, as pictures for the window.

Owns: one comparison at a time in the background, the newest wish waiting, what was compared last. Refuses: decoding and drawing.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.desktop.bridge.ports import Locations
from app.desktop.bridge.post import Post
from app.services.jobs import Job
from editor_core.document import Snapshot
from render.export.errors import ExportError
from render.export.verify import FramePair, frame_pair

log = logging.getLogger(__name__)
_KEPT = 24


@dataclass(frozen=True)
class Pair:
    """`problem` says why there are no pictures."""

    ticks: int
    cut: QImage | None = None
    file: QImage | None = None
    problem: str = ""


class FramePairs(QObject):
    """`ready(job number, ticks)` when a pair that was asked for is there; `get` gives it."""

    ready = Signal(int, object)

    def __init__(self, locations: Callable[[], Locations], tasks: Any, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._locations, self._tasks, self._post = locations, tasks, post
        self._kept: OrderedDict[tuple[int, int], Pair] = OrderedDict()
        self._wish: tuple[Job, int] | None = None
        self._busy = False

    def get(self, job: Job, ticks: int) -> Pair | None:
        """The frame at `ticks` of the timeline of an export, or None while it is being made; asks for it."""
        found = self._kept.get((job.number, ticks))
        if found is None:
            self._wish = (job, ticks)
            self._next()
        return found

    def _next(self) -> None:
        if self._busy or self._wish is None:
            return
        (job, ticks), self._wish = self._wish, None
        if (job.number, ticks) in self._kept:
            return
        self._busy = True
        threading.Thread(target=self._work, args=(job, ticks), name="compare a frame", daemon=True).start()

    def _work(self, job: Job, ticks: int) -> None:
        snapshot: Snapshot = job.facts["snapshot"]
        found: FramePair | str
        try:
            found = frame_pair(Path(str(job.facts["out"])), snapshot, self._locations(), self._tasks, ticks)
        except ExportError as error:
            found = str(error)
        except Exception as error:  # a closing window ends the workers under it
            log.info("no pictures of %s: %s", job.title, error)
            found = "The pictures could not be made"
        self._post(self._take, job.number, ticks, found)

    def _take(self, number: int, ticks: int, found: FramePair | str) -> None:
        self._busy = False
        if isinstance(found, str):
            pair = Pair(ticks, problem=found)
        else:
            cut, file = (QImage(pixels, found.width, found.height, found.width * 4, QImage.Format.Format_RGBX8888).copy()
                         for pixels in (found.cut, found.file))
            pair = Pair(found.ticks, cut, file)
        self._kept[number, ticks] = pair
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(number, ticks)
        self._next()
