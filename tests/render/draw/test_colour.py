"""Matrices and ranges against the standards' own equations."""

from __future__ import annotations

import numpy as np
import pytest

from render.draw.colour import from_samples, parse, samples_of, to_samples
from render.picture import YUV420P, YUV444P10, PictureFormat

FORMATS = [
    PictureFormat(layout, matrix, full)
    for layout in (YUV420P, YUV444P10)
    for matrix in ("bt601", "bt709", "bt2020")
    for full in (False, True)
]
WEIGHTS = {"bt601": (0.299, 0.587, 0.114), "bt709": (0.2126, 0.7152, 0.0722), "bt2020": (0.2627, 0.6780, 0.0593)}


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda f: f"{f.planes.name}-{f.matrix}-{f.full_range}")
@pytest.mark.parametrize("colour", ["#000000", "#FFFFFF", "#FF0000", "#00FF00", "#0000FF", "#C86432", "#123456"])
def test_a_colour_becomes_the_samples_that_the_standard_computes(fmt: PictureFormat, colour: str) -> None:
    red, green, blue, _ = parse(colour)
    kr, kg, kb = WEIGHTS[fmt.matrix]
    luma = kr * red + kg * green + kb * blue
    cb, cr = (blue - luma) / (2 * (1 - kb)), (red - luma) / (2 * (1 - kr))
    scale = 1 << (fmt.planes.depth - 8)
    top = (256 * scale) - 1
    expected = (
        [luma * top, cb * top + 128 * scale, cr * top + 128 * scale]
        if fmt.full_range
        else [(16 + 219 * luma) * scale, (128 + 224 * cb) * scale, (128 + 224 * cr) * scale]
    )
    assert np.abs(np.array(samples_of(parse(colour), fmt)) - np.clip(expected, 0, top)).max() <= 0.51


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda f: f"{f.planes.name}-{f.matrix}-{f.full_range}")
def test_back_and_forth_is_the_identity(fmt: PictureFormat) -> None:
    colour = np.array([0.2, 1.3, -0.1])
    samples = to_samples(fmt) @ np.array([*colour, 1.0])
    assert from_samples(fmt) @ np.array([*samples, 1.0]) == pytest.approx(colour, abs=1e-9)


def test_alpha_is_read_from_the_last_two_digits() -> None:
    assert parse("#FF000080") == (1.0, 0.0, 0.0, 128 / 255) and parse("#FF0000")[3] == 1.0
