"""Ruler, headers, minimap, tool row and wheel of the timeline, by real events."""

from __future__ import annotations

from types import SimpleNamespace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from editor_core.schema import Clip
from tests.app.desktop.canvas.hands import ALT, CTRL, SHIFT, Hands, S


def head(hands: Hands, track: str, part: str) -> QPoint:
    row = hands.state.rows.of(track)
    assert row is not None
    return next(p.box.center() for p in hands.panel.headers.parts(row) if p.name == part)


def test_a_press_on_the_ruler_moves_the_playhead_and_dragging_scrubs(hands: Hands) -> None:
    ruler = hands.panel.ruler
    hands.press(QPoint(200, 8), on=ruler)
    assert hands.bench.transport.ticks == 10 * S
    hands.move(QPoint(260, 8), on=ruler)
    assert hands.bench.transport.ticks == 13 * S
    hands.release(QPoint(260, 8), on=ruler)
    assert hands.ran == []


def test_scrubbing_with_shift_snaps_to_edges(hands: Hands) -> None:
    ruler = hands.panel.ruler
    hands.press(QPoint(204, 8), SHIFT, on=ruler)
    assert hands.bench.transport.ticks == 10 * S
    hands.release(QPoint(204, 8), SHIFT, on=ruler)


def test_in_and_out_are_dragged_and_a_new_range_is_drawn_with_alt(hands: Hands) -> None:
    ruler, transport = hands.panel.ruler, hands.bench.transport
    hands.drag(QPoint(100, 8), QPoint(240, 8), ALT, on=ruler)
    assert transport.marks() == (5 * S, 12 * S)
    hands.drag(QPoint(240, 8), QPoint(300, 8), on=ruler)
    assert transport.marks() == (5 * S, 15 * S)
    hands.drag(QPoint(100, 8), QPoint(41, 8), on=ruler)
    assert transport.marks() == (2 * S, 15 * S)
    assert hands.ran == []


def test_escape_puts_dragged_marks_back(hands: Hands) -> None:
    ruler, transport = hands.panel.ruler, hands.bench.transport
    transport.set_marks(5 * S, 12 * S)
    hands.press(QPoint(240, 8), on=ruler)
    hands.move(QPoint(400, 8), on=ruler)
    hands.key(Qt.Key.Key_Escape, on=ruler)
    assert transport.marks() == (5 * S, 12 * S)


def test_a_marker_is_selected_by_a_click_and_moved_by_a_drag(hands: Hands) -> None:
    hands.bench.run("marker.add", {"at": "6s", "text": "Here"})
    hands.noting.ran.clear()
    hands.bench.tools.set_snapping(False)
    ruler, m = hands.panel.ruler, hands.state.m
    spot = QPoint(120, m.ruler + 8)
    hands.click(spot, on=ruler)
    assert len(hands.bench.selection.markers) == 1
    assert hands.bench.transport.ticks == 6 * S
    hands.drag(spot, spot + QPoint(40, 0), on=ruler)
    assert [name for name, _ in hands.ran] == ["marker.set"]
    assert hands.bench.snapshot.of_kind(type(next(iter(ruler._markers()))))[0].start == 8 * S


def test_words_of_a_marker_end_before_the_next_one_and_none_need_be_there(hands: Hands) -> None:
    ruler, scale = hands.panel.ruler, hands.state.scale
    assert list(ruler._spaced([])) == []
    for at, words in (("6s", "second"), ("5s", "first")):
        hands.bench.run("marker.add", {"at": at, "text": words})
    spaced = {marker.text: end for marker, end in ruler._spaced(ruler._markers())}
    assert scale.x(5 * S) < spaced["first"] < scale.x(6 * S) and spaced["second"] == ruler.width()


def test_header_switches_are_commands_and_targets_are_not(hands: Hands) -> None:
    headers = hands.panel.headers
    for part, field in (("muted", "muted"), ("solo", "solo"), ("locked", "locked")):
        hands.click(head(hands, "k3", part), on=headers)
        assert hands.ran[-1] == ("track.set", {"track": "k3", field: True})
    hands.click(head(hands, "v2", "hidden"), on=headers)
    assert hands.ran[-1] == ("track.set", {"track": "v2", "hidden": True})
    count = len(hands.ran)
    hands.click(head(hands, "v2", "target"), on=headers)
    assert "v2" in hands.bench.targets.tracks
    assert len(hands.ran) == count


def test_a_track_is_renamed_by_double_click(hands: Hands) -> None:
    headers = hands.panel.headers
    below = head(hands, "k2", "name") + QPoint(0, headers.look.m.px(18))
    assert headers.part_at(below.x(), below.y()) is None
    hands.double(below, on=headers)  # the line under the name is meant for it as well
    edit = headers.findChild(QLineEdit)
    assert edit is not None
    edit.setText("Picture")
    edit.setFocus()
    hands.key(Qt.Key.Key_Return, on=edit)
    assert QApplication.focusWidget() in (headers, None)
    assert hands.ran == [("track.set", {"track": "k2", "name": "Picture"})]


def test_a_header_counts_anew_when_a_clip_comes_or_goes(hands: Hands) -> None:
    headers = hands.panel.headers
    headers.grab()
    before = headers._counts
    clip = next(c for c in hands.bench.snapshot.of_kind(Clip) if c.track == "k2")
    hands.bench.run("clip.lift", {"clips": [clip.id]})
    QApplication.processEvents()
    assert sum(headers._counts) < sum(before)


def test_dragging_a_header_edge_changes_the_height_and_escape_puts_it_back(hands: Hands) -> None:
    row = hands.state.rows.of("k2")
    assert row is not None
    edge = QPoint(60, row.bottom)
    hands.drag(edge, edge + QPoint(0, 40), on=hands.panel.headers)
    assert hands.state.rows.of("k2").height == row.height + 40  # type: ignore[union-attr]
    assert hands.ran == []


def test_dragging_a_name_reorders_tracks(hands: Hands) -> None:
    headers = hands.panel.headers
    start = head(hands, "k2", "name")
    hands.drag(start, QPoint(start.x(), 4), on=headers)
    assert hands.ran == [("track.move", {"track": "k2", "index": 1})]
    assert [t.id for t in hands.bench.snapshot.tracks("video")] == ["v2", "k2"]


def test_the_level_of_a_track_is_dragged_as_one_command(hands: Hands) -> None:
    hands.state.set_heights([("k3", 80)])
    spot = head(hands, "k3", "level")
    hands.drag(spot, spot + QPoint(-60, 0), on=hands.panel.headers)
    assert hands.ran == [("track.set", {"track": "k3", "gain_db": -6.0})]


def test_ctrl_wheel_zooms_and_keeps_the_frame_under_the_pointer(hands: Hands) -> None:
    spot = hands.time(10, "k2")
    for _ in range(4):
        hands.wheel(spot, 1, CTRL)
    assert hands.state.scale.pixels_per_second > 30
    assert abs(hands.state.scale.ticks(spot.x()) - 10 * S) < S // 10


def test_shift_wheel_scrolls_time_and_alt_wheel_changes_the_height(hands: Hands) -> None:
    hands.state.zoom_to(200, 0)
    hands.wheel(QPoint(300, 100), -2, SHIFT)
    assert hands.state.scale.scroll > 0
    row = hands.state.row_at(100)
    assert row is not None
    hands.wheel(QPoint(300, 100), 2, ALT)
    assert hands.state.rows.of(row.track.id).height == row.height + 16  # type: ignore[union-attr]


def test_a_middle_drag_pans(hands: Hands) -> None:
    hands.state.zoom_to(100, 0)
    hands.press(QPoint(500, 100), button=Qt.MouseButton.MiddleButton)
    hands.move(QPoint(300, 100))
    hands.release(QPoint(300, 100), button=Qt.MouseButton.MiddleButton)
    assert hands.state.scale.scroll == 200


def test_the_minimap_scrolls_and_zooms(hands: Hands) -> None:
    minimap = hands.panel.minimap
    hands.state.zoom_to(100, 0)
    window = minimap.window()
    hands.drag(window.center(), window.center() + QPoint(100, 0), on=minimap)
    assert hands.state.scale.scroll > 100
    before = hands.state.scale.pixels_per_second
    right = QPoint(minimap.window().right(), 10)
    hands.drag(right, right + QPoint(-60, 0), on=minimap)
    assert hands.state.scale.pixels_per_second > before


def test_the_big_timecode_takes_typed_times(hands: Hands) -> None:
    field = hands.panel.corner.field
    field.edit("1:05")
    edit = field.findChild(QLineEdit)
    assert edit is not None
    hands.key(Qt.Key.Key_Return, on=edit)
    assert hands.bench.transport.ticks == S + 5 * (S // 25)
    field.edit("+10")
    hands.key(Qt.Key.Key_Return, on=field.findChild(QLineEdit))
    assert hands.bench.transport.ticks == S + 15 * (S // 25)


def test_a_time_that_makes_no_sense_is_said_and_the_playhead_stays(hands: Hands) -> None:
    hands.panel.corner.field.edit("half past")
    hands.key(Qt.Key.Key_Return, on=hands.panel.corner.field.findChild(QLineEdit))
    assert hands.bench.transport.ticks == 0
    assert any("half past" in words for words in hands.said)


def test_tool_buttons_have_name_and_key_in_their_tip_and_switch_tools(hands: Hands) -> None:
    from PySide6.QtWidgets import QToolButton

    buttons = {b.defaultAction().objectName(): b for b in hands.panel.tool_row.findChildren(QToolButton) if b.defaultAction()}
    assert buttons["tool.razor"].toolTip().startswith("Razor tool (C)")
    buttons["tool.razor"].click()
    assert hands.bench.tools.tool == "razor"
    buttons["snapping.toggle"].click()
    assert hands.bench.tools.snapping is False


def test_a_click_tells_the_length_of_the_selection(hands: Hands) -> None:
    hands.click(hands.at("c"))
    QApplication.processEvents()
    assert hands.panel.tool_row.length.text() == "2 selected · 5:00"


def test_a_change_repaints_only_what_it_touches(hands: Hands) -> None:
    layer = hands.lanes._layer
    while layer.paint() is not None and not layer.late.isEmpty():
        pass  # waveforms that had to wait
    hands.bench.run("clip.trim", {"clip": "c", "edge": "tail", "to": "18s"})
    stale = layer.late.boundingRect()
    assert stale.left() > hands.state.scale.x(14 * S)
    assert stale.right() < hands.state.scale.x(21 * S)


def test_scrolling_by_whole_pixels_paints_the_same_as_painting_anew(hands: Hands) -> None:
    state, lanes = hands.state, hands.lanes
    state.zoom_to(60, 0)
    lanes.grab()
    QTest.qWait(150)  # thumbnails come
    for wait in (150, 600, 2000):  # a picture that comes between the two is no fault
        for by in (37, 220, -91):
            state.scroll_by(by, 0, beyond=True)
        lanes.grab()
        QTest.qWait(wait)
        shifted = lanes.grab().toImage()
        lanes.repaint_all()
        if lanes.grab().toImage() == shifted:
            return
    raise AssertionError("what was shifted is not what is painted")


def test_rows_keep_their_place_when_a_track_is_added_and_removed(hands: Hands) -> None:
    made = hands.bench.run("track.add", {"kind": "video"})["track"]
    assert [row.track.id for row in hands.state.rows][:3] == [made, "v2", "k2"]
    hands.bench.run("track.remove", {"track": made})
    assert [row.track.id for row in hands.state.rows] == ["v2", "k2", "k3", "a2"]


def test_the_view_goes_along_to_a_time_out_of_sight_but_not_under_the_hand(hands: Hands) -> None:
    hands.state.zoom_to(200.0, 0)
    hands.bench.transport.seek(9 * S)
    hands.state.scroll_to(5000, beyond=True)
    hands.bench.transport.seek(0)
    assert hands.state.scale.scroll == 0, "Home, and the next cut, are seen"
    hands.bench.transport.seek(2 * S)
    assert hands.state.scale.scroll == 0, "what is in sight already moves nothing"
    hands.state.scroll_to(333, beyond=True)
    spot = QPoint(0, 6)
    hands.press(spot, on=hands.panel.ruler)
    assert hands.state.scale.scroll == 333, "the frame at the left edge begins before it"
    hands.release(spot, on=hands.panel.ruler)


def test_while_playing_the_view_turns_over_like_a_page(hands: Hands) -> None:
    hands.state.zoom_to(200, 0)
    transport = hands.bench.transport
    transport.play()
    transport.seek(6 * S)
    assert transport.playing
    assert 0 <= hands.state.scale.x(6 * S) < hands.lanes.width()
    transport.stop()


def test_the_name_for_screen_readers_says_what_is_there(hands: Hands) -> None:
    hands.bench.selection.set(["a"])
    assert hands.lanes.accessibleName() == "Timeline Main cut, 4 tracks, playhead start, 1 selected"


def test_the_bar_under_the_ruler_shows_what_is_in_memory(hands: Hands) -> None:
    frames, ruler, m = hands.bench.frames, hands.panel.ruler, hands.state.m
    frames._keep(SimpleNamespace(ready=((0, 2 * S),), stale=((2 * S, 3 * S),), nbytes=10, budget=100))
    row = m.ruler + m.markers + 1
    picture = ruler.grab().toImage()
    theme = hands.bench.theme

    def at(seconds: float) -> str:
        return str(picture.pixelColor(hands.state.scale.x(round(seconds * S)), row).name())

    assert at(1) == theme.color("cache-ready").name() and at(2.5) == theme.color("cache-stale").name()
    assert at(10) not in (at(1), at(2.5)) and at(10) != at(40)  # not in memory; and past the film's end
