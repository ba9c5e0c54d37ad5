"""The two-up and four-up views: what is asked for during a real drag, what is painted, and that they go at its end."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app.desktop.canvas.trim_view import boxes
from app.desktop.canvas.viewer import build_program
from editor_core.tools.panes import Pane
from tests.app.desktop.canvas.hands import FRAME, Hands, S


def answer(hands: Hands, *colours: str) -> None:
    """What the renderer would send for the last peek: one colour a picture."""
    _, width, height = hands.bench.late["render"].peeks[-1]
    pixels = b"".join(bytes((*QColor(colour).getRgb()[:3], 255)) * (width * height) for colour in colours)
    hands.bench.late["render"].send_peek(1, len(colours), width, height, memoryview(pixels))
    QApplication.processEvents()


def test_a_trim_shows_both_sides_of_the_cut_until_it_ends(hands: Hands) -> None:
    viewer = build_program(hands.bench)
    viewer.resize(700, 460)
    viewer.show()
    hands.bench.tools.set_snapping(False)
    trim, start = hands.bench.frames.trim, hands.at("a", "tail")
    hands.press(start)
    assert not trim.panes
    hands.move(hands.by(start, -1))
    out, into = trim.panes
    assert (out.clip is not None and out.clip.id, out.ticks) == ("a", 4 * S - FRAME) and out.moved == -S and into.clip is None
    assert [(clip.id if clip else "", at) for clip, at in hands.bench.late["render"].peeks[-1][0]] == [("a", 4 * S - FRAME), ("", 0)]
    answer(hands, "#ff0000", "#00ff00")
    picture = viewer.picture.grab().toImage()
    middle = viewer.picture.rect().center()
    assert picture.pixelColor(middle - QPoint(60, 0)).name() == "#ff0000"
    assert picture.pixelColor(middle + QPoint(60, 0)).name() == "#000000"  # nothing comes after
    hands.key(Qt.Key.Key_Escape)
    assert not trim.panes and not trim.pictures
    hands.release(start)
    assert viewer.picture.grab().toImage().pixelColor(middle - QPoint(60, 0)).name() != "#ff0000"
    viewer.close()
    viewer.deleteLater()


def test_a_slip_shows_four_frames_and_says_in_danger_how_many_are_missing(hands: Hands) -> None:
    hands.bench.tools.take("slip")
    trim, start = hands.bench.frames.trim, hands.at("a")
    hands.press(start)
    hands.move(hands.by(start, 2))
    assert [pane.small for pane in trim.panes] == [True, False, False, True] and trim.limit == ""
    assert [pane.moved for pane in trim.panes] == [0, -2 * S, -2 * S, 0]
    assert "slip −50 f" in hands.panel.pointer.note.words
    hands.move(hands.by(start, 12))
    assert trim.limit == "no more media, 50 f short"
    assert hands.panel.pointer.note.bad and "no more media, 50 f short" in hands.panel.pointer.note.words
    assert {("k2", 0), ("k2", 5 * S)} <= set(hands.lanes.overlay.stops)
    hands.release(hands.by(start, 12))
    assert hands.clip("a").source_range.start == 0 and not trim.panes
    assert [name for name, _ in hands.ran] == ["clip.slip"]


def test_numbers_typed_during_a_trim_are_exact_and_seen_in_the_panes(hands: Hands) -> None:
    start = hands.at("c", "tail")
    trim = hands.bench.frames.trim
    hands.press(start)
    for key, text in ((Qt.Key.Key_Plus, "+"), (Qt.Key.Key_1, "1"), (Qt.Key.Key_2, "2")):
        hands.key(key, text)
    assert trim.panes[0].moved == 12 * FRAME
    assert hands.panel.pointer.note.words.startswith("+12 ")
    hands.key(Qt.Key.Key_Return)
    assert hands.clip("c").end == 20 * S + 12 * FRAME == hands.clip("sc").end and not trim.panes
    hands.release(start)
    start = hands.at("c", "tail")
    hands.press(start)
    for key, text in ((Qt.Key.Key_Minus, "-"), (Qt.Key.Key_8, "8")):
        hands.key(key, text)
    assert trim.panes[0].moved == -8 * FRAME
    hands.key(Qt.Key.Key_Return)
    hands.release(start)
    assert hands.clip("c").end == 20 * S + 4 * FRAME
    assert [name for name, _ in hands.ran] == ["clip.trim"] * 2


def test_a_drag_of_a_whole_clip_keeps_the_picture(hands: Hands) -> None:
    hands.press(hands.at("c"))
    hands.move(hands.by(hands.at("c"), 2))
    assert not hands.bench.frames.trim.panes
    hands.release(hands.by(hands.at("c"), 2))


def test_panes_lie_inside_without_touching_each_other() -> None:
    two = [Pane("out", None, 0), Pane("in", None, 0)]
    four = [Pane("out", None, 0, small=True), Pane("in", None, 0), Pane("out", None, 0), Pane("in", None, 0, small=True)]
    for area in (QRect(0, 0, 640, 360), QRect(5, 5, 900, 300), QRect(0, 0, 300, 500), QRect(0, 0, 130, 70)):
        for panes in (two, four):
            for shape in (16 / 9, 9 / 16, 1.0):
                found = [box for box in boxes(panes, area, shape, 20) if box.height() > 0]
                assert all(area.contains(box) for box in found), (area, shape, found)
                assert not any(a.intersects(b) for a in found for b in found if a is not b)
