"""From one YCbCr matrix to another without leaving the planes.

Owns: that one linear step. Refuses: ranges, depths and layouts, which are equal on both sides.

Grey stays grey under every matrix, so the new chroma is a mixture of the two old chroma planes alone, at their own
resolution, and the new luma is the old luma plus a mixture of them. Derived from the luma weights of ITU-R BT.601, BT.709
and BT.2020. swscale's own way, through RGB, costs five times as much and clips what lies outside the RGB gamut.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from render.picture import Matrix, PictureFormat, Plane, Planes

_WEIGHTS: dict[Matrix, tuple[float, float]] = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
"""Luma weights of red and blue."""


def _to_rgb(matrix: Matrix) -> NDArray[np.float64]:
    """R, G, B from Y, Pb, Pr with Y 0 to 1 and Pb, Pr ±0.5."""
    red, blue = _WEIGHTS[matrix]
    green = 1 - red - blue
    return np.array(
        [
            [1, 0, 2 * (1 - red)],
            [1, -2 * (1 - blue) * blue / green, -2 * (1 - red) * red / green],
            [1, 2 * (1 - blue), 0],
        ]
    )


@cache
def _step(source: Matrix, target: Matrix) -> NDArray[np.float64]:
    """Y, Pb, Pr of `target` from those of `source`, (3, 3); its first column is (1, 0, 0)."""
    return np.linalg.inv(_to_rgb(target)) @ _to_rgb(source)


def rematrix(planes: Planes, target: Matrix) -> Planes:
    """The same colours with the matrix `target`, in memory of their own; alpha is shared."""
    fmt = planes.format
    if fmt.matrix == target:
        return planes
    step = _step(fmt.matrix, target)
    half, top = 1 << (fmt.planes.depth - 1), (1 << fmt.planes.depth) - 1
    luma_per_chroma = 1.0 if fmt.full_range else 219 / 224
    kind = cv2.CV_8U if fmt.planes.depth <= 8 else cv2.CV_16U
    part_u, part_v = step[0, 1] * luma_per_chroma, step[0, 2] * luma_per_chroma
    change = cv2.addWeighted(planes.u, part_u, planes.v, part_v, -half * (part_u + part_v), dtype=cv2.CV_32F)
    luma = cv2.add(planes.y, _spread(change, planes), dtype=kind)
    blue = cv2.addWeighted(planes.u, step[1, 1], planes.v, step[1, 2], half * (1 - step[1, 1] - step[1, 2]), dtype=kind)
    red = cv2.addWeighted(planes.u, step[2, 1], planes.v, step[2, 2], half * (1 - step[2, 1] - step[2, 2]), dtype=kind)
    if fmt.planes.depth not in (8, 16):
        for plane in (luma, blue, red):
            np.minimum(plane, top, out=plane)
    return Planes(luma, blue, red, PictureFormat(fmt.planes, target, fmt.full_range), planes.alpha)


def _spread(change: Plane, planes: Planes) -> Plane:
    """A chroma-sized plane at luma size, chroma sited level with the left luma sample and between two lines."""
    layout = planes.format.planes
    if layout.chroma_h:
        change = cv2.resize(change, (change.shape[1], planes.height), interpolation=cv2.INTER_LINEAR)
    if layout.chroma_w:
        wide = np.empty((planes.height, 2 * change.shape[1]), np.float32)
        wide[:, 0::2] = change
        wide[:, 1:-1:2] = (change[:, :-1] + change[:, 1:]) * np.float32(0.5)
        wide[:, -1] = change[:, -1]
        change = np.ascontiguousarray(wide[:, : planes.width])
    return change
