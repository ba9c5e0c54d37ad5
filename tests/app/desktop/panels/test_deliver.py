"""Deliver: from a preset to a verified file in the queue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.desktop.bridge.deliver import choices, time_left, verdict
from app.desktop.panels.presets import summary
from app.desktop.panels.verification.view import LEAD, limit_words, measured_words
from editor_core.schema import Timeline
from render.export.catalogue import all_presets
from render.export.report import Check, LoudnessCurve, Report
from tests.app.desktop.desk import Desk, S


def test_every_preset_of_the_list_can_be_exported_with() -> None:
    known = all_presets()
    listed = [choice for _, group in choices([]) for choice in group]
    assert {choice.preset for choice in listed} == set(known)
    for choice in listed:
        values = known[choice.preset].read(dict(choice.settings))
        assert known[choice.preset].shape(Timeline(id="t"), values).width >= 2
        assert summary(choice)
    assert len({choice.id for choice in listed}) == len(listed)


def test_own_presets_are_saved_listed_and_removed(film: Desk) -> None:
    deliver = film.bench.deliver
    deliver.set("crf", 30)
    assert deliver.modified
    deliver.save_preset("Mine, small")
    assert deliver.choice.mine and deliver.value("crf") == 30 and not deliver.modified
    assert [title for title, _ in deliver.groups][-1] == "Mine"
    deliver.remove_preset(deliver.choice)
    assert deliver.choice.id == "web" and all(title != "Mine" for title, _ in deliver.groups)


def test_the_form_shows_and_sets_what_the_preset_declares(film: Desk) -> None:
    film.page.show_workspace("deliver")
    film.settle()
    deliver, form = film.bench.deliver, film.panel("export").form
    for _, group in deliver.groups:
        for choice in group:
            deliver.choose(choice)
            for everything in (False, True):
                form.show_all(everything)
                if everything:
                    assert set(form._fields) == {s.name for s in deliver.preset.settings}
    assert film.panel("presets").rows[0].choice.id == "web"


def test_the_suggested_file_lies_beside_the_film_whatever_the_film_is_called(film: Desk) -> None:
    film.bench.run("project.rename", {"name": "Take 2/3\nfinal " + "x" * 180})
    path = film.bench.deliver.path
    assert path.parent == film.folder and path.name.startswith("Take 2-3 final xx") and len(path.name) < 200


def test_the_range_follows_the_marks_and_an_empty_one_is_refused(film: Desk) -> None:
    deliver = film.bench.deliver
    assert deliver.range == (0, 8 * S) and deliver.problem() == ""
    film.bench.transport.set_marks(2 * S, 3 * S)
    assert not deliver.whole and deliver.range == (2 * S, 3 * S)
    film.bench.transport.set_marks(None, None)
    film.bench.run("clip.lift", {"clips": [c.id for t in film.bench.snapshot.tracks() for c in film.bench.snapshot.clips_on(t.id)][:2]})
    assert deliver.whole


def test_a_place_gets_the_presets_ending_and_a_free_name(film: Desk) -> None:
    deliver = film.bench.deliver
    assert deliver.path == film.folder / "Film.mp4"
    (film.folder / "Film.mp4").write_bytes(b"there already")
    deliver.look_again()
    assert deliver.path == film.folder / "Film, 2.mp4"
    deliver.set_place(film.folder / "cut")
    assert deliver.path.name == "cut.mp4"
    deliver.choose(next(c for _, group in deliver.groups for c in group if c.preset == "prores"))
    assert deliver.path.name == "cut.mov"
    deliver.set_place(film.folder / "missing" / "cut.mov")
    assert deliver.problem() == f"There is no folder {film.folder / 'missing'}"


@pytest.fixture
def ready(desk: Desk) -> Desk:
    """Twelve frames of a solid with a title, ready to export."""
    desk.new(width=64, height=36)
    desk.bench.run("solid.add", {"color": "#306090", "at": 0, "duration": "12f"})
    desk.page.show_workspace("deliver")
    desk.settle()
    return desk


def test_an_export_runs_in_the_background_is_verified_and_shown(ready: Desk) -> None:
    deliver, queue = ready.bench.deliver, ready.panel("queue")
    assert ready.bench.actions.trigger("export.add")
    job = deliver.shown
    assert job is not None
    ready.bench.run("solid.add", {"color": "#FF0000", "at": "12f", "duration": "12f"})
    ready.wait(lambda: job.state not in ("waiting", "running"), 60)
    assert job.state == "done", job.error
    report = job.facts["report"]
    assert Path(job.facts["out"]).stat().st_size > 500 and report.frames == 12
    ready.settle(0.1)
    row = queue.rows[job.number]
    assert row._tag.text().startswith("Verified") and "Done" in row._detail.whole
    words = [action.text() for action in row.menu().actions() if action.text()]
    assert words == ["Play the file", "Show file", "Copy the file's path", "Export again", "Take off the list"]
    panel = ready.panel("verification")
    assert panel._shown is report and panel._headline.whole == verdict(report)[0]


def test_an_export_that_fails_says_why_and_can_be_tried_again(ready: Desk) -> None:
    deliver = ready.bench.deliver
    job = deliver.add_to_queue()
    assert job is not None
    ready.wait(lambda: job.state == "done", 60)
    order = job.facts["order"]
    order.out.unlink()
    order.out.mkdir()
    deliver.again(job)
    again = deliver.shown
    assert again is not None and again is not job
    ready.wait(lambda: again.state not in ("waiting", "running"), 60)
    assert again.state == "failed" and order.out.name in again.error
    ready.settle(0.1)
    row = ready.panel("queue").rows[again.number]
    assert row._tag.text() == "Failed" and row._again.isVisibleTo(ready.window)
    menu = row.menu()
    {action.text(): action for action in menu.actions()}["Take off the list"].trigger()
    ready.settle()
    assert again.number not in ready.panel("queue").rows


def test_an_export_is_cancelled_within_a_moment_and_leaves_no_file(ready: Desk) -> None:
    ready.bench.run("clip.trim", {"clip": ready.bench.snapshot.clips_on(ready.bench.snapshot.tracks("video")[0].id)[0].id,
                                  "edge": "tail", "to": "60s"})
    deliver = ready.bench.deliver
    job = deliver.add_to_queue()
    assert job is not None
    ready.wait(lambda: job.state == "running" and job.fraction > 0, 60)
    ready.bench.jobs.cancel(job)
    ready.wait(lambda: job.state == "cancelled", 20)
    assert not Path(job.facts["out"]).exists()


def test_a_finding_is_shown_first_and_leads_to_its_time(ready: Desk) -> None:
    checks = (Check(name="frames", title="Frames", ok=True, measured=12, limit=12, unit="frames"),
              Check(name="black", title="Black picture", ok=False, measured=3, limit=0, unit="frames", message="3 black frames.",
                    ticks=4 * ready.bench.transport.frame, timecode="00:00:00:04"))
    report = Report(ok=False, file="x.mp4", preset="h264", frames=12, seconds=0.48, checks=checks, elapsed=2.0)
    job = ready.bench.deliver.add_to_queue()
    assert job is not None
    ready.wait(lambda: job.state == "done", 60)
    job.facts["report"] = report
    ready.bench.deliver.show(job)
    ready.settle()
    panel = ready.panel("verification")
    assert panel._headline.whole == "1 finding to look at" and panel._finding.isVisibleTo(ready.window)
    panel._go()
    assert ready.bench.transport.ticks == 4 * ready.bench.transport.frame
    assert measured_words(checks[0]) == "12 frames" and limit_words(checks[1]) == "Limit 0 frames"
    pair = ready.wait(lambda: panel.pair.pair, 30)
    assert pair.problem == "" and pair.ticks == 4 * ready.bench.transport.frame
    colours = [image.pixelColor(30, 18) for image in (pair.cut, pair.file)]
    assert all(abs(c.red() - 0x30) < 6 and abs(c.green() - 0x60) < 6 and abs(c.blue() - 0x90) < 6 for c in colours)
    panel._accept.click()
    ready.settle()
    assert panel._headline.whole == "1 finding, accepted" and not panel._accept.isVisibleTo(ready.window)
    assert ready.panel("queue").rows[job.number]._tag.text() == "Verified, 1 finding accepted"
    panel.write_report(ready.folder / "report.json")
    assert json.loads((ready.folder / "report.json").read_text())["accepted"] == ["black"]


def test_loudness_is_drawn_over_the_time_and_a_click_or_play_goes_there(ready: Desk) -> None:
    ready.bench.run("solid.add", {"color": "#306090", "at": "12f", "duration": "20s"})
    curve = LoudnessCurve(step=S // 10, file=tuple([-14.0] * 50 + [-40.0] * 20 + [-14.0] * 30), mix=tuple([-14.0] * 100))
    check = Check(name="level", title="Level", ok=False, measured=-26.0, limit=2.0, unit="dB", message="Too quiet.", ticks=5 * S)
    report = Report(ok=False, file="x.wav", preset="wav", frames=250, seconds=10.0, checks=(check,), loudness=curve)
    job = ready.bench.jobs.start("export", "x.wav", lambda job: None)
    ready.wait(lambda: job.state == "done")
    job.facts.update(report=report, rate=ready.bench.rate)
    ready.bench.deliver.show(job)
    ready.settle()
    panel = ready.panel("verification")
    graph = panel.graph
    assert graph.isVisibleTo(ready.window) and not panel._picture_card.isVisibleTo(ready.window), "a sound file has no frames"
    low, high = graph.span
    assert low == -43.0 and high == -11.0
    shown = graph.grab().toImage()
    mark = ready.theme.color("warn")
    assert any(shown.pixelColor(round(graph.x_of(5 * S)) + n, 6) == mark for n in (-1, 0, 1))
    QTest.mouseClick(graph, Qt.MouseButton.LeftButton, pos=QPoint(round(graph.width() * 0.25), 10))
    assert abs(ready.bench.transport.ticks - 2.5 * S) < S / 4
    panel._play()
    assert ready.bench.transport.playing and abs(ready.bench.transport.ticks - (5 * S - LEAD)) < S
    ready.bench.transport.stop()


def test_the_same_range_is_exported_again_from_its_report(ready: Desk) -> None:
    job = ready.bench.deliver.add_to_queue()
    assert job is not None
    ready.wait(lambda: job.state == "done", 60)
    ready.settle()
    panel = ready.panel("verification")
    panel._again.click()
    again = ready.bench.deliver.shown
    assert again is not job and again is not None
    assert again.facts["order"] == job.facts["order"] and again.facts["report"] is None
    ready.wait(lambda: again.state == "done" and again.facts["report"] is not None, 60)


@pytest.mark.parametrize(("seconds", "words"), [(5.2, "5 s"), (90, "1 min 30 s"), (7500, "2 h 5 min")])
def test_times_left_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert time_left(seconds) == words
