"""Gestures on the lanes, by real mouse events: exactly one command with the right arguments, and the records it leaves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.desktop.canvas.timeline import build_timeline
from tests.app.desktop.canvas.hands import ALT, CTRL, FRAME, SHIFT, Hands, S


def test_a_click_selects_a_clip_with_its_sound(hands: Hands) -> None:
    hands.click(hands.at("a"))
    assert hands.selected == {"a", "sa"}
    assert hands.ran == []


def test_alt_click_selects_only_this_part(hands: Hands) -> None:
    hands.click(hands.at("a"), ALT)
    assert hands.selected == {"a"}


def test_ctrl_click_toggles_and_shift_click_takes_the_range_on_the_track(hands: Hands) -> None:
    hands.click(hands.at("a"))
    hands.click(hands.at("d"), CTRL)
    assert hands.selected == {"a", "sa", "d"}
    hands.click(hands.at("d"), CTRL)
    assert hands.selected == {"a", "sa"}
    hands.click(hands.at("c"), SHIFT)
    assert hands.selected == {"a", "sa", "b", "sb", "c", "sc"}


def test_a_click_on_an_empty_lane_selects_nothing(hands: Hands) -> None:
    hands.click(hands.at("a"))
    hands.click(hands.time(12, "k2"))
    assert hands.selected == set()


def test_with_linked_selection_off_a_click_takes_one_part(hands: Hands) -> None:
    hands.bench.tools.set_linked(False)
    hands.click(hands.at("b"))
    assert hands.selected == {"b"}


def test_a_box_on_an_empty_lane_selects_what_it_touches(hands: Hands) -> None:
    hands.drag(hands.time(11, "k2"), hands.time(16, "k3"))
    assert hands.selected == {"c", "sc"}
    assert hands.ran == []


def test_a_drag_moves_a_clip_with_its_sound_as_one_command(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    hands.drag(hands.at("c"), hands.by(hands.at("c"), 2))
    assert [name for name, _ in hands.ran] == ["clip.move"]
    assert hands.clip("c").start == 17 * S == hands.clip("sc").start
    assert hands.selected >= {"c", "sc"}


def test_a_drag_snaps_within_eight_pixels_and_shows_the_guide(hands: Hands) -> None:
    start = hands.at("c")
    hands.press(start)
    end = hands.by(start, -5 + 0.3)  # 6 pixels short of the end of b
    hands.move(end)
    assert hands.lanes.overlay.guide == 10 * S
    hands.release(end)
    assert hands.clip("c").start == 10 * S


def test_s_held_during_a_drag_suspends_snapping(hands: Hands) -> None:
    start = hands.at("c")
    end = hands.by(start, -5 + 0.32)
    hands.press(start)
    hands.move(end)
    hands.key(Qt.Key.Key_S, "s")
    assert hands.lanes.overlay.guide is None
    hands.release(end)
    assert hands.clip("c").start == round(10.32 * 25) * FRAME


def test_a_drag_over_a_neighbour_shows_what_it_erases_and_overwrites(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    start = hands.at("c")
    end = hands.by(start, -7)
    hands.press(start)
    hands.move(end)
    assert ("k2", 8 * S, 10 * S) in hands.lanes.overlay.struck
    hands.release(end)
    assert hands.clip("c").start == 8 * S
    assert hands.clip("b").end == 8 * S
    assert [name for name, _ in hands.ran] == ["clip.move"]


def test_escape_gives_a_drag_up_and_nothing_changes(hands: Hands) -> None:
    before = hands.bench.snapshot
    start = hands.at("c")
    hands.press(start)
    hands.move(hands.by(start, 3))
    assert hands.lanes.overlay.ghosts
    hands.key(Qt.Key.Key_Escape)
    assert not hands.lanes.overlay.ghosts
    hands.release(hands.by(start, 3))
    assert hands.ran == []
    assert hands.bench.snapshot is before


def test_the_right_button_gives_a_drag_up(hands: Hands) -> None:
    start = hands.at("c")
    hands.press(start)
    hands.move(hands.by(start, 3))
    hands.press(hands.by(start, 3), button=Qt.MouseButton.RightButton)
    hands.release(hands.by(start, 3))
    assert hands.ran == []


def test_alt_drag_copies(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    hands.drag(hands.at("d"), hands.by(hands.at("d"), 20), ALT)
    assert [name for name, _ in hands.ran] == ["clip.duplicate"]
    assert hands.clip("d").start == 2 * S
    copies = [c for c in hands.bench.snapshot.clips_on("v2") if c.id != "d"]
    assert [c.start for c in copies] == [22 * S]
    assert hands.selected == {c.id for c in copies}


def test_ctrl_drag_inserts_and_pushes_later_clips(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    start = hands.at("d")
    end = hands.by(start, 3)
    hands.move(start)
    hands.press(start)
    hands.move(end, CTRL)
    assert hands.lanes.overlay.arrows
    hands.release(end, CTRL)
    assert [name for name, _ in hands.ran] == ["clip.move"]
    assert hands.ran[0][1]["mode"] == "insert"
    assert hands.clip("d").start == 5 * S
    assert hands.clip("b").start == 9 * S


def test_ctrl_alt_drag_swaps_with_the_clip_under_the_pointer(hands: Hands) -> None:
    start = hands.at("a")
    hands.press(start, CTRL | ALT)
    hands.move(hands.time(12, "k2"), CTRL | ALT)
    assert not hands.lanes.overlay.ghosts and "drop it on" in hands.panel.pointer.note.words
    hands.move(hands.at("c"), CTRL | ALT)
    assert {ghost.id for ghost in hands.lanes.overlay.ghosts} >= {"a", "c"} and not hands.lanes.overlay.blocked
    hands.release(hands.at("c"), CTRL | ALT)
    assert hands.ran == [("clip.swap", {"clip": "a", "with": "c", "linked": True})]
    assert [(c.id, c.start) for c in hands.bench.snapshot.clips_on("k2")] == [("c", 0), ("b", 5 * S), ("a", 15 * S)]
    assert [(c.id, c.start) for c in hands.bench.snapshot.clips_on("k3")] == [("sc", 0), ("sb", 5 * S), ("sa", 15 * S)]
    assert hands.bench.run("edit.undo") is not None
    assert hands.clip("a").start == 0 and hands.clip("sc").start == 15 * S


def test_shift_drag_changes_the_track_and_keeps_the_time(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    start = hands.time(7, "k2")
    hands.drag(start, hands.by(hands.time(7, "v2"), 4), SHIFT)
    assert hands.clip("b").track == "v2"
    assert hands.clip("b").start == 5 * S
    assert len(hands.ran) == 1


def test_dragging_an_edge_trims_with_the_linked_sound(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    hands.drag(hands.at("c", "tail"), hands.by(hands.at("c", "tail"), 2))
    assert [(name, args["edge"]) for name, args in hands.ran] == [("clip.trim", "tail")]
    assert hands.clip("c").end == 22 * S == hands.clip("sc").end


def test_ctrl_on_an_edge_ripples_and_shift_rolls(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    hands.drag(hands.at("b", "tail"), hands.by(hands.at("b", "tail"), -1), CTRL)
    assert hands.ran[-1][0] == "clip.trim"
    assert hands.ran[-1][1]["ripple"] is True
    assert hands.clip("c").start == 14 * S
    hands.drag(hands.at("a", "tail"), hands.by(hands.at("a", "tail"), 1), SHIFT)
    assert hands.ran[-1][0] == "clip.roll"
    assert hands.clip("a").end == 6 * S == hands.clip("b").start
    assert len(hands.ran) == 2


def test_trimming_tells_how_far_and_how_long(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    start = hands.at("c", "tail")
    hands.press(start)
    hands.move(hands.by(start, 0.4))
    note = hands.panel.pointer.note
    assert note is not None
    assert not note.isHidden()
    assert "+10 f" in note.words
    assert "5:10" in note.words
    hands.key(Qt.Key.Key_Escape)
    assert note.isHidden()


def test_a_trim_onto_a_neighbour_stops_there_and_says_so(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    start = hands.at("a", "tail")
    hands.press(start)
    hands.move(hands.by(start, 1))
    note = hands.panel.pointer.note
    assert note is not None
    assert "Two" in note.words or "b" in note.words
    hands.release(hands.by(start, 1))
    assert hands.clip("a").end == 5 * S


def test_digits_typed_during_a_drag_are_the_exact_offset(hands: Hands) -> None:
    start = hands.at("c")
    hands.press(start)
    hands.move(hands.by(start, 1))
    for digit in "12":
        hands.key(getattr(Qt.Key, f"Key_{digit}"), digit)
    hands.key(Qt.Key.Key_Return)
    hands.release(hands.by(start, 1))
    assert hands.clip("c").start == 15 * S + 12 * FRAME
    assert len(hands.ran) == 1


def test_dragging_a_top_corner_fades(hands: Hands) -> None:
    hands.bench.selection.set(["c"])
    hands.move(hands.at("c"))
    box = hands.at("c", "head")
    spot = QPoint(box.x() + 4, box.y() + 14)
    hands.drag(spot, hands.by(spot, 1))
    assert [name for name, _ in hands.ran] == ["clip.set"]
    assert hands.ran[0][1]["property"] == "fade_in"
    assert abs(hands.clip("c").fade_in - S) <= 2 * FRAME


def test_dragging_the_gain_line_changes_the_level(hands: Hands) -> None:
    from app.desktop.canvas.lane_layer import clip_box
    from app.desktop.canvas.levels import gain_y

    record = hands.clip("sc")
    row = hands.state.rows.of("k3")
    assert row is not None
    box = clip_box(hands.state, row, record)
    body = box.adjusted(1, hands.state.m.name_bar, -1, -1)
    line = QPoint(box.center().x(), gain_y(0.0, body.top(), body.height()))
    hands.drag(line, line + QPoint(0, 12))
    assert [name for name, _ in hands.ran] == ["clip.set"]
    assert hands.ran[0][1]["property"] == "gain_db"
    assert hands.clip("sc").gain_db < -10


def test_the_razor_cuts_where_it_is_clicked_with_the_linked_sound(hands: Hands) -> None:
    hands.bench.tools.take("razor")
    hands.click(hands.time(17, "k2"))
    assert [name for name, _ in hands.ran] == ["clip.split"]
    assert hands.clip("c").end == 17 * S == hands.clip("sc").end


def test_the_razor_with_shift_cuts_all_tracks(hands: Hands) -> None:
    hands.bench.tools.take("razor")
    hands.click(hands.time(4, "k2"), SHIFT)
    assert {i: hands.clip(i).end for i in ("a", "sa", "d", "e")} == dict.fromkeys(("a", "sa", "d", "e"), 4 * S)
    assert len(hands.ran) == 1


def test_the_ripple_tool_trims_with_everything_later(hands: Hands) -> None:
    hands.bench.tools.take("ripple")
    hands.bench.tools.set_snapping(False)
    hands.drag(hands.at("b", "tail"), hands.by(hands.at("b", "tail"), -2))
    assert hands.ran[0][1]["ripple"] is True
    assert hands.clip("c").start == 13 * S


def test_the_roll_tool_moves_a_cut(hands: Hands) -> None:
    hands.bench.tools.take("roll")
    hands.bench.tools.set_snapping(False)
    hands.drag(hands.at("a", "tail"), hands.by(hands.at("a", "tail"), -1))
    assert [name for name, _ in hands.ran] == ["clip.roll"]
    assert hands.clip("b").start == 4 * S
    assert hands.clip("b").source_range.start == 19 * S


def test_the_slip_tool_shows_other_media_in_the_same_place(hands: Hands) -> None:
    hands.bench.tools.take("slip")
    hands.drag(hands.at("b"), hands.by(hands.at("b"), 2))
    assert [name for name, _ in hands.ran] == ["clip.slip"]
    now = hands.clip("b")
    assert (now.start, now.duration) == (5 * S, 5 * S)
    assert now.source_range.start == 18 * S == hands.clip("sb").source_range.start


def test_the_slide_tool_moves_a_clip_between_its_neighbours(hands: Hands) -> None:
    hands.bench.run("clip.move", {"clips": ["c"], "to": 10 * S})
    hands.noting.ran.clear()
    hands.bench.tools.take("slide")
    hands.bench.tools.set_snapping(False)
    hands.drag(hands.at("b"), hands.by(hands.at("b"), 1))
    assert [name for name, _ in hands.ran] == ["clip.slide"]
    assert (hands.clip("a").end, hands.clip("b").start, hands.clip("c").start) == (6 * S, 6 * S, 11 * S)


def test_the_text_tool_adds_a_title_where_it_is_clicked(hands: Hands) -> None:
    hands.bench.tools.take("text")
    hands.click(hands.time(11, "k2"))
    assert [name for name, _ in hands.ran] == ["title.add"]
    made = hands.clip(hands.bench.selection.clips[0])
    assert (made.kind, made.track, made.start) == ("title", "k2", 11 * S)


def test_double_click_selects_a_gap_and_closing_it_moves_later_clips_up(hands: Hands) -> None:
    hands.double(hands.time(12, "k2"))
    assert hands.bench.late["gap"] == ("k2", 10 * S, 15 * S)
    assert hands.bench.actions.trigger("clip.lift")  # what the Delete key runs
    assert hands.clip("c").start == 10 * S == hands.clip("sc").start
    assert not hands.bench.late.get("gap")


def test_a_locked_track_takes_no_drag(hands: Hands) -> None:
    hands.bench.run("track.set", {"track": "k2", "locked": True})
    hands.noting.ran.clear()
    hands.drag(hands.at("c"), hands.by(hands.at("c"), 2))
    assert hands.ran == []
    assert hands.clip("c").start == 15 * S


def test_a_drag_past_the_first_row_shows_a_new_track_and_makes_it(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    start = hands.at("d")
    end = QPoint(hands.by(start, 1).x(), -20)
    hands.press(start)
    hands.move(end)
    assert hands.lanes.overlay.beyond
    hands.release(end)
    assert len(hands.bench.snapshot.tracks("video")) == 3
    assert hands.clip("d").track == hands.bench.snapshot.tracks("video")[2].id


def test_every_step_is_one_undo(hands: Hands) -> None:
    hands.bench.tools.set_snapping(False)
    before = hands.clip("c"), hands.clip("sc")
    hands.drag(hands.at("c"), hands.by(hands.at("c"), 2))
    hands.bench.run("edit.undo")
    assert (hands.clip("c"), hands.clip("sc")) == before


def test_a_drag_at_the_edge_scrolls_on_by_itself(hands: Hands) -> None:
    hands.state.zoom_to(100, 0)
    start = hands.time(2, "k2")
    edge = QPoint(hands.lanes.width() - 3, start.y())
    hands.press(start)
    hands.move(edge)
    for _ in range(50):  # 0.2 s on an idle machine
        QTest.qWait(100)
        if hands.state.scale.scroll > 20:
            break
    assert hands.state.scale.scroll > 20
    ghost = next(g for g in hands.lanes.overlay.ghosts if g.id == "a")
    assert ghost.start > 5 * S
    hands.key(Qt.Key.Key_Escape)
    assert hands.ran == []


def test_letters_are_the_drags_own_while_it_goes_on(hands: Hands) -> None:
    hands.press(hands.at("c"))
    assert hands.lanes.property("typing") is True
    hands.release(hands.at("c"))
    assert not hands.lanes.property("typing")


def test_a_drop_of_the_tool_in_the_middle_of_a_drag_ends_it(hands: Hands) -> None:
    start = hands.at("c")
    hands.press(start)
    hands.move(hands.by(start, 2))
    hands.bench.tools.take("razor")
    hands.release(hands.by(start, 2))
    assert hands.clip("c").start == 15 * S


def test_a_selected_gap_is_let_go_when_something_fills_it_or_else_is_selected(hands: Hands) -> None:
    hands.double(hands.time(12, "k2"))
    hands.bench.selection.set(["a"])
    assert not hands.bench.late.get("gap")
    hands.double(hands.time(12, "k2"))
    hands.bench.run("title.add", {"text": "x", "at": "11s", "duration": "1s", "track": "V1"})
    assert not hands.bench.late.get("gap")


def test_a_double_click_on_a_clip_without_its_media_asks_for_it(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    hands.bench.late["finder"] = SimpleNamespace(relink=asked.append)
    monkeypatch.setattr(hands.bench.media, "offline", frozenset({"m1"}))
    hands.double(hands.at("a"))
    assert asked == ["m1"] and not hands.bench.source.asset
    hands.double(hands.at("b"))
    assert hands.bench.source.asset == "m2"


def test_a_timeline_that_is_made_later_rings_what_is_selected_already(hands: Hands) -> None:
    hands.click(hands.at("c"))
    other = build_timeline(hands.bench)
    other.show()
    try:
        assert other.state.chosen.ids == hands.bench.selection.clips == ("c", "sc")
    finally:
        other.close()
        other.deleteLater()
