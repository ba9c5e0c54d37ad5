"""Versions, branches, comparing, who made a clip what it is, and the attention list, in the window."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app import bootstrap
from app.desktop.panels.versions import _AT
from app.desktop.shell.actions import versions as actions
from app.desktop.shell.blame_card import BlameCard
from app.services import branches
from app.services.together import serve
from editor_core.schema import Clip, Marker
from tests.app.desktop.desk import Desk, S


def solid(film: Desk, at: int, seconds: int = 2, **more: Any) -> str:
    made = film.bench.run("solid.add", {"color": "#204060", "at": f"{at}s", "duration": f"{seconds}s", **more})
    return str(made["clip"])


def clip(film: Desk, clip_id: str) -> Clip:
    return film.bench.snapshot.get(Clip, clip_id)


def click(film: Desk, widget: Any) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    film.settle(0.05)


def test_a_version_is_saved_compared_side_by_side_and_restored(film: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = film.bench
    one = solid(film, 0)
    monkeypatch.setattr(actions, "_ask", lambda *_: "Rough cut")
    bench.actions.trigger("version.save")
    film.wait(lambda: [row["name"] for row in bench.versions.rows] == ["Rough cut"])
    two = solid(film, 4)
    monkeypatch.setattr(actions, "sure", lambda words, verb: asked.append(words) or False)
    asked: list[str] = []
    bench.actions.trigger("version.save")
    assert len(asked) == 1 and "“Rough cut” already" in asked[0]
    bench.run("clip.set", {"clip": one, "property": "opacity", "value": 0.5})
    bench.shell.show_panel("versions")
    panel = film.panel("versions")
    film.wait(lambda: [b for b in panel.findChildren(QPushButton) if b.text() == "Restore" and b.isEnabled()])
    bench.shell.show_panel("history")
    film.wait(lambda: any(row.version == "Rough cut" for row in film.panel("history").model.rows))
    bench.shell.open_compare("Rough cut", "", "version")
    page = film.page.page
    film.wait(lambda: page.pair is not None and len(page.changes.rows) == 2)
    assert {row.id: row.kind for row in page.changes.rows} == {one: "changed", two: "added"}
    assert bench.deck.transport is page.pair.transport and page.pair.feeds["right"] is bench.frames
    assert page.table.currentIndex().row() == 0, "it begins where something differs"
    page.step(1)
    assert page.pair.transport.ticks == 4 * S
    film.wait(lambda: page.pair.feeds["left"].ticks == 4 * S and page.pair.feeds["right"].ticks == 4 * S)
    click(film, page.restore)
    film.wait(lambda: bench.snapshot.find(Clip, two) is None)
    assert film.page.page is None and clip(film, one).opacity == 1.0 and bench.deck is bench.program
    bench.actions.trigger("edit.undo")
    assert clip(film, two) and clip(film, one).opacity == 0.5
    film.wait(lambda: any(row["kind"] == "automatic" and row["name"].startswith("Before restoring") for row in bench.versions.rows))
    names = ("Before merge, 15:38", "Before restoring 2026-11-20 15:38:24", "Automatic 2026-11-20 15:38:24")
    assert [_AT.sub("", name) for name in names] == ["Before merge", "Before restoring", "Automatic"]


def test_a_branch_is_tried_compared_taken_in_part_and_dropped(film: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = film.bench.project_path
    assert path is not None
    one, two = solid(film, 0), solid(film, 4)
    monkeypatch.setattr(actions, "_ask", lambda *_: "trial")
    film.bench.actions.trigger("branch.new")
    film.wait(lambda: branches.current(path) == "trial")
    film.wait(lambda: film.page.top.branch.text().strip() == "trial")
    film.bench.run("clip.set", {"clip": one, "property": "opacity", "value": 0.5})
    film.bench.run("clip.set", {"clip": two, "property": "rotation", "value": 10})
    film.page.show_workspace("review")
    film.bench.shell.switch_branch("main")
    film.settle()
    assert film.page.workspace() == "review", "the window stays as it is"
    film.page.show_workspace("edit")
    film.settle()
    bench = film.bench
    assert clip(film, one).opacity == 1.0 and film.page.top.branch.text().strip() == "main"
    film.wait(lambda: len(bench.versions.branches) == 2)
    bench.actions.trigger("branch.compare")
    page = film.page.page
    film.wait(lambda: page.pair is not None and page.changes.rows)
    assert page.changes.ticked == {one, two}
    page.changes.tick({two})
    click(film, page.take)
    film.wait(lambda: clip(film, two).rotation == 10 and [row.id for row in page.changes.rows] == [one])
    assert clip(film, one).opacity == 1.0
    assert page.table.hasFocus() or film.window.focusWidget() is page.table
    film.key("Escape")
    assert film.page.page is None
    bench.actions.trigger("edit.undo")
    assert clip(film, two).rotation == 0
    monkeypatch.setattr(actions, "sure", lambda *_: True)
    bench.actions.trigger("branch.drop")
    film.wait(lambda: len(bench.versions.branches) == 1)
    assert branches.names(path) == ["main"]


def test_the_card_says_who_made_a_clip_what_it_is_and_restores_it(film: Desk) -> None:
    bench = film.bench
    one, other = solid(film, 0), solid(film, 8)
    bench.run("clip.set", {"clip": one, "property": "opacity", "value": 0.5})
    bench.run("clip.move", {"clips": [one], "by": "2s"})
    bench.run("clip.set", {"clip": other, "property": "opacity", "value": 0.7})
    bench.selection.set([one])
    bench.actions.trigger("clip.blame")
    card = film.page.findChild(BlameCard)
    film.wait(lambda: len(card._steps) == 3)
    assert [step.words for step in card._steps] == ["You moved it +50 f", "You set its opacity to 50 %", "You placed it as a solid"]
    click(film, card._steps[2])
    click(film, card.restore)
    assert (clip(film, one).start, clip(film, one).opacity) == (0, 1.0)
    bench.actions.trigger("edit.undo")
    assert (clip(film, one).start, clip(film, one).opacity) == (2 * S, 0.5)
    click(film, card.full)
    panel = film.panel("history")
    film.wait(lambda: [row.label for row in panel.model.rows][-1:] == ["Add solid #204060"] and len(panel.model.rows) == 4)
    assert [row.undone for row in panel.model.rows] == [True, False, False, False]
    panel.only_clip("")
    assert len(panel.model.rows) > 4 and panel.clip == ""


def test_what_a_merge_left_is_listed_with_its_fixes_and_settled_by_a_click(film: Desk) -> None:
    bench, path = film.bench, film.bench.project_path
    assert path is not None
    one = solid(film, 0)
    copy = path.with_name("copy.proedit")
    bench.services.project.file.save_copy(copy)
    ana = type(film.parts.profile)(id="uAna", name="Ana")
    again = bootstrap.Parts(film.parts.places, ana, bootstrap.new_session(), film.parts.registry)
    theirs = bootstrap.open_project(again, copy)
    theirs.door.execute("clip.set", {"clip": one, "property": "opacity", "value": 0.25})
    theirs.door.execute("solid.add", {"color": "#802020", "at": "11s", "duration": "3s"})
    theirs.close()
    solid(film, 10, 3)
    bench.run("clip.set", {"clip": one, "property": "opacity", "value": 0.75})
    serve(bench.services.project, "merge", {"other": str(copy)})
    film.wait(lambda: len(bench.attention.rows) == 2)
    assert [row.kind for row in bench.attention.rows] == ["conflict", "overlap"]
    for at, text in (("0s", "Decide: Two opacities"), ("11s", "Decide: Two clips in one place"), ("11s", "mine")):  # as a review does
        bench.run("marker.add", {"at": at, "text": text})
    assert film.page.status.attention.text() == "2 to look at"
    bench.shell.show_panel("attention")
    panel = film.panel("attention")
    film.wait(lambda: len(panel.cards()) == 2)
    conflict, overlap = panel.cards()
    click(film, overlap)
    assert bench.transport.ticks == 11 * S and len(bench.selection.clips) == 2
    click(film, overlap.buttons[0])
    film.wait(lambda: len(bench.attention.rows) == 1)
    assert [button.text() for button in conflict.buttons] == ["Keep mine", "Take theirs", "Keep both"]
    click(film, conflict.buttons[0])
    film.wait(lambda: not bench.attention.rows)
    assert clip(film, one).opacity == 0.75 and film.page.status.attention.isHidden()
    assert [one.text for one in bench.snapshot.of_kind(Marker)] == ["mine"], "what is decided has no marker any more"
    bench.actions.trigger("edit.undo")
    film.wait(lambda: [row.kind for row in bench.attention.rows] == ["conflict"])
    assert {one.text for one in bench.snapshot.of_kind(Marker)} == {"mine", "Decide: Two opacities"}, "as one step"


def test_what_one_removed_and_another_changed_is_kept_or_removed_by_name(film: Desk) -> None:
    bench, path = film.bench, film.bench.project_path
    assert path is not None
    gone = [solid(film, 0), solid(film, 4)]
    copy = path.with_name("copy.proedit")
    bench.services.project.file.save_copy(copy)
    ana = type(film.parts.profile)(id="uAna", name="Ana")
    theirs = bootstrap.open_project(bootstrap.Parts(film.parts.places, ana, bootstrap.new_session(), film.parts.registry), copy)
    for one, to in zip(gone, ("1s", "5s"), strict=True):
        theirs.door.execute("clip.trim", {"clip": one, "edge": "tail", "to": to})
    theirs.close()
    bench.run("clip.lift", {"clips": gone})
    serve(bench.services.project, "merge", {"other": str(copy)})
    bench.shell.show_panel("attention")
    panel = film.panel("attention")
    film.wait(lambda: len(panel.cards()) == 2)
    first, second = panel.cards()
    assert "changed its length" in first._words() and "source_range" not in first._words()
    assert {button.text() for button in first.buttons} == {"Keep it, with the changes", "Remove it"}
    ways = [{button.text(): button for button in card.buttons} for card in (first, second)]
    click(film, ways[0]["Remove it"])
    film.wait(lambda: len(bench.attention.rows) == 1)
    click(film, ways[1]["Keep it, with the changes"])
    film.wait(lambda: not bench.attention.rows)
    left = [one.id for one in bench.snapshot.of_kind(Clip)]
    assert [one in left for one in (first.matter.clips[0], second.matter.clips[0])] == [False, True]


def test_the_list_of_a_long_film_is_worked_out_without_holding_up_the_window(film: Desk) -> None:
    bench = film.bench
    with bench.door.batch("Many") as commit:
        for number in range(400):
            bench.door.execute("solid.add", {"color": "#204060", "at": f"{number * 2}s", "duration": "2s"})
        commit()
    worst, attention = [0.0], bench.attention

    def timed(work: Any) -> Any:
        def call(*args: Any) -> None:
            began = time.thread_time()
            work(*args)
            worst[0] = max(worst[0], time.thread_time() - began)

        return call

    for name in ("_look", "_done", "_load"):
        setattr(attention, name, timed(getattr(attention, name)))
    checked = attention.checked
    attention.on_change(bench.services.project.file.change(bench.door.history.entries[-1].stamp), bench.snapshot, bench.snapshot)
    attention._look()
    film.wait(lambda: attention.checked > checked)
    assert worst[0] < 0.016
