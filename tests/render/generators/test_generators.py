"""Each generator's drawing: its size, its ink, its words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from render.draw.drawing import Drawing
from render.generators import caption, slate, solid, title
from render.graph.node import Generated, Slate, Style
from tests.render.draw.pictures import drawn, fonts
from tests.render.draw.test_text import painted
from tests.render.films import Patterns, clip, even, film, footage, rgb_of, track


def words(text: str, kind: str = "title", **style: Any) -> Generated:
    return Generated(kind, text, Style(**{"font_size": 40.0, **style}), 640, 360, 1.0, 1.0)


def ink_box(drawing: Drawing, margin: int = 60) -> list[float]:
    rows, columns = np.nonzero(painted(drawing, margin)[..., 3] > 0.5)
    return [float(edge) - margin for edge in (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)]


def test_a_titles_size_is_its_block_of_words() -> None:
    drawing = title.draw(words("Wide words"), 0, 0, fonts())
    left, top, right, bottom = ink_box(drawing)
    assert left >= -3 and right <= drawing.width + 3 and top >= 0 and bottom <= drawing.height
    assert right - left > 0.9 * drawing.width


def test_a_title_wraps_at_nine_tenths_of_the_frame() -> None:
    drawing = title.draw(words("many words " * 20), 0, 0, fonts())
    assert 0.7 * 640 < drawing.width <= 0.9 * 640


def test_titles_are_centred_unless_placed() -> None:
    hhh = clip("t", "v2", kind="title", text="HHH", font_size=40)
    view = film(track("v1"), track("v2"), footage("a", 320, 180), clip("x", "v1", "a"), hhh, width=320, height=180)
    lit = np.argwhere(drawn(view, Patterns(a=even(16))).y > 120)
    assert abs(lit[:, 1].mean() - 159.5) < 2 and abs(lit[:, 0].mean() - 89.5) < 6


@pytest.mark.parametrize("colour", ["#FFFFFF", "#FFD23F", "#C86432", "#1040C0", "#000000"])
def test_the_letters_of_a_title_have_its_709_colour_in_the_planes(colour: str) -> None:
    stem = clip("t", "v2", kind="title", text="I", font_size=90, font_weight=900, color=colour)
    view = film(track("v1"), track("v2"), footage("a", 160, 96), clip("x", "v1", "a"), stem, width=160, height=96)
    picture = drawn(view, Patterns(a=even(126, 128, 128)))
    found = rgb_of(picture.y[48, 80], picture.u[24, 40], picture.v[24, 40])
    assert np.abs(found - np.array(list(bytes.fromhex(colour[1:])))).max() <= 2


def test_a_solid_is_its_box_in_one_colour() -> None:
    drawing = solid.draw(words("", "solid", color="#FF000080"), 50, 30, fonts())
    assert (drawing.width, drawing.height, drawing.colour) == (50, 30, (1.0, 0.0, 0.0, 128 / 255))
    assert ink_box(drawing) == [0, 0, 50, 30]


def test_a_caption_has_a_dark_plate_around_its_words() -> None:
    drawing = caption.draw(words("Caption", "caption"), 0, 0, fonts())
    pixels = painted(drawing, 10)
    middle = pixels[int(drawing.height / 2) + 10, 14]
    assert middle[3] == pytest.approx(0.72, abs=0.01) and middle[:3].max() < 0.01
    assert (pixels[..., 0] > 0.95).sum() > 200
    assert ink_box(drawing)[2] == pytest.approx(drawing.width, abs=1)


def test_an_empty_caption_has_no_plate() -> None:
    assert painted(caption.draw(words("  ", "caption"), 0, 0, fonts())).max() == 0


@pytest.mark.parametrize("size", [(1920, 1080), (200, 112), (60, 300), (2, 2), (0.4, 900)], ids=str)
def test_a_slate_fills_its_box_whatever_its_shape(size: tuple[float, float]) -> None:
    drawing = slate.draw(Slate("Media offline", "a rather long file name of something.mp4 is not there any more."), *size, fonts())
    pixels = painted(drawing, 3)
    assert pixels[3 : 3 + int(size[1]), 3 : 3 + int(size[0]), 3].min(initial=1) == 1.0
    assert (drawing.width, drawing.height) == size and pixels[:, :2].max() == 0


def test_a_slates_words_are_readable() -> None:
    def light(title: str) -> int:
        return int((painted(slate.draw(Slate(title, ""), 640, 360, fonts()), 0)[..., 1] > 0.7).sum())

    assert light("Media offline") > light("Media") + 300 > 600
