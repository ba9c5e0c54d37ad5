"""A merge is looked at, chosen from, and applied as one step, on real project files.

Owns: that records are what the choices say, that nothing changes before, that the other side's review shrinks. Refuses: the window.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.services.deciding import open_conflicts, resolve
from app.services.errors import AppError
from app.services.open_project import OpenProject
from app.services.review.choices import answering_along
from app.services.reviewing import CopyIncoming, Review, is_copy
from app.services.versions import versions_plain
from editor_core.commands.context import Actor
from editor_core.commands.registry import CommandError
from editor_core.schema import Clip, Marker, replace
from editor_core.storage import ProjectFile
from editor_core.sync.fingerprint import fingerprint
from tests.support.copies import SECOND, clips, opened, run, titles
from tests.support.random_edits import RandomEditor, door_on, first_records


def as_seen(record: Any) -> Any:
    """What counts of a record: nothing of one that is removed."""
    return None if record is None or record.deleted else record


def but_markers(view: Any, known: Any) -> dict[str, Any]:
    """Records but markers; tracks that are not among the known ones by their place, for their ids are others each time."""
    names = {track.id: view.track_label(track) for track in view.tracks() if track.id not in known}
    made = {names.get(i, i): r for i, r in view.records.items() if not isinstance(r, Marker)}
    return {i: replace(r, track=names[r.track]) if isinstance(r, Clip) and r.track in names else
            (r.kind, r.deleted) if i in names.values() else r for i, r in made.items()}


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize("choice", ["mine", "theirs", "mixed"])
def test_after_applying_the_records_are_what_the_choices_say(pairs: Any, seed: int, choice: str) -> None:
    pair = pairs(lambda door: RandomEditor(door, seed).steps(40))
    RandomEditor(pair.film.door, seed + 50).steps(12)
    RandomEditor(pair.other.door, seed + 90).steps(12)
    review = pair.review()
    found, rng = review.outlook, random.Random(seed)
    assert found is not None and found.rows
    before = fingerprint(pair.film.snapshot)
    if choice == "mixed":
        for row in found.rows:
            picked = rng.choice([*row.choices, ""])
            kept = review.choices
            review.choose(row.id, picked)
            if review.preview()[1]:
                review.choices = kept  # a person is told why, and the choice is not made
    else:
        review.choose_all(choice)
    shown, refused = review.preview()
    assert not refused
    assert fingerprint(pair.film.snapshot) == before, "nothing changes before it is applied"
    if choice != "mixed":
        side = found.sides.mine if choice == "mine" else found.sides.theirs
        for row in found.rows:
            for record in row.records:
                assert as_seen(shown.record(record)) == as_seen(side.record(record)), row
        assert {c.id: c.start for c in shown.of_kind(Clip)} == {c.id: c.start for c in side.of_kind(Clip)}
    review.apply(version=False)
    known = found.sides.merged.records
    assert but_markers(pair.film.snapshot, known) == but_markers(shown, known)
    for row_id, picked in review.choices.rows.items():
        row = found.by_id[row_id]
        side = found.sides.mine if picked == "mine" else found.sides.theirs
        for record in row.records if picked != "merged" else ():
            had, has = as_seen(side.record(record)), as_seen(pair.film.snapshot.record(record))
            assert (had is None) == (has is None)
            if had is not None and has is not None and not isinstance(had, Marker):
                wrote = found.sides.my_work.fields.get(record, set()) | found.sides.their_work.fields.get(record, set())
                if getattr(has, "track", "") not in {"", *known}:
                    wrote = wrote - {"track"}  # its place was taken
                assert all(getattr(had, name) == getattr(has, name) for name in wrote - {"start"})


def test_a_decision_settles_it_for_the_other_side_whose_review_shrinks(pairs: Any) -> None:
    pair = pairs(titles(0, 4, 8))
    a, b = clips(pair.film)["t0"].id, clips(pair.film)["t1"].id
    run(pair.film, "clip.set", clip=a, property="opacity", value=0.5)
    run(pair.other, "clip.set", clip=a, property="opacity", value=0.7)
    run(pair.film, "clip.set", clip=b, property="rotation", value=10)
    run(pair.other, "clip.lift", clips=[b])
    theirs = pair.review(back=True)
    assert len(theirs.outlook.questions) == 2
    review = pair.review()
    assert {one.kind for one in review.outlook.questions} == {"field", "deleted"}
    for one in review.outlook.questions:
        review.answer(one.id, "mine" if one.kind == "field" else "keep")
    applied = review.apply()
    assert (applied.open, applied.refused) == (0, "")
    assert pair.film.snapshot.get(Clip, a).opacity == 0.5 and pair.film.snapshot.get(Clip, b).rotation == 10
    assert any(one["name"].startswith("Before merge, ") for one in versions_plain(pair.film))
    again = pair.review(back=True)
    assert again.outlook.questions == ()
    again.apply(version=False)
    assert fingerprint(pair.film.snapshot) == fingerprint(pair.other.snapshot)


@pytest.mark.parametrize(("answer", "left"), [
    ("remove", []), ("", ["Decide: Changed and removed", "Decide: Transition without a neighbour"])])
def test_what_another_choice_took_away_is_nothing_to_settle_later(pairs: Any, answer: str, left: list[str]) -> None:
    pair = pairs(titles(0, 2))
    one, other = (clips(pair.film)[name].id for name in ("t0", "t1"))
    run(pair.film, "transition.add", **{"from": one, "to": other}, kind="dissolve", duration=SECOND)
    run(pair.film, "clip.set", clip=other, property="opacity", value=0.5)
    run(pair.other, "clip.lift", clips=[other])
    review = pair.review()
    assert sorted(one.kind for one in review.outlook.questions) == ["deleted", "transition"]
    gone = next(one for one in review.outlook.questions if one.kind == "deleted")
    if answer:
        review.answer(gone.id, answer)
    applied = review.apply()
    assert sorted(one.text for one in pair.film.snapshot.of_kind(Marker)) == left
    assert applied.open == len(left)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[OpenProject]]:
    """Three people's copies of one film with two titles, t0 and t1."""
    first = tmp_path / "ann.proedit"
    with ProjectFile.create(first, first_records(), session=7, actor="person-a") as file:
        titles(0, 4)(door_on(file, session=7))
    paths = [first, *(tmp_path / f"{name}.proedit" for name in ("ben", "cleo"))]
    for path in paths[1:]:
        shutil.copyfile(first, path)
    people = [opened(path, 101 + number) for number, path in enumerate(paths)]
    for one in people:
        one.door.actor = Actor(id=one.path.stem, name=one.path.stem.capitalize())
    yield people
    for one in people:
        one.close()


def look(film: OpenProject, other: OpenProject) -> Review:
    other.file.flush()
    made = Review(film, CopyIncoming(film, other.path))
    made.look()
    return made


def test_a_shot_that_is_kept_is_all_there_on_a_track_of_its_own_where_others_have_its_place(pairs: Any) -> None:
    def shots(door: Any) -> None:
        asset = door.execute("asset.add", RandomEditor(door, 1)._asset()).result["asset"]
        for number in range(3):
            door.execute("clip.append", {"asset": asset, "source_start": number * 9 * SECOND, "source_duration": 4 * SECOND})

    pair = pairs(shots)
    picture, second = (c for c in sorted(pair.film.snapshot.of_kind(Clip), key=lambda c: c.start)[2:4])
    picture, sound = (picture, second) if second.is_sound else (second, picture)
    run(pair.film, "clip.extract", clips=[picture.id])
    run(pair.other, "clip.set", clip=picture.id, property="opacity", value=0.5)
    review = pair.review()
    question, = review.outlook.questions
    assert question.suggestion.key == "keep"
    review.answer(question.id, "keep")
    assert review.preview()[1] == ""
    assert review.apply(version=False).refused == ""
    labels = {c.id: pair.film.snapshot.track_label(pair.film.snapshot.record(c.track)) for c in pair.film.snapshot.of_kind(Clip)}
    assert (labels[picture.id], labels[sound.id]) == ("V2", "A2") and pair.film.snapshot.get(Clip, picture.id).opacity == 0.5
    run(pair.film, "edit.undo")
    assert pair.film.snapshot.find(Clip, picture.id) is None and len(open_conflicts(pair.film)) == 1


@pytest.mark.parametrize("key", ["mine", "theirs", "both"])
def test_a_head_that_both_trimmed_is_one_answer_for_picture_and_sound_and_where_they_start(pairs: Any, key: str) -> None:
    def shot(door: Any) -> None:
        asset = door.execute("asset.add", RandomEditor(door, 1)._asset()).result["asset"]
        door.execute("clip.append", {"asset": asset, "source_start": 9 * SECOND, "source_duration": 8 * SECOND})

    pair = pairs(shot)
    picture = next(c for c in pair.film.snapshot.of_kind(Clip) if not c.is_sound)
    for project, seconds in ((pair.film, 1), (pair.other, 2)):
        run(project, "clip.trim", clip=picture.id, edge="head", to=seconds * SECOND)
    review = pair.review()
    assert len(review.outlook.questions) == 4
    first = review.outlook.questions[0]
    review.choices = answering_along(review.choices, first, key, review.outlook.questions)
    assert review.open() == [] and review.apply(version=False).refused == ""
    heads = {(c.start // SECOND, c.source_range.start // SECOND, c.is_sound) for c in pair.film.snapshot.of_kind(Clip)}
    expected = {"mine": (1,), "theirs": (2,), "both": (1, 2)}[key]
    assert heads == {(at, 9 + at, is_sound) for at in expected for is_sound in (False, True)}


@pytest.mark.parametrize("field", ["text", "name"])
def test_a_conflict_that_was_left_open_and_has_a_third_value_now_is_asked_about_again(three: list[OpenProject], field: str) -> None:
    ann, ben, cleo = three
    title = clips(ann)["t0"].id
    for number, one in enumerate(three):
        value = f"value {number}"
        if field == "text":
            run(one, "title.set", clip=title, text=value)
        else:
            run(one, "clip.set", clip=title, property="name", value=value)
    assert len(look(ann, ben).outlook.questions) == 1
    look(ann, ben).apply(version=False)
    standing, = open_conflicts(ann)
    resolve(ann, standing.id, str(standing.sides[0].stamp))
    assert getattr(ann.snapshot.get(Clip, title), field) == standing.sides[0].value and not open_conflicts(ann)
    run(ann, "edit.undo")
    again, = open_conflicts(ann)
    assert {(one.value, one.made, one.actor) for one in again.sides} == {(one.value, one.made, one.actor) for one in standing.sides}
    run(ben, "marker.add", at=9 * SECOND, text="beside it")
    assert look(ann, ben).outlook.questions == (), "nothing new competes: it is listed, and not asked again"
    question, = look(ann, cleo).outlook.questions
    assert question.title == ("Several texts" if field == "text" else "Several names")
    keys = {option.title.split()[-1]: option.key for option in question.options[:3]}
    assert keys.keys() == {"0", "1", "2"} and keys["0"] == "mine", "each can be had"
    review = look(ann, cleo)
    review.answer(question.id, keys["1"])
    review.apply(version=False)
    assert getattr(ann.snapshot.get(Clip, title), field) == "value 1" and not open_conflicts(ann)
    for one in (ben, cleo):
        assert look(one, ann).outlook.questions == ()
        look(one, ann).apply(version=False)
        assert one.snapshot.get(Clip, title) == ann.snapshot.get(Clip, title) and not open_conflicts(one)


@pytest.mark.parametrize("answer", ["keep", "remove"])
def test_somebody_who_did_neither_decides_about_a_clip_that_one_removed_and_another_changed(three: list[OpenProject], answer: str) -> None:
    ann, ben, cleo = three
    title = clips(ann)["t0"].id
    run(ann, "clip.lift", clips=[title])
    run(ben, "clip.set", clip=title, property="opacity", value=0.5)
    run(ben, "clip.set", clip=title, property="position", value=[10, 20])
    ben.file.flush()
    look(ann, ben).apply(version=False)
    review = look(cleo, ann)
    question, = review.outlook.questions
    assert [option.title for option in question.options] == ["Keep it: opacity 50 %, position 10, 20", "Remove it"]
    assert "you" not in question.text.lower()
    review.answer(question.id, answer)
    review.apply(version=False)
    assert (cleo.snapshot.find(Clip, title) is None) == (answer == "remove") and not open_conflicts(cleo)


@pytest.mark.parametrize(("answer", "flags"), [("", ["Decide: Two opacities"]), ("mine", [])])
def test_what_two_people_leave_open_has_one_marker_and_none_once_it_is_decided(pairs: Any, answer: str, flags: list[str]) -> None:
    pair = pairs(titles(0, 4))
    for project, value in ((pair.film, 0.5), (pair.other, 0.7)):
        run(project, "clip.set", clip=clips(project)["t0"].id, property="opacity", value=value)
    pair.review().apply(version=False)
    back = pair.review(back=True)
    back.choices = back.choices.answering(back.outlook.questions[0].id, answer)
    back.apply(version=False)
    assert [m.text for m in pair.other.snapshot.of_kind(Marker)] == flags


def test_everything_that_was_chosen_is_undone_as_one_step_and_the_merge_stays(pairs: Any) -> None:
    pair = pairs(titles(0, 4, 8))
    ids = [clips(pair.film)[f"t{n}"].id for n in range(3)]
    for clip in ids:
        run(pair.other, "clip.set", clip=clip, property="opacity", value=0.25)
    run(pair.other, "title.add", text="new", at=20 * SECOND, duration=SECOND, track="V1")
    review = pair.review()
    review.choose(ids[0], "mine")
    review.choose(ids[1], "mine")
    review.apply(version=False)
    assert [pair.film.snapshot.get(Clip, i).opacity for i in ids] == [1.0, 1.0, 0.25]
    assert "new" in clips(pair.film)
    run(pair.film, "edit.undo")
    assert [pair.film.snapshot.get(Clip, i).opacity for i in ids] == [0.25, 0.25, 0.25]
    with pytest.raises(CommandError):
        run(pair.film, "edit.undo")


def test_a_ripple_is_one_row_and_can_be_left_out_without_what_else_came(pairs: Any) -> None:
    pair = pairs(titles(0, 2, 4, 6))
    ids = {text: clip.id for text, clip in clips(pair.film).items()}
    run(pair.other, "clip.extract", clips=[ids["t1"]])
    run(pair.other, "clip.set", clip=ids["t3"], property="opacity", value=0.5)
    run(pair.film, "title.add", text="mine", at=30 * SECOND, duration=SECOND, track="V1")
    review = pair.review()
    assert {(row.name, row.mine, row.theirs) for row in review.outlook.rows} == {
        ("t1", "", "Removed"), ("t3", "", "Opacity 50 %"), ("mine", "Placed at 30:00, 1:00 long", "")}
    review.choose(ids["t1"], "mine")
    review.apply(version=False)
    after = clips(pair.film)
    assert {text: clip.start // SECOND for text, clip in after.items()} == {"t0": 0, "t1": 2, "t2": 4, "t3": 6, "mine": 30}
    assert after["t3"].opacity == 0.5


def test_clips_that_the_merge_leaves_over_one_another_are_a_question_with_a_suggestion(pairs: Any) -> None:
    pair = pairs(titles(0))
    run(pair.film, "title.add", text="mine", at=10 * SECOND, duration=4 * SECOND, track="V1")
    run(pair.other, "title.add", text="theirs", at=12 * SECOND, duration=4 * SECOND, track="V1")
    review = pair.review()
    one, = review.outlook.questions
    assert (one.kind, one.text) == ("overlap", "mine and theirs share V1 for 2:00.")
    assert [option.title for option in one.options] == [
        "Put the upper clip on a new track", "Cut the lower clip off", "Remove the upper clip", "Keep theirs, remove mine",
        "Keep mine, leave theirs out", "Leave it as it is"]
    assert one.suggestion.key == "fix0"
    shown = {}
    for option in one.options:
        view, refused = review.preview(review.choices.answering(one.id, option.key))
        assert not refused
        shown[option.title] = {c.text: (view.track_label(view.record(c.track)), c.duration // SECOND) for c in view.of_kind(Clip)}
    assert shown["Put the upper clip on a new track"]["theirs"] == ("V2", 4)
    assert shown["Cut the lower clip off"]["mine"] == ("V1", 2)
    assert "mine" not in shown["Keep theirs, remove mine"] and "theirs" not in shown["Keep mine, leave theirs out"]
    assert review.apply(version=False).open == 1
    assert [m.text for m in pair.film.snapshot.of_kind(Marker)] == ["Decide: Two clips in one place"]


def test_edits_made_while_the_review_is_open_are_kept(pairs: Any) -> None:
    pair = pairs(titles(0, 4))
    a = clips(pair.film)["t0"].id
    run(pair.other, "clip.set", clip=a, property="opacity", value=0.5)
    review = pair.review()
    review.choose(a, "mine")
    run(pair.film, "clip.set", clip=a, property="rotation", value=30)
    assert review.stale
    review.apply(version=False)
    clip = pair.film.snapshot.get(Clip, a)
    assert (clip.opacity, clip.rotation) == (1.0, 30)


def test_a_choice_that_would_leave_clips_over_one_another_is_refused_with_the_reason(pairs: Any) -> None:
    pair = pairs(titles(0, 4))
    a, b = clips(pair.film)["t0"].id, clips(pair.film)["t1"].id
    run(pair.other, "clip.move", clips=[a], to=20 * SECOND)
    run(pair.other, "clip.move", clips=[b], to=0)
    review = pair.review()
    review.choose(a, "mine")
    assert review.preview()[1] == "t0 and t1 would overlap on one track" or "overlap" in review.preview()[1]
    review.choose(b, "mine")
    assert review.preview()[1] == ""


def test_the_merge_with_its_choices_can_be_kept_as_a_branch_and_the_film_stays_as_it_is(pairs: Any) -> None:
    pair = pairs(titles(0, 4))
    a = clips(pair.film)["t0"].id
    run(pair.other, "clip.set", clip=a, property="opacity", value=0.5)
    run(pair.other, "title.add", text="new", at=20 * SECOND, duration=SECOND, track="V1")
    review = pair.review()
    review.choose(a, "mine")
    before = fingerprint(pair.film.snapshot)
    name = review.keep_as_branch()
    assert name == "Merge of laptop" and fingerprint(pair.film.snapshot) == before
    branch = pair.film.path.with_name("film.proedit.branches") / f"{name}.proedit"
    with ProjectFile.open(branch, session=9, read_only=True) as file:
        found = {r.text: r for r in file.document_state.records if isinstance(r, Clip)}
    assert set(found) == {"t0", "t1", "new"} and found["t0"].opacity == 1.0


def test_only_a_copy_of_the_same_project_is_offered(pairs: Any, tmp_path: Path) -> None:
    pair = pairs(titles(0))
    with ProjectFile.create(tmp_path / "strange.proedit", (), session=1, actor="x"):
        pass
    (tmp_path / "no.proedit").write_bytes(b"nothing")
    assert is_copy(pair.film, pair.other.path)
    assert not is_copy(pair.film, tmp_path / "strange.proedit") and not is_copy(pair.film, tmp_path / "no.proedit")
    assert not is_copy(pair.film, pair.film.path)
    with pytest.raises(AppError, match="film itself"):
        CopyIncoming(pair.film, pair.film.path)
    review = Review(pair.film, CopyIncoming(pair.film, pair.other.path))
    assert review.look().rows == ()
    assert review.apply(version=False).merged == 0
