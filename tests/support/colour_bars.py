"""Colour bars and what their samples must be, computed from the standards and not by our own code.

Owns: bars as RGB, and as planes in any matrix, range and depth. Refuses: files.

Formulas: ITU-R BT.601-7, BT.709-6 and BT.2020-2 (luma weights), quantisation as BT.709 item 4 and H.273 (full range).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from render.picture import PLANE_FORMATS, PictureFormat, Planes

WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
"""Luma weights of red and blue."""

BARS = np.array(
    [
        (255, 255, 255), (191, 191, 0), (0, 191, 191), (0, 191, 0), (191, 0, 191), (191, 0, 0), (0, 0, 191), (0, 0, 0),
        (255, 0, 0), (0, 255, 0), (0, 0, 255), (64, 128, 200), (200, 90, 30), (128, 128, 128), (12, 240, 100), (250, 10, 240),
    ],
    float,
)
"""R, G, B of the bars, left to right, 0 to 255."""
BAR_WIDTH = 64
WIDTH, HEIGHT = BAR_WIDTH * len(BARS), 64


def samples(rgb: NDArray[np.float64], fmt: PictureFormat) -> NDArray[np.float64]:
    """Exact Y, Cb and Cr, unrounded, shape (…, 3), of RGB 0 to 255."""
    red_weight, blue_weight = WEIGHTS[fmt.matrix]
    red, green, blue = np.moveaxis(rgb / 255, -1, 0)
    luma = red_weight * red + (1 - red_weight - blue_weight) * green + blue_weight * blue
    chroma_b, chroma_r = (blue - luma) / (2 * (1 - blue_weight)), (red - luma) / (2 * (1 - red_weight))
    unit, top = 1 << (fmt.planes.depth - 8), (1 << fmt.planes.depth) - 1
    if fmt.full_range:
        made = np.stack([luma * top, chroma_b * top + 128 * unit, chroma_r * top + 128 * unit], -1)
    else:
        made = np.stack([(16 + 219 * luma) * unit, (128 + 224 * chroma_b) * unit, (128 + 224 * chroma_r) * unit], -1)
    return np.clip(made, 0, top)


def picture(fmt: PictureFormat) -> Planes:
    """The bars as planes."""
    layout = fmt.planes
    values = np.rint(samples(BARS, fmt)).astype(layout.dtype)
    wide = np.repeat(values, BAR_WIDTH, axis=0)
    chroma_width, chroma_height = layout.chroma_size(WIDTH, HEIGHT)
    step = WIDTH // chroma_width
    rows = [np.tile(wide[:, 0], (HEIGHT, 1))] + [np.tile(wide[::step, plane], (chroma_height, 1)) for plane in (1, 2)]
    return Planes(rows[0], rows[1], rows[2], fmt)


def raw(fmt: PictureFormat) -> bytes:
    """The bars as libav's raw video."""
    planes = picture(fmt)
    return planes.y.tobytes() + planes.u.tobytes() + planes.v.tobytes()


def centres(plane: NDArray[np.generic]) -> NDArray[np.float64]:
    """The sample in the middle of each bar."""
    width = plane.shape[1] / len(BARS)
    return np.array([plane[plane.shape[0] // 2, int((bar + 0.5) * width)] for bar in range(len(BARS))], float)


def error(planes: Planes) -> float:
    """Largest distance of a bar's middle from what it must be, in units of 1/255 of the sample range."""
    exact = samples(BARS, planes.format)
    found = np.stack([centres(planes.y), centres(planes.u), centres(planes.v)], -1)
    return float(np.max(np.abs(found - exact)) / (1 << (planes.format.planes.depth - 8)))


PLANE_NAMES = tuple(PLANE_FORMATS)
