"""What can be laid on a canvas: planes at a place, one colour over a rectangle, a layer with alpha.

Owns: the three shapes that a picture takes before it is blended, and giving planes with alpha the layer form.
Refuses: blending.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from render.draw.layer import AlphaLayer, Rect, left_margin, to_chroma, to_integers
from render.picture import PictureFormat, Plane, Planes


@dataclass(slots=True, frozen=True)
class Opaque:
    """Planes without alpha whose top left lies on `left`, `top`, on the chroma grid; they may reach beyond the frame."""

    planes: Planes
    left: int
    top: int


@dataclass(slots=True, frozen=True)
class Flat:
    """One colour, as samples, over a rectangle on the chroma grid; `opacity` is that of the colour itself."""

    samples: tuple[int, int, int]
    rect: Rect
    opacity: float = 1.0


Stroke = Opaque | Flat | AlphaLayer


def cover(planes: Planes, luma: NDArray[np.float32], rect: Rect) -> AlphaLayer:
    """Straight planes over `rect` under a coverage of 0 to 1 that is `left_margin` columns wider on the left.

    `rect` lies on the chroma grid or ends at the frame's edge; `planes` have its size.
    """
    fmt = planes.format
    margin = left_margin(fmt)
    alpha = luma * np.float32(fmt.opaque)
    luma_alpha = to_integers(alpha[: rect.height, margin : margin + rect.width], fmt)
    chroma_alpha = to_integers(to_chroma(_whole(alpha, fmt), fmt), fmt)
    return under(planes, luma_alpha, chroma_alpha, rect)


def under(planes: Planes, luma_alpha: Plane, chroma_alpha: Plane, rect: Rect) -> AlphaLayer:
    """Straight planes multiplied by alpha planes of their own sizes."""
    share = 1.0 / planes.format.opaque
    return AlphaLayer(
        rect,
        cv2.multiply(planes.y, luma_alpha, scale=share),
        cv2.multiply(planes.u, chroma_alpha, scale=share),
        cv2.multiply(planes.v, chroma_alpha, scale=share),
        luma_alpha,
        chroma_alpha,
        planes.format,
    )


def with_own_alpha(planes: Planes, left: int, top: int, frame: tuple[int, int]) -> AlphaLayer | None:
    """Planes with an alpha plane at a place on the chroma grid, cut to the frame."""
    if planes.alpha is None:
        raise ValueError("with_own_alpha wants planes that have alpha")
    fmt = planes.format
    whole = Rect(left, top, left + planes.width, top + planes.height)
    rect = whole.within(*frame)
    if rect.is_empty:
        return None
    inside = Rect(rect.left - left, rect.top - top, rect.right - left, rect.bottom - top)
    luma, chroma = inside.luma(), inside.chroma(fmt)
    margin = left_margin(fmt)
    alpha = np.ascontiguousarray(planes.alpha[luma], np.float32)
    # At the frame's own edge nothing is cut off: what lies beyond is taken to go on.
    border = cv2.BORDER_REPLICATE if rect.left == 0 else cv2.BORDER_CONSTANT
    alpha = cv2.copyMakeBorder(alpha, 0, 0, margin, 0, border, value=0.0)
    part = Planes(planes.y[luma], planes.u[chroma], planes.v[chroma], fmt)
    return under(part, np.ascontiguousarray(planes.alpha[luma]), to_integers(to_chroma(_whole(alpha, fmt), fmt), fmt), rect)


def _whole(plane: NDArray[np.float32], fmt: PictureFormat) -> NDArray[np.float32]:
    # Rows and columns that fill the last chroma sample of an odd size repeat the edge.
    across, down = plane.shape[1] % (1 << fmt.planes.chroma_w), plane.shape[0] % (1 << fmt.planes.chroma_h)
    return cv2.copyMakeBorder(plane, 0, down, 0, across, cv2.BORDER_REPLICATE) if across or down else plane
