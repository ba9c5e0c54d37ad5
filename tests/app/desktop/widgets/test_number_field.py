"""What can be typed into fields, dragged and stepped."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.desktop.widgets.number_field import NumberField, TimeField
from app.desktop.widgets.numbers import NotANumber, read_number, read_time, short_time, spoken_number
from editor_core.timing import TICKS_PER_SECOND, Rate
from tests.app.desktop.desk import Desk

pytestmark = pytest.mark.still

S = TICKS_PER_SECOND
PAL = Rate(25)


@pytest.mark.parametrize(("text", "now", "value"), [
    ("12", 5.0, 12.0), ("+12", 5.0, 17.0), ("--2", 5.0, 3.0), ("-3", 5.0, -3.0), ("−3", 5.0, -3.0), ("*1.5", 4.0, 6.0), ("/2", 9.0, 4.5),
    ("1,5", 0.0, 1.5), (".5", 0.0, 0.5), ("50%", 9.0, 50.0), ("12 px", 0.0, 12.0), ("90°", 0.0, 90.0),
])
def test_numbers_are_read_as_people_write_them(text: str, now: float, value: float) -> None:
    assert read_number(text, now) == pytest.approx(value)


def test_percent_means_a_share_of_the_whole_where_there_is_one() -> None:
    assert read_number("50%", 0.0, percent_of=1920) == 960


@pytest.mark.parametrize(("text", "now", "words"), [
    ("abc", 1.0, "not a number"), ("+1", None, "differ"), ("/0", 1.0, "divided by 0"), ("", 1.0, "12"),
])
def test_words_that_are_no_number_say_what_would_do(text: str, now: float | None, words: str) -> None:
    with pytest.raises(NotANumber, match=words):
        read_number(text, now)


@pytest.mark.parametrize(("text", "now", "frames"), [
    ("12", 0, 12), ("12f", 0, 12), ("1:05", 0, 30), ("2s", 0, 50), ("00:00:02:00", 0, 50), ("+5", 10, 15), ("-5", 10, 5),
    ("1:00:00", 0, 1500),
])
def test_lengths_are_read_in_frames_seconds_and_timecode(text: str, now: int, frames: int) -> None:
    frame = PAL.ticks_per_frame
    assert read_time(text, now * frame, PAL) == frames * frame


@pytest.mark.parametrize(("ticks", "words"), [
    (0, "0:00"), (12 * S // 25, "0:12"), (8 * S + S // 5, "8:05"), (83 * S, "1:23:00"), (3600 * S, "1:00:00:00"),
])
def test_lengths_are_shown_without_what_is_not_needed(ticks: int, words: str) -> None:
    assert short_time(ticks, PAL) == words


def test_a_minus_is_a_true_one_and_zero_has_none() -> None:
    assert (spoken_number(-3.25, 1), spoken_number(-0.001, 1)) == ("−3.2", "0.0")


def field(desk: Desk, **more: float) -> tuple[NumberField, list[tuple[float, str]], list[str]]:
    made = NumberField(desk.theme, "Opacity", minimum=0, maximum=100, step=0.5, unit="%", **more)  # type: ignore[arg-type]
    made.resize(120, 22)
    edits: list[tuple[float, str]] = []
    refusals: list[str] = []
    made.edited.connect(lambda value, gesture: edits.append((value, gesture)))
    made.refused.connect(refusals.append)
    made.set(50.0)
    made.show()
    desk.settle()
    return made, edits, refusals


def test_a_drag_is_one_gesture_and_two_drags_are_two(desk: Desk) -> None:
    made, edits, _ = field(desk)
    for _ in range(2):
        desk.drag(made, QPoint(60, 11), QPoint(80, 11))
    gestures = [gesture for _, gesture in edits]
    assert len(edits) >= 4 and len(set(gestures)) == 2 and "" not in gestures
    assert edits[-1][0] == made.value == pytest.approx(70.0)
    made.deleteLater()


def test_a_click_types_and_escape_gives_up(desk: Desk) -> None:
    made, edits, refusals = field(desk)
    QTest.mouseClick(made, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(50, 11))
    assert made.typing
    assert made._editor is not None
    QTest.keyClicks(made._editor, "+12")
    QTest.keyClick(made._editor, Qt.Key.Key_Return)
    assert edits == [(62.0, "")] and not made.typing
    made.begin_typing()
    assert made._editor is not None
    QTest.keyClicks(made._editor, "5")
    QTest.keyClick(made._editor, Qt.Key.Key_Escape)
    assert len(edits) == 1 and made.value == 62.0
    made.begin_typing()
    QTest.keyClicks(made._editor, "many")
    QTest.keyClick(made._editor, Qt.Key.Key_Return)
    assert len(edits) == 1 and "not a number" in refusals[-1]
    made.deleteLater()


def test_what_is_out_of_range_stops_at_the_limit_and_says_so(desk: Desk) -> None:
    made, edits, refusals = field(desk)
    made.begin_typing()
    QTest.keyClicks(made._editor, "400")
    QTest.keyClick(made._editor, Qt.Key.Key_Return)
    assert edits == [(100.0, "")] and refusals == ["Opacity goes from 0.0 to 100.0 %"]
    made.deleteLater()


def test_arrows_step_and_mixed_values_are_offset_together(desk: Desk) -> None:
    made, edits, _ = field(desk)
    made.setFocus()
    QTest.keyClick(made, Qt.Key.Key_Up)
    QTest.keyClick(made, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [value for value, _ in edits] == [50.5, 45.5]
    offsets: list[float] = []
    made.stepped.connect(lambda delta, gesture: offsets.append(delta))
    made.set(None)
    assert made.text() == "Mixed"
    QTest.keyClick(made, Qt.Key.Key_Up)
    assert offsets == [0.5]
    made.deleteLater()


def test_times_step_by_frames_and_stay_on_them(desk: Desk) -> None:
    made = TimeField(desk.theme, "Fade", lambda: PAL)
    edits: list[float] = []
    made.edited.connect(lambda value, gesture: edits.append(value))
    made.set(0)
    made.show()
    QTest.keyClick(made, Qt.Key.Key_Up)
    made.begin_typing()
    assert made._editor is not None
    made._editor.selectAll()
    QTest.keyClicks(made._editor, "1:05")
    QTest.keyClick(made._editor, Qt.Key.Key_Return)
    assert [round(value / PAL.ticks_per_frame) for value in edits] == [1, 30] and made.text() == "1:05"
    made.deleteLater()
