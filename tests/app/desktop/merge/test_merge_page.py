"""The merge preview in a real window over two copies of a film, with real renderers; media files are not there and show slates."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from app.desktop.merge.page import MergePage
from app.desktop.merge.table import RESULT, TICK
from app.services import branches
from app.services.merging import Coming, bring_in, coming, merger_of
from app.services.open_project import OpenProject
from app.services.reading import read_project
from editor_core.schema import Clip, Marker
from editor_core.storage import ProjectFile
from editor_core.storage.journal import Ticket
from editor_core.sync.merging import Merged
from render.playback.client import RenderClient
from tests.app.desktop.desk import Desk, S
from tests.support.random_edits import door_on


def run(desk: Desk, command: str, **args: Any) -> Any:
    return desk.bench.run(command, args)


def edited_copy(desk: Desk, edit: Any) -> Path:
    """A copy of the film that somebody else edited on a laptop."""
    path = desk.bench.services.project.path
    desk.bench.services.project.file.flush()
    copy = path.with_name("laptop.proedit")
    shutil.copyfile(path, copy)
    with ProjectFile.open(copy, session=4242) as file:
        door = door_on(file, session=4242)
        edit(OpenProject(copy, file, door.document, door))
    return copy


@pytest.fixture
def pair(film: Desk) -> tuple[Desk, Path, dict[str, str]]:
    """Two titles and two shots, edited on both sides: levels and texts that compete, two titles in one place, a clip removed."""
    run(film, "track.add", kind="video")
    for text, at in (("Opening", 0), ("Ending", 20)):
        run(film, "title.add", text=text, at=at * S, duration=2 * S, track="V2")
    ids = {clip.text: clip.id for clip in film.bench.snapshot.of_kind(Clip) if clip.text}
    sound = next(c.id for c in film.bench.snapshot.of_kind(Clip) if c.is_sound)

    def edit(other: OpenProject) -> None:
        do = other.door.execute
        do("clip.set", {"clip": sound, "property": "gain_db", "value": -4})
        do("clip.set", {"clip": ids["Opening"], "property": "opacity", "value": 0.5})
        do("title.add", {"text": "Theirs", "at": 12 * S, "duration": 3 * S, "track": "V2"})
        do("clip.lift", {"clips": [ids["Ending"]]})

    copy = edited_copy(film, edit)
    run(film, "clip.set", clip=sound, property="gain_db", value=-2)
    run(film, "clip.set", clip=ids["Opening"], property="rotation", value=10)
    run(film, "title.add", text="Mine", at=10 * S, duration=3 * S, track="V2")
    return film, copy, {**ids, "sound": sound}


def page_of(desk: Desk, copy: Path) -> MergePage:
    desk.window.merge_copy(copy)
    page = desk.page.page
    assert isinstance(page, MergePage)
    desk.wait(lambda: page.reviewer.merged is not None)
    desk.settle(0.1)
    return page


def click(page: MergePage, row: str, column: int, at: QPoint | None = None) -> None:
    number = page.list.changes.number_of(row)
    assert number is not None
    page.list.table.scrollTo(page.list.changes.index(number, column))
    box = page.list.table.visualRect(page.list.changes.index(number, column))
    QTest.mouseClick(page.list.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at or box.center())


def test_what_differs_is_listed_and_played_and_nothing_changes_before_it_is_applied(pair: Any) -> None:
    desk, copy, _ = pair
    before, revision = copy.read_bytes(), desk.bench.document.revision
    page = page_of(desk, copy)
    found = page.reviewer.outlook
    assert found is not None
    assert {(row.name, row.mine, row.theirs) for row in found.rows} == {
        ("lake.mp4", "Gain −2 dB", "Gain −4 dB"), ("Opening", "Turned 10°", "Opacity 50 %"), ("Mine", "Placed at 10:00, 3:00 long", ""),
        ("Theirs", "", "Placed at 12:00, 3:00 long"), ("Ending", "", "Removed")}
    assert {one.title for one in found.questions} == {"Two levels", "Two clips in one place"}
    assert page.current is not None and page.current.questions, "it begins with what has to be decided"
    desk.wait(lambda: all(not page.sides.feeds[s].image.isNull() for s in ("mine", "theirs", "merged")))
    at = page.sides.transport.ticks
    desk.key("Space")
    desk.wait(lambda: page.sides.transport.playing and page.sides.transport.ticks != at)
    assert page.sides.transport.marks()[0] == max(0, page.current.at - 3 * S)
    desk.wait(lambda: page.sides.feeds["theirs"].ticks == page.sides.feeds["merged"].ticks != at)
    desk.key("Space")
    assert not page.sides.transport.playing
    assert (desk.bench.document.revision, copy.read_bytes()) == (revision, before)
    desk.key("Alt+Down")
    desk.key("1")
    assert page.sides.heard == "mine"
    listed = page.list
    assert all(one.accessibleName() for one in (page, page.strips, page.decisions, listed.table, listed.search, listed.filter))
    words = {}
    page.strips._paint_words = lambda _painter, side, clip, box, _mark: words.setdefault((side.name, clip.text), box)
    for name, top, height in page.strips._bands():
        page.strips._layer(name, top, height)
    assert words["merged", "Mine"].right() < words["merged", "Theirs"].left(), "names of clips over one another can be read"


def test_ticks_segments_and_answers_are_applied_as_one_step_with_real_clicks_and_keys(pair: Any) -> None:
    desk, copy, ids = pair
    page = page_of(desk, copy)
    click(page, ids["Ending"], TICK)
    desk.wait(lambda: page.reviewer.choices.rows == {ids["Ending"]: "mine"})
    overlap = next(one for one in page.reviewer.outlook.questions if one.kind == "overlap")
    QTest.mouseClick(page.decisions.cards[overlap.id].radios["fix0"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    number = page.list.changes.number_of(ids["sound"])
    page.list.table.scrollTo(page.list.changes.index(number, RESULT))
    box = page.list.table.visualRect(page.list.changes.index(number, RESULT))
    theirs = next(area for choice, area, _ in page.list.painter._boxes(box, page.list.changes.row(number)) if choice == "theirs")
    click(page, ids["sound"], RESULT, theirs.center().toPoint())
    desk.wait(lambda: not page.reviewer.busy and page.reviewer.open == [])
    assert page.list.changes.state(page.list.changes.row(number))[0] == "decided"
    assert "4 clean" not in page.footer.words.text() and "2</b> decided" in page.footer.words.text()
    page.list.table.setFocus()
    QTest.keyClick(page.list.table, Qt.Key.Key_Tab)
    assert desk.window.focusWidget() is not page.list.table, "Tab goes on to the decisions and to Apply"
    desk.key("Ctrl+Return")
    desk.wait(lambda: desk.page.page is None)
    clips = {clip.text: clip for clip in desk.bench.snapshot.of_kind(Clip) if clip.text}
    view = desk.bench.snapshot
    assert set(clips) == {"Opening", "Ending", "Mine", "Theirs"}
    assert (clips["Opening"].opacity, clips["Opening"].rotation) == (0.5, 10)
    assert view.get(Clip, ids["sound"]).gain_db == -4 and view.track_label(view.record(clips["Theirs"].track)) == "V3"
    assert not view.of_kind(Marker)
    assert [line.kind for line in desk.bench.door.history.entries[-2:]] == ["merge", "do"]
    desk.bench.actions.trigger("edit.undo")
    desk.settle()
    assert "Ending" not in {clip.text for clip in desk.bench.snapshot.of_kind(Clip)} and "Theirs" in clips


def test_picture_and_sound_that_were_removed_together_are_decided_together(film: Desk) -> None:
    shot = next(c for c in film.bench.snapshot.of_kind(Clip) if c.link and not c.is_sound)
    both = [c.id for c in film.bench.snapshot.of_kind(Clip) if c.link == shot.link]
    copy = edited_copy(film, lambda other: other.door.execute("clip.lift", {"clips": both}))
    run(film, "clip.trim", clip=shot.id, edge="tail", to=shot.end - S)
    page = page_of(film, copy)
    found = page.reviewer.outlook
    assert found is not None and len(found.questions) == len(both) == 2
    page.reviewer.answer(found.questions[0], "keep")
    assert dict(page.reviewer.choices.answers) == {one.id: "keep" for one in found.questions} and not page.reviewer.open
    page.reviewer.answer(found.questions[1], "remove")
    assert set(page.reviewer.choices.answers.values()) == {"keep", "remove"}, "whoever wants them apart has them apart"


def test_edits_made_while_it_is_open_are_taken_in_and_choices_stay_when_it_is_left_for_later(pair: Any) -> None:
    desk, copy, ids = pair
    page = page_of(desk, copy)
    page.reviewer.choose(page.reviewer.outlook.by_id[ids["Ending"]], "mine")
    run(desk, "clip.set", clip=ids["Ending"], property="rotation", value=5)
    desk.wait(lambda: not page.reviewer.review.stale and any(one.kind == "deleted" for one in page.reviewer.outlook.questions))
    desk.wait(lambda: not page.reviewer.busy)
    assert page.reviewer.choices.rows == {ids["Ending"]: "mine"}
    desk.key("Escape")
    assert desk.page.page is None and desk.page.review_waits()
    assert desk.bench.actions.trigger("merge.show")
    again = desk.page.page
    desk.wait(lambda: again.reviewer.merged is not None)
    assert again.reviewer.choices.rows == {ids["Ending"]: "mine"}
    again.footer.later.click()
    assert desk.page.page is None


def test_the_list_is_filtered_searched_and_grouped(pair: Any) -> None:
    desk, copy, _ = pair
    page = page_of(desk, copy)
    page.list.filter.button("decide").click()
    assert {row.name for row in page.list.changes.lines} == {"lake.mp4", "Theirs"}
    page.list.filter.button("all").click()
    page.list.order.button("person").click()
    headings = [line for line in page.list.changes.lines if isinstance(line, str)]
    assert headings == ["You  ·  1", "You, laptop.proedit  ·  2", "laptop.proedit  ·  2"]
    page.list.order.button("time").click()
    page.list.search.setFocus()
    desk.type("opac")
    assert [row.name for row in page.list.changes.lines] == ["Opening"]
    assert page.list.search.text() == "opac", "letters go into the search, not to actions"
    page.list.search.clear()
    page.list.filter.button("theirs").click()
    page.list.all.menu().actions()[1].trigger()
    desk.wait(lambda: not page.reviewer.busy)
    found = page.reviewer.outlook.by_id
    assert {found[i].name: choice for i, choice in page.reviewer.choices.rows.items()} == dict.fromkeys(
        ("lake.mp4", "Opening", "Theirs", "Ending"), "mine")


def test_a_copy_that_falls_on_the_window_is_offered_and_the_merge_can_be_kept_as_a_branch(pair: Any) -> None:
    desk, copy, _ = pair
    desk.window.dropped([copy])
    box = desk.wait(lambda: desk.window.findChild(QMessageBox))
    assert desk.wait(lambda: desk.bench.late["looking"].pid), "what would work it out begins while that is asked"
    box.reject()
    desk.wait(lambda: "looking" not in desk.bench.late)
    desk.window.dropped([copy])
    box = desk.wait(lambda: next((box for box in desk.window.findChildren(QMessageBox) if box.isVisible()), None))
    began = desk.wait(lambda: desk.bench.late["looking"].pid)
    next(b for b in box.buttons() if b.text().startswith("Merge")).click()
    page = desk.wait(lambda: desk.page.page)
    assert page.reviewer.review._elsewhere.pid == began
    desk.wait(lambda: page.reviewer.merged is not None)
    revision = desk.bench.document.revision
    page.footer.branch.click()
    desk.wait(lambda: desk.page.page is None)
    assert desk.bench.document.revision == revision
    assert branches.names(desk.bench.services.project.path) == ["main", "Merge of laptop"]


class Waiting:
    """What waits as it does in a room: it belongs to the document's thread, and its changes stand in no file of their own."""

    title = "2 people"

    def __init__(self, desk: Desk, copy: Path) -> None:
        self._film = desk.bench.services.project
        self._copy, self._home, self.asked = copy, threading.current_thread(), 0

    def coming(self) -> Coming:
        assert threading.current_thread() is self._home
        self.asked += 1
        other = read_project(self._copy, self._film)
        try:
            return coming(self._film, other, merger_of(self._film))
        finally:
            other.close()

    def take(self, wait: bool = True) -> Merged | None:
        return bring_in(self._film, self.coming(), merger_of(self._film), wait=wait)


def test_what_waits_in_a_room_is_asked_for_on_the_thread_of_the_document(pair: Any) -> None:
    desk, copy, ids = pair
    waiting = Waiting(desk, copy)
    desk.page.open_review(waiting)
    page = desk.page.page
    desk.wait(lambda: page.reviewer.merged is not None)
    assert len(page.reviewer.outlook.rows) == 5 and waiting.asked == 1
    page.reviewer.choose(page.reviewer.outlook.by_id[ids["Ending"]], "mine")
    desk.wait(lambda: not page.reviewer.busy)
    desk.key("Ctrl+Return")
    desk.wait(lambda: desk.page.page is None)
    assert {"Theirs", "Ending"} <= {clip.text for clip in desk.bench.snapshot.of_kind(Clip)}
    assert "Decide: Two levels" in {marker.text for marker in desk.bench.snapshot.of_kind(Marker)}


def test_the_page_is_there_at_once_and_players_are_told_only_what_differs(pair: tuple[Desk, Path, dict[str, str]],
                                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    desk, copy, ids = pair
    told: list[tuple[int, str, int]] = []
    load, change = RenderClient.load, RenderClient.change
    monkeypatch.setattr(RenderClient, "load", lambda self, snapshot, places: (told.append((id(self), "load", len(snapshot.records))),
                                                                             load(self, snapshot, places)))
    monkeypatch.setattr(RenderClient, "change", lambda self, step, after=None: (told.append((id(self), "change", len(step.operations))),
                                                                               change(self, step, after)))
    desk.window.merge_copy(copy)
    page = desk.page.page
    assert isinstance(page, MergePage) and page.isVisible() and page.reviewer.outlook is None
    desk.wait(lambda: page._built)
    if page.reviewer.outlook is None:
        assert page.list.empty.text() == "Looking…" and not page.footer.apply.isEnabled()
    desk.wait(lambda: page.reviewer.merged is not None and not page.reviewer.busy)
    assert page.list.empty.isHidden() and page.footer.apply.isEnabled()
    desk.wait(lambda: all(not page.players[side].picture.image.isNull() for side in ("theirs", "merged")))
    whole = len(desk.bench.snapshot.records)
    by_player: dict[int, list[tuple[str, int]]] = {}
    for player, what, count in told:
        by_player.setdefault(player, []).append((what, count))
    assert len(by_player) == 2 and all(one[0] == ("load", whole) for one in by_player.values())
    assert all(what == "change" and count < whole for one in by_player.values() for what, count in one[1:])
    click(page, ids["Ending"], TICK)
    desk.wait(lambda: not page.reviewer.busy)
    assert sum(what == "load" for _, what, _ in told) == 2 and told[-1][1:] == ("change", 1)


def test_a_page_that_is_left_before_it_is_all_there_leaves_nothing_behind(pair: tuple[Desk, Path, dict[str, str]]) -> None:
    desk, copy, _ = pair
    desk.window.merge_copy(copy)
    page = desk.page.page
    assert not page._built
    review = page.reviewer.review
    desk.page.close_page()
    desk.wait(lambda: review._elsewhere.pid == 0)
    desk.settle(0.3)
    assert desk.page.page is None
    page = page_of(desk, copy)
    assert page.reviewer.outlook.rows


def test_applying_waits_for_the_disk_beside_the_window(pair: tuple[Desk, Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, copy, _ = pair
    page = page_of(desk, copy)
    where: list[str] = []
    wait, flush = Ticket.wait, ProjectFile.flush
    monkeypatch.setattr(Ticket, "wait", lambda self, timeout=None: (where.append(threading.current_thread().name), wait(self, timeout))[1])
    monkeypatch.setattr(ProjectFile, "flush", lambda self, timeout=30.0: (where.append(threading.current_thread().name),
                                                                         flush(self, timeout))[1])
    page.apply()
    desk.wait(lambda: desk.page.page is None)
    assert "merge review_0" in where and "MainThread" not in where
    saved = desk.bench.services.project.file
    assert saved.saved_revision == desk.bench.document.revision


def test_a_page_that_closes_amid_applying_leaves_no_choice_behind(pair: tuple[Desk, Path, dict[str, str]]) -> None:
    desk, copy, ids = pair
    reviewer = page_of(desk, copy).reviewer
    reviewer.choose(reviewer.outlook.by_id[ids["Ending"]], "mine")
    desk.wait(lambda: not reviewer.busy)
    reviewer.review.prepare()
    reviewer._apply()
    assert not desk.bench.services.project.door.history.entries[-1].label.startswith("Merge decisions")
    reviewer.close()
    assert desk.bench.services.project.door.history.entries[-1].label.startswith("Merge decisions")
    assert "Ending" in {clip.text for clip in desk.bench.snapshot.of_kind(Clip)}


def test_a_marked_range_is_chosen_for_by_menu_key_and_drag(pair: tuple[Desk, Path, dict[str, str]]) -> None:
    desk, copy, _ = pair
    page = page_of(desk, copy)
    desk.wait(lambda: page.current is not None)
    texts = [one.text() for one in page.list.all.menu().actions()]
    ranged = next(one for one in page.list.all.menu().actions() if one.text().startswith("Take theirs in the marked range"))
    assert not ranged.isEnabled() and "Shift" in ranged.toolTip() and len(texts) == 8
    desk.bench.actions.trigger("merge.range_theirs")
    assert not page.reviewer.choices.rows, "nothing is chosen without a range"
    page.sides.transport.seek(9 * S)
    desk.key("I", page)
    page.sides.transport.seek(11 * S)
    desk.key("O", page)
    frame = page.sides.transport.frame
    assert page.marked == (9 * S, 11 * S + frame) and ranged.isEnabled() and "00:00:09:00 – 00:00:11:01" in ranged.text()
    ranged.trigger()
    mine = next(row for row in page.reviewer.outlook.rows if row.name == "Mine")
    assert mine.at == 10 * S and page.reviewer.choices.rows == {mine.id: "theirs"}, "of all changes one is there"
    desk.wait(lambda: not page.reviewer.busy)
    assert page.reviewer.merged.find(Clip, mine.id) is None
    desk.bench.actions.trigger("merge.range_merged")
    assert not page.reviewer.choices.rows
    desk.key("Alt+X", page)
    assert page.marked == (None, None) and not ranged.isEnabled()
    strips = page.strips
    y = strips.look.m.px(11)
    left, right = (QPoint(strips._head + strips.scale.x(at * S), y) for at in (1, 3))
    QTest.mousePress(strips, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, left)
    QTest.mouseMove(strips, right)
    QTest.mouseRelease(strips, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, right)
    start, end = page.marked
    assert abs(start - S) < S // 4 and abs(end - 3 * S) < S // 4
    desk.bench.actions.trigger("merge.range_mine")
    chosen = {page.reviewer.outlook.by_id[i].name for i in page.reviewer.choices.rows}
    assert "Opening" in chosen and "Mine" not in chosen and "Theirs" not in chosen
    levels = next(one for one in page.reviewer.outlook.questions if one.title == "Two levels")
    page.reviewer.answer(levels, "mine")
    page.reviewer.choose_all("theirs", list(page.reviewer.outlook.rows))
    assert levels.id not in page.reviewer.choices.answers and levels not in page.reviewer.open, "the last word counts"


def test_a_copy_without_differences_says_so(film: Desk) -> None:
    page = page_of(film, edited_copy(film, lambda other: None))
    assert page.list.empty.isVisible() and page.list.empty.text() == "Nothing differs"
    film.key("Escape")


