"""The select tool: what a press, a drag and a release come to."""

from __future__ import annotations

import pytest

from editor_core.schema import Marker, Transition
from editor_core.tools.discovery import discover
from tests.editor_core.tools.hand_on import Hand
from tests.support.cutting import Film


@pytest.fixture
def film() -> Film:
    """Three shots of 50 frames on V1 and A1, handles of 100 frames and more, and a gap from 150 on."""
    made = Film()
    lake = made.shot("lake.mp4", 1000)
    for start in (100, 300, 500):
        made.append(lake, start, 50)
    return made


@pytest.fixture
def hand(film: Film) -> Hand:
    return Hand(film, discover()["select"])


def test_a_click_selects_a_clip_with_its_linked_sound(film: Film, hand: Hand) -> None:
    hand.click(70, "V1")
    assert set(hand.selection) == {film.ids("V1")[1], film.ids("A1")[1]}
    hand.click(20, "A1", keys="a")
    assert hand.selection == (film.ids("A1")[0],)
    hand.linked = False
    hand.click(70, "V1")
    assert hand.selection == (film.ids("V1")[1],)


def test_ctrl_click_toggles_and_shift_click_selects_a_range(film: Film, hand: Hand) -> None:
    hand.click(20, "V1")
    hand.click(120, "V1", keys="c")
    assert set(hand.selection) == {*film.ids("V1")[::2], *film.ids("A1")[::2]}
    hand.click(120, "V1", keys="c")
    assert set(hand.selection) == {film.ids("V1")[0], film.ids("A1")[0]}
    hand.click(120, "V1", keys="s")
    assert set(hand.selection) == {*film.ids("V1"), *film.ids("A1")}


def test_a_click_on_nothing_clears_the_selection(film: Film, hand: Hand) -> None:
    hand.click(20, "V1")
    assert hand.click(300, "V1").select == ()
    assert hand.click(300, "V1").select is None


def test_groups_are_selected_together(film: Film, hand: Hand) -> None:
    film.run("clip.group", clips=[film.ids("V1")[0], film.ids("V1")[2]])
    hand.click(20, "V1")
    assert set(hand.selection) == {*film.ids("V1")[::2], *film.ids("A1")[::2]}


def test_a_small_move_of_the_hand_is_a_click(film: Film, hand: Hand) -> None:
    before = film.view
    hand.press(20, "V1")
    assert hand.drag(20.7, "V1") is None
    hand.release(20.7, "V1")
    assert film.view is before


def test_a_drag_shows_ghosts_and_commits_once_on_release(film: Film, hand: Hand) -> None:
    before = film.view
    hand.press(120, "V1")
    ghost = hand.drag(147, "V1")
    assert ghost is not None
    assert film.view is before
    assert [(g.state, g.start // film.f) for g in ghost.clips] == [("moved", 127), ("moved", 127)]
    assert ghost.tooltip == "+27 f · 00:00:05:02"
    lines = len(film.door.history.entries)
    hand.release(147, "V1")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100), (127, 177)]
    assert len(film.door.history.entries) == lines + 1


def test_what_would_be_overwritten_is_shown_before(film: Film, hand: Hand) -> None:
    hand.press(120, "V1")
    ghost = hand.drag(65, "V1", keys="n")
    assert ghost is not None
    assert {(g.state, g.start // film.f, g.duration // film.f) for g in ghost.clips} == {
        ("moved", 45, 50), ("shifted", 0, 45), ("shifted", 95, 5)}
    hand.release(65, "V1", keys="n")
    assert film.lane("V1") == film.lane("A1") == [(0, 45), (45, 95), (95, 100)]


def test_edges_snap_to_edges_with_a_guide_and_s_suspends_it(film: Film, hand: Hand) -> None:
    film.run("clip.lift", clips=[film.ids("V1")[1]])
    hand.press(120, "V1")
    ghost = hand.drag(71.6, "V1")
    assert ghost is not None and ghost.guide is not None
    assert (ghost.guide.ticks // film.f, ghost.guide.kind) == (50, "tail")
    assert ghost.clips[0].start == 50 * film.f
    ghost = hand.drag(71.6, "V1", keys="n")
    assert ghost is not None and ghost.guide is None
    assert ghost.clips[0].start == 52 * film.f
    hand.snapping = False
    ghost = hand.drag(71.6, "V1")
    assert ghost is not None and ghost.guide is None


def test_a_drag_snaps_to_the_playhead(film: Film, hand: Hand) -> None:
    hand.playhead = 181
    hand.pull((120, "V1"), (149.5, "V1"))
    assert hand.ghost is not None and hand.ghost.guide is not None
    assert hand.ghost.guide.kind == "playhead"
    assert film.lane("V1")[2] == (131, 181)


def test_typed_digits_are_the_exact_offset(film: Film, hand: Hand) -> None:
    hand.press(120, "V1")
    hand.take(hand.tool.type_offset(33 * film.f, hand.stage()))
    assert hand.ghost is not None and hand.ghost.clips[0].start == 133 * film.f
    hand.release(121, "V1")
    assert film.lane("V1")[2] == (133, 183)


def test_a_drag_stops_at_the_start_of_the_timeline(film: Film, hand: Hand) -> None:
    hand.pull((20, "V1"), (-90, "V1"))
    assert film.lane("V1")[0] == (0, 50)


def test_cancel_leaves_everything_as_it_was(film: Film, hand: Hand) -> None:
    before = film.view
    hand.press(120, "V1")
    hand.drag(160, "V1")
    hand.take(hand.tool.cancel())
    assert hand.ghost is None
    assert not hand.tool.active
    assert hand.release(160, "V1").command is None
    assert film.view is before


def test_alt_drag_copies(film: Film, hand: Hand) -> None:
    hand.press(20, "V1", keys="a")
    ghost = hand.drag(180, "V1", keys="a")
    assert ghost is not None and {g.state for g in ghost.clips} == {"new"}
    hand.release(180, "V1", keys="a")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100), (100, 150), (160, 210)]


def test_ctrl_drag_inserts_and_pushes(film: Film, hand: Hand) -> None:
    hand.press(120, "V1", keys="c")
    ghost = hand.drag(70, "V1", keys="c")
    assert ghost is not None and "shifted" in {g.state for g in ghost.clips}
    hand.release(70, "V1", keys="c")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 100), (100, 150)]
    assert film.sources("V1") == [100, 500, 300]


def test_keys_may_change_during_a_drag(film: Film, hand: Hand) -> None:
    from editor_core.tools.tool import Modifiers

    hand.press(120, "V1")
    hand.drag(70, "V1")
    assert hand.ghost is not None and "gone" in {g.state for g in hand.ghost.clips}
    hand.take(hand.tool.rekey(Modifiers(ctrl=True), hand.stage()))
    assert hand.ghost is not None and "gone" not in {g.state for g in hand.ghost.clips}


def test_a_drag_to_another_track_or_past_the_last(film: Film, hand: Hand) -> None:
    hand.press(70, "V1")
    ghost = hand.drag(70 + 200, "")
    assert ghost is not None
    assert [g.beyond for g in ghost.clips if g.clip == film.ids("V1")[1]] == ["video"]
    hand.release(70 + 200, "")
    assert film.lane("V2") == [(250, 300)]
    assert film.lane("A1")[2] == (250, 300)
    hand.pull((260, "V2"), (60, "V1"))
    assert film.lane("V1") == [(0, 50), (50, 100), (100, 150)]


def test_shift_drag_changes_only_the_track(film: Film, hand: Hand) -> None:
    hand.pull((70, "V1"), (200, ""), keys="s")
    assert film.lane("V2") == [(50, 100)]


def test_a_drag_over_tracks_of_the_other_kind_stays_on_its_own(film: Film, hand: Hand) -> None:
    hand.pull((120, "V1"), (150, "A1"))
    assert film.lane("V1")[2] == film.lane("A1")[2] == (130, 180)


def test_several_selected_clips_move_together(film: Film, hand: Hand) -> None:
    hand.click(70, "V1")
    hand.click(120, "V1", keys="c")
    hand.pull((120, "V1"), (160, "V1"))
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (90, 140), (140, 190)]


def test_a_part_that_was_selected_alone_moves_alone(film: Film, hand: Hand) -> None:
    hand.click(120, "A1", keys="a")
    hand.pull((120, "A1"), (160, "A1"))
    assert (film.lane("V1")[2], film.lane("A1")[2]) == ((100, 150), (140, 190))


def test_a_blocked_move_says_what_blocks(film: Film, hand: Hand) -> None:
    film.run("track.add", kind="video")
    film.run("track.set", track="V2", locked=True)
    before = film.view
    hand.press(70, "V1")
    ghost = hand.drag(170, "V2")
    assert ghost is not None and "V2 is locked" in ghost.blocked
    hand.take(hand.tool.cancel())
    assert film.view is before


def test_a_drag_on_a_locked_track_changes_nothing_and_says_why(film: Film, hand: Hand) -> None:
    film.run("track.set", track="V1", locked=True)
    hand.press(70, "V1")
    ghost = hand.drag(170, "V1")
    assert ghost is not None and ghost.blocked == "V1 is locked" and not ghost.clips
    assert hand.release(170, "V1").command is None


# --- edges


def test_an_edge_trims_with_its_linked_sound(film: Film, hand: Hand) -> None:
    hand.press(99.5, "V1", kind="tail")
    ghost = hand.drag(89.5, "V1", keys="n")
    assert ghost is not None
    assert ghost.tooltip == "−10 f, length 00:00:01:15"
    assert ghost.edges == (90 * film.f,)
    hand.release(89.5, "V1", keys="n")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 90), (100, 150)]


def test_an_edge_stops_at_the_neighbour_at_the_media_and_at_the_last_frame(film: Film, hand: Hand) -> None:
    hand.press(99.5, "V1", kind="tail")
    ghost = hand.drag(140, "V1")
    assert ghost is not None and (ghost.limit, ghost.clips) == ("lake.mp4 is in the way", ())
    ghost = hand.drag(0, "V1")
    assert ghost is not None and ghost.limit == "nothing would be left"
    assert ghost.clips[0].duration == film.f
    hand.take(hand.tool.cancel())
    hand.press(149.5, "V1", kind="tail")
    ghost = hand.drag(5000, "V1")
    assert ghost is not None and ghost.limit == "no more media, 4401 f short"
    assert ghost.clips[0].duration == 500 * film.f
    assert ghost.blocked == ""


def test_ctrl_on_an_edge_ripples_and_shift_rolls(film: Film, hand: Hand) -> None:
    hand.pull((50.2, "V1", "head"), (60.2, "V1"), keys="cn")
    assert film.lane("V1") == film.lane("A1") == [(0, 50), (50, 90), (90, 140)]
    hand.pull((50.2, "V1", "head"), (60.2, "V1"), keys="sn")
    assert film.lane("V1") == film.lane("A1") == [(0, 60), (60, 90), (90, 140)]


def test_alt_on_an_edge_trims_this_part_alone(film: Film, hand: Hand) -> None:
    hand.pull((149.5, "V1", "tail"), (139.5, "V1"), keys="an")
    assert (film.lane("V1")[2], film.lane("A1")[2]) == ((100, 140), (100, 150))


def test_fades_are_dragged_and_stop_at_each_other(film: Film, hand: Hand) -> None:
    clip = film.ids("V1")[0]
    hand.pull((0.5, "V1", "fade_in"), (10.5, "V1"))
    assert film.clip(clip).fade_in == 10 * film.f
    hand.pull((49.5, "V1", "fade_out"), (-80, "V1"))
    assert hand.ghost is not None and hand.ghost.limit == "clip ends"
    assert film.clip(clip).fade_out == 40 * film.f


def test_level_lines_are_dragged_in_decibels_and_opacity(film: Film, hand: Hand) -> None:
    picture, sound = film.ids("V1")[0], film.ids("A1")[0]
    hand.press(20, "A1", kind="level", level=0.0)
    hand.drag(22, "A1", level=-6.04)
    assert hand.ghost is not None and hand.ghost.tooltip == "-6.0 dB"
    hand.release(22, "A1", level=-6.04)
    assert film.clip(sound).gain_db == -6.0
    hand.press(20, "V1", kind="level", level=1.0)
    hand.release(22, "V1", level=0.5)
    assert film.clip(picture).opacity == 0.5
    hand.press(20, "V1", kind="level", level=0.5, keys="s")
    hand.release(22, "V1", level=0.7, keys="s")
    assert film.clip(picture).opacity == 0.52


def test_a_transition_is_made_longer_by_its_ends_up_to_its_handles(film: Film, hand: Hand) -> None:
    made = film.run("transition.add", **{"from": film.ids("V1")[0], "to": film.ids("V1")[1]}, duration="10f")["transition"]
    hand.pull((55, "V1", "transition_tail"), (60, "V1"), thing=made)
    assert film.view.get(Transition, made).duration == 20 * film.f
    hand.pull((40, "V1", "transition_head"), (-500, "V1"), thing=made)
    assert film.view.get(Transition, made).duration == 100 * film.f
    assert hand.ghost is not None and hand.ghost.limit == "no more media, 1000 f short"


def test_markers_are_moved_and_drawn_out_to_ranges(film: Film, hand: Hand) -> None:
    made = film.run("marker.add", at="30f")["marker"]
    hand.pull((30, "", "marker"), (40, ""), thing=made, keys="n")
    assert film.view.get(Marker, made).start == 40 * film.f
    hand.pull((40, "", "marker"), (60, ""), thing=made, keys="an")
    marker = film.view.get(Marker, made)
    assert (marker.start, marker.duration) == (40 * film.f, 20 * film.f)


def test_a_box_selects_what_it_touches(film: Film, hand: Hand) -> None:
    film.run("title.add", text="Hi", at="110f", duration="20f")
    hand.press(180, "V1")
    ghost = hand.drag(90, "V2")
    assert ghost is not None and ghost.box is not None
    assert (ghost.box.start // film.f, ghost.box.end // film.f, len(ghost.box.tracks)) == (90, 180, 2)
    assert set(ghost.picked) >= {film.ids("V2")[0], *film.ids("V1")[1:]}
    hand.release(90, "V2")
    assert set(hand.selection) == {film.ids("V2")[0], *film.ids("V1")[1:], *film.ids("A1")[1:]}
    hand.linked = False
    hand.pull((180, "V1"), (90, "V2"), keys="a")
    assert set(hand.selection) == {film.ids("V2")[0], film.ids("V1")[2]}


def test_a_clip_that_goes_away_during_a_drag_ends_it_quietly(film: Film, hand: Hand) -> None:
    hand.press(120, "V1")
    hand.drag(160, "V1")
    film.run("clip.lift", clips=[film.ids("V1")[2]])
    ghost = hand.drag(161, "V1")
    assert ghost is not None and "not there any more" in ghost.blocked
    assert hand.release(161, "V1").command is None


def test_cursors_say_what_a_press_would_do(hand: Hand) -> None:
    from editor_core.tools.tool import Hit, Modifiers

    tool = hand.tool
    assert tool.cursor(Hit("head", "c"), Modifiers()) == "pe-trim-in"
    assert tool.cursor(Hit("tail", "c"), Modifiers()) == "pe-trim-out"
    assert tool.cursor(Hit("tail", "c"), Modifiers(ctrl=True)) == "pe-ripple"
    assert tool.cursor(Hit("tail", "c"), Modifiers(shift=True)) == "pe-roll"
    assert tool.cursor(Hit("body", "c"), Modifiers()) == "arrow"
