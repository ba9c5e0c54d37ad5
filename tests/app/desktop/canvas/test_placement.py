"""The geometry of handles: a dragged handle lands under the pointer, and what must stay stays."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desktop.canvas.placement import Placement, placement_of, snapped
from editor_core.schema import Clip, Crop, Point, Scale, Timeline
from editor_core.timing import TimeRange
from tests.app.desktop.canvas.benches import media

numbers = st.floats(-2000, 2000)
placements = st.builds(
    Placement, x=numbers, y=numbers, width=st.floats(50, 2000), height=st.floats(50, 2000),
    anchor=st.tuples(st.floats(0, 1), st.floats(0, 1)), scale=st.tuples(st.floats(0.1, 4), st.floats(0.1, 4)),
    rotation=st.floats(-360, 360),
    crop=st.tuples(st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0, 0.4), st.floats(0, 0.4)))


def clip(**fields: object) -> Clip:
    return Clip(id="c", track="k", kind="video", start=0, source_range=TimeRange(0, 100), asset="m", **fields)  # type: ignore[arg-type]


def test_a_picture_is_fitted_and_centred_unless_it_says_otherwise() -> None:
    timeline = Timeline(id="t")
    place = placement_of(clip(), media("m", "Square", size=(1000, 1000)), timeline)
    assert place is not None
    assert (place.width, place.height) == (1080, 1080)
    assert place.outline() == [(420, 0), (1500, 0), (1500, 1080), (420, 1080)]


def test_position_anchor_scale_rotation_and_crop_are_what_the_record_says() -> None:
    timeline = Timeline(id="t")
    made = clip(position=Point(100, 200), anchor=Point(0, 0), scale=Scale(0.5, 0.25), rotation=90.0, crop=Crop(left=0.5))
    place = placement_of(made, media("m", "Wide"), timeline)
    assert place is not None
    corners = [(round(x), round(y)) for x, y in place.outline()]
    assert corners == [(100, 680), (100, 1160), (-170, 1160), (-170, 680)]


@given(placements, st.sampled_from([0, 2, 4, 6]), st.floats(1.1, 3))
def test_a_corner_dragged_along_its_diagonal_lands_under_the_pointer_and_the_opposite_one_stays(
        place: Placement, number: int, factor: float) -> None:
    (ox, oy), (cx, cy) = place.handle((number + 4) % 8), place.handle(number)
    x, y = ox + (cx - ox) * factor, oy + (cy - oy) * factor
    made = place.stretched(number, x, y, free=False, centred=False)
    assert made.handle(number) == pytest.approx((x, y), abs=0.01)
    assert made.handle((number + 4) % 8) == pytest.approx((ox, oy), abs=0.01)
    assert made.scale[0] / made.scale[1] == pytest.approx(place.scale[0] / place.scale[1])


@given(placements, st.sampled_from([0, 2, 4, 6]), st.floats(0.01, 0.4), st.floats(0.01, 0.4))
def test_a_crop_lands_under_the_pointer_and_moves_nothing_else(place: Placement, number: int, u: float, v: float) -> None:
    side, level = ((0, 0), (1, 0), (1, 1), (0, 1))[number // 2]
    x, y = place.at(1 - u if side else u, 1 - v if level else v)
    made = place.cropped(number, x, y)
    assert made.handle(number) == pytest.approx((x, y), abs=0.01)
    assert made.handle((number + 4) % 8) == pytest.approx(place.handle((number + 4) % 8), abs=0.01)
    assert made.at(0.3, 0.7) == place.at(0.3, 0.7)


@given(placements, st.sampled_from([0, 2, 4, 6]), st.floats(5, 300), st.floats(5, 300))
def test_a_free_corner_goes_wherever_the_pointer_goes(place: Placement, number: int, dx: float, dy: float) -> None:
    cu, cv = ((0, 0), (1, 0), (1, 1), (0, 1))[number // 2]
    turn = math.radians(place.rotation)
    along, across = (dx if cu else -dx), (dy if cv else -dy)
    x, y = place.handle(number)
    x, y = x + along * math.cos(turn) - across * math.sin(turn), y + along * math.sin(turn) + across * math.cos(turn)
    made = place.stretched(number, x, y, free=True, centred=False)
    assert made.handle(number) == pytest.approx((x, y), abs=0.01)


@given(placements, st.sampled_from([0, 2, 4, 6]), numbers, numbers)
def test_scaling_from_the_anchor_leaves_the_anchor_and_the_position(place: Placement, number: int, x: float, y: float) -> None:
    made = place.stretched(number, x, y, free=False, centred=True)
    assert (made.x, made.y) == pytest.approx((place.x, place.y), abs=1e-6)


@given(placements, numbers, numbers)
def test_what_is_inside_is_found_inside(place: Placement, u: float, v: float) -> None:
    assert place.contains(*place.middle())
    outside = place.at(5 + abs(u), 5 + abs(v))
    assert not place.contains(*outside)


def test_turning_by_a_drag_is_the_angle_around_the_anchor_and_shift_holds_to_fifteen_degrees() -> None:
    place = Placement(100, 100, 50, 50)
    assert place.turned(200, 100, 100, 0, steps=False).rotation == 90.0
    assert place.turned(200, 120, 100, 0, steps=True).rotation == 105.0


def test_only_what_differs_becomes_a_property() -> None:
    place = Placement(10, 20, 100, 100)
    assert place.moved(1, 0).properties(place) == {"position": [11, 20]}
    assert place.properties(place) == {}


def test_a_move_catches_the_middle_and_the_edges_of_the_frame() -> None:
    timeline = Timeline(id="t")
    near, guides = snapped(Placement(957, 300, 400, 200), timeline, 6)
    assert (near.x, guides[0]) == (960, 960)
    left, guides = snapped(Placement(203, 300, 400, 200), timeline, 6)
    assert (left.x, guides) == (200, (0.0, None))
