"""Razor, ripple, roll, slip, slide, track select, hand, zoom."""

from __future__ import annotations

import pytest

from editor_core.tools.discovery import discover
from editor_core.tools.tool import Hit, Modifiers
from tests.editor_core.tools.hand_on import Hand
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    """Three shots of 50 frames on V1 and A1, handles of 100 frames and more."""
    made = Film()
    lake = made.shot("lake.mp4", 1000)
    for start in (100, 300, 500):
        made.append(lake, start, 50)
    return made


def on(film: Film, tool: str) -> Hand:
    return Hand(film, discover()[tool])


def test_every_tool_has_a_name_a_key_of_its_own_an_icon_and_a_cursor() -> None:
    tools = discover()
    assert {"select", "track_forward", "track_backward", "razor", "ripple", "roll", "slip", "slide", "hand", "zoom"} <= set(tools)
    assert len({tool.key for tool in tools.values()}) == len(tools)
    for name, tool in tools.items():
        assert (tool.id, bool(tool.title), bool(tool.icon)) == (name, True, True)
        assert tool.cursor(Hit("body", "c"), Modifiers())
        assert not tool.active


def test_the_razor_shows_its_line_and_cuts_on_frames(film: Film) -> None:
    hand = on(film, "razor")
    hand.take(hand.tool.hover(hand.pointer(70.4, "V1"), hand.stage()))
    assert hand.ghost is not None
    assert set(hand.ghost.lines) == {(film.track("V1").id, 70 * film.f), (film.track("A1").id, 70 * film.f)}
    hand.click(70.4, "V1")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 70), (70, 100), (100, 150)]


def test_the_razor_snaps_to_the_playhead_and_alt_cuts_one_part(film: Film) -> None:
    hand = on(film, "razor")
    hand.playhead = 75
    hand.click(73.2, "V1", keys="a")
    assert film.lane("V1") == [(0, 50), (50, 75), (75, 100), (100, 150)]
    assert len(film.lane("A1")) == 3


def test_the_razor_with_shift_cuts_all_tracks(film: Film) -> None:
    film.run("title.add", text="Hi", at="40f", duration="80f")
    on(film, "razor").click(70, "V1", keys="s")
    assert (film.lane("V2"), len(film.lane("V1"))) == ([(40, 70), (70, 120)], 4)


def test_the_razor_does_nothing_beside_clips_and_on_cuts(film: Film) -> None:
    hand = on(film, "razor")
    assert hand.click(300, "V1").command is None
    assert hand.click(50, "V1").command is None
    hand.take(hand.tool.hover(hand.pointer(300, "V1"), hand.stage()))
    assert hand.ghost is not None and hand.ghost.blocked == "There is no clip to cut here"


def test_the_ripple_tool_takes_the_nearer_edge(film: Film) -> None:
    hand = on(film, "ripple")
    hand.pull((60, "V1"), (70, "V1"), keys="n")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 90), (90, 140)]
    hand.pull((85, "V1"), (95, "V1"), keys="n")
    assert film.lane("V1") == [(0, 50), (50, 100), (100, 150)]


def test_the_ripple_tool_stops_at_the_media(film: Film) -> None:
    hand = on(film, "ripple")
    hand.press(60, "V1")
    ghost = hand.drag(-900, "V1")
    assert ghost is not None and ghost.limit == "no more media, 660 f short"
    hand.release(-900, "V1")
    assert film.lane("V1") == [(0, 50), (50, 400), (400, 450)]
    assert film.sources("V1") == [100, 0, 500]


def test_the_roll_tool_takes_the_nearer_cut(film: Film) -> None:
    hand = on(film, "roll")
    hand.pull((60, "V1"), (70, "V1"), keys="n")
    assert film.lane("V1") == film.lane("A1") == [(0, 60), (60, 100), (100, 150)]
    hand.pull((10, "V1"), (0, "V1"), keys="n")
    assert film.lane("V1") == [(0, 50), (50, 100), (100, 150)]


def test_the_roll_tool_does_nothing_where_no_clip_touches(film: Film) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[1]])
    hand = on(film, "roll")
    hand.press(10, "V1")
    ghost = hand.drag(30, "V1")
    assert ghost is not None and ghost.limit == "no clip touches here"
    assert hand.release(30, "V1").command is None


def test_the_slip_tool_drags_the_media(film: Film) -> None:
    hand = on(film, "slip")
    hand.press(70, "V1")
    ghost = hand.drag(60, "V1")
    assert ghost is not None and ghost.tooltip == "slip +10 f"
    hand.release(60, "V1")
    assert film.sources("V1") == film.sources("A1") == [100, 310, 500]
    hand.pull((20, "V1"), (900, "V1"))
    assert film.sources("V1")[0] == 0
    assert hand.ghost is not None and hand.ghost.limit == "no more media, 780 f short"


def test_the_slide_tool_moves_between_neighbours(film: Film) -> None:
    hand = on(film, "slide")
    hand.pull((70, "V1"), (80, "V1"), keys="n")
    assert film.lane("V1") == film.lane("A1") == [(0, 60), (60, 110), (110, 150)]
    hand.press(70, "V1")
    ghost = hand.drag(170, "V1")
    assert ghost is not None and (ghost.blocked, ghost.limit) == ("", "nothing would be left")
    hand.release(170, "V1")
    assert film.lane("V1") == film.lane("A1") == [(0, 99), (99, 149), (149, 150)]


def test_a_slide_stops_where_a_neighbour_has_no_media_and_before_another_clip(film: Film) -> None:
    hand = on(film, "slide")
    film.run("clip.lift", clips=[film.ids("V1")[0]])
    hand.press(70, "V1")
    ghost = hand.drag(-500, "V1", keys="n")
    assert ghost is not None and ghost.limit == "the timeline begins here"
    hand.release(-500, "V1", keys="n")
    assert film.lane("V1") == [(0, 50), (50, 150)]
    film.run("clip.move", clips=[film.ids("V1")[1]], by="400f")
    hand.press(20, "V1")
    ghost = hand.drag(600, "V1", keys="n")
    assert ghost is not None and ghost.limit == "lake.mp4 is in the way"
    hand.release(600, "V1", keys="n")
    assert film.lane("V1") == [(400, 450), (450, 550)]


def test_a_trim_shows_both_sides_of_the_cut(film: Film) -> None:
    first, second, third = film.ids("V1")
    hand = on(film, "ripple")
    hand.press(49.5, "A1", kind="tail")
    ghost = hand.drag(57.5, "A1", keys="n")  # sound is pressed; its picture is looked at
    assert ghost is not None
    out, into = ghost.panes
    assert out.clip is not None and into.clip is not None
    assert (out.side, out.clip.id, out.ticks, out.moved) == ("out", first, 57 * film.f, 8 * film.f)
    assert (into.side, into.clip.id, into.ticks, into.moved) == ("in", second, 58 * film.f, 0)
    hand.take(hand.tool.cancel())
    hand = on(film, "roll")
    hand.press(50.5, "V1", kind="head")
    ghost = hand.drag(44.5, "V1", keys="n")
    assert ghost is not None and [pane.moved for pane in ghost.panes] == [-6 * film.f, -6 * film.f]
    hand.take(hand.tool.cancel())
    hand.press(149.5, "V1", kind="tail")
    ghost = hand.drag(149.5, "V1", keys="n")
    hand = on(film, "select")
    hand.press(149.5, "V1", kind="tail")
    ghost = hand.drag(140.5, "V1", keys="n")
    assert ghost is not None and ghost.panes[0].clip is not None and ghost.panes[0].clip.id == third
    assert ghost.panes[1].clip is None and ghost.panes[0].ticks == 140 * film.f


def test_slip_and_slide_show_four_frames(film: Film) -> None:
    hand = on(film, "slip")
    hand.press(70, "V1")
    ghost = hand.drag(60, "V1")
    assert ghost is not None
    assert [(pane.side, pane.small, pane.moved // film.f) for pane in ghost.panes] == [
        ("out", True, 0), ("in", False, 10), ("out", False, 10), ("in", True, 0)]
    hand.take(hand.tool.cancel())
    hand = on(film, "slide")
    hand.press(70, "V1")
    ghost = hand.drag(80, "V1", keys="n")
    assert ghost is not None
    assert [(pane.side, pane.small, pane.moved // film.f) for pane in ghost.panes] == [
        ("out", False, 10), ("in", True, 0), ("out", True, 0), ("in", False, 10)]


def test_track_select_takes_everything_later_or_earlier(film: Film) -> None:
    hand = on(film, "track_forward")
    hand.click(70, "V1")
    assert set(hand.selection) == {*film.ids("V1")[1:], *film.ids("A1")[1:]}
    hand.click(70, "A1", keys="s")
    assert set(hand.selection) == set(film.ids("A1")[1:])
    hand.pull((70, "V1"), (100, "V1"))
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (80, 130), (130, 180)]
    back = on(film, "track_backward")
    back.click(90, "V1")
    assert set(back.selection) == {*film.ids("V1")[:2], *film.ids("A1")[:2]}


def test_the_hand_scrolls_so_that_time_stays_under_the_pointer(film: Film) -> None:
    hand = on(film, "hand")
    hand.press(70, "V1")
    reaction = hand.take(hand.tool.drag(hand.pointer(80, "A1"), hand.stage()))
    assert reaction.scroll == (-10 * film.f, -100.0)
    assert hand.release(80, "A1").scroll == (-10 * film.f, 0.0)
    assert not hand.tool.active


def test_the_zoom_tool_zooms_at_a_click_and_to_a_stretch(film: Film) -> None:
    hand = on(film, "zoom")
    assert hand.click(70, "V1").zoom == (2.0, 70 * film.f)
    assert hand.click(70, "V1", keys="a").zoom == (0.5, 70 * film.f)
    reaction = hand.pull((70, "V1"), (20, "V1"))
    assert reaction.zoom_to == (20 * film.f, 70 * film.f)
    assert not hand.tool.active
