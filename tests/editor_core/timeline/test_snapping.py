"""What edges are drawn to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from editor_core.timeline.snapping import Magnet, SnapPoint, snap, snap_any, snap_points
from tests.support.cutting import Film


def film() -> Film:
    made = Film()
    lake = made.shot("lake.mp4", 1000)
    made.append(lake, 0, 50)
    made.append(lake, 100, 50)
    made.run("marker.add", at="70f", duration="10f")
    made.run("title.add", text="Hi", at="20f", duration="30f")
    return made


def test_points_are_edges_markers_playhead_marks_and_the_start_each_time_once() -> None:
    made = film()
    points = snap_points(made.view, playhead=33 * made.f, marks=(10 * made.f, 90 * made.f))
    assert [(p.ticks // made.f, p.kind) for p in points] == [
        (0, "head"), (10, "mark"), (20, "head"), (33, "playhead"), (50, "head"), (70, "marker"), (80, "marker"), (90, "mark"),
        (100, "tail")]
    assert all(p.words for p in points)


def test_what_is_dragged_does_not_catch_itself() -> None:
    made = film()
    dragged = [made.ids("V1")[1], made.ids("A1")[1]]
    assert [(p.ticks // made.f, p.kind) for p in snap_points(made.view, dragged)] == [
        (0, "head"), (20, "head"), (50, "tail"), (70, "marker"), (80, "marker")]
    marker = next(p.source for p in snap_points(made.view) if p.kind == "marker")
    assert not any(p.kind == "marker" for p in snap_points(made.view, [marker]))


def test_the_playhead_wins_where_several_lie() -> None:
    made = film()
    (point,) = [p for p in snap_points(made.view, playhead=50 * made.f) if p.ticks == 50 * made.f]
    assert point.kind == "playhead"


@given(st.lists(st.integers(0, 1000), max_size=30, unique=True), st.integers(-50, 1050), st.integers(0, 60))
def test_the_nearest_point_within_the_tolerance_catches(times: list[int], ticks: int, tolerance: int) -> None:
    points = [SnapPoint(t, "head") for t in sorted(times)]
    found = snap(ticks, points, tolerance)
    near = [t for t in times if abs(t - ticks) <= tolerance]
    if found is None:
        assert near == []
    else:
        assert abs(found.ticks - ticks) == min(abs(t - ticks) for t in times)
        assert found.ticks in near


def test_of_several_edges_the_closest_one_is_moved() -> None:
    points = [SnapPoint(0, "start"), SnapPoint(100, "head")]
    found = snap_any([12, 95], points, 20)
    assert found is not None
    assert (found.by, found.moved, found.point.ticks) == (5, 95, 100)
    assert snap_any([40, 60], points, 20) is None
    assert snap_any([], points, 20) is None


@given(st.lists(st.integers(0, 170), max_size=4), st.integers(0, 30), st.sampled_from([None, 20, 33, 50, 100]), st.booleans())
def test_a_magnet_catches_what_the_points_catch(frames: list[int], reach: int, playhead: int | None, without: bool) -> None:
    made = FILM
    exclude = [made.ids("V1")[1], made.ids("A1")[1]] if without else []
    given = {"playhead": None if playhead is None else playhead * made.f, "marks": (10 * made.f, 90 * made.f)}
    times = [frame * made.f + 1 for frame in frames]
    magnet = Magnet(made.view, exclude, **given)
    assert magnet.pull(times, reach * made.f) == snap_any(times, snap_points(made.view, exclude, **given), reach * made.f)


def test_a_magnet_looks_at_the_film_once_however_often_it_pulls() -> None:
    made, looked = film(), []

    class Watched:
        def __getattr__(self, name: str) -> object:
            looked.append(name)
            return getattr(made.view, name)

    magnet = Magnet(Watched())  # type: ignore[arg-type]
    assert looked == [], "a press that becomes no drag gathers nothing"
    assert magnet.pull([49 * made.f], 2 * made.f) is not None
    before = list(looked)
    assert magnet.pull([3 * made.f, 51 * made.f], 2 * made.f) is not None and looked == before


FILM = film()
