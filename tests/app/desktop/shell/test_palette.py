"""The palette: finding, running, asking, refusing."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from PySide6.QtGui import QGuiApplication

from app.desktop.shell import palette as palette_module
from app.desktop.shell.finder import entry, find, score
from app.desktop.shell.questions import answer, known_arguments, questions
from editor_core.schema import Clip, Marker, Track
from tests.app.desktop.desk import Desk, S

pytestmark = pytest.mark.still


@pytest.mark.parametrize(("typed", "first"), [
    ("rip", "Ripple delete"), ("spl", "Split at playhead"), ("rtsp", "Ripple trim start to playhead"), ("delete rip", "Ripple delete"),
    ("ADD MARK", "Add marker"), ("zzz", None),
])
def test_letters_find_the_name_they_stand_for(typed: str, first: str | None) -> None:
    names = ["Transcript panel", "Ripple delete", "Split at playhead", "Ripple trim start to playhead", "Add marker", "Mark clip"]
    found = find(typed, [entry(n, n, "") for n in names])
    assert (found[0][0].title if found else None) == first


def test_matched_letters_are_told_by_their_places() -> None:
    assert score("rip", "ripple delete") is not None and score("rip", "ripple delete")[1] == (0, 1, 2)  # type: ignore[index]


def test_what_cannot_run_comes_after_what_can() -> None:
    rows = find("cut", [entry("a", "Cut", "", reason="Select a clip first"), entry("b", "Cut here", "")])
    assert [row[0].key for row in rows] == ["b", "a"]


def test_fifteen_hundred_entries_are_searched_in_a_moment() -> None:
    rows = [entry(str(n), f"Command number {n} of the timeline and its clips", "Group", words="a sentence of help") for n in range(1500)]
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        find("cmd num 77", rows)
        best = min(best, time.perf_counter() - began)
    assert best < 0.06


def test_enter_runs_the_first_and_remembers_it(film: Desk) -> None:
    palette = film.page._palette
    palette.open("add video tr")
    film.key("Return", palette.field)
    assert len(film.bench.snapshot.tracks("video")) == 2 and not palette.isVisible()
    assert film.settings.get("palette/recent", [])[0] == "track.add_video"


def test_what_is_called_by_no_name_is_said_until_something_is_found(film: Desk) -> None:
    palette = film.page._palette
    palette.open("zzzz")
    assert palette._note.isVisible() and palette._note.text() == "Nothing is called “zzzz”"
    palette.field.setText("")
    assert not palette._note.isVisible()


def test_a_disabled_command_keeps_the_palette_open_with_the_reason(film: Desk) -> None:
    film.bench.selection.clear()
    palette = film.page._palette
    palette.open("ripple delete")
    film.key("Return", palette.field)
    assert palette.isVisible() and palette._note.text() == "Select a clip first"


def test_arguments_are_asked_inline_and_what_is_known_is_not(film: Desk) -> None:
    palette = film.page._palette
    palette.open(command="track.set")
    assert palette._prompt.text() == "Set track: track" and [e.title for e, _ in palette.rows.rows] == ["V1", "A1"]
    film.key("Return", palette.field)
    assert palette._prompt.text().startswith("Set track: ")
    while palette._asking and palette._asking[0].name != "name":
        film.key("Return", palette.field)
    palette.field.setText("Pictures")
    while palette.isVisible():
        film.key("Return", palette.field)
    assert film.bench.snapshot.tracks("video")[0].name == "Pictures"


def test_a_refused_command_asks_again_and_says_why(film: Desk) -> None:
    palette = film.page._palette
    palette.open(command="timeline.set")
    palette.field.setText("1001")
    for _ in range(8):
        if palette._note.property("role") == "warn":
            break
        film.key("Return", palette.field)
    assert palette.isVisible() and "even" in palette._note.text()


def test_clips_markers_media_and_times_are_found_too(film: Desk) -> None:
    film.bench.run("marker.add", {"at": S, "text": "Sunrise"})
    palette = film.page._palette
    palette.open("#sun")
    film.key("Return", palette.field)
    assert film.bench.transport.ticks == S and isinstance(film.bench.snapshot.record(film.bench.selection.markers[0]), Marker)
    palette.open("@lake")
    assert {e.kind for e, _ in palette.rows.rows} == {"clip", "media"}
    palette.open(":0:03:10")
    film.key("Return", palette.field)
    assert film.bench.transport.ticks == 3 * S + 10 * film.bench.transport.frame


def test_a_command_is_copied_as_a_line_of_a_script(film: Desk) -> None:
    clip = film.bench.snapshot.of_kind(Clip)[0].id
    film.bench.selection.set([clip])
    palette = film.page._palette
    palette.open("ripple delete")
    palette._copy()
    assert json.loads(QGuiApplication.clipboard().text()) == {"command": "clip.extract", "args": {"clips": [clip]}}


def test_questions_follow_the_schema_of_the_command(film: Desk) -> None:
    asked = questions(film.bench, "track.add", known_arguments(film.bench, "track.add"))
    assert [(q.name, q.kind, q.required) for q in asked] == [("kind", "choice", True), ("name", "text", False), ("index", "number", False)]
    assert answer(asked[0], "Audio") == "audio" and answer(asked[2], "3") == 3
    with pytest.raises(ValueError, match="is not a number"):
        answer(asked[2], "three")


def test_every_asked_command_can_be_asked(film: Desk) -> None:
    for spec in film.bench.actions:
        if spec.ask:
            film.page._palette.open(command=spec.id)
            film.page._palette.close_palette()
    assert film.bench.snapshot.of_kind(Track)


def test_what_is_given_is_not_asked_and_what_there_is_stands_in_the_field(film: Desk) -> None:
    clip = film.bench.snapshot.of_kind(Clip)[0].id
    film.bench.selection.set([clip])
    film.settle()
    film.page.space.show_panel("timeline")
    film.bench.actions.trigger("edit.rename")
    palette = film.page._palette
    assert [q.name for q in palette._asking] == ["value"] and palette.field.text() == "lake.mp4"
    palette.field.setText("Dawn")
    film.key("Return", palette.field)
    assert film.bench.snapshot.get(Clip, clip).name == "Dawn" and not palette.isVisible(), palette._note.text()


def test_a_marker_is_asked_for_its_words_first(film: Desk) -> None:
    for _ in range(2):
        film.bench.actions.trigger("marker.add")
    palette = film.page._palette
    assert palette._asking[0].name == "text"
    palette.field.setText("Sunrise")
    while palette.isVisible():
        film.key("Return", palette.field)
    assert [m.text for m in film.bench.snapshot.of_kind(Marker)] == ["Sunrise"]


def test_clips_of_a_large_film_are_gathered_over_some_turns_and_found_when_they_are(desk: Desk, monkeypatch) -> None:
    desk.new()
    for number in range(7):
        desk.bench.run("title.add", {"text": f"Word {number}", "at": f"{number}s", "duration": "1s"})
    monkeypatch.setattr(palette_module, "SLICE", 2)
    desk.page.palette()
    palette = desk.page._palette
    palette.field.setText("@word")
    seen = [len(palette._things[1])]
    assert seen == [2] and len(palette.rows.rows) == 2
    palette._gathering.timeout.connect(lambda: seen.append(len(palette._things[1])))
    while palette._gathering.isActive():
        desk.app.processEvents()
    assert max(b - a for a, b in itertools.pairwise(seen)) <= 2
    assert [row[0].title for row in palette.rows.rows] == [f"Word {number}" for number in range(7)]
    palette.close_palette()
