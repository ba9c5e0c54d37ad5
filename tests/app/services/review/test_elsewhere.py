"""Looking at a merge in a process of its own gives what looking here gives, and what goes wrong there stays there."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services.errors import AppError
from app.services.merging import NotACopy
from app.services.open_project import OpenProject
from app.services.people import take_names
from app.services.reading import project_at
from app.services.review import worker
from app.services.review.elsewhere import Elsewhere
from app.services.review.messages import Ask, Merging, Near, Told
from app.services.review.outlook import Outlook
from app.services.reviewing import CopyIncoming, Review
from editor_core.commands.context import Actor
from editor_core.comments import Anchor, Person
from editor_core.document.new_project import new_records
from editor_core.storage import ProjectFile
from editor_core.storage.news import read_news
from tests.support.copies import Pair, clips, run, titles
from tests.support.random_edits import RandomEditor, counting_ids, door_on, first_records


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    made = Elsewhere()
    yield made
    made.close()


def both(pair: Pair, elsewhere: Elsewhere) -> tuple[Review, Outlook, Outlook]:
    """The review that looked elsewhere, what it found, and what is found here."""
    pair.other.file.flush()
    there, here = (Review(pair.film, CopyIncoming(pair.film, pair.other.path), elsewhere=one) for one in (elsewhere, None))
    return there, there.look(), here.look()


def running(elsewhere: Elsewhere) -> int:
    end = time.monotonic() + 30
    while not elsewhere.pid and time.monotonic() < end:
        time.sleep(0.01)
    assert elsewhere.pid
    return elsewhere.pid


def agree(one: Outlook, other: Outlook) -> None:
    for name in ("revision", "rows", "questions", "totals", "checked", "who"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("base", "mine", "theirs", "merged"):
        first, second = getattr(one.sides, name), getattr(other.sides, name)
        assert {i: r for i, r in first.records.items() if not r.deleted} == {i: r for i, r in second.records.items() if not r.deleted}
        for track in second.tracks():
            assert first.clips_on(track.id) == second.clips_on(track.id), name
    for name in ("my_work", "their_work"):
        first, second = getattr(one.sides, name), getattr(other.sides, name)
        assert all(getattr(first, part) == getattr(second, part) for part in ("fields", "created", "moves", "carried"))
    assert (one.merged is None) == (other.merged is None)
    if one.merged is not None and other.merged is not None:
        assert one.merged.change.operations == other.merged.change.operations


@pytest.mark.parametrize("seed", range(1, 9))
def test_what_is_found_elsewhere_is_what_is_found_here(pairs: Any, elsewhere: Elsewhere, seed: int) -> None:
    pair = pairs(lambda door: RandomEditor(door, seed).steps(30))
    RandomEditor(pair.film.door, seed + 50).steps(15)
    RandomEditor(pair.other.door, seed + 90).steps(15)
    review, one, other = both(pair, elsewhere)
    agree(one, other)
    review.choose_all("theirs")
    shown, refused = review.preview()
    review.apply(version=False)
    assert not refused and {r.id: r for r in pair.film.snapshot.records.values() if r.kind_name != "marker"} == {
        r.id: r for r in shown.records.values() if r.kind_name != "marker"}


def test_a_copy_that_was_merged_before_and_brings_others_changes_is_read_without_being_opened(pairs: Any, elsewhere: Elsewhere) -> None:
    pair = pairs(titles(0, 4, 8))
    one, two, three = (clips(pair.film)[f"t{n}"].id for n in range(3))
    run(pair.film, "clip.set", clip=one, property="opacity", value=0.5)
    pair.review(back=True).apply(version=False)  # the copy knows the film's, as one line of history
    run(pair.other, "clip.set", clip=two, property="opacity", value=0.25)
    run(pair.film, "clip.set", clip=three, property="opacity", value=0.75)
    pair.other.file.flush()
    news = read_news(pair.other.path, {line.stamp for line in pair.film.door.history.entries})
    assert news is not None and news.shares and [change.args["clip"] for change in news.changes] == [two]
    _, found, here = both(pair, elsewhere)
    agree(found, here)
    assert [row.id for row in found.rows if row.theirs] == [two]


def test_old_entries_in_blocks_are_read_too(tmp_path: Path, elsewhere: Elsewhere) -> None:
    ours, theirs = tmp_path / "film.proedit", tmp_path / "laptop.proedit"
    with ProjectFile.create(ours, first_records(), session=7, actor="person-a") as file:
        RandomEditor(door_on(file, session=7), 1).steps(10)
    shutil.copyfile(ours, theirs)
    with ProjectFile.open(theirs, session=8, snapshot_every=20) as file:
        RandomEditor(door_on(file, session=8), 2).steps(120)
    with sqlite3.connect(theirs) as connection:
        assert connection.execute("SELECT COUNT(*) FROM archive").fetchone()[0] > 1
    with ProjectFile.open(ours, session=9) as file:
        door = door_on(file, session=9)
        film = OpenProject(ours, file, door.document, door)
        news = read_news(theirs, {line.stamp for line in door.history.entries})
        assert news is not None and len(news.changes) == 120
        agree(Review(film, CopyIncoming(film, theirs), elsewhere=elsewhere).look(), Review(film, CopyIncoming(film, theirs)).look())


def test_a_copy_that_lost_some_of_its_history_is_opened_instead(pairs: Any, elsewhere: Elsewhere) -> None:
    pair = pairs(titles(0, 4, 8))
    for number in range(6):
        run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.1 * number)
    run(pair.film, "clip.set", clip=clips(pair.film)["t1"].id, property="opacity", value=0.5)
    pair.other.close()
    with sqlite3.connect(pair.other.path) as connection:
        connection.execute("DELETE FROM journal WHERE sequence = 4")
    assert read_news(pair.other.path, set()) is None
    there, here = (Review(pair.film, CopyIncoming(pair.film, pair.other.path), elsewhere=one) for one in (elsewhere, None))
    agree(there.look(), here.look())


def test_names_places_and_comments_come_along(pairs: Any, elsewhere: Elsewhere, tmp_path: Path) -> None:
    pair = pairs(titles(0, 4))
    run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.5)
    take_names(pair.other, {"person-ana": "Ana"})
    me, pair.film.door.actor = pair.film.door.actor, Actor(id="person-ben")
    run(pair.film, "clip.set", clip=clips(pair.film)["t1"].id, property="opacity", value=0.7)
    pair.film.door.actor = me
    take_names(pair.film, {"person-ben": "Ben"})
    pair.other.file.locations.set("m-lake", tmp_path / "lake.mp4")
    talk = pair.other.talk
    draft = talk.draft(Person("person-ana", "Ana"))
    draft.start("Too long", Anchor(start=0))
    talk.commit(draft)
    review, found, here = both(pair, elsewhere)
    agree(found, here)
    assert [share.name for share in found.who if share.mine] == ["Ben"], "my copy knows who worked on it"
    assert review.incoming.locations() == {"m-lake": [tmp_path / "lake.mp4"]}
    assert review.incoming.names() == {"person-ana": "Ana"}
    review.apply(version=False)
    assert [thread.root.text for thread in pair.film.talk.comments.threads()] == ["Too long"]
    assert pair.film.file.locations.get("m-lake") == []  # there is no such file


def test_a_film_that_is_no_copy_and_a_file_that_is_no_project_are_refused_in_words(pairs: Any, elsewhere: Elsewhere,
                                                                                   tmp_path: Path) -> None:
    pair, alien, text = pairs(titles(0)), tmp_path / "alien.proedit", tmp_path / "text.proedit"
    ProjectFile.create(alien, new_records(counting_ids("other"), "Other"), session=70, actor="x").close()
    text.write_text("no project " * 100)
    with pytest.raises(NotACopy, match=r"alien\.proedit is not a copy of film\.proedit"):
        Review(pair.film, CopyIncoming(pair.film, alien), elsewhere=elsewhere).look()
    with pytest.raises(AppError, match=r"text\.proedit is not a"):
        Review(pair.film, CopyIncoming(pair.film, text), elsewhere=elsewhere).look()


def test_the_process_that_is_killed_is_told_of_and_the_next_question_starts_another(pairs: Any, elsewhere: Elsewhere) -> None:
    pair = pairs(titles(0, 4))
    run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.5)
    pair.other.file.flush()
    elsewhere.start()
    os.kill(running(elsewhere), signal.SIGSTOP)
    review = Review(pair.film, CopyIncoming(pair.film, pair.other.path), elsewhere=elsewhere)
    killer = threading.Timer(0.3, os.kill, (elsewhere.pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(AppError, match="could not be worked out"):
        review.look()
    killer.join()
    assert review.outlook is None
    assert [row.mine or row.theirs for row in review.look().rows]


def test_the_film_may_go_on_while_it_is_looked_at(pairs: Any, elsewhere: Elsewhere) -> None:
    pair = pairs(titles(0, 4, 8))
    clip = clips(pair.film)["t1"].id
    run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.5)
    pair.other.file.flush()
    review = Review(pair.film, CopyIncoming(pair.film, pair.other.path), elsewhere=elsewhere)
    seen: list[int] = []
    found: list[Outlook] = []
    looking = threading.Thread(target=lambda: found.append(review.look(cuts=lambda cuts: seen.append(cuts.revision))))
    looking.start()
    for number in range(60):
        run(pair.film, "clip.set", clip=clip, property="opacity", value=number / 100 + 0.01)
    looking.join(30)
    assert seen == [found[0].revision] and found[0].revision <= pair.film.document.revision
    assert found[0].sides.mine.revision == found[0].revision


def test_what_is_there_to_play_is_told_before_the_rest(pairs: Any, elsewhere: Elsewhere) -> None:
    pair = pairs(titles(0, 4))
    run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.5)
    pair.other.file.flush()
    for one in (elsewhere, None):
        review = Review(pair.film, CopyIncoming(pair.film, pair.other.path), elsewhere=one)
        told: list[tuple[bool, Any]] = []
        found = review.look(cuts=lambda cuts: told.append((review.outlook is None, cuts)))  # noqa: B023
        assert [early for early, _ in told] == [True] and told[0][1].merged.records == found.sides.merged.records



def test_a_film_that_was_read_before_anybody_asked_is_not_read_again_unless_it_was_written_into(
        pairs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = pairs(titles(0, 4))
    near = Near(str(pair.film.path), pair.film.door.actor.id)
    ask = Ask(near.film, str(pair.other.path), near.me, "", {})
    run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.5)
    pair.other.file.flush()
    opened: list[Path] = []
    monkeypatch.setattr(worker, "project_at", lambda path, *parts, **how: opened.append(path) or project_at(path, *parts, **how))

    def asked(ahead: worker.Ahead | None) -> int:
        answer = Answers()
        opened.clear()
        worker.serve(answer, ask, ahead)
        assert isinstance(answer.said[-1], Told)
        return next(message.revision for message in answer.said if isinstance(message, Merging))

    ahead = worker.read_ahead(near)
    assert ahead is not None and asked(ahead) == pair.film.snapshot.revision and not opened
    ahead = worker.read_ahead(near)
    run(pair.film, "clip.set", clip=clips(pair.film)["t1"].id, property="opacity", value=0.7)
    pair.film.file.flush()
    assert asked(ahead) == pair.film.snapshot.revision and opened == [pair.film.path]
    assert asked(worker.read_ahead(Near(near.film, "somebody else"))) and opened == [pair.film.path]
    assert worker.read_ahead(Near(str(pair.film.path.with_name("gone.proedit")), "me")) is None


def test_looking_writes_nothing_into_a_film_that_is_on_disk_and_sees_what_was_edited_just_before(pairs: Any, elsewhere: Elsewhere) -> None:
    pair = pairs(titles(0, 4))
    run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.5)
    pair.other.file.flush()
    pair.film.file.flush()
    assert pair.film.file.settled
    before = pair.film.path.stat().st_mtime_ns
    review = Review(pair.film, CopyIncoming(pair.film, pair.other.path), elsewhere=elsewhere)
    review.look()
    assert pair.film.path.stat().st_mtime_ns == before
    run(pair.film, "clip.set", clip=clips(pair.film)["t1"].id, property="opacity", value=0.7)
    assert review.look().revision == pair.film.snapshot.revision


class Answers:
    def __init__(self) -> None:
        self.said: list[Any] = []

    def send(self, message: Any) -> None:
        self.said.append(message)


def test_a_process_that_is_told_before_it_is_asked_answers_as_any_other(pairs: Any) -> None:
    pair, elsewhere = pairs(titles(0, 4)), Elsewhere()
    run(pair.other, "clip.set", clip=clips(pair.other)["t0"].id, property="opacity", value=0.5)
    pair.other.file.flush()
    elsewhere.start(Near(str(pair.film.path), pair.film.door.actor.id))
    pid = running(elsewhere)
    there, here = (Review(pair.film, CopyIncoming(pair.film, pair.other.path), elsewhere=one) for one in (elsewhere, None))
    agree(there.look(), here.look())
    assert elsewhere.pid == pid
    elsewhere.close()
    assert elsewhere.pid == 0
