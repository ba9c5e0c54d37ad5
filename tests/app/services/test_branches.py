"""Branches of a film, in one process: tried, taken in part, merged, switched, dropped.

Owns: what a chosen change brings along, and that the rest can still be merged. Refuses: windows.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from app.services import branch_picks, branches
from app.services.branch_review import BranchIncoming
from app.services.deciding import open_conflicts
from app.services.errors import AppError
from app.services.identity import Profile
from app.services.merging import merge_copy
from app.services.open_project import OpenProject
from app.services.places import Places
from app.services.reading import read_project
from app.services.reviewing import Review
from editor_core.schema import Clip, MediaReference
from editor_core.storage import ProjectInUse
from editor_core.storage.room_tables import set_up_room
from editor_core.sync.fingerprint import fingerprint
from editor_core.timing import TICKS_PER_SECOND

S = TICKS_PER_SECOND


@pytest.fixture
def parts(tmp_path: Path) -> bootstrap.Parts:
    places = Places(tmp_path / "config", tmp_path / "cache", tmp_path / "logs")
    return bootstrap.Parts(places, Profile(id="uTester", name="Tester"), bootstrap.new_session(), bootstrap.commands())


@pytest.fixture
def film(parts: bootstrap.Parts, tmp_path: Path) -> Iterator[OpenProject]:
    made = bootstrap.create_project(parts, tmp_path / "film.proedit", width=320, height=180)
    yield made
    with contextlib.suppress(Exception):
        made.close()


def do(project: OpenProject, command: str, **args: Any) -> Any:
    return project.door.execute(command, args).result


def solid(project: OpenProject, at: int, seconds: int = 2) -> str:
    return str(do(project, "solid.add", color="#204060", at=f"{at}s", duration=f"{seconds}s")["clip"])


@contextlib.contextmanager
def on_branch(parts: bootstrap.Parts, film: OpenProject, name: str) -> Iterator[OpenProject]:
    """The branch, opened for editing as a process of its own would."""
    again = bootstrap.Parts(parts.places, parts.profile, bootstrap.new_session(), parts.registry)
    with contextlib.closing(bootstrap.open_project(again, branches.path_of(film.path, name))) as project:
        yield project


def offers(film: OpenProject, name: str) -> dict[str, Any]:
    with contextlib.closing(read_project(branches.path_of(film.path, name), film)) as other:
        found = branch_picks.look(film, name, other)
        return {one.id: (one.kind, sorted(one.fields)) for one in found.offers.changes}


def test_chosen_changes_are_taken_with_what_they_need_and_the_rest_can_be_merged_later(parts: Any, film: OpenProject) -> None:
    one, two, three = solid(film, 0), solid(film, 2), solid(film, 4)
    branches.serve(film, "new", "trial")
    mine = solid(film, 20)
    do(film, "clip.set", clip=three, property="opacity", value=0.25)
    with on_branch(parts, film, "trial") as trial:
        do(trial, "clip.set", clip=one, property="opacity", value=0.5)
        do(trial, "clip.set", clip=two, property="rotation", value=10)
        do(trial, "clip.move", clips=[three], by="10s")
        added = solid(trial, 4, 3)
    found = offers(film, "trial")
    assert found == {one: ("changed", ["opacity"]), two: ("changed", ["rotation"]), three: ("moved", ["start"]), added: ("added", [])}
    done = branches.serve(film, "merge", "trial", [added])
    assert done["picked"] == [added, three] and done["needed"] == [three] and done["left"] == 2  # it makes room for the new one
    view = film.snapshot
    assert view.get(Clip, three).start == 14 * S and view.get(Clip, three).opacity == 0.25 and view.get(Clip, one).opacity == 1.0
    do(film, "edit.undo")
    assert film.snapshot.find(Clip, added) is None and len(offers(film, "trial")) == 4
    do(film, "edit.redo")
    assert set(offers(film, "trial")) == {one, two}
    with pytest.raises(AppError, match="is no change that 'trial' has"):
        branches.serve(film, "merge", "trial", [three])
    with on_branch(parts, film, "trial") as trial:  # it goes on after the choice was made
        do(trial, "clip.set", clip=added, property="opacity", value=0.75)
    report = branches.serve(film, "merge", "trial")
    view = film.snapshot
    assert report["conflicts"] == [] and open_conflicts(film) == [] and offers(film, "trial") == {}
    assert (view.get(Clip, one).opacity, view.get(Clip, two).rotation, view.get(Clip, added).opacity) == (0.5, 10.0, 0.75)
    assert view.find(Clip, mine) is not None
    with contextlib.closing(read_project(film.path, film)) as again:
        assert fingerprint(again.snapshot) == fingerprint(view)


def test_clips_that_a_ripple_moved_are_not_moved_twice_when_they_were_picked_before_the_merge(parts: Any, film: OpenProject) -> None:
    one, two, three = solid(film, 0), solid(film, 2), solid(film, 4)
    branches.serve(film, "new", "trial")
    with on_branch(parts, film, "trial") as trial:
        late = solid(trial, 6)
        do(trial, "clip.extract", clips=[one])
    done = branches.serve(film, "merge", "trial", [two])
    assert set(done["picked"]) == {one, two} and film.snapshot.get(Clip, two).start == 0
    do(film, "clip.set", clip=two, property="opacity", value=0.5)
    report = branches.serve(film, "merge", "trial")
    view = film.snapshot
    assert [view.get(Clip, i).start for i in (two, three, late)] == [0, 2 * S, 4 * S] and report["conflicts"] == []
    with on_branch(parts, film, "trial") as trial, contextlib.closing(read_project(film.path, trial)) as other:
        merge_copy(trial, other)
        assert fingerprint(trial.snapshot) == fingerprint(view)


def test_a_branch_is_reviewed_like_any_copy_and_what_was_picked_before_is_settled(parts: Any, film: OpenProject) -> None:
    one, two = solid(film, 0), solid(film, 4)
    branches.serve(film, "new", "trial")
    with on_branch(parts, film, "trial") as trial:
        do(trial, "clip.set", clip=one, property="opacity", value=0.5)
        do(trial, "clip.set", clip=two, property="opacity", value=0.6)
    branches.serve(film, "merge", "trial", [one])
    with on_branch(parts, film, "trial") as trial:
        do(trial, "clip.set", clip=one, property="opacity", value=0.7)
    review = Review(film, BranchIncoming(film, "trial"))
    assert review.incoming.title == "trial" and {row.id for row in review.look().rows} == {one, two}
    assert review.apply().merged == 3
    assert (film.snapshot.get(Clip, one).opacity, film.snapshot.get(Clip, two).opacity) == (0.7, 0.6) and open_conflicts(film) == []
    with pytest.raises(AppError, match="no branch 'other'"):
        BranchIncoming(film, "other")


def test_a_choice_that_was_undone_comes_with_the_whole_branch(parts: Any, film: OpenProject) -> None:
    one = solid(film, 0)
    branches.serve(film, "new", "trial")
    with on_branch(parts, film, "trial") as trial:
        do(trial, "clip.set", clip=one, property="opacity", value=0.5)
        new = solid(trial, 10)
    branches.serve(film, "merge", "trial", [one, new])
    do(film, "edit.undo")
    assert film.snapshot.get(Clip, one).opacity == 1.0 and film.snapshot.find(Clip, new) is None
    report = branches.serve(film, "merge", "trial")
    assert film.snapshot.get(Clip, one).opacity == 0.5 and film.snapshot.find(Clip, new) is not None
    assert report["conflicts"] == [] and offers(film, "trial") == {}


def test_a_choice_brings_track_media_and_linked_sound_and_is_refused_where_the_film_is_in_the_way(parts: Any, film: OpenProject) -> None:
    branches.serve(film, "new", "trial")
    reference = {"name": "lake.mp4", "hash": "quick:lake", "duration": 20 * S,
                 "video": {"index": 0, "codec": "h264", "width": 320, "height": 180, "rate": {"num": 25}},
                 "audio": [{"index": 1, "codec": "aac", "sample_rate": 48000, "channels": 2}]}
    with on_branch(parts, film, "trial") as trial:
        asset = do(trial, "asset.add", **reference)["asset"]
        picture = do(trial, "clip.append", asset=asset)["clip"]
    done = branches.serve(film, "merge", "trial", [picture])
    clips = film.snapshot.of_kind(Clip)
    assert {c.kind for c in clips} == {"video", "audio"} and len({c.link for c in clips}) == 1
    assert film.snapshot.find(MediaReference, asset) is not None and len(done["needed"]) == 2
    with on_branch(parts, film, "trial") as trial:
        late = solid(trial, 30)
    solid(film, 31)
    with pytest.raises(AppError, match="cannot be taken alone"):
        branches.serve(film, "merge", "trial", [late])


def test_switching_keeps_both_and_is_known_for_what_it_is_when_it_was_killed_in_between(parts: Any, film: OpenProject,
                                                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    path = film.path
    one = solid(film, 0)
    branches.serve(film, "new", "trial")
    with on_branch(parts, film, "trial") as trial:
        two = solid(trial, 5)
    with pytest.raises(AppError, match="already"):
        branches.serve(film, "new", "trial")
    wrote = branches._write
    monkeypatch.setattr(branches, "_write", lambda where, text: wrote(where, text) if where.name == "switching" else 1 / 0)
    with pytest.raises(ZeroDivisionError):
        branches.switch(film, "trial")
    monkeypatch.undo()
    assert branches.current(path) == "trial" and branches.names(path) == ["trial", "main"]
    with contextlib.closing(bootstrap.open_project(parts, path)) as now:
        assert now.snapshot.find(Clip, two) is not None and now.snapshot.find(Clip, one) is not None
        with pytest.raises(AppError, match="switch to another branch first"):
            branches.drop(path, "trial")
        assert branches.switch(now, "main") == {"branch": "main", "left": "trial"}
    assert branches.current(path) == "main"
    with contextlib.closing(bootstrap.open_project(parts, path)) as now:
        assert now.snapshot.find(Clip, two) is None
    (branches.folder_of(path) / "switching").write_text("trial\nmain\n")  # a switch that was killed before it did anything
    with contextlib.closing(bootstrap.open_project(parts, branches.path_of(path, "trial"))), pytest.raises(ProjectInUse):
        branches.drop(path, "trial")
    branches.drop(path, "trial")
    assert branches.names(path) == ["main"]


def test_two_copies_opened_one_after_the_other_by_one_process_do_not_stamp_alike(parts: Any, film: OpenProject) -> None:
    path = film.path
    branches.serve(film, "new", "trial")
    film.close()
    with contextlib.closing(bootstrap.open_project(parts, path)) as here:
        solid(here, 0)
    with contextlib.closing(bootstrap.open_project(parts, branches.path_of(path, "trial"))) as there:
        other = solid(there, 10)
    with contextlib.closing(bootstrap.open_project(parts, path)) as here:
        assert branches.serve(here, "merge", "trial")["merged"] == 1
        assert here.snapshot.find(Clip, other) is not None and len(here.snapshot.of_kind(Clip)) == 2


def test_a_branch_of_a_shared_film_is_in_no_room(film: OpenProject) -> None:
    film.file.work(set_up_room).wait(10)
    made = branches.serve(film, "new", "trial")
    for path, tables in ((film.path, {"room", "envelopes"}), (Path(made["file"]), set())):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert names & {"room", "envelopes"} == tables
