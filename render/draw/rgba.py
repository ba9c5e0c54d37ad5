"""The RGBA domain: what is not linear in colour.

Owns: blend modes, as Skia computes them in unclipped float, for the rectangle that a picture touches. Refuses: alpha and opacity,
which stay with the planes: over an opaque backdrop a blended picture is `(1 - alpha) × backdrop + alpha × B(backdrop, picture)`
(W3C Compositing and Blending, section 5.8), so only B needs RGBA.

Chroma is repeated on the way to RGBA and averaged on the way back, so that blending by "normal" gives back the samples.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import skia
from numpy.typing import NDArray

from render.draw.canvas import Canvas
from render.draw.colour import from_samples, to_samples
from render.draw.layer import AlphaLayer, Rect, to_integers
from render.draw.strokes import Flat, Opaque, Stroke, under
from render.picture import PictureFormat, Plane, Planes

MODES: dict[str, Any] = {
    "normal": skia.BlendMode.kSrcOver,
    "multiply": skia.BlendMode.kMultiply,
    "screen": skia.BlendMode.kScreen,
    "overlay": skia.BlendMode.kOverlay,
    "darken": skia.BlendMode.kDarken,
    "lighten": skia.BlendMode.kLighten,
    "add": skia.BlendMode.kPlus,
    "difference": skia.BlendMode.kDifference,
    "soft_light": skia.BlendMode.kSoftLight,
    "hard_light": skia.BlendMode.kHardLight,
}
"""Skia's name of every blend mode of the clip record."""
_BAND_SAMPLES = 1 << 16
"""Pixels mixed at once: 1 MiB of float RGBA."""


def blend(canvas: Canvas, stroke: Stroke, mode: str, opacity: float) -> None:
    """Lays a stroke on the canvas by a blend mode; what it covers must already be drawn."""
    rect = _rect_of(stroke, canvas)
    if rect.is_empty:
        return
    below, picture = _part(canvas.backdrop(), rect), _straight(stroke, rect, canvas.format)
    mixed = _mixed(below, picture, mode)
    if isinstance(stroke, AlphaLayer):
        canvas.lay(under(mixed, stroke.luma_alpha, stroke.chroma_alpha, rect), opacity)
    else:
        own = stroke.opacity if isinstance(stroke, Flat) else 1.0
        canvas.place(mixed, rect.left, rect.top, opacity * own)


def to_rgba(planes: Planes) -> NDArray[np.float32]:
    """Opaque RGBA floats (height, width, 4), 0 to 1 in gamut and beyond it where the samples are."""
    size = (planes.width, planes.height)
    blue, red = (_repeated(plane, planes.format, size) for plane in (planes.u, planes.v))
    samples = cv2.merge([planes.y, blue, red]).astype(np.float32)
    pixels = np.ones((planes.height, planes.width, 4), np.float32)
    cv2.mixChannels([cv2.transform(samples, from_samples(planes.format).astype(np.float32))], [pixels], [0, 0, 1, 1, 2, 2])
    return pixels


def to_planes(pixels: NDArray[np.float32], fmt: PictureFormat) -> Planes:
    """Opaque RGBA floats as planes; here, and only here, values are clipped to what samples can hold."""
    samples = cv2.transform(pixels, to_samples(fmt).astype(np.float32))
    luma, blue, red = cv2.split(samples)
    return Planes(to_integers(luma, fmt), to_integers(_averaged(blue, fmt), fmt), to_integers(_averaged(red, fmt), fmt), fmt)


def _mixed(below: Planes, picture: Planes, mode: str) -> Planes:
    fmt, width, height = below.format, below.width, below.height
    chroma_width, chroma_height = fmt.planes.chroma_size(width, height)
    kind, chroma = fmt.planes.dtype, (chroma_height, chroma_width)
    result = Planes(np.empty((height, width), kind), np.empty(chroma, kind), np.empty(chroma, kind), fmt)
    # In bands that stay in the processor's cache; a band is whole chroma lines, so that the seams do not show.
    step = max(2, _BAND_SAMPLES // max(1, width) // 2 * 2)
    for top in range(0, height, step):
        band = Rect(0, top, width, min(height, top + step))
        done = to_planes(_drawn(to_rgba(_part(below, band)), to_rgba(_part(picture, band)), mode), fmt)
        target = _part(result, band)
        target.y[...], target.u[...], target.v[...] = done.y, done.u, done.v
    return result


def _drawn(below: NDArray[np.float32], picture: NDArray[np.float32], mode: str) -> NDArray[np.float32]:
    height, width = below.shape[:2]
    info = skia.ImageInfo.Make(width, height, skia.kRGBA_F32_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, below)
    image = skia.Image.fromarray(picture, skia.kRGBA_F32_ColorType, copy=False)
    surface.getCanvas().drawImage(image, 0, 0, skia.SamplingOptions(), skia.Paint(BlendMode=MODES[mode]))
    return below


def _rect_of(stroke: Stroke, canvas: Canvas) -> Rect:
    if isinstance(stroke, Opaque):
        whole = Rect(stroke.left, stroke.top, stroke.left + stroke.planes.width, stroke.top + stroke.planes.height)
        return whole.within(canvas.width, canvas.height)
    return stroke.rect.within(canvas.width, canvas.height)


def _part(planes: Planes, rect: Rect) -> Planes:
    chroma = rect.chroma(planes.format)
    return Planes(planes.y[rect.luma()], planes.u[chroma], planes.v[chroma], planes.format)


def _straight(stroke: Stroke, rect: Rect, fmt: PictureFormat) -> Planes:
    if isinstance(stroke, Opaque):
        left, top = rect.left - stroke.left, rect.top - stroke.top
        return _part(stroke.planes, Rect(left, top, left + rect.width, top + rect.height))
    if isinstance(stroke, Flat):
        width, height = fmt.planes.chroma_size(rect.width, rect.height)
        shapes = ((rect.height, rect.width), (height, width), (height, width))
        luma, blue, red = (np.full(shape, sample, fmt.planes.dtype) for shape, sample in zip(shapes, stroke.samples, strict=True))
        return Planes(luma, blue, red, fmt)
    pairs = ((stroke.y, stroke.luma_alpha), (stroke.u, stroke.chroma_alpha), (stroke.v, stroke.chroma_alpha))
    luma, blue, red = (_divided(plane, alpha, fmt) for plane, alpha in pairs)
    return Planes(luma, blue, red, fmt)


def _divided(plane: Plane, alpha: Plane, fmt: PictureFormat) -> Plane:
    # OpenCV gives 0 where alpha is 0; nothing of that is seen.
    return cv2.divide(plane, alpha, scale=float(fmt.opaque))


def _repeated(plane: Plane, fmt: PictureFormat, size: tuple[int, int]) -> Plane:
    across, down = 1 << fmt.planes.chroma_w, 1 << fmt.planes.chroma_h
    if across == down == 1:
        return plane
    height, width = plane.shape
    large = cv2.resize(np.ascontiguousarray(plane), (width * across, height * down), interpolation=cv2.INTER_NEAREST)
    return large[: size[1], : size[0]]


def _averaged(plane: NDArray[np.float32], fmt: PictureFormat) -> NDArray[np.float32]:
    across, down = 1 << fmt.planes.chroma_w, 1 << fmt.planes.chroma_h
    if across == down == 1:
        return plane
    height, width = plane.shape
    plane = cv2.copyMakeBorder(plane, 0, -height % down, 0, -width % across, cv2.BORDER_REPLICATE)
    return cv2.resize(plane, (plane.shape[1] // across, plane.shape[0] // down), interpolation=cv2.INTER_AREA)
