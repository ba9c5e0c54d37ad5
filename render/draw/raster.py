"""Drawings as layers: Skia paints, planes come out.

Owns: placing a drawing in the frame and rasterising its visible part in bands. Refuses: blending.

Skia paints in 32-bit float RGBA; colours are sRGB codes without a colour space, so what is painted is what is converted.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from editor_core.schema import Crop
from render.draw.drawing import Drawing
from render.draw.layer import AlphaLayer, Rect, from_rgba, join, left_margin
from render.graph.node import Place
from render.picture import PictureFormat

_BAND_PIXELS = 4 << 20
"""Most pixels painted at once: 64 MiB of float RGBA."""


def matrix_of(place: Place, width: float, height: float) -> Any:
    """The Skia matrix from a picture's own output pixels (0, 0 to width, height) to the frame."""
    matrix = skia.Matrix.Translate(place.x, place.y)
    matrix.preRotate(place.rotation)
    matrix.preTranslate(-place.anchor_x * width, -place.anchor_y * height)
    return matrix


def layer_of(
    drawing: Drawing, place: Place, scale: tuple[float, float], frame: tuple[int, int], fmt: PictureFormat
) -> AlphaLayer | None:
    """What of a drawing shows in a frame of `frame` (width, height) pixels; None when that is nothing.

    `scale` is output pixels for one unit of the drawing.
    """
    matrix = matrix_of(place, drawing.width * scale[0], drawing.height * scale[1])
    matrix.preScale(*scale)
    ink = skia.Rect.MakeLTRB(*drawing.ink)
    crop = None
    if place.crop != Crop():
        crop = _crop_box(drawing, place.crop)
        if not ink.intersect(crop):
            return None
    rect = _visible(matrix, ink, frame, fmt)
    if rect.is_empty:
        return None
    bands: list[AlphaLayer | None] = []
    step = max(2, _BAND_PIXELS // (rect.width + 2) // 2 * 2)
    for top in range(rect.top, rect.bottom, step):
        band = Rect(rect.left, top, rect.right, min(rect.bottom, top + step))
        bands.append(from_rgba(_paint(drawing, matrix, crop, band, fmt), band, fmt, *frame))
    return join([band for band in bands if band is not None], fmt)


def _paint(drawing: Drawing, matrix: Any, crop: Any, rect: Rect, fmt: PictureFormat) -> NDArray[np.float32]:
    margin = left_margin(fmt)
    pixels = np.zeros((rect.height, rect.width + margin, 4), np.float32)
    info = skia.ImageInfo.Make(rect.width + margin, rect.height, skia.kRGBA_F32_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, pixels)
    canvas = surface.getCanvas()
    canvas.translate(margin - rect.left, -rect.top)
    canvas.concat(matrix)
    if crop is not None:
        canvas.clipRect(crop, True)
    drawing.paint(canvas)
    return pixels


def _crop_box(drawing: Drawing, crop: Crop) -> Any:
    return skia.Rect.MakeLTRB(
        crop.left * drawing.width, crop.top * drawing.height, (1 - crop.right) * drawing.width, (1 - crop.bottom) * drawing.height
    )


def _visible(matrix: Any, ink: Any, frame: tuple[int, int], fmt: PictureFormat) -> Rect:
    bounds = matrix.mapRect(ink)
    box = (bounds.left(), bounds.top(), bounds.right(), bounds.bottom())
    if not all(math.isfinite(edge) for edge in box):
        return Rect(0, 0, 0, 0)
    left, top = (min(edge, max(0, math.floor(place))) for edge, place in zip(frame, box[:2], strict=True))
    right, bottom = (min(edge, max(0, math.ceil(place))) for edge, place in zip(frame, box[2:], strict=True))
    rect = Rect(left, top, right, bottom)
    return rect if rect.is_empty else rect.on_grid(fmt)
