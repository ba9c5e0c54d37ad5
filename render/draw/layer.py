"""A picture with transparency, ready to be blended into planes.

Owns: layers whose samples are multiplied by alpha, and making them from RGBA with the format's chroma siting.
Refuses: where the pixels come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from render.draw.colour import to_samples
from render.picture import PictureFormat, Plane


@dataclass(slots=True, frozen=True)
class Rect:
    """Whole pixels of the frame; `right` and `bottom` exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def is_empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    def within(self, width: int, height: int) -> Rect:
        """The part inside a frame."""
        return Rect(max(0, self.left), max(0, self.top), min(width, self.right), min(height, self.bottom))

    def union(self, other: Rect | None) -> Rect:
        """The smallest rectangle around both."""
        if other is None or other.is_empty:
            return self
        if self.is_empty:
            return other
        return Rect(
            min(self.left, other.left), min(self.top, other.top), max(self.right, other.right), max(self.bottom, other.bottom)
        )

    def on_grid(self, fmt: PictureFormat) -> Rect:
        """Grown outwards to whole chroma samples."""
        across, down = 1 << fmt.planes.chroma_w, 1 << fmt.planes.chroma_h
        return Rect(
            self.left // across * across, self.top // down * down, -(-self.right // across) * across, -(-self.bottom // down) * down
        )

    def is_on_grid(self, fmt: PictureFormat, width: int, height: int) -> bool:
        """Whether it cuts no chroma sample of a frame in two."""
        grown = self.on_grid(fmt)
        return (
            grown.left == self.left
            and grown.top == self.top
            and (grown.right == self.right or self.right == width)
            and (grown.bottom == self.bottom or self.bottom == height)
        )

    def luma(self) -> tuple[slice, slice]:
        """Index of its luma samples."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def chroma(self, fmt: PictureFormat) -> tuple[slice, slice]:
        """Index of its chroma samples; the rectangle must lie on the grid."""
        across, down = fmt.planes.chroma_w, fmt.planes.chroma_h
        return (
            slice(self.top >> down, -(-self.bottom >> down)),
            slice(self.left >> across, -(-self.right >> across)),
        )


@dataclass(slots=True, frozen=True)
class AlphaLayer:
    """Planes over `rect` of a frame, already multiplied by alpha. Alpha is full range; `luma_alpha` has luma size, `chroma_alpha`
    chroma size: what of each chroma sample the picture covers. `rect` lies on the chroma grid and inside the frame."""

    rect: Rect
    y: Plane
    u: Plane
    v: Plane
    luma_alpha: Plane
    chroma_alpha: Plane
    format: PictureFormat

    @property
    def nbytes(self) -> int:
        return int(sum(plane.nbytes for plane in (self.y, self.u, self.v, self.luma_alpha, self.chroma_alpha)))


def left_margin(fmt: PictureFormat) -> int:
    """Columns that `to_chroma` wants to see to the left of what it converts."""
    return 2 if fmt.planes.chroma_w else 0


def to_chroma(plane: NDArray[Any], fmt: PictureFormat) -> NDArray[np.float32]:
    """A full-size float plane (multiplied by alpha), `left_margin` columns wider on the left, at chroma size.

    Chroma lies level with the left luma sample of a pair: weights 1/4, 1/2, 1/4 about it; and half way between two lines:
    1/2, 1/2. Width and height must be whole chroma samples.
    """
    result = plane
    if fmt.planes.chroma_w:
        result = result[:, 2::2] * np.float32(0.5)
        result += (plane[:, 1:-1:2] + plane[:, 3::2]) * np.float32(0.25)
    if fmt.planes.chroma_h:
        result = (result[0::2] + result[1::2]) * np.float32(0.5)
    return np.ascontiguousarray(result, np.float32)


def to_integers(plane: NDArray[Any], fmt: PictureFormat) -> Plane:
    """Floats as samples: rounded (halves to even), within the depth."""
    kind = cv2.CV_8U if fmt.planes.depth == 8 else cv2.CV_16U
    # One pass that converts with rounding and saturation; OpenCV offers no plain conversion to Python.
    samples = cv2.addWeighted(plane, 1.0, plane, 0.0, 0.0, dtype=kind)
    return samples if fmt.planes.depth in (8, 16) else np.minimum(samples, fmt.opaque, out=samples)


def from_rgba(pixels: NDArray[np.float32], rect: Rect, fmt: PictureFormat, width: int, height: int) -> AlphaLayer | None:
    """A layer from RGBA floats multiplied by alpha (0 to 1) over `rect`, which lies on the chroma grid of a width × height frame.

    `pixels` has shape (rect height, `left_margin` + rect width, 4). None when every pixel is transparent.
    """
    if not pixels[..., 3].any():
        return None
    planes = cv2.transform(pixels, to_samples(fmt).astype(np.float32))
    alpha = pixels[..., 3] * np.float32(fmt.opaque)
    inside = rect.within(width, height)
    margin = left_margin(fmt)
    rows, columns = slice(0, inside.height), slice(margin, margin + inside.width)
    return AlphaLayer(
        inside,
        to_integers(planes[rows, columns, 0], fmt),
        to_integers(to_chroma(planes[..., 1], fmt), fmt),
        to_integers(to_chroma(planes[..., 2], fmt), fmt),
        to_integers(alpha[rows, columns], fmt),
        to_integers(to_chroma(alpha, fmt), fmt),
        fmt,
    )


def join(bands: list[AlphaLayer], fmt: PictureFormat) -> AlphaLayer | None:
    """Layers of equal width that lie one below the other as one; gaps between them are transparent. None for no bands."""
    if len(bands) < 2:
        return bands[0] if bands else None
    rect = bands[0].rect.union(bands[-1].rect)
    chroma = rect.chroma(fmt)
    sizes = [(rect.height, rect.width), (chroma[0].stop - chroma[0].start, chroma[1].stop - chroma[1].start)]
    luma, blue, red, alpha, chroma_alpha = (np.zeros(sizes[i], fmt.planes.dtype) for i in (0, 1, 1, 0, 1))
    for band in bands:
        rows = slice(band.rect.top - rect.top, band.rect.bottom - rect.top)
        lines = slice(band.rect.chroma(fmt)[0].start - chroma[0].start, band.rect.chroma(fmt)[0].stop - chroma[0].start)
        luma[rows], alpha[rows] = band.y, band.luma_alpha
        blue[lines], red[lines], chroma_alpha[lines] = band.u, band.v, band.chroma_alpha
    return AlphaLayer(rect, luma, blue, red, alpha, chroma_alpha, fmt)
