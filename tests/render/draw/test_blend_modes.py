"""The RGBA domain: blend modes, and that both domains mean the same by "normal"."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from editor_core.schema import Point, Scale
from render.draw import rgba
from render.draw.buffers import Buffers
from render.draw.canvas import Canvas
from render.draw.layer import Rect
from render.draw.strokes import Flat, Opaque, Stroke, cover
from render.picture import YUV420P, YUV422P10, YUV444P10, PictureFormat, PlaneFormat, Planes
from tests.render.draw.pictures import apart, drawn, same
from tests.render.films import Patterns, clip, even, film, footage, noise, rgb_of, track

LAYOUTS = pytest.mark.parametrize("layout", [YUV420P, YUV422P10, YUV444P10], ids=lambda layout: layout.name)


def two(mode: str, **fields: object):  # type: ignore[no-untyped-def]
    return film(track("v1"), track("v2"), footage("a"), footage("b"), clip("x", "v1", "a"), clip("y", "v2", "b", blend_mode=mode, **fields))


def w3c(mode: str, below: Any, above: Any) -> Any:
    """B(backdrop, source) of W3C Compositing and Blending Level 1, section 10, on values of 0 to 1."""
    hard = lambda b, s: np.where(s <= 0.5, b * 2 * s, b + (2 * s - 1) - b * (2 * s - 1))  # noqa: E731
    root = np.where(below <= 0.25, ((16 * below - 12) * below + 4) * below, np.sqrt(np.maximum(below, 0)))
    return {
        "multiply": below * above,
        "screen": below + above - below * above,
        "overlay": hard(above, below),
        "darken": np.minimum(below, above),
        "lighten": np.maximum(below, above),
        "add": below + above,
        "difference": np.abs(below - above),
        "soft_light": np.where(
            above <= 0.5, below - (1 - 2 * above) * below * (1 - below), below + (2 * above - 1) * (root - below)
        ),
        "hard_light": hard(below, above),
    }[mode]


COLOURS = [((90, 120, 140), (150, 110, 130)), ((180, 128, 128), (60, 140, 120)), ((120, 100, 150), (126, 150, 110))]


@pytest.mark.parametrize("mode", [mode for mode in rgba.MODES if mode != "normal"])
@pytest.mark.parametrize("pair", COLOURS, ids=str)
def test_each_mode_follows_its_formula(mode: str, pair: Any) -> None:
    below, above = pair
    picture = drawn(two(mode), Patterns(a=even(*below), b=even(*above)))
    expected = np.clip(w3c(mode, rgb_of(*below) / 255, rgb_of(*above) / 255), 0, 1) * 255
    found = rgb_of(picture.y[20, 20], picture.u[10, 10], picture.v[10, 10])
    if (expected < 254).all():
        assert np.abs(found - expected).max() <= 2, (found, expected)
    assert len(np.unique(picture.y)) == 1


@LAYOUTS
@pytest.mark.parametrize("opacity", [1.0, 0.6])
def test_normal_means_the_same_in_both_domains_for_opaque_pictures(layout: PlaneFormat, opacity: float) -> None:
    fmt = PictureFormat(layout)
    patterns = Patterns(a=noise(1), b=noise(2))
    below, above = (patterns.picture(name, 0, width=64, height=48, fmt=fmt) for name in "ab")
    assert apart(*_both(below, Opaque(above, 0, 0), opacity)) <= 1


@LAYOUTS
@pytest.mark.parametrize("opacity", [1.0, 0.6])
def test_normal_means_the_same_in_both_domains_for_layers_with_alpha(layout: PlaneFormat, opacity: float) -> None:
    fmt = PictureFormat(layout)
    patterns = Patterns(a=noise(1), b=noise(2))
    below = patterns.picture("a", 0, width=64, height=48, fmt=fmt)
    above = patterns.picture("b", 0, width=32, height=24, fmt=fmt)
    share = np.random.default_rng(3).random((24, 34 if layout.chroma_w else 32), np.float32)
    assert apart(*_both(below, cover(above, share, Rect(16, 12, 48, 36)), opacity)) <= 1


@LAYOUTS
def test_normal_means_the_same_in_both_domains_for_one_colour(layout: PlaneFormat) -> None:
    fmt = PictureFormat(layout)
    below = Patterns(a=noise(1)).picture("a", 0, width=64, height=48, fmt=fmt)
    scale = 1 << (layout.depth - 8)
    assert apart(*_both(below, Flat((100 * scale, 120 * scale, 140 * scale), Rect(10, 10, 30, 40), 0.7), 0.9)) <= 1


def test_that_comparison_notices_a_colour_that_is_two_samples_off() -> None:
    fmt = PictureFormat()
    patterns = Patterns(a=noise(1), b=noise(2))
    below, above = (patterns.picture(name, 0, width=64, height=48, fmt=fmt) for name in "ab")
    plain, _ = _both(below, Opaque(above, 0, 0), 1.0)
    wrong = Planes(above.y, above.u + np.uint8(2), above.v, fmt)
    _, other = _both(below, Opaque(wrong, 0, 0), 1.0)
    assert apart(plain, other) == 2


def _both(below: Planes, stroke: Stroke, opacity: float) -> tuple[Planes, Planes]:
    canvases = []
    for domain in ("planes", "rgba"):
        canvas = Canvas(below.width, below.height, below.format, Buffers())
        canvas.place(below, 0, 0)
        if domain == "rgba":
            rgba.blend(canvas, stroke, "normal", opacity)
        elif isinstance(stroke, Opaque):
            canvas.place(stroke.planes, stroke.left, stroke.top, opacity)
        elif isinstance(stroke, Flat):
            canvas.fill(stroke.samples, stroke.rect, stroke.opacity * opacity)
        else:
            canvas.lay(stroke, opacity)
        canvases.append(canvas.finish())
    return canvases[0], canvases[1]


def test_colours_beyond_the_gamut_are_not_clipped_before_they_are_blended() -> None:
    """A sample whose red lies above 1 doubles and halves again; clipping on the way would darken it."""
    patterns = Patterns(a=even(200, 128, 220), b=even(235))
    assert rgb_of(200, 128, 220)[0] > 255
    picture = drawn(two("multiply"), patterns)
    assert (abs(int(picture.y[9, 9]) - 200), abs(int(picture.u[9, 9]) - 128), abs(int(picture.v[9, 9]) - 220)) <= (1, 1, 1)


def test_opacity_weighs_a_blended_picture_against_what_is_below() -> None:
    patterns = Patterns(a=even(180), b=even(100))
    whole, half = (int(drawn(two("multiply", opacity=share), patterns).y[9, 9]) for share in (1.0, 0.5))
    assert abs(half - (180 + whole) / 2) <= 1


def test_a_blend_touches_its_rectangle_only() -> None:
    patterns = Patterns(a=noise(1), b=even(100))
    picture = drawn(two("multiply", scale=Scale(0.5, 0.5), position=Point(20, 14)), patterns)
    below = patterns.picture("a", 0, width=64, height=48, fmt=PictureFormat())
    outside = np.ones((48, 64), bool)
    outside[2:26, 4:36] = False
    assert (picture.y[outside] == below.y[outside]).all() and not (picture.y == below.y).all()


def test_a_title_can_be_blended_and_leaves_the_rest_alone() -> None:
    view = film(track("v1"), track("v2"), footage("a"), clip("x", "v1", "a"),
                clip("t", "v2", kind="title", text="I", font_size=40, color="#808080", blend_mode="screen"))
    picture = drawn(view, Patterns(a=even(100)))
    expected = w3c("screen", rgb_of(100, 128, 128) / 255, np.full(3, 0x80 / 255)) * 255
    stem = rgb_of(picture.y[24, 31], picture.u[12, 15], picture.v[12, 15])
    assert np.abs(stem - expected).max() <= 2 and picture.y[2, 2] == 100


def test_blending_the_same_frame_twice_gives_the_same_samples() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    assert same(drawn(two("soft_light", rotation=20.0), patterns), drawn(two("soft_light", rotation=20.0), patterns))


def test_every_blend_mode_of_the_record_can_be_drawn() -> None:
    from typing import get_args

    from editor_core.schema import BlendMode

    assert set(get_args(BlendMode)) == set(rgba.MODES)
