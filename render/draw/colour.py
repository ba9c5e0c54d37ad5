"""Colour arithmetic between sRGB-coded colours and a picture format's samples.

Owns: the matrices of BT.601, BT.709 and BT.2020 (ITU-R BT.601-7, BT.709-6, BT.2020-2, non-constant luminance), ranges and
colour words. Refuses: transfer functions; mixing happens on coded values, as the decoders deliver them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from render.picture import PictureFormat

LUMA_WEIGHTS: dict[str, tuple[float, float]] = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593)}
"""Weights of red and blue in luma; green has the rest."""

Rgba = tuple[float, float, float, float]
"""Red, green, blue and alpha, 0 to 1, not multiplied by alpha."""


def parse(colour: str) -> Rgba:
    """`#RRGGBB` or `#RRGGBBAA` as fractions."""
    digits = colour.removeprefix("#")
    red, green, blue, alpha = (int((digits + "FF")[i : i + 2], 16) / 255 for i in (0, 2, 4, 6))
    return red, green, blue, alpha


@lru_cache(maxsize=64)
def to_samples(fmt: PictureFormat) -> NDArray[np.float64]:
    """The 3×4 matrix that takes (R, G, B, A), colours 0 to 1 multiplied by alpha A, to Y, Cb, Cr samples multiplied by A."""
    kr, kb = LUMA_WEIGHTS[fmt.matrix]
    kg = 1.0 - kr - kb
    scale = float(1 << (fmt.planes.depth - 8))
    top = float((1 << fmt.planes.depth) - 1)
    luma, chroma = (top, top) if fmt.full_range else (219.0 * scale, 224.0 * scale)
    black, middle = (float(sample) for sample in fmt.black[:2])
    blue, red = 2.0 * (1.0 - kb), 2.0 * (1.0 - kr)
    return np.array(
        [
            [kr * luma, kg * luma, kb * luma, black],
            [-kr / blue * chroma, -kg / blue * chroma, (1.0 - kb) / blue * chroma, middle],
            [(1.0 - kr) / red * chroma, -kg / red * chroma, -kb / red * chroma, middle],
        ]
    )


@lru_cache(maxsize=64)
def from_samples(fmt: PictureFormat) -> NDArray[np.float64]:
    """The 3×4 matrix that takes (Y, Cb, Cr, 1) samples to R, G, B of 0 to 1, beyond it where the samples leave the gamut."""
    forward = to_samples(fmt)
    inverse = np.linalg.inv(forward[:, :3])
    return np.hstack([inverse, -inverse @ forward[:, 3:]])


def samples_of(colour: Rgba, fmt: PictureFormat) -> tuple[int, int, int]:
    """Y, Cb and Cr of a colour (its alpha is not used), rounded and within the depth."""
    values: NDArray[Any] = to_samples(fmt) @ np.array([*colour[:3], 1.0])
    top = (1 << fmt.planes.depth) - 1
    luma, blue, red = (min(top, max(0, int(np.floor(value + 0.5)))) for value in values)
    return luma, blue, red
