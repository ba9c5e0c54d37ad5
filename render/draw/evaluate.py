"""From a node to its picture.

Owns: evaluation: asking the picture pool for footage at the size it will have, drawing what is generated, blending in order.
Refuses: building graphs, keeping finished frames (`render.cache`), and failing because media does: a slate takes its place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

import cv2

import render.generators
import render.transitions
from editor_core.schema import Crop
from render.cache.budget import ByteBudget
from render.discovery import by_kind
from render.draw import rgba
from render.draw.buffers import Buffers
from render.draw.canvas import Canvas
from render.draw.colour import samples_of
from render.draw.errors import UnknownKind
from render.draw.fonts import Fonts
from render.draw.free import EdgeCache, edge_of, place_freely
from render.draw.layer import AlphaLayer, Rect
from render.draw.raster import layer_of
from render.draw.strokes import Flat, Opaque, Stroke, with_own_alpha
from render.draw.window import Window, window_of
from render.graph.digest import digest
from render.graph.node import Frame, Generated, Layer, Mix, Slate, Source
from render.media.errors import MediaError, MediaMissing
from render.picture import PictureFormat, Planes

_WHOLE = 1.0 / 64
"""Pixels by which a box may miss whole pixels and still be taken as lying on them."""
_EDGE_BYTES = 64 << 20
_RASTER_BYTES = 128 << 20


class Pictures(Protocol):
    """Where footage comes from: `render.media.pool.PicturePool`, or a stand-in."""

    def picture(
        self, asset: str, ticks: int, *, width: int, height: int, crop: Crop, fmt: PictureFormat, use: int = 0
    ) -> Planes:
        """The frame shown at a media time, upright, cropped, scaled and in the wanted format. Raises MediaError."""
        ...


@dataclass(slots=True, frozen=True)
class Problem:
    """Media that could not be shown; `message` is for people."""

    asset: str
    message: str


class Evaluator:
    """Draws frames, one at a time; one per worker. The same node gives the same samples, whatever was drawn before.

    `problems` lists what became a slate in the last frame; such a frame must not be kept under its digest.
    """

    def __init__(self, pictures: Pictures, *, on_problem: Callable[[Problem], None] | None = None, fonts: Fonts | None = None) -> None:
        # Workers share the processor's cores among themselves; a pool of threads in each would only get in the way.
        cv2.setNumThreads(1)
        self.problems: list[Problem] = []
        self._pictures = pictures
        self._on_problem = on_problem
        self._given_fonts = fonts
        self._buffers = Buffers()
        self._edges: EdgeCache = ByteBudget(_EDGE_BYTES)
        self._rasters: ByteBudget[bytes, tuple[Stroke | None]] = ByteBudget(_RASTER_BYTES)

    def evaluate(self, node: Frame) -> Planes:
        """The finished picture. A lone picture that fills the frame is passed on as the pool gave it, `native` and all.

        Treat the result as read-only: it may be the decoder's. Raises DrawError for kinds that no file here draws.
        """
        self.problems = []
        canvas = Canvas(node.width, node.height, node.format, self._buffers)
        for layer in node.layers:
            if isinstance(layer, Mix):
                self._mix(canvas, layer)
            else:
                self._layer(canvas, layer)
        return canvas.finish()

    @functools.cached_property
    def fonts(self) -> Fonts:
        """The fonts, loaded when the first words are drawn."""
        return self._given_fonts or Fonts()

    def size_of(self, content: Generated) -> tuple[float, float]:
        """Width and height in project pixels at scale 1 of what a generator draws by itself: of a title its text block."""
        drawing = _kind(generators(), content.kind, "generator").draw(content, 0.0, 0.0, self.fonts)
        return float(drawing.width), float(drawing.height)

    def _mix(self, canvas: Canvas, mix: Mix) -> None:
        def drawn(layer: Layer | None) -> Callable[[Canvas], None]:
            return (lambda target: self._layer(target, layer)) if layer is not None else (lambda target: None)

        _kind(transitions(), mix.kind, "transition").mix(canvas, drawn(mix.first), drawn(mix.second), mix.progress)

    def _layer(self, canvas: Canvas, layer: Layer) -> None:
        stroke = self._stroke(canvas, layer)
        if stroke is None:
            return
        if layer.blend_mode != "normal":
            rgba.blend(canvas, stroke, layer.blend_mode, layer.opacity)
        elif isinstance(stroke, Opaque):
            canvas.place(stroke.planes, stroke.left, stroke.top, layer.opacity)
        elif isinstance(stroke, Flat):
            canvas.fill(stroke.samples, stroke.rect, layer.opacity * stroke.opacity)
        else:
            canvas.lay(stroke, layer.opacity)

    def _stroke(self, canvas: Canvas, layer: Layer) -> Stroke | None:
        content = layer.content
        if not isinstance(content, Source):
            return self._generated(canvas, content, layer)
        try:
            return self._footage(canvas, content, layer)
        except MediaError as error:
            problem = Problem(content.asset, str(error))
            self.problems.append(problem)
            if self._on_problem is not None:
                self._on_problem(problem)
            title = "Media offline" if isinstance(error, MediaMissing) else "Media cannot be shown"
            return self._generated(canvas, Slate(title, str(error)), layer)

    def _footage(self, canvas: Canvas, source: Source, layer: Layer) -> Stroke | None:
        place, frame = layer.place, (canvas.width, canvas.height)
        window = window_of(source, place, frame)
        if window is None:
            return None
        picture = self._pictures.picture(
            source.asset,
            source.ticks,
            width=window.width,
            height=window.height,
            crop=window.crop,
            fmt=canvas.format,
            use=source.use,
        )
        at = _on_pixels(window, place.rotation)
        if at is not None and at.is_on_grid(canvas.format, *frame):
            if picture.alpha is None:
                return Opaque(picture, at.left, at.top)
            return with_own_alpha(picture, at.left, at.top, frame)
        edge = edge_of(place.box, place, frame, canvas.format, self._edges)
        return None if edge is None else place_freely(picture, window.box, place, edge, self._buffers)

    def _generated(self, canvas: Canvas, content: Generated | Slate, layer: Layer) -> Stroke | None:
        frame = Frame(canvas.width, canvas.height, canvas.format, (Layer(content, layer.place),))
        name = digest(frame)
        known = self._rasters.get(name)
        if known is not None:
            return known[0]
        stroke = self._drawn(content, layer, frame)
        self._rasters.put(name, (stroke,), stroke.nbytes if isinstance(stroke, AlphaLayer) else 64)
        return stroke

    def _drawn(self, content: Generated | Slate, layer: Layer, frame: Frame) -> Stroke | None:
        place, size, fmt = layer.place, (frame.width, frame.height), frame.format
        kind = content.kind if isinstance(content, Generated) else "slate"
        left, top, width, height = place.box
        full_width, full_height = (place.width, place.height) if place.width else (0.0, 0.0)
        drawing = _kind(generators(), kind, "generator").draw(content, full_width, full_height, self.fonts)
        if drawing.colour is not None:
            box = _whole_pixels(left, top, width, height) if not place.rotation % 360.0 else None
            if box is not None and box.is_on_grid(fmt, *size):
                return Flat(samples_of(drawing.colour, fmt), box, drawing.colour[3])
        scale = (1.0, 1.0) if full_width or not isinstance(content, Generated) else (content.scale_x, content.scale_y)
        return layer_of(drawing, place, scale, size, fmt)


@functools.cache
def generators() -> dict[str, ModuleType]:
    """Every generator of this installation by kind."""
    return by_kind(render.generators, needs=("draw",))


@functools.cache
def transitions() -> dict[str, ModuleType]:
    """Every transition of this installation by kind."""
    return by_kind(render.transitions, needs=("mix",))


def _kind(known: dict[str, ModuleType], kind: str, what: str) -> ModuleType:
    if kind not in known:
        raise UnknownKind(f"This version has no {what} {kind!r}; it has {', '.join(sorted(known))}.")
    return known[kind]


def _on_pixels(window: Window, rotation: float) -> Rect | None:
    if rotation % 360.0:
        return None
    at = _whole_pixels(*window.box)
    return at if at is not None and (at.width, at.height) == (window.width, window.height) else None


def _whole_pixels(left: float, top: float, width: float, height: float) -> Rect | None:
    edges = (left, top, left + width, top + height)
    whole = [round(edge) for edge in edges]
    if any(abs(edge - at) > _WHOLE for edge, at in zip(edges, whole, strict=True)):
        return None
    return Rect(*whole)
