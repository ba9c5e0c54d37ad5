"""Touch screens and touchpads on the lanes, and the finer gestures of ruler and mouse, by real events."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop.canvas.touch import HOLD_MS
from tests.app.desktop.canvas.hands import ALT, CTRL, FRAME, Hands, S


@pytest.fixture(scope="module")
def screen(qapp: QApplication) -> QPointingDevice:
    return QTest.createTouchDevice()


def test_a_finger_scrolls_and_a_tap_selects(hands: Hands, screen: QPointingDevice) -> None:
    hands.state.zoom_to(200, 0)
    spot = QPoint(400, 60)
    QTest.touchEvent(hands.lanes, screen).press(0, spot, hands.lanes)
    for step in range(1, 6):
        QTest.touchEvent(hands.lanes, screen).move(0, spot - QPoint(40 * step, 0), hands.lanes)
    QTest.touchEvent(hands.lanes, screen).release(0, spot - QPoint(200, 0), hands.lanes)
    assert hands.state.scale.scroll == 200 and hands.ran == [] and not hands.selected
    spot = hands.at("a")
    QTest.touchEvent(hands.lanes, screen).press(0, spot, hands.lanes)
    QTest.touchEvent(hands.lanes, screen).release(0, spot, hands.lanes)
    assert hands.selected == {"a", "sa"} and hands.state.scale.scroll == 200


def test_a_finger_that_rests_takes_hold_of_a_clip(hands: Hands, screen: QPointingDevice) -> None:
    hands.bench.tools.set_snapping(False)
    spot = hands.at("c")
    QTest.touchEvent(hands.lanes, screen).press(0, spot, hands.lanes)
    QTest.qWait(HOLD_MS + 60)
    for step in range(1, 5):
        QTest.touchEvent(hands.lanes, screen).move(0, spot + QPoint(10 * step, 0), hands.lanes)
    assert hands.lanes.overlay.ghosts
    QTest.touchEvent(hands.lanes, screen).release(0, spot + QPoint(40, 0), hands.lanes)
    assert [name for name, _ in hands.ran] == ["clip.move"] and hands.clip("c").start == 17 * S
    assert hands.state.scale.scroll == 0


def test_two_fingers_zoom_around_what_lies_between_them(hands: Hands, screen: QPointingDevice) -> None:
    before, middle = hands.state.scale.pixels_per_second, hands.state.scale.ticks(300)
    one, other = QPoint(250, 60), QPoint(350, 60)
    QTest.touchEvent(hands.lanes, screen).press(0, one, hands.lanes).press(1, other, hands.lanes)
    for step in range(1, 6):
        away = QPoint(20 * step, 0)
        QTest.touchEvent(hands.lanes, screen).move(0, one - away, hands.lanes).move(1, other + away, hands.lanes)
    QTest.touchEvent(hands.lanes, screen).release(0, one - QPoint(100, 0), hands.lanes).release(1, other + QPoint(100, 0), hands.lanes)
    assert hands.state.scale.pixels_per_second == pytest.approx(before * 3, rel=0.02)
    assert abs(hands.state.scale.ticks(300) - middle) < 2 * FRAME
    assert hands.ran == [] and not hands.selected


def test_a_pinch_on_a_touchpad_zooms_at_the_pointer_on_lanes_and_ruler(hands: Hands) -> None:
    for widget in (hands.lanes, hands.panel.ruler):
        before, under = hands.state.scale.pixels_per_second, hands.state.scale.ticks(200)
        where = QPointF(200, 10)
        event = QNativeGestureEvent(Qt.NativeGestureType.ZoomNativeGesture, QPointingDevice.primaryPointingDevice(), 2, where, where,
                                    QPointF(widget.mapToGlobal(where)), 0.25, QPointF())
        QApplication.sendEvent(widget, event)
        assert hands.state.scale.pixels_per_second == pytest.approx(before * 1.25)
        assert abs(hands.state.scale.ticks(200) - under) < 2 * FRAME


def test_a_press_that_rests_becomes_a_drag_with_the_first_pixel(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("app.desktop.canvas.pointer.time", SimpleNamespace(monotonic=lambda: clock[0]))
    hands.bench.tools.set_snapping(False)
    hands.state.zoom_to(100, 0)
    start = hands.at("d")
    hands.press(start)
    hands.move(start + QPoint(2, 0))
    assert not hands.lanes.overlay.ghosts
    clock[0] += 0.17
    hands.move(start + QPoint(3, 0))
    hands.release(start + QPoint(8, 0))
    assert hands.clip("d").start == 2 * S + 2 * FRAME


def test_space_held_pans_and_playing_is_as_before(hands: Hands) -> None:
    hands.state.zoom_to(200, 0)
    hands.bench.transport.seek(FRAME)
    hands.state.scroll_to(300)
    hands.bench.actions.press("playback.toggle")
    assert hands.bench.transport.playing and hands.bench.transport.began == FRAME
    hands.bench.transport.moved.emit(2 * FRAME)
    assert hands.state.scale.scroll == 300  # the view does not turn to the playhead
    hands.press(QPoint(400, 60))
    assert not hands.bench.transport.playing
    hands.move(QPoint(300, 60))
    hands.release(QPoint(300, 60))
    hands.bench.actions.release("playback.toggle")
    assert hands.state.scale.scroll == 400 and hands.ran == [] and not hands.bench.transport.playing
    assert hands.bench.transport.ticks == FRAME


def test_scrubbing_on_the_ruler_is_heard_and_fine_with_ctrl(hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[int] = []
    transport, ruler = hands.bench.transport, hands.panel.ruler
    real = transport.scrub
    monkeypatch.setattr(transport, "scrub", lambda ticks: (heard.append(ticks), real(ticks)))
    hands.press(QPoint(200, 16), on=ruler)
    hands.move(QPoint(220, 16), on=ruler)
    assert heard == [10 * S, 11 * S]
    hands.move(QPoint(260, 16), CTRL, on=ruler)
    hands.release(QPoint(260, 16), on=ruler)
    assert transport.ticks == round(11.2 * S)


def test_the_upper_edge_of_the_band_moves_in_and_out_together(hands: Hands) -> None:
    transport, ruler = hands.bench.transport, hands.panel.ruler
    transport.set_marks(5 * S, 10 * S)
    hands.drag(QPoint(150, 4), QPoint(190, 4), on=ruler)
    assert (transport.mark_in, transport.mark_out) == (7 * S, 12 * S) and transport.ticks == 0
    hands.press(QPoint(190, 20), on=ruler)  # below it the playhead is set
    hands.release(QPoint(190, 20), on=ruler)
    assert transport.ticks == round(9.48 * S) and transport.mark_in == 7 * S


def test_alt_draws_a_marker_out_to_a_range_and_the_middle_button_pans(hands: Hands) -> None:
    made = hands.bench.run("marker.add", {"at": 5 * S})["marker"]
    hands.noting.ran.clear()
    ruler, lane = hands.panel.ruler, hands.state.m.ruler + 8
    hands.bench.tools.set_snapping(False)
    hands.drag(QPoint(100, lane), QPoint(160, lane), ALT, on=ruler)
    assert hands.ran == [("marker.set", {"marker": made, "at": 5 * S, "duration": 3 * S})]
    hands.state.zoom_to(200, 0)
    middle = Qt.MouseButton.MiddleButton
    hands.press(QPoint(400, 10), on=ruler, button=middle)
    hands.move(QPoint(300, 10), on=ruler)
    hands.release(QPoint(300, 10), on=ruler, button=middle)
    assert hands.state.scale.scroll == 100
