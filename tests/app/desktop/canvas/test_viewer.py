"""Viewers: the newest frame, handles with one command at release, scrub bar and buttons, by real events."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QImage, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from app.desktop.canvas.guides import shape_box
from app.desktop.canvas.viewer import ProgramViewer, SourceViewer, build_program, build_source
from app.desktop.canvas.viewer_menu import picture_menu
from editor_core.schema import Clip, Crop, Scale
from tests.app.desktop.canvas.benches import Noting, S, film, make_bench, media, shot, track
from tests.app.desktop.canvas.hands import ALT, CTRL, NONE, SHIFT


class Stand:
    """A viewer with a film: a full-frame clip `a` under a half-size one `b`, both 0 to 10 s."""

    def __init__(self, folder: Path, build: Any) -> None:
        self.bench = make_bench(folder, film(
            media("m1", "One.mp4"), track("v2", "video", "b1"), shot("a", 0, 10),
            shot("b", 0, 10, track="v2", scale=Scale(0.5, 0.5))))
        self.noting = Noting(self.bench.door)
        self.view = build(self.bench)
        self.view.resize(700, 480)
        self.view.show()
        QApplication.processEvents()
        self.held: Any = Qt.MouseButton.NoButton

    def send(self, kind: Any, spot: QPointF, keys: Any = NONE, button: Any = Qt.MouseButton.LeftButton, on: Any = None) -> None:
        target = on or self.view.picture
        self.held = button if kind is QEvent.Type.MouseButtonPress else self.held
        if kind is QEvent.Type.MouseButtonRelease:
            self.held = Qt.MouseButton.NoButton
        pressed = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else button
        where = QPointF(spot)
        QApplication.sendEvent(target, QMouseEvent(kind, where, QPointF(target.mapToGlobal(where.toPoint())), pressed, self.held, keys))

    def drag(self, start: QPointF, end: QPointF, keys: Any = NONE, on: Any = None) -> None:
        self.send(QEvent.Type.MouseButtonPress, start, keys, on=on)
        before = self.bench.document.revision
        for step in range(1, 6):
            self.send(QEvent.Type.MouseMove, start + (end - start) * step / 5, keys, on=on)
        assert self.bench.document.revision == before
        self.send(QEvent.Type.MouseButtonRelease, end, keys, on=on)

    def spot(self, x: float, y: float) -> QPointF:
        """A frame pixel in the picture widget."""
        return self.view.picture.from_frame(x, y)


@pytest.fixture
def program(qapp: QApplication, tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path, build_program)
    yield made
    made.view.close()
    made.view.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def source(qapp: QApplication, tmp_path: Path) -> Iterator[Stand]:
    made = Stand(tmp_path, build_source)
    yield made
    made.view.close()
    made.view.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def pixels(colour: str, width: int, height: int) -> memoryview:
    image = QImage(width, height, QImage.Format.Format_RGBX8888)
    image.fill(QColor(colour))
    return memoryview(bytes(image.constBits()))


def test_the_newest_frame_is_shown_letterboxed(program: Stand) -> None:
    view: ProgramViewer = program.view
    render = program.bench.late["render"]
    render.send(0, 1, 640, 360, pixels("#104080", 640, 360), {})
    render.send(S, 1, 640, 360, pixels("#C02020", 640, 360), {})
    QApplication.processEvents()
    shown = view.picture.grab().toImage()
    middle = shown.pixelColor(shown.width() // 2, shown.height() // 2)
    assert middle.red() > 180
    target = view.picture.target()
    assert abs(target.width() / target.height() - 16 / 9) < 0.02
    assert shown.pixelColor(2, shown.height() - 2) == program.bench.theme.color("viewer")


def test_the_viewer_says_how_many_pixels_it_can_show(program: Stand) -> None:
    target = program.view.picture.target()
    width, _ = program.bench.frames.size()
    assert abs(width - target.width()) <= 2
    program.view.picture.set_zoom(1.0)
    assert program.bench.frames.size()[0] == 1920


def test_a_click_picks_the_topmost_clip_there(program: Stand) -> None:
    program.drag(program.spot(960, 540), program.spot(960, 540))
    assert program.bench.selection.clips == ("b",)
    program.drag(program.spot(100, 100), program.spot(100, 100))
    assert program.bench.selection.clips == ("a",)
    assert program.noting.ran == []


def test_the_text_tool_writes_on_the_picture(program: Stand) -> None:
    program.bench.tools.tool = "text"
    program.drag(program.spot(400, 300), program.spot(400, 300))
    ((name, args),) = program.noting.ran
    x, y = args["style"]["position"]
    assert name == "title.add" and abs(x - 400) < 3 and abs(y - 300) < 3
    assert program.bench.tools.tool == "select" and program.bench.snapshot.record(program.bench.selection.clips[0]).kind == "title"


def test_dragging_the_picture_moves_the_clip_with_one_command(program: Stand) -> None:
    program.bench.selection.set(["b"])
    program.bench.tools.set_snapping(False)
    program.drag(program.spot(960, 540), program.spot(1160, 440))
    assert [name for name, _ in program.noting.ran] == ["clip.set"]
    position = program.bench.snapshot.record("b").position
    assert abs(position.x - 1160) < 3
    assert abs(position.y - 440) < 3


def test_dragging_a_corner_scales_and_keeps_the_opposite_corner(program: Stand) -> None:
    program.bench.selection.set(["b"])
    program.drag(program.spot(1440, 810), program.spot(1920, 1080))
    clip = program.bench.snapshot.record("b")
    assert len(program.noting.ran) == 1
    assert abs(clip.scale.x - 0.75) < 0.01
    assert clip.scale.x == clip.scale.y
    assert abs(clip.position.x - 1200) < 4


def test_ctrl_on_a_handle_crops_and_what_is_left_stays_where_it_was(program: Stand) -> None:
    program.bench.selection.set(["b"])
    handles = program.view.handles
    before = handles.place(program.bench.snapshot.record("b"))
    program.drag(program.spot(*before.handle(0)), program.spot(*before.at(0.25, 0.5)), CTRL)
    clip = program.bench.snapshot.record("b")
    assert [name for name, _ in program.noting.ran] == ["clip.set"]
    assert (clip.crop.left, clip.crop.top) == (pytest.approx(0.25, abs=0.01), pytest.approx(0.5, abs=0.01))
    assert (clip.crop.right, clip.crop.bottom, clip.scale, clip.position) == (0, 0, program.bench.snapshot.record("b").scale, None)
    after = handles.place(clip)
    assert after.handle(4) == pytest.approx(before.handle(4)), "the other corner stays"
    program.drag(program.spot(*after.handle(3)), program.spot(*before.at(-0.5, 0.5)), CTRL)
    assert program.bench.snapshot.record("b").crop.right == pytest.approx(0.74, abs=0.001), "something is always left"
    program.send(QEvent.Type.MouseButtonDblClick, program.spot(*handles.place(program.bench.snapshot.record("b")).handle(2)), CTRL)
    assert program.bench.snapshot.record("b").crop == type(clip.crop)()


def test_alt_scales_from_the_centre_and_shift_lets_the_shape_go(program: Stand) -> None:
    program.bench.selection.set(["b"])
    program.drag(program.spot(1440, 810), program.spot(1680, 945), ALT)
    clip = program.bench.snapshot.record("b")
    assert abs(clip.scale.x - 0.75) < 0.01
    assert clip.position is None
    corner = program.view.handles.place(clip).handle(4)
    program.drag(program.spot(*corner), program.spot(corner[0], corner[1] - 200), SHIFT)
    clip = program.bench.snapshot.record("b")
    assert clip.scale.y < clip.scale.x


def test_the_knob_turns_and_double_click_on_it_resets(program: Stand) -> None:
    program.bench.selection.set(["b"])
    handles = program.view.handles
    clip = program.bench.snapshot.record("b")
    knob = handles._knob(handles.place(clip))
    centre = program.spot(960, 540)
    away = knob.y() - centre.y()
    program.drag(knob, centre + QPointF(-away, 0), SHIFT)
    assert program.bench.snapshot.record("b").rotation == 90.0
    knob = handles._knob(handles.place(program.bench.snapshot.record("b")))
    program.send(QEvent.Type.MouseButtonDblClick, knob)
    assert program.bench.snapshot.record("b").rotation == 0.0


def test_escape_gives_a_handle_drag_up(program: Stand) -> None:
    program.bench.selection.set(["b"])
    program.send(QEvent.Type.MouseButtonPress, program.spot(960, 540))
    program.send(QEvent.Type.MouseMove, program.spot(1200, 540))
    assert program.view.handles.ghost is not None
    QApplication.sendEvent(program.view.picture, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, NONE))
    program.send(QEvent.Type.MouseButtonRelease, program.spot(1200, 540))
    assert program.noting.ran == []


def test_a_move_near_the_middle_catches_it(program: Stand) -> None:
    program.bench.run("clip.set", {"clip": "b", "property": "position", "value": [700, 540]})
    program.noting.ran.clear()
    program.bench.selection.set(["b"])
    program.drag(program.spot(700, 540), program.spot(950, 548))
    position = program.bench.snapshot.record("b").position
    assert (position.x, position.y) == (960, 540)


def test_transport_buttons_play_step_and_mark(program: Stand) -> None:
    transport, buttons = program.bench.transport, program.view.buttons
    buttons["forward"].click()
    assert transport.ticks == transport.frame
    buttons["in"].click()
    transport.seek(5 * S)
    buttons["out"].click()
    assert transport.marks() == (transport.frame, 5 * S + transport.frame)
    buttons["clear"].click()
    assert transport.mark_in is None
    buttons["loop"].click()
    assert transport.loop
    buttons["play"].click()
    assert transport.playing
    buttons["play"].click()
    assert not transport.playing


def test_the_scrub_bar_scrubs_and_drags_marks(program: Stand) -> None:
    bar, transport = program.view.scrub, program.bench.transport
    middle = bar.height() / 2
    program.drag(QPointF(bar.x_of(2 * S), middle), QPointF(bar.x_of(6 * S), middle), on=bar)
    assert abs(transport.ticks - 6 * S) <= 2 * transport.frame
    transport.set_marks(2 * S, 8 * S)
    program.drag(QPointF(bar.x_of(2 * S), middle), QPointF(bar.x_of(4 * S), middle), on=bar)
    assert abs(transport.mark_in - 4 * S) <= 2 * transport.frame


def test_an_empty_timeline_says_what_to_do(qapp: QApplication, tmp_path: Path) -> None:
    bench = make_bench(tmp_path, film())
    view = build_program(bench)
    assert view.picture.empty == ("clapperboard", "Put clips on the timeline")
    view.deleteLater()


def test_source_opens_an_asset_with_its_own_marks(source: Stand) -> None:
    view: SourceViewer = source.view
    assert view.picture.empty is not None
    assert source.bench.source.open("m1")
    assert view.picture.empty is None
    assert view.header_note() == "One.mp4"
    deck = source.bench.source.deck
    deck.transport.seek(3 * S)
    view.buttons["in"].click()
    assert deck.transport.mark_in == 3 * S
    assert source.bench.transport.mark_in is None
    assert source.bench.transport.ticks == 0


def test_a_source_that_was_taken_away_leaves_no_marks_and_comes_back_with_its_own(source: Stand) -> None:
    deck = source.bench.source.deck
    source.bench.source.open("m1")
    deck.transport.set_marks(3 * S, 5 * S)
    deck.transport.seek(4 * S)
    source.bench.source.close_asset()
    assert (deck.transport.mark_in, deck.transport.mark_out, deck.transport.ticks) == (None, None, 0)
    source.bench.source.open("m1")
    assert (deck.transport.mark_in, deck.transport.mark_out, deck.transport.ticks) == (3 * S, 5 * S, 4 * S)


def test_insert_from_source_brings_the_marked_part(source: Stand) -> None:
    source.bench.source.open("m1")
    source.bench.source.deck.transport.set_marks(3 * S, 5 * S)
    source.bench.transport.seek(10 * S)
    source.view.buttons["insert"].click()
    name, args = source.noting.ran[-1]
    assert name == "clip.insert"
    assert (args["asset"], args["source_start"], args["source_duration"], args["at"]) == ("m1", 3 * S, 2 * S, 10 * S)


def test_the_wheel_zooms_at_the_pointer(program: Stand) -> None:
    picture = program.view.picture
    spot = QPointF(picture.width() * 0.3, picture.height() * 0.4)
    before = picture.to_frame(spot)
    picture.zoom_by(2.0, spot)
    after = picture.to_frame(spot)
    assert before == pytest.approx(after, abs=1.0)
    assert program.view._chip.text().endswith("%")
    program.view.picture.set_zoom(None)
    assert program.view._chip.text() == "Fit"



def test_a_drag_that_begins_on_something_unselected_picks_it_and_moves_nothing(program: Stand) -> None:
    program.drag(program.spot(100, 100), program.spot(500, 300))
    assert program.bench.selection.clips == ("a",)
    assert program.noting.ran == []


def test_a_narrow_viewer_keeps_its_timecode_whole_and_drops_the_least_needed_buttons(program: Stand) -> None:
    program.view.resize(330, 300)
    QApplication.processEvents()
    assert program.view.timecode.width() >= program.view.timecode.sizeHint().width()
    assert program.view.buttons["play"].isVisible()
    assert program.view.buttons["clear"].isHidden()
    program.view.resize(800, 480)
    QApplication.processEvents()
    assert program.view.buttons["clear"].isVisible()


def test_the_box_of_a_title_is_as_large_as_the_renderer_sets_its_words(program: Stand) -> None:
    made = program.bench.run("title.add", {"text": "Harbour", "at": 0, "duration": 5 * S})["clip"]
    program.bench.selection.set([made])
    clip = program.view.handles.subject()
    assert clip is not None and clip.id == made
    rough = program.view.handles.place(clip)
    render = program.bench.late["render"]
    assert [[c.id for c in clips] for clips, _, _ in render.measures] == [[made]]
    render.send_sizes(len(render.measures), [(432.0, 117.0)])
    QApplication.processEvents()
    place = program.view.handles.place(clip)
    assert (place.width, place.height) == (432.0, 117.0) != (rough.width, rough.height)
    assert len(render.measures) == 1
    program.bench.run("title.set", {"clip": made, "text": "Harbour film"})
    program.view.handles.place(program.view.handles.subject())
    assert len(render.measures) == 2  # other words are measured anew


def test_a_handle_that_was_clicked_has_the_arrow_keys_until_escape(program: Stand) -> None:
    program.bench.selection.set(["b"])
    picture, handles = program.view.picture, program.view.handles
    clip = handles.subject()
    before = handles.place(clip)
    spot = picture.from_frame(*before.handle(3))  # the middle of the right side

    def key(which: Any, keys: Any = NONE) -> bool:
        event = QKeyEvent(QEvent.Type.KeyPress, which, keys)
        QApplication.sendEvent(picture, event)
        return event.isAccepted()

    assert picture.property("keys") != "own"
    program.send(QEvent.Type.MouseButtonPress, spot)
    program.send(QEvent.Type.MouseButtonRelease, spot)
    assert program.noting.ran == [] and picture.property("keys") == "own"
    assert key(Qt.Key.Key_Right) and key(Qt.Key.Key_Right, SHIFT)
    after = handles.place(handles.subject())
    assert after.handle(3)[0] == pytest.approx(before.handle(3)[0] + 11, abs=0.01)
    assert after.handle(7)[0] == pytest.approx(before.handle(7)[0], abs=0.01)
    program.bench.run("edit.undo")
    assert handles.place(handles.subject()) == before  # one step for all of it
    knob = handles._knob(before)
    program.send(QEvent.Type.MouseButtonPress, knob)
    program.send(QEvent.Type.MouseButtonRelease, knob)
    assert key(Qt.Key.Key_Right) and key(Qt.Key.Key_Right, SHIFT)
    assert handles.subject().rotation == 16.0
    assert key(Qt.Key.Key_Escape) and picture.property("keys") != "own"
    rotation = handles.subject().rotation
    key(Qt.Key.Key_Right)
    assert handles.subject().rotation == rotation
    program.send(QEvent.Type.MouseButtonPress, spot := picture.from_frame(*handles.place(handles.subject()).handle(0)))
    program.send(QEvent.Type.MouseButtonRelease, spot)
    assert picture.property("keys") == "own"
    program.bench.selection.set(["a"])
    picture.grab()
    assert picture.property("keys") != "own"


def test_the_right_button_on_the_picture_has_a_menu_that_puts_a_clip_back(program: Stand) -> None:
    program.bench.selection.set(["b"])
    menu = picture_menu(program.view)
    there = {action.text(): action for action in menu.actions() if action.text()}
    assert there["Reset scale"].isEnabled() and not there["Reset rotation"].isEnabled() and not there["Reset crop"].isEnabled()
    assert "Safe areas" in there and "Fit picture" in there
    there["Reset scale"].trigger()
    assert program.bench.snapshot.get(Clip, "b").scale == Scale(1.0, 1.0)
    program.bench.run("clip.set", {"clip": "b", "property": "crop", "value": {"left": 0.2, "top": 0, "right": 0, "bottom": 0}})
    next(a for a in picture_menu(program.view).actions() if a.text() == "Reset crop").trigger()
    assert program.bench.snapshot.get(Clip, "b").crop == Crop()


def test_the_right_button_that_gives_a_drag_up_opens_no_menu(program: Stand) -> None:
    asked: list[object] = []
    picture = program.view.picture
    picture.menu_asked.disconnect()
    picture.menu_asked.connect(asked.append)
    program.bench.selection.set(["b"])
    spot = program.spot(960, 540)

    def right() -> None:
        program.send(QEvent.Type.MouseButtonPress, spot, button=Qt.MouseButton.RightButton)
        where = spot.toPoint()
        QApplication.sendEvent(picture, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, picture.mapToGlobal(where)))

    program.send(QEvent.Type.MouseButtonPress, spot)
    program.send(QEvent.Type.MouseMove, spot + QPointF(30, 0))
    right()
    assert asked == [] and program.noting.ran == []
    program.send(QEvent.Type.MouseButtonRelease, spot)
    right()
    assert len(asked) == 1


def test_guides_are_lines_over_the_picture_that_are_remembered(program: Stand) -> None:
    program.bench.late["render"].send(0, 0, 960, 540, pixels("#406080", 960, 540), None)
    QApplication.processEvents()
    picture, actions = program.view.picture, program.bench.actions
    target = picture.target()

    def at(x: float, y: float) -> str:
        return str(picture.grab().toImage().pixelColor(round(target.left() + target.width() * x),
                                                       round(target.top() + target.height() * y)).name())

    plain = at(0.02, 0.2)
    assert actions.trigger("viewer.guide_1_1")
    assert at(0.02, 0.2) != plain == at(0.4, 0.4)
    assert actions.trigger("viewer.guide_1_1") and at(0.02, 0.2) == plain
    assert actions.trigger("viewer.guide_thirds") and actions.trigger("viewer.safe_areas")
    assert at(1 / 3, 0.2) != plain and program.view._guides.isChecked()
    assert program.bench.settings.get("viewer/guides") == ["safe", "thirds"]
    again = build_program(program.bench)
    assert again.picture.guides == {"safe", "thirds"}
    again.deleteLater()


def test_a_frame_of_another_shape_is_the_largest_that_fits_in_the_middle() -> None:
    target = QRectF(10, 20, 1600, 900)
    for shape, width, height in (("9:16", 506.25, 900), ("1:1", 900, 900), ("4:5", 720, 900)):
        box = shape_box(shape, target)
        assert (box.width(), box.height(), box.center()) == (width, height, target.center())
    assert shape_box("1:1", QRectF(0, 0, 300, 900)).height() == 300
