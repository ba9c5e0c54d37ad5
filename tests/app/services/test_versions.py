"""Versions and the history of one clip, in one process.

Owns: when versions are kept, restoring them, and what bringing back a clip does where its place is taken. Refuses: windows.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import bootstrap
from app.services import versions
from app.services.blaming import blame_lines, blame_plain, restore_clip
from app.services.deciding import open_conflicts
from app.services.errors import AppError
from app.services.identity import Profile
from app.services.open_project import OpenProject, run_batch
from app.services.people import names
from app.services.places import Places
from app.services.together import serve
from editor_core.schema import Clip


@pytest.fixture
def project(tmp_path: Path) -> Iterator[OpenProject]:
    places = Places(tmp_path / "config", tmp_path / "cache", tmp_path / "logs")
    parts = bootstrap.Parts(places, Profile(id="uTester", name="Tester"), bootstrap.new_session(), bootstrap.commands())
    made = bootstrap.create_project(parts, tmp_path / "film.proedit", width=320, height=180)
    yield made
    made.close()


def solid(project: OpenProject, at: int, seconds: int = 4) -> str:
    return str(project.door.execute("solid.add", {"color": "#204060", "at": f"{at}s", "duration": f"{seconds}s"}).result["clip"])


def clip(project: OpenProject, clip_id: str) -> Any:
    return project.snapshot.record(clip_id)


def test_versions_are_kept_unasked_after_many_changes_and_before_a_restore_and_a_large_script(project: OpenProject) -> None:
    keeper = versions.Keeper(project)
    first = solid(project, 0)
    versions.save_version(project, "start")
    assert not keeper.look()
    run_batch(project, ['{"command": "marker.add", "args": {"at": "1s"}}'] * versions.BIG_BATCH, "Markers")
    for opacity in range(versions.EVERY_CHANGES):
        project.door.execute("clip.set", {"clip": first, "property": "opacity", "value": opacity / 200})
        keeper.look()
    versions.restore_version(project, "start")
    project.file.flush()
    found = versions.versions_plain(project)
    assert sorted(one["name"].split(" 2")[0] for one in found) == ["Automatic", "Before a script", "Before restoring", "start"]
    assert next(one["differs"] for one in found if one["name"] == "start") == 0
    project.door.execute("edit.undo")
    assert clip(project, first).opacity == (versions.EVERY_CHANGES - 1) / 200
    report = versions.compare_versions(project, "start", "now")
    assert report["totals"]["added"] == versions.BIG_BATCH and report["totals"]["changed"] == 1
    versions.drop_version(project, "start")
    with pytest.raises(AppError, match="no version 'start'"):
        versions.restore_version(project, "start")


def test_a_version_is_replaced_only_when_that_is_said(project: OpenProject) -> None:
    one = solid(project, 0)
    versions.save_version(project, "cut")
    project.door.execute("clip.set", {"clip": one, "property": "opacity", "value": 0.5})
    with pytest.raises(AppError, match=r"'cut' already, of 2.*--replace"):
        serve(project, "version.save", {"name": "cut"})
    assert clip_in(project, "cut", one).opacity == 1.0
    serve(project, "version.save", {"name": "cut", "replace": True})
    assert clip_in(project, "cut", one).opacity == 0.5 and len(versions.versions_plain(project)) == 1


def clip_in(project: OpenProject, name: str, clip_id: str) -> Any:
    return versions.snapshot_of(project, name).record(clip_id)


def test_a_restore_decides_what_has_competed_since_and_undo_opens_it_again(project: OpenProject, tmp_path: Path) -> None:
    one, two, three = solid(project, 0), solid(project, 4), solid(project, 8)
    versions.save_version(project, "before")
    project.file.flush()
    other = tmp_path / "other.proedit"
    project.file.save_copy(other)
    with contextlib.closing(opened(tmp_path, other)) as theirs:
        for film, value in ((theirs, 0.25), (project, 0.75)):
            for clip_id in (one, two):
                film.door.execute("clip.set", {"clip": clip_id, "property": "opacity", "value": value})
        theirs.door.execute("clip.lift", {"clips": [three]})
        project.door.execute("clip.set", {"clip": three, "property": "opacity", "value": 0.5})
    serve(project, "merge", {"other": str(other)})
    found = {c.id for c in open_conflicts(project)}
    assert found == {f"{one}.opacity", f"{two}.opacity", f"{three}.deleted"}
    versions.save_version(project, "undecided")
    project.door.execute("clip.set", {"clip": one, "property": "rotation", "value": 5})
    versions.restore_version(project, "undecided")
    assert {c.id for c in open_conflicts(project)} == found, "they competed when it was kept"
    versions.restore_version(project, "before")
    assert open_conflicts(project) == []
    assert [(clip(project, i).opacity, clip(project, i).deleted) for i in (one, two, three)] == [(1.0, False)] * 3
    project.door.execute("edit.undo")
    assert {c.id for c in open_conflicts(project)} == found


def test_a_restore_decides_also_where_the_version_has_what_stands_already(project: OpenProject, tmp_path: Path) -> None:
    one = solid(project, 0)
    copies = [tmp_path / "ours.proedit", tmp_path / "theirs.proedit"]
    for number, path in enumerate(copies, 1):
        project.file.save_copy(path)
        with contextlib.closing(opened(tmp_path, path)) as edited:
            edited.door.execute("clip.set", {"clip": one, "property": "opacity", "value": number / 4})
            versions.save_version(edited, "own")
    as_they_were = [Path(shutil.copy(path, path.with_stem(f"{path.stem} then"))) for path in copies]
    for number, path in enumerate(copies, 1):  # in one of them it is its own value that stands after the merge
        with contextlib.closing(opened(tmp_path, path)) as edited:
            serve(edited, "merge", {"other": str(as_they_were[2 - number])})
            assert [c.id for c in open_conflicts(edited)] == [f"{one}.opacity"]
            versions.restore_version(edited, "own")
            assert clip(edited, one).opacity == number / 4 and open_conflicts(edited) == []


def opened(folder: Path, film: Path) -> OpenProject:
    places = Places(folder / "config", folder / "cache", folder / "logs")
    parts = bootstrap.Parts(places, Profile(id="uOther", name="Other"), bootstrap.new_session(), bootstrap.commands())
    return bootstrap.open_project(parts, film)


def test_a_clip_goes_back_to_any_step_and_the_edit_can_be_undone(project: OpenProject) -> None:
    one = solid(project, 2)
    project.door.execute("clip.trim", {"clip": one, "edge": "tail", "to": "4s"})
    project.door.execute("clip.set", {"clip": one, "property": "opacity", "value": 0.5})
    project.door.execute("clip.move", {"clips": [one], "by": "6s"})
    project.door.execute("clip.lift", {"clips": [one]})
    steps = blame_plain(project, one)
    assert [step["words"] for step in steps] == ["placed it as a solid", "trimmed the end −50 f", "set its opacity to 50 %",
                                                 "moved it +150 f", "removed it"]
    restore_clip(project, one, steps[1]["id"])
    now = clip(project, one)
    second = project.snapshot.timeline.rate.ticks_per_frame * 25
    assert (now.start, now.duration, now.opacity, now.deleted) == (2 * second, 2 * second, 1.0, False)
    project.door.execute("edit.undo")
    assert clip(project, one).deleted
    with pytest.raises(AppError, match="no step"):
        restore_clip(project, one, "12:1")


def test_a_clip_whose_old_place_is_taken_stays_or_goes_to_a_new_track_and_nobody_else_moves(project: OpenProject) -> None:
    one = solid(project, 0)
    project.door.execute("clip.move", {"clips": [one], "by": "10s"})
    other = solid(project, 0)
    before = clip(project, other)
    steps = blame_plain(project, one)
    done = restore_clip(project, one, steps[0]["id"])
    assert done["stayed"] == [one] and clip(project, one).start == 10 * 25 * project.snapshot.timeline.rate.ticks_per_frame
    project.door.execute("clip.lift", {"clips": [one]})
    done = restore_clip(project, one, steps[0]["id"])
    found = clip(project, one)
    assert done["lifted"] == [one] and isinstance(found, Clip) and found.start == 0 and found.track != before.track
    assert clip(project, other) == before


def test_ripples_that_carried_a_clip_along_are_not_taken_back_with_it(project: OpenProject) -> None:
    one = solid(project, 4)
    project.door.execute("clip.set", {"clip": one, "property": "opacity", "value": 0.5})
    solid(project, 0, 2)
    second = 25 * project.snapshot.timeline.rate.ticks_per_frame
    first = project.snapshot.clips_on(clip(project, one).track)[0]
    project.door.execute("clip.extract", {"clips": [first.id]})
    assert clip(project, one).start == 2 * second
    restore_clip(project, one, blame_plain(project, one)[0]["id"])
    assert (clip(project, one).opacity, clip(project, one).start) == (1.0, 2 * second)


def test_names_stand_in_the_file_and_come_along_with_a_merge(project: OpenProject, tmp_path: Path) -> None:
    one = solid(project, 0)
    copy = tmp_path / "copy.proedit"
    project.file.save_copy(copy)
    places = Places(tmp_path / "config", tmp_path / "cache", tmp_path / "logs")
    ana = bootstrap.Parts(places, Profile(id="uAna", name="Ana  Lind"), bootstrap.new_session(), bootstrap.commands())
    with bootstrap.target(ana, copy) as target:
        target.execute("clip.set", {"clip": one, "property": "opacity", "value": 0.5})
    serve(project, "merge", {"other": str(copy)})
    project.file.flush()
    assert names(project) == {"uTester": "Tester", "uAna": "Ana Lind"}
    assert [step["person"] for step in blame_plain(project, one)] == ["Tester", "Ana Lind"]
    assert "by Ana Lind" in blame_lines(blame_plain(project, one))[1]
