"""The inspector: what it shows of a selection, and what its fields write."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import bootstrap
from app.desktop.panels.inspector.clip_sections import CropSection, Fades, Solid, Transform
from app.desktop.panels.inspector.other_sections import format_of
from app.desktop.panels.inspector.sound_section import Sound
from app.desktop.panels.inspector.title_section import Text
from app.desktop.widgets.number_field import NumberField
from app.desktop.widgets.section import PropertyRow
from app.services.collab.membership import may_do
from app.services.together import serve
from editor_core.schema import Clip, Crop, Marker, MediaReference, Point
from tests.app.desktop.desk import Desk, S

pytestmark = pytest.mark.still


def section(desk: Desk, kind: type) -> object:
    return next(s for s in desk.panel("inspector").sections if isinstance(s, kind))


def number(desk: Desk, name: str) -> NumberField:
    """The field of that name that can be seen."""
    return next(f for f in desk.panel("inspector").findChildren(NumberField) if f._name == name and f.isVisibleTo(desk.window))


def type_into(desk: Desk, name: str, text: str) -> None:
    field = number(desk, name)
    field.begin_typing()
    assert field._editor is not None
    field._editor.selectAll()
    QTest.keyClicks(field._editor, text)
    QTest.keyClick(field._editor, Qt.Key.Key_Return)
    desk.settle()


def select(desk: Desk, *clips: Clip) -> None:
    desk.bench.selection.set([c.id for c in clips])
    desk.settle()


def pictures(desk: Desk) -> list[Clip]:
    return sorted((c for c in desk.bench.snapshot.of_kind(Clip) if not c.is_sound), key=lambda c: c.start)


def test_each_kind_of_clip_has_its_sections(film: Desk) -> None:
    bench = film.bench
    made = [bench.run("title.add", {"text": "A", "at": 0, "duration": S})["clip"],
            bench.run("solid.add", {"color": "#102030", "at": 2 * S, "duration": S})["clip"]]
    title, solid = (bench.snapshot.get(Clip, clip) for clip in made)
    sound = next(c for c in bench.snapshot.of_kind(Clip) if c.is_sound)
    for clip, kinds in ((title, {Text, Transform, Fades}), (solid, {Solid, Transform, Fades}), (sound, {Sound, Fades}),
                        (pictures(film)[0], {Transform, CropSection, Sound, Fades})):
        select(film, clip)
        shown = {type(s) for s in film.panel("inspector").sections if s.isVisibleTo(film.window)}
        if clip is pictures(film)[0]:
            assert kinds - {Sound} <= shown
        else:
            assert shown == kinds, clip.kind


def test_nothing_selected_shows_the_timeline_and_sets_it(film: Desk) -> None:
    film.bench.selection.clear()
    film.settle()
    inspector = film.panel("inspector")
    assert inspector.timeline.isVisibleTo(film.window) and inspector._where.whole == "320 × 180 · 25 fps"
    assert inspector.timeline.preset.currentText() == ""
    film.bench.run("timeline.set", {"width": 1280, "height": 720})
    film.settle()
    assert inspector.timeline.preset.currentText() == "1280 × 720"
    told: list[str] = []
    film.bench.signals.said.connect(lambda words, kind: told.append(words))
    film.bench.run("timeline.set", {"rate": "24000/1001"})
    assert any("nearest frames of 23.976" in words and "Undo" in words for words in told), "what a rate does to the cuts is said"
    film.bench.run("edit.undo")
    type_into(film, "Width", "640")
    assert film.bench.snapshot.timeline.width == 640
    inspector.timeline.rate.setCurrentIndex(inspector.timeline.rate.findData("50"))
    inspector.timeline.rate.activated.emit(inspector.timeline.rate.currentIndex())
    film.settle()
    assert str(film.bench.snapshot.timeline.rate) == "50"


def test_the_wheel_over_a_drop_down_scrolls_and_chooses_nothing(film: Desk) -> None:
    film.bench.selection.clear()
    film.settle()
    inspector = film.panel("inspector")
    for box in (inspector.timeline.rate, inspector.timeline.sound, inspector.timeline.preset):
        spot = QPointF(box.rect().center())
        turn = QWheelEvent(spot, QPointF(box.mapToGlobal(spot)), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
                           Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
        before = box.currentIndex()
        box.setFocus()
        QApplication.sendEvent(box, turn)
        assert box.currentIndex() == before and not turn.isAccepted(), box.accessibleName()


def test_the_card_says_what_where_and_how_long(film: Desk) -> None:
    select(film, *film.bench.snapshot.linked(pictures(film)[1]))
    inspector = film.panel("inspector")
    assert inspector._name.whole == "lake.mp4" and inspector._where.whole == "V1 A1 · 4:00 to 8:00 · 4:00"


def test_a_drag_of_the_opacity_is_one_step_in_the_history(film: Desk) -> None:
    clip = pictures(film)[0]
    select(film, clip)
    field = number(film, "Opacity")
    film.drag(field, QPoint(80, 10), QPoint(40, 10))
    assert film.bench.snapshot.get(Clip, clip.id).opacity == 0.8
    film.bench.actions.trigger("edit.undo")
    film.settle()
    assert film.bench.snapshot.get(Clip, clip.id).opacity == 1.0 and field.value == 100.0


def test_mixed_values_are_said_and_one_entry_sets_them_all(film: Desk) -> None:
    first, second = pictures(film)
    film.bench.run("clip.set", {"clip": first.id, "property": "rotation", "value": 10})
    select(film, first, second)
    assert number(film, "Rotation").text() == "Mixed" and number(film, "Opacity").text() == "100.0"
    type_into(film, "Rotation", "45")
    assert [c.rotation for c in pictures(film)] == [45, 45]
    film.bench.actions.trigger("edit.undo")
    assert [c.rotation for c in pictures(film)] == [10, 0]


def test_one_axis_of_several_positions_keeps_the_other_as_it_is(film: Desk) -> None:
    first, second = pictures(film)
    film.bench.run("clip.set", {"clip": first.id, "property": "position", "value": [10, 20]})
    select(film, first, second)
    type_into(film, "Position X", "100")
    assert [c.position for c in pictures(film)] == [Point(100, 20), Point(100, 90)]
    film.bench.actions.trigger("edit.undo")
    assert [c.position for c in pictures(film)] == [Point(10, 20), None]


def test_reset_shows_only_where_something_was_changed_and_puts_it_back(film: Desk) -> None:
    clip = pictures(film)[0]
    select(film, clip)
    transform = section(film, Transform)
    scale = next(r for r in transform.findChildren(PropertyRow) if r.label.text() == "Scale")  # type: ignore[attr-defined]
    assert scale.reset is not None and not scale.reset.isVisibleTo(film.window)
    type_into(film, "Scale", "*2")
    assert film.bench.snapshot.get(Clip, clip.id).scale.x == 2.0 and scale.reset.isVisibleTo(film.window)
    scale.reset.click()
    film.settle()
    assert film.bench.snapshot.get(Clip, clip.id).scale.x == 1.0


def test_width_and_height_part_when_the_link_is_off(film: Desk) -> None:
    clip = pictures(film)[0]
    film.bench.run("clip.set", {"clip": clip.id, "property": "scale", "value": [1, 0.5]})
    select(film, clip)
    type_into(film, "Scale", "200")
    now = film.bench.snapshot.get(Clip, clip.id).scale
    assert (now.x, now.y) == (2.0, 0.5)


def test_a_crop_beyond_the_other_side_stops_before_nothing_is_left(film: Desk) -> None:
    clip = pictures(film)[0]
    film.bench.run("clip.set", {"clip": clip.id, "property": "crop", "value": {"right": 0.5}})
    select(film, clip)
    type_into(film, "Crop left", "80")
    crop = film.bench.snapshot.get(Clip, clip.id).crop
    assert crop == Crop(0.499, 0, 0.5, 0)


def test_gain_of_a_picture_is_that_of_its_sound_and_the_key_goes_there(film: Desk) -> None:
    clip = pictures(film)[0]
    select(film, clip)
    film.bench.actions.trigger("clip.gain")
    film.settle()
    field = number(film, "Gain")
    assert field._editor is not None
    QTest.keyClicks(field._editor, "-6")
    QTest.keyClick(field._editor, Qt.Key.Key_Return)
    assert [c.gain_db for c in film.bench.snapshot.linked(film.bench.snapshot.get(Clip, clip.id)) if c.is_sound] == [-6]


def test_fades_are_typed_in_seconds_and_frames_and_never_longer_than_the_clip(film: Desk) -> None:
    clip = pictures(film)[0]
    select(film, clip)
    type_into(film, "Fade in", "1:05")
    assert film.bench.snapshot.get(Clip, clip.id).fade_in == 30 * film.bench.transport.frame
    type_into(film, "Fade out", "10s")
    now = film.bench.snapshot.get(Clip, clip.id)
    assert now.fade_in + now.fade_out == now.duration


def test_typing_a_title_is_written_after_a_pause_as_one_step(film: Desk) -> None:
    made = film.bench.run("title.add", {"text": "Title", "at": 0, "duration": S})["clip"]
    film.bench.selection.set([made])
    film.settle()
    words = section(film, Text).words  # type: ignore[attr-defined]
    words.setFocus()
    words.selectAll()
    for part in ("Harbour", " film"):
        QTest.keyClicks(words, part)
        film.settle(0.5)
    assert film.bench.snapshot.get(Clip, made).text == "Harbour film"
    film.bench.run("edit.undo")
    film.settle()
    assert film.bench.snapshot.get(Clip, made).text == "Title" and words.toPlainText() == "Title"


def test_what_is_typed_after_a_title_was_made_or_opened_are_its_words_and_esc_has_the_old_ones_back(film: Desk) -> None:
    before = len(film.bench.snapshot.of_kind(Clip))
    film.bench.actions.trigger("title.add")
    words = section(film, Text).words  # type: ignore[attr-defined]
    film.wait(lambda: film.window.focusWidget() is words)
    QTest.keyClicks(film.window.focusWidget(), "Wow")
    film.settle(0.5)
    title = film.bench.snapshot.get(Clip, film.bench.selection.clips[0])
    assert title.text == "Wow" and len(film.bench.snapshot.of_kind(Clip)) == before + 1, "no key of the timeline was meant"
    film.bench.selection.clear()
    film.panel("program").picture.setFocus()
    pointer = film.bench.late["timeline"].pointer
    pointer.open_clip(title, 0)
    film.wait(lambda: film.window.focusWidget() is words)
    QTest.keyClicks(words, "Hm")
    film.settle(0.5)
    assert film.bench.snapshot.get(Clip, title.id).text == "Hm"
    QTest.keyClick(words, Qt.Key.Key_Escape)
    assert film.bench.snapshot.get(Clip, title.id).text == "Wow" and film.window.focusWidget() is not words


def test_fonts_colours_stroke_and_shadow_of_a_title_are_set(film: Desk) -> None:
    made = film.bench.run("title.add", {"text": "Title", "at": 0, "duration": S})["clip"]
    film.bench.selection.set([made])
    film.settle()
    text = section(film, Text)
    type_into(film, "Font size", "120")
    type_into(film, "Stroke width", "4")
    type_into(film, "Shadow down", "6")
    text.style({"color": "#FF8800", "weight": 700, "align": "left"})  # type: ignore[attr-defined]
    clip = film.bench.snapshot.get(Clip, made)
    assert (clip.font_size, clip.stroke_width, clip.shadow_offset, clip.color) == (120, 4, Point(0, 6), "#FF8800")
    assert (clip.font_weight, clip.align) == (700, "left")


def test_a_wrong_entry_shakes_nothing_and_says_the_limit(film: Desk) -> None:
    clip = pictures(film)[0]
    select(film, clip)
    type_into(film, "Opacity", "lots")
    assert film.bench.snapshot.get(Clip, clip.id).opacity == 1.0
    assert any("not a number" in toast.message for toast in film.page.toasts._live())


def test_transitions_and_markers_have_their_own_fields(film: Desk) -> None:
    film.bench.transport.seek(4 * S)
    film.bench.actions.trigger("transition.default")
    film.settle()
    type_into(film, "Length", "10f")
    transition = film.bench.selection.transitions[0]
    assert film.bench.snapshot.record(transition).duration == 10 * film.bench.transport.frame  # type: ignore[union-attr]
    marker = film.bench.run("marker.add", {"at": S})["marker"]
    film.bench.selection.set((), markers=[marker])
    film.settle()
    field = film.panel("inspector").marker.text
    field.setText("Sunrise")
    field.editingFinished.emit()
    assert film.bench.snapshot.get(Marker, marker).text == "Sunrise"


def test_a_drag_counts_as_one_of_the_last_changes(film: Desk) -> None:
    clip = pictures(film)[0]
    select(film, clip)
    film.bench.run("clip.set", {"clip": clip.id, "property": "opacity", "value": 0.5})
    for degrees in (5, 10, 15):
        film.bench.run("clip.set", {"clip": clip.id, "property": "rotation", "value": degrees}, gesture="drag rotation 1")
    film.settle()
    shown = [words.whole for words, _, _, _ in film.panel("inspector").changes._rows]
    assert shown[0].startswith("Set rotation 15") and shown[1].startswith("Set opacity")


def test_what_others_change_is_shown_without_touching_what_is_typed(film: Desk) -> None:
    clip = pictures(film)[0]
    select(film, clip)
    film.bench.run("clip.set", {"clip": clip.id, "property": "opacity", "value": 0.25})
    film.settle()
    assert number(film, "Opacity").text() == "25.0"
    assert film.panel("inspector").changes._rows[0][0].whole.startswith("Set opacity 25")


def test_the_stream_and_channel_of_a_sound_are_chosen_where_its_file_has_several(film: Desk) -> None:
    panel = film.panel("inspector")
    sound = next(s for s in panel.sections if isinstance(s, Sound))
    select(film, pictures(film)[0])
    assert sound.stream.isHidden() or not sound.stream.isVisibleTo(film.window), "one stream gives no choice"
    assert [sound.channel.itemText(n) for n in range(sound.channel.count())] == ["Both", "Left only", "Right only"]
    streams = [{"index": n, "codec": "pcm_s16le", "sample_rate": 48000, "channels": c, "layout": words, "duration": 9 * S}
               for n, c, words in ((0, 1, "mono"), (1, 6, "5.1"), (2, 4, "4 channels"))]
    asset = film.bench.run("asset.add", {"name": "field.wav", "hash": "quick:field", "duration": 9 * S, "audio": streams})["asset"]
    made = film.bench.run("clip.append", {"asset": asset, "track": film.bench.snapshot.tracks("audio")[0].id})["clip"]
    select(film, film.bench.snapshot.get(Clip, made))
    assert [sound.stream.itemText(n) for n in range(sound.stream.count())] == ["Sound 1, mono", "Sound 2, 5.1", "Sound 3, 4 channels"]
    assert not sound.channel.isVisibleTo(film.window), "mono gives no choice"
    sound.stream.setCurrentIndex(1)
    sound.stream.activated.emit(1)
    film.settle()
    assert sound.channel.isVisibleTo(film.window) and sound.channel.itemText(3) == "Centre only"
    sound.channel.setCurrentIndex(3)
    sound.channel.activated.emit(3)
    film.settle()
    clip = film.bench.snapshot.get(Clip, made)
    assert (clip.stream, clip.channel) == (2, 3)
    film.bench.run("edit.undo")
    film.settle()
    assert sound.channel.currentIndex() == 0


def test_a_file_is_called_by_its_kind_and_not_by_the_name_of_its_reader(film: Desk) -> None:
    names = {"mov,mp4,m4a,3gp,3g2,mj2": "MP4 / QuickTime", "wav": "WAV", "caf,x": "CAF", "": "Media"}
    assert {name: format_of(MediaReference(id="m", name="m", hash="quick:m", container=name)) for name in names} == names


def test_who_may_not_edit_sees_greyed_fields_and_why_until_the_role_changes(film: Desk) -> None:
    select(film, pictures(film)[0])
    panel, door = film.panel("inspector"), film.bench.door
    assert number(film, "Opacity").isEnabled()
    assert not panel.barred.isVisibleTo(film.window)
    for role, bars in (("commenter", True), ("editor", False)):
        door.restrict(may_do(role, "Ana"))
        film.bench.actions.touch()
        film.wait(lambda bars=bars: panel.barred.isVisibleTo(film.window) is bars)
        assert number(film, "Opacity").isEnabled() is not bars
        assert ("ask Ana to make you an editor" in section(film, Transform).body.toolTip()) is bars
        assert section(film, Transform).toggle.isEnabled()  # looking is allowed


def test_changes_of_a_shots_picture_are_told_also_where_its_sound_was_clicked_and_a_merge_brought_some(film: Desk) -> None:
    bench, path = film.bench, film.bench.project_path
    picture = pictures(film)[0]
    sound = next(c for c in bench.snapshot.linked(picture) if c.is_sound)
    copy = path.with_name("copy.proedit")
    bench.services.project.file.save_copy(copy)
    ana = type(film.parts.profile)(id="uAna", name="Ana")
    theirs = bootstrap.open_project(bootstrap.Parts(film.parts.places, ana, bootstrap.new_session(), film.parts.registry), copy)
    theirs.door.execute("clip.set", {"clip": sound.id, "property": "gain_db", "value": -6})
    theirs.close()
    serve(bench.services.project, "merge", {"other": str(copy)})
    bench.run("clip.set", {"clip": picture.id, "property": "rotation", "value": 15})
    select(film, sound, picture)
    changes = film.panel("inspector").changes
    film.wait(lambda: changes._pasts and all(past.done for past in changes._pasts))
    assert [words.whole.split(" of ")[0] for words, _, holder, _ in changes._rows if holder.isVisibleTo(film.window)][:2] == \
        ["Set rotation 15°", "Set gain −6 dB"]
