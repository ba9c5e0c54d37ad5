"""What a worker needs to render a film: its records, its media, decoders, an evaluator.

Owns: opening these from a task's arguments and closing them. Refuses: encoding, and anything outside a worker process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from editor_core.schema import MediaReference
from render.draw.evaluate import Evaluator, Problem
from render.export import film
from render.export.errors import OfflineMedia
from render.export.preset import Shape
from render.export.whereabouts import Whereabouts
from render.graph.build import build
from render.graph.request import Request
from render.media.pool import PicturePool
from render.media.reader import Threads
from render.picture import PLANE_FORMATS, PictureFormat, Planes

_ONE_THREAD = Threads(1, "none")


class Studio:
    """Draws frames of one film for one task. Use as a context manager.

    Media that turns out unreadable raises OfflineMedia, or becomes a slate and a warning where `slates` is True.
    """

    def __init__(self, args: Mapping[str, Any], *, on_warning: Callable[[str], None] = lambda text: None,
                 threads: Threads = _ONE_THREAD) -> None:
        self.view = film.decode(args["records"])
        self.media = Whereabouts(self.view, args.get("locations", {}))
        self._slates = bool(args.get("slates", True))
        self._on_warning = on_warning
        self._warned: set[str] = set()
        self._pictures = PicturePool(self.media, threads=threads, on_damage=self._damage)
        self._evaluator = Evaluator(self._pictures, on_problem=self._problem)

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *error: object) -> None:
        self._pictures.close()

    def picture(self, ticks: int, request: Request) -> Planes:
        """The frame at a timeline time. Raises OfflineMedia where media cannot be shown and slates are not allowed."""
        return self._evaluator.evaluate(build(self.view, ticks, request))

    def _damage(self, reference: MediaReference) -> None:
        self._on_warning(f"{reference.name} is damaged: some of its pictures cannot be decoded, and their neighbours stand in for them. "
                         "Copy the file again if you can.")

    def _problem(self, problem: Problem) -> None:
        if not self._slates:
            raise OfflineMedia(f"{problem.message} Relink or replace it, or allow slates in the export.", (problem.asset,))
        if problem.asset not in self._warned:
            self._warned.add(problem.asset)
            self._on_warning(f"{problem.message} The film shows a slate there.")


def request_of(shape: Shape, planes: str) -> Request:
    """What is asked of every frame of an export: BT.709, limited range, in the codec's plane format."""
    return Request(shape.width, shape.height, PictureFormat(PLANE_FORMATS[planes]))
