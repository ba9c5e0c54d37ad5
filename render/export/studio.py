"""What a worker needs to render a film: its records, its media, decoders, an evaluator.

Owns: opening these from a task's arguments and closing them. Refuses: encoding, and anything outside a worker process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from editor_core.document import Snapshot
from editor_core.schema import MediaReference
from render.draw.evaluate import Evaluator, Problem
from render.export import film
from render.export.errors import OfflineMedia
from render.export.preset import Shape
from render.graph.build import build
from render.graph.request import Request
from render.media.errors import MediaMissing
from render.media.pool import PicturePool
from render.media.reader import Threads
from render.media.sound_pool import SoundPool
from render.picture import PLANE_FORMATS, PictureFormat, Planes

_ONE_THREAD = Threads(1, "none")


class Media:
    """Where the media of a film lies: the resolver of picture and sound pools."""

    def __init__(self, view: Snapshot, locations: Mapping[str, str]) -> None:
        self._view = view
        self._locations = locations

    def __call__(self, asset: str) -> tuple[Path, MediaReference]:
        """The file of an asset and what is known of it. Raises MediaMissing."""
        media = self._view.find(MediaReference, asset)
        if media is None:
            raise MediaMissing(f"This project knows no media {asset!r}.")
        if asset not in self._locations:
            raise MediaMissing(f"{media.name} is not on this machine. Relink it to where it is.")
        return Path(self._locations[asset]), media


class Studio:
    """Draws frames of one film for one task. Use as a context manager.

    Media that turns out unreadable raises OfflineMedia, or becomes a slate and a warning where `slates` is True.
    """

    def __init__(self, args: Mapping[str, Any], *, on_warning: Callable[[str], None] = lambda text: None,
                 threads: Threads = _ONE_THREAD) -> None:
        self.view = film.decode(args["records"])
        self.media = Media(self.view, args.get("locations", {}))
        self._slates = bool(args.get("slates", True))
        self._on_warning = on_warning
        self._warned: set[str] = set()
        self._pictures = PicturePool(self.media, threads=threads)
        self._evaluator = Evaluator(self._pictures, on_problem=self._problem)

    def __enter__(self) -> Studio:
        return self

    def __exit__(self, *error: object) -> None:
        self._pictures.close()

    def picture(self, ticks: int, request: Request) -> Planes:
        """The frame at a timeline time. Raises OfflineMedia where media cannot be shown and slates are not allowed."""
        return self._evaluator.evaluate(build(self.view, ticks, request))

    def _problem(self, problem: Problem) -> None:
        if not self._slates:
            raise OfflineMedia(f"{problem.message} Relink or replace it, or allow slates in the export.", (problem.asset,))
        if problem.asset not in self._warned:
            self._warned.add(problem.asset)
            self._on_warning(f"{problem.message} The film shows a slate there.")


def sounds(args: Mapping[str, Any]) -> tuple[Snapshot, SoundPool]:
    """The film's records and its sound. Close the pool."""
    view = film.decode(args["records"])
    return view, SoundPool(Media(view, args.get("locations", {})))


def request_of(shape: Shape, planes: str) -> Request:
    """What is asked of every frame of an export: BT.709, limited range, in the codec's plane format."""
    return Request(shape.width, shape.height, PictureFormat(PLANE_FORMATS[planes]))
