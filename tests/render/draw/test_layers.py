"""Layers on planes: pass-through, opacity, places, crops, turns, in every plane format."""

from __future__ import annotations

import numpy as np
import pytest

from editor_core.schema import Crop, Point, Scale
from render.draw.evaluate import Evaluator
from render.graph.build import build
from render.graph.request import Request
from render.media.errors import MediaMissing, MediaUnreadable
from render.picture import YUV420P, YUV420P10, YUV422P, YUV422P10, YUV444P, YUV444P10, PictureFormat, PlaneFormat
from tests.render.draw.pictures import apart, drawn, evaluator, fonts, same, wide
from tests.render.films import FRAME, Patterns, clip, even, film, footage, noise, ramps, rgb_of, track

LAYOUTS = [YUV420P, YUV422P, YUV444P, YUV420P10, YUV422P10, YUV444P10]
every_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


def two(**fields: object):  # type: ignore[no-untyped-def]
    """`a` over the whole frame, `b` on top with the given properties."""
    return film(track("v1"), track("v2"), footage("a"), footage("b"), clip("x", "v1", "a"), clip("y", "v2", "b", **fields))


def alone(**fields: object):  # type: ignore[no-untyped-def]
    return film(track("v1"), footage("a"), clip("x", "v1", "a", **fields))


def test_a_lone_full_frame_is_passed_on_without_a_copy() -> None:
    patterns = Patterns(a=noise(1))
    picture = drawn(alone(), patterns)
    assert picture.native == "frame of a"


def test_anything_drawn_on_top_gives_up_the_decoders_frame_and_leaves_it_alone() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    kept = patterns.picture("a", 0, width=64, height=48, fmt=PictureFormat())
    before = kept.copy()
    patterns.picture = lambda asset, ticks, **ask: kept if asset == "a" else Patterns.picture(patterns, asset, ticks, **ask)  # type: ignore[method-assign]
    picture = drawn(two(scale=Scale(0.5, 0.5)), patterns)
    assert picture.native is None and same(kept, before) and not same(picture, kept)


def test_an_empty_frame_is_black() -> None:
    picture = drawn(film(track("v1")), Patterns())
    assert (picture.y == 16).all() and (picture.u == 128).all() and (picture.v == 128).all()


def test_a_full_range_frame_has_full_range_black() -> None:
    picture = drawn(film(track("v1")), Patterns(), fmt=PictureFormat(full_range=True))
    assert (picture.y == 0).all()


@every_layout
@pytest.mark.parametrize("opacity", [0.5, 0.8, 0.123])
def test_opacity_weighs_the_layer_against_what_is_below(layout: PlaneFormat, opacity: float) -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    fmt = PictureFormat(layout)
    picture = drawn(two(opacity=opacity), patterns, fmt=fmt)
    below, above = (patterns.picture(name, 0, width=64, height=48, fmt=fmt) for name in "ab")
    for plane, one, other in ((picture.y, above.y, below.y), (picture.u, above.u, below.u), (picture.v, above.v, below.v)):
        assert np.abs(plane - (opacity * wide(one) + (1 - opacity) * wide(other))).max() <= 0.51


@every_layout
def test_a_layer_on_the_grid_changes_its_rectangle_and_nothing_else(layout: PlaneFormat) -> None:
    patterns = Patterns(a=noise(1), b=even(200, 90, 160))
    fmt = PictureFormat(layout)
    picture = drawn(two(scale=Scale(0.5, 0.5), position=Point(20, 14)), patterns, fmt=fmt)
    below = patterns.picture("a", 0, width=64, height=48, fmt=fmt)
    scale = 1 << (layout.depth - 8)
    inside = np.zeros((48, 64), bool)
    inside[2:26, 4:36] = True
    assert (picture.y[inside] == 200 * scale).all() and (picture.y[~inside] == below.y[~inside]).all()
    small = inside[:: 1 << layout.chroma_h, :: 1 << layout.chroma_w]
    assert (picture.u[small] == 90 * scale).all() and (picture.u[~small] == below.u[~small]).all()


def test_the_pool_is_asked_for_the_size_that_is_shown() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    drawn(two(scale=Scale(0.5, 0.25), position=Point(32, 24)), patterns)
    assert [ask[:4] for ask in patterns.asked] == [("a", 0, 64, 48), ("b", 0, 32, 12)]


def test_hidden_layers_are_never_asked_for() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    drawn(two(), patterns)
    assert [ask[0] for ask in patterns.asked] == ["b"]


@every_layout
@pytest.mark.parametrize("at", [(17, 13), (16, 13), (17, 14), (16.5, 12.25), (-3, -5), (50, 40)], ids=str)
def test_a_picture_at_any_place_keeps_its_colours_where_they_belong(layout: PlaneFormat, at: tuple[float, float]) -> None:
    """A ramp that goes through 32 × 24 pixels must be the same ramp, moved, in luma and chroma alike."""
    fmt = PictureFormat(layout)
    view = two(scale=Scale(0.5, 0.5), position=Point(at[0], at[1]), anchor=Point(0, 0))
    picture = drawn(view, Patterns(a=even(16), b=ramps), fmt=fmt)
    scale = 1 << (layout.depth - 8)
    step_x, step_y = 1 << layout.chroma_w, 1 << layout.chroma_h
    places = [
        (picture.y, np.arange(64) + 0.5, np.arange(48) + 0.5, 0),
        (picture.u, np.arange(0, 64, step_x) + 0.5, np.arange(0, 48, step_y) + step_y / 2, 1),
        (picture.v, np.arange(0, 64, step_x) + 0.5, np.arange(0, 48, step_y) + step_y / 2, 2),
    ]
    for plane, xs, ys, index in places:
        x, y = (xs[None, :] - at[0]) / 32, (ys[:, None] - at[1]) / 24
        margin_x, margin_y = 2.5 / 32, 2.5 / 24
        inside = (x > margin_x) & (x < 1 - margin_x) & (y > margin_y) & (y < 1 - margin_y)
        expected = np.broadcast_to(ramps(x, y, 0.0)[index], inside.shape) * scale
        assert inside.sum() > 6
        assert np.abs(plane - expected)[inside].max() <= 1.0 * scale, index


def test_chroma_at_an_odd_edge_is_weighed_by_what_is_covered() -> None:
    """From column 17 on: chroma column 8 (about luma 16) is covered by a quarter, column 9 wholly."""
    picture = drawn(two(scale=Scale(0.5, 0.5), position=Point(17, 12), anchor=Point(0, 0)), Patterns(a=even(16, 40), b=even(16, 200)))
    assert picture.u[10, 7] == 40
    assert abs(int(picture.u[10, 8]) - (40 + 160 / 4)) <= 1
    assert picture.u[10, 9] == 200
    below = drawn(two(scale=Scale(0.5, 0.5), position=Point(16, 13), anchor=Point(0, 0)), Patterns(a=even(16, 40), b=even(16, 200)))
    assert abs(int(below.u[6, 15]) - 120) <= 1 and below.u[5, 15] == 40 and below.u[7, 15] == 200


def test_a_fraction_of_a_pixel_at_the_edge_is_a_fraction_of_the_colour() -> None:
    picture = drawn(two(scale=Scale(0.5, 0.5), position=Point(16.25, 12), anchor=Point(0, 0)), Patterns(a=even(40), b=even(200)))
    assert abs(int(picture.y[20, 16]) - (40 + 160 * 0.75)) <= 2
    assert abs(int(picture.y[20, 48]) - (40 + 160 * 0.25)) <= 2


@pytest.mark.parametrize("turn", [0.0, 90.0, 180.0, 270.0, 360.0, -90.0])
def test_a_quarter_turn_is_clockwise_and_exact(turn: float) -> None:
    view = film(track("v1"), track("v2"), footage("a"), footage("b", 48, 48), clip("x", "v1", "a"),
                clip("y", "v2", "b", scale=Scale(0.5, 0.5), rotation=turn))
    patterns = Patterns(a=even(16), b=noise(5))
    picture = drawn(view, patterns)
    upright = patterns.picture("b", 0, width=24, height=24, fmt=PictureFormat())
    assert (picture.y[12:36, 20:44] == np.rot90(upright.y, -round(turn / 90))).all()
    picture.y[12:36, 20:44] = 16
    assert (picture.y == 16).all()


def test_a_turned_picture_covers_as_much_as_before() -> None:
    picture = drawn(two(scale=Scale(0.5, 0.5), rotation=30.0), Patterns(a=even(16), b=even(216)))
    assert (wide(picture.y) - 16).sum() / 200 == pytest.approx(32 * 24, rel=0.005)
    assert picture.y[24, 32] == 216 and picture.y[0, 0] == 16


def test_a_picture_turns_about_its_anchor() -> None:
    view = two(scale=Scale(0.25, 0.25), rotation=90.0, anchor=Point(0, 0), position=Point(40, 20))
    picture = drawn(view, Patterns(a=even(16), b=even(216)))
    lit = np.argwhere(picture.y > 100)
    assert (lit.min(axis=0) == [20, 28]).all() and (lit.max(axis=0) == [35, 39]).all()


def test_crop_shows_the_same_pixels_in_the_same_places() -> None:
    patterns = Patterns(a=even(16), b=ramps)
    whole = drawn(two(scale=Scale(0.999999, 1.0)), patterns)
    cut = drawn(two(crop=Crop(0.25, 0.25, 0.125, 0.5)), patterns)
    assert np.abs(wide(cut.y)[12:24, 16:56] - wide(whole.y)[12:24, 16:56]).max() <= 1
    mask = np.ones((48, 64), bool)
    mask[12:24, 16:56] = False
    assert (cut.y[mask] == 16).all()


def test_zooming_in_asks_only_for_what_is_seen() -> None:
    patterns = Patterns(a=ramps)
    picture = drawn(alone(scale=Scale(4, 4)), patterns)
    (ask,) = patterns.asked
    assert ask[2:4] == (64, 48) and ask[4] == Crop(0.375, 0.375, 0.375, 0.375)
    x, y = (np.arange(64) + 0.5) / 256 + 0.375, (np.arange(48) + 0.5) / 192 + 0.375
    assert np.abs(picture.y - ramps(x[None, :], y[:, None], 0)[0]).max() <= 1


@pytest.mark.parametrize("fields", [{"scale": Scale(1000, 1000)}, {"scale": Scale(1000, 1000), "rotation": 33.0},
                                    {"scale": Scale(1000, 0.001)}, {"scale": Scale(0.001, 1000), "rotation": 45.0},
                                    {"scale": Scale(37.3, 21.9), "position": Point(500, -200), "rotation": 200.0}], ids=str)
def test_extreme_enlargement_stays_small_in_memory(fields: dict[str, object]) -> None:
    patterns = Patterns(a=ramps)
    drawn(alone(**fields), patterns)
    for ask in patterns.asked:
        assert ask[2] * ask[3] < 64 * 48 * 60 and max(ask[2:4]) <= 128, ask


def test_a_zoomed_and_turned_picture_shows_the_right_part() -> None:
    picture = drawn(alone(scale=Scale(5, 5), rotation=180.0, position=Point(32.5, 24.25)), Patterns(a=ramps))
    x = 0.5 - (np.arange(64) + 0.5 - 32.5) / 320
    y = 0.5 - (np.arange(48) + 0.5 - 24.25) / 240
    assert np.abs(picture.y - ramps(x[None, :], y[:, None], 0)[0]).max() <= 1


def test_a_picture_smaller_than_a_pixel_lights_a_pixel_in_part() -> None:
    small = drawn(two(scale=Scale(0.01, 0.01), position=Point(20.5, 20.5)), Patterns(a=even(16), b=even(235)))
    assert (wide(small.y) - 16).sum() / 219 == pytest.approx(0.64 * 0.48, abs=0.02)
    smallest = drawn(two(scale=Scale(0.001, 0.001)), Patterns(a=even(16), b=even(235)))
    assert (smallest.y == 16).all()


def test_footage_with_alpha_shows_what_is_below_through_its_holes() -> None:
    view = film(track("v1"), track("v2"), footage("a"), footage("b", alpha=True), clip("x", "v1", "a"), clip("y", "v2", "b", opacity=0.5))
    patterns = Patterns(a=even(40, 60), b=even(200, 180), alpha={"b": lambda x, y: (x > 0.5) * 1.0})
    picture = drawn(view, patterns)
    assert (picture.y[:, :32] == 40).all() and (picture.y[:, 32:] == 120).all()
    assert (picture.u[:, :15] == 60).all() and (picture.u[:, 17:] == 120).all()


@pytest.mark.parametrize(
    "fields", [{}, {"position": Point(17, 13), "anchor": Point(0, 0), "scale": Scale(0.5, 0.5)}, {"rotation": 45.0}], ids=str
)
def test_opaque_footage_that_carries_alpha_looks_like_footage_without(fields: dict[str, object]) -> None:
    def picture(alpha: bool):  # type: ignore[no-untyped-def]
        view = film(track("v1"), track("v2"), footage("a"), footage("b", alpha=alpha), clip("x", "v1", "a"), clip("y", "v2", "b", **fields))
        return drawn(view, Patterns(a=even(40, 60), b=ramps, alpha={"b": lambda x, y: x * 0 + 1.0} if alpha else {}))

    assert apart(picture(True), picture(False)) <= 1


def test_hidden_colours_do_not_bleed_when_footage_with_alpha_is_turned() -> None:
    """Where alpha is 0 the colour is glaring; turned and resampled, none of it may show."""
    view = film(track("v1"), footage("b", alpha=True), clip("y", "v1", "b", rotation=20.0))
    glaring = {"b": lambda x, y, t: ((x > 0.5) * 100 + 100, x * 0 + 128, (x <= 0.5) * 100 + 128)}
    patterns = Patterns(alpha={"b": lambda x, y: (x > 0.5) * 1.0}, **glaring)
    picture = drawn(view, patterns)
    assert picture.v.max() <= 140


def test_a_solid_has_its_709_colour_in_the_planes() -> None:
    view = film(track("v1"), clip("s", "v1", kind="solid", color="#C86432"))
    picture = drawn(view, Patterns())
    rgb = rgb_of(picture.y[0, 0], picture.u[0, 0], picture.v[0, 0])
    assert np.abs(rgb - np.array([0xC8, 0x64, 0x32])).max() <= 2
    assert len(np.unique(picture.y)) == 1


def test_a_translucent_solid_and_its_clips_opacity_multiply() -> None:
    view = film(track("v1"), track("v2"), footage("a"), clip("x", "v1", "a"),
                clip("s", "v2", kind="solid", color="#FFFFFF80", opacity=0.5))
    picture = drawn(view, Patterns(a=even(16)))
    assert abs(int(picture.y[5, 5]) - (16 + 219 * 128 / 255 * 0.5)) <= 1


def test_a_turned_solid_keeps_its_colour_and_area() -> None:
    view = film(track("v1"), track("v2"), footage("a"), clip("x", "v1", "a"),
                clip("s", "v2", kind="solid", color="#FFFFFF", scale=Scale(0.5, 0.5), rotation=17.0))
    picture = drawn(view, Patterns(a=even(16)))
    assert picture.y[24, 32] == 235
    assert (wide(picture.y) - 16).sum() / 219 == pytest.approx(32 * 24, rel=0.005)


def test_a_solid_at_the_left_edge_of_the_frame_colours_the_first_chroma_column_wholly() -> None:
    view = film(track("v1"), track("v2"), footage("a"), clip("x", "v1", "a"),
                clip("s", "v2", kind="solid", color="#FF0000", position=Point(10.3, 24)))
    picture = drawn(view, Patterns(a=even(16)))
    assert picture.v[10, 0] == picture.v[10, 4]


def test_media_that_fails_becomes_a_slate_in_its_place_and_is_reported() -> None:
    told = []
    patterns = Patterns(a=even(16), b=MediaMissing("b.mp4 is not there any more."))
    view = two(scale=Scale(0.5, 0.5), position=Point(20, 14))
    machine = Evaluator(patterns, fonts=fonts(), on_problem=told.append)
    picture = machine.evaluate(build(view, 0, Request(64, 48)))
    assert [(p.asset, p.message) for p in machine.problems] == [("b", "b.mp4 is not there any more.")] and told == machine.problems
    inside = picture.y[2:26, 4:36]
    assert len(np.unique(inside)) > 3
    picture.y[2:26, 4:36] = 16
    assert (picture.y == 16).all()
    patterns.formulas["b"] = even(99)
    assert (machine.evaluate(build(view, FRAME, Request(64, 48))).y[2:26, 4:36] == 99).all() and machine.problems == []


def test_an_unreadable_file_does_not_stop_the_other_layers() -> None:
    picture = drawn(two(opacity=0.5), Patterns(a=MediaUnreadable("a.mp4 is damaged"), b=even(200)))
    assert picture.y.min() > 90


def test_a_request_of_odd_size_is_drawn_whole() -> None:
    view = two(scale=Scale(0.5, 0.5), rotation=10.0)
    picture = drawn(view, Patterns(a=even(60), b=even(200)), request=Request(33, 25))
    assert picture.u.shape == (13, 17) and picture.y[12, 16] == 200


def test_the_same_node_gives_the_same_samples_whatever_came_before() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    views = [two(rotation=angle, opacity=0.7) for angle in (3.0, 50.0)] + [two(scale=Scale(0.3, 0.9), position=Point(31.7, 11.1))]
    fresh = [drawn(view, patterns).copy() for view in views]
    machine = evaluator(patterns)
    for _ in range(3):
        for view, expected in zip(views, fresh, strict=True):
            assert same(machine.evaluate(build(view, 0, Request(64, 48))), expected)


def test_a_frame_that_is_kept_is_never_drawn_over() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    machine = evaluator(patterns)
    kept = [machine.evaluate(build(two(opacity=share), 0, Request(64, 48))) for share in (0.2, 0.4, 0.6, 0.8)]
    copies = [picture.copy() for picture in kept]
    for _ in range(20):
        machine.evaluate(build(two(opacity=0.5, rotation=5.0), 0, Request(64, 48)))
    assert all(same(picture, copy) for picture, copy in zip(kept, copies, strict=True))
