"""Which matrix and range a decoded frame has.

Owns: reading a frame's colour tags, the guess where there are none, and libav's numbers for them.
Refuses: converting anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from av.video.reformatter import ColorRange, Colorspace

from render.picture import Matrix

MATRIX_NAMES = {
    0: "rgb", 1: "bt709", 2: "unknown", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 14: "ictcp",
}
"""libav's names of AVColorSpace (ITU-T H.273, matrix coefficients)."""

PRIMARIES_NAMES = {
    1: "bt709", 2: "unknown", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}
"""libav's names of AVColorPrimaries (ITU-T H.273)."""

TRANSFER_NAMES = {
    1: "bt709", 2: "unknown", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084", 17: "smpte428",
    18: "arib-std-b67",
}
"""libav's names of AVColorTransferCharacteristic (ITU-T H.273)."""

_SWS = {
    1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601, 6: Colorspace.ITU601, 7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020, 10: Colorspace.BT2020,
}
SWS_MATRIX: dict[Matrix, int] = {
    "bt709": Colorspace.ITU709.value, "bt601": Colorspace.ITU601.value, "bt2020": Colorspace.BT2020.value,
}
TAG_NUMBERS: dict[Matrix, tuple[int, int, int]] = {"bt709": (1, 1, 1), "bt601": (6, 6, 6), "bt2020": (9, 9, 14)}
"""Matrix, primaries and transfer numbers to write into an output of this matrix (ITU-T H.273)."""


@dataclass(frozen=True, slots=True)
class SourceColour:
    """swscale's number for the matrix and AVColorRange's (1 limited, 2 full) of a frame; `rgb` frames have no matrix.

    `name` is the matrix as pictures name it, None for the rare ones (FCC, SMPTE 240M) and for RGB.
    """

    matrix: int
    colour_range: int
    rgb: bool
    name: Matrix | None


def source_colour(frame: Any) -> SourceColour:
    """Tags of a frame. Untagged YCbCr is Rec.601 up to 576 lines and Rec.709 above, as broadcast and players have it."""
    name: str = frame.format.name
    if frame.format.is_rgb or name == "pal8":
        return SourceColour(0, ColorRange.JPEG.value, True, None)
    full = frame.color_range == ColorRange.JPEG.value or name.startswith("yuvj")
    matrix = _SWS.get(frame.colorspace)
    if matrix is None:
        matrix = Colorspace.ITU601 if min(frame.width, frame.height) <= 576 else Colorspace.ITU709
    names: dict[int, Matrix] = {number: name for name, number in SWS_MATRIX.items()}
    number = ColorRange.JPEG if full else ColorRange.MPEG
    return SourceColour(matrix.value, number.value, False, names.get(matrix.value))
