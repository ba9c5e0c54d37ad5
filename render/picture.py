"""Pictures as planes: what decoders hand over, drawing composites and encoders take.

Owns: plane formats, picture formats and the `Planes` value with its shapes. Refuses: codecs, drawing, colour arithmetic.

Samples are unsigned integers of `depth` bits in uint8 (depth 8) or little-endian uint16 (depth 9 to 16, low bits used).
Chroma of 4:2:0 and 4:2:2 is sited as H.264 and MPEG-2 have it by default: level with the left luma sample of each pair,
and for 4:2:0 half way between two lines. Alpha is straight (colours are not multiplied by it) and always full range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Matrix = Literal["bt709", "bt601", "bt2020"]
Plane = NDArray[Any]
"""A 2-D array of uint8 or uint16; rows may be padded, columns are contiguous."""


class PictureError(ValueError):
    """Planes or a format that do not fit together; the message says what was expected."""


class PlaneFormat(msgspec.Struct, frozen=True, array_like=True):
    """How samples are laid out: libav's name, bits a sample, and the base-2 logarithms of the chroma subsampling."""

    name: str
    depth: int
    chroma_w: int
    chroma_h: int

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint8 up to 8 bits, else uint16."""
        return np.dtype(np.uint8 if self.depth <= 8 else np.uint16)

    @property
    def alpha_name(self) -> str:
        """libav's name of the same layout with an alpha plane."""
        return self.name.replace("yuv", "yuva", 1)

    def chroma_size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of a chroma plane, rounded up as libav does."""
        return -(-width >> self.chroma_w), -(-height >> self.chroma_h)


YUV420P = PlaneFormat("yuv420p", 8, 1, 1)
YUV422P = PlaneFormat("yuv422p", 8, 1, 0)
YUV444P = PlaneFormat("yuv444p", 8, 0, 0)
YUV420P10 = PlaneFormat("yuv420p10le", 10, 1, 1)
YUV422P10 = PlaneFormat("yuv422p10le", 10, 1, 0)
YUV444P10 = PlaneFormat("yuv444p10le", 10, 0, 0)
YUV444P16 = PlaneFormat("yuv444p16le", 16, 0, 0)

PLANE_FORMATS: dict[str, PlaneFormat] = {
    layout.name: layout
    for layout in (YUV420P, YUV422P, YUV444P, YUV420P10, YUV422P10, YUV444P10, YUV444P16)
}
"""Every layout that pictures may have, by name. Each also exists with alpha."""


class PictureFormat(msgspec.Struct, frozen=True):
    """Layout, matrix and range of a picture. `full_range` is True for 0-255 luma, False for 16-235 (scaled by depth)."""

    planes: PlaneFormat = YUV420P
    matrix: Matrix = "bt709"
    full_range: bool = False

    @property
    def black(self) -> tuple[int, int, int]:
        """Y, Cb and Cr of black, in samples of this depth."""
        half = 1 << (self.planes.depth - 1)
        return (0 if self.full_range else 16 << (self.planes.depth - 8)), half, half

    @property
    def opaque(self) -> int:
        """The alpha sample that hides everything below."""
        return (1 << self.planes.depth) - 1


@dataclass(slots=True, frozen=True)
class Planes:
    """One picture. `y`, `u`, `v` are 2-D views; `alpha` has luma size and the same type, or is None for opaque.

    `native` is the codec library's own frame when the planes are exactly it, so that an encoder may take it without a
    copy; whoever changes samples must make copies of the planes and leave `native` None. Planes that come from a
    decoder are shared with it: treat them as read-only.
    """

    y: Plane
    u: Plane
    v: Plane
    format: PictureFormat
    alpha: Plane | None = None
    native: Any = None

    @property
    def width(self) -> int:
        """Luma samples in a row."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Rows of luma."""
        return int(self.y.shape[0])

    def check(self) -> Planes:
        """These planes; raises PictureError where shape or type contradict the format."""
        layout = self.format.planes
        width, height = layout.chroma_size(self.width, self.height)
        expected = [("y", self.y, self.y.shape), ("u", self.u, (height, width)), ("v", self.v, (height, width))]
        if self.alpha is not None:
            expected.append(("alpha", self.alpha, self.y.shape))
        for name, plane, shape in expected:
            if plane.shape != shape or plane.dtype != layout.dtype:
                raise PictureError(
                    f"plane {name} is {plane.shape} {plane.dtype}; {layout.name} wants {tuple(shape)} {layout.dtype}"
                )
        return self

    def copy(self) -> Planes:
        """The same picture in memory of its own, writable, without `native`."""
        alpha = None if self.alpha is None else self.alpha.copy()
        return Planes(self.y.copy(), self.u.copy(), self.v.copy(), self.format, alpha)


def blank(fmt: PictureFormat, width: int, height: int, *, alpha: bool = False) -> Planes:
    """A black picture in memory of its own; with `alpha`, wholly transparent."""
    layout = fmt.planes
    chroma_width, chroma_height = layout.chroma_size(width, height)
    luma, blue, red = fmt.black
    return Planes(
        np.full((height, width), luma, layout.dtype),
        np.full((chroma_height, chroma_width), blue, layout.dtype),
        np.full((chroma_height, chroma_width), red, layout.dtype),
        fmt,
        np.zeros((height, width), layout.dtype) if alpha else None,
    )
