"""Small timelines and footage that is known in every sample.

Owns: records in one line each, and pictures computed from a formula at any size and crop, with the format's chroma siting.
Refuses: files and codecs; those are tested with real ones elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from editor_core.document import Document
from editor_core.document.view import Snapshot
from editor_core.schema import (
    AudioStream,
    Clip,
    Crop,
    MediaReference,
    Project,
    Record,
    Timeline,
    Track,
    Transition,
    VideoStream,
)
from editor_core.timing import Rate, TimeRange
from render.picture import PictureFormat, Planes

RATE = Rate(25)
FRAME = RATE.ticks_per_frame
WHOLE = Crop()


def film(*records: Record, width: int = 64, height: int = 48, rate: Rate = RATE) -> Snapshot:
    """A snapshot of one timeline `film` with the records."""
    base = [Project(id="project", main_timeline="film"), Timeline(id="film", width=width, height=height, rate=rate)]
    return Document([*base, *records]).snapshot


def track(name: str, order: str = "", kind: str = "video", **fields: Any) -> Track:
    return Track(id=name, timeline="film", kind=kind, order=order or name, **fields)  # type: ignore[arg-type]


def footage(name: str, width: int = 64, height: int = 48, sound: bool = False, **fields: Any) -> MediaReference:
    video = VideoStream(index=0, codec="h264", width=width, height=height, rate=RATE, alpha=fields.pop("alpha", False))
    audio = (AudioStream(index=1, codec="aac", sample_rate=48000, channels=2, duration=1000 * FRAME),) if sound else ()
    known = {"hash": f"quick:{name}", "duration": 1000 * FRAME, "video": video, "audio": audio, **fields}
    return MediaReference(id=name, name=f"{name}.mp4", **known)


def clip(ident: str, on: str, asset: str = "", /, start: int = 0, length: int = 100, source: int = 0, **fields: Any) -> Clip:
    """A clip with its times in frames; footage when it has an asset, else what `kind` says."""
    kind = fields.pop("kind", "video")
    span = TimeRange(source * FRAME, length * FRAME)
    return Clip(id=ident, track=on, kind=kind, asset=asset, start=start * FRAME, source_range=span, **fields)


def dissolve(name: str, on: str, first: str, second: str, frames: int) -> Transition:
    return Transition(id=name, track=on, from_clip=first, to_clip=second, duration=frames * FRAME)


Formula = Callable[[Any, Any, float], tuple[Any, Any, Any]]
"""(x, y, seconds) with x, y from 0 to 1 over the whole picture -> Y, Cb, Cr in samples of 8 bits, as arrays."""


def even(luma: float, blue: float = 128, red: float = 128) -> Formula:
    """The same samples everywhere."""
    return lambda x, y, t: (x * 0 + luma, x * 0 + blue, x * 0 + red)


def ramps(x: Any, y: Any, t: float) -> tuple[Any, Any, Any]:
    """Luma rises to the right, Cb to the right, Cr downwards; linear, so that resampling must keep it."""
    return 20 + 180 * x + 20 * y, 60 + 120 * x, 70 + 100 * y


def noise(seed: int, least: int = 60, most: int = 190, spread: int = 40) -> Formula:
    """Hard edges everywhere, always the same for a seed; inside the RGB gamut when chroma stays near its middle."""

    def formula(x: Any, y: Any, t: float) -> tuple[Any, Any, Any]:
        dice = np.random.default_rng(seed)
        shape = np.broadcast(x, y).shape
        return (
            dice.integers(least, most, shape),
            dice.integers(128 - spread, 128 + spread, shape),
            dice.integers(128 - spread, 128 + spread, shape),
        )

    return formula


class Patterns:
    """A picture pool of formulas. `asked` lists what was asked for; an asset whose formula is an exception raises it."""

    def __init__(self, alpha: dict[str, Callable[[Any, Any], Any]] | None = None, **formulas: Formula | Exception) -> None:
        self.formulas = formulas
        self.alpha = alpha or {}
        self.asked: list[tuple[str, int, int, int, Crop, int]] = []

    def picture(
        self, asset: str, ticks: int, *, width: int, height: int, crop: Crop = WHOLE, fmt: PictureFormat, use: int = 0
    ) -> Planes:
        self.asked.append((asset, ticks, width, height, crop, use))
        formula = self.formulas[asset]
        if isinstance(formula, Exception):
            raise formula
        layout = fmt.planes
        across, down = 1 << layout.chroma_w, 1 << layout.chroma_h
        chroma_width, chroma_height = layout.chroma_size(width, height)
        luma_x, luma_y = np.arange(width) + 0.5, np.arange(height) + 0.5
        # Chroma lies on the left luma column of its pair and between its two rows.
        chroma_x, chroma_y = np.arange(chroma_width) * across + 0.5, np.arange(chroma_height) * down + down / 2
        x0, x1, y0, y1 = crop.left, 1 - crop.right, crop.top, 1 - crop.bottom

        def at(xs: Any, ys: Any, plane: int) -> Any:
            x = x0 + (x1 - x0) * xs[None, :] / width
            y = y0 + (y1 - y0) * ys[:, None] / height
            samples = np.broadcast_to(formula(x, y, ticks)[plane], (len(ys), len(xs))) * float(1 << (layout.depth - 8))
            return np.clip(np.rint(samples), 0, fmt.opaque).astype(layout.dtype)

        alpha = None
        if asset in self.alpha:
            x = x0 + (x1 - x0) * luma_x[None, :] / width
            y = y0 + (y1 - y0) * luma_y[:, None] / height
            share = np.broadcast_to(self.alpha[asset](x, y), (height, width))
            alpha = np.rint(share * fmt.opaque).astype(layout.dtype)
        return Planes(
            at(luma_x, luma_y, 0), at(chroma_x, chroma_y, 1), at(chroma_x, chroma_y, 2), fmt, alpha, native=f"frame of {asset}"
        )


def rgb_of(luma: Any, blue: Any, red: Any) -> Any:
    """ITU-R BT.709 limited 8-bit samples as RGB of 0 to 255, straight from the standard's equations; not clipped."""
    brightness = (np.asarray(luma, float) - 16) / 219
    cb, cr = (np.asarray(blue, float) - 128) / 224, (np.asarray(red, float) - 128) / 224
    r = brightness + cr * 1.5748
    b = brightness + cb * 1.8556
    g = (brightness - 0.2126 * r - 0.0722 * b) / 0.7152
    return np.stack([r, g, b], axis=-1) * 255
