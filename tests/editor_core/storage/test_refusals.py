"""What cannot be opened, made or changed says why, and stays as it was.

Owns: one clear message for each reason. Refuses: damage, tested beside.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from editor_core.document import ChangeSet, Draft, Stamp
from editor_core.schema import Marker
from editor_core.storage import (
    NotAllowed,
    NotAProject,
    ProjectDamaged,
    ProjectExists,
    ProjectFile,
    ProjectInUse,
    ProjectMissing,
    ReadOnlyProject,
    StorageError,
)
from tests.editor_core.storage.conftest import SESSION, without_rights
from tests.support.random_edits import counting_ids, door_on, first_records


def test_a_missing_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ProjectMissing, match=r"no project .*nowhere\.proedit; `proeditor new`"):
        ProjectFile.open(tmp_path / "nowhere.proedit", session=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "raw", "words"), [
    ("text.proedit", b"Dear diary\n" * 500, "not a ProEditor project"),
    ("short.proedit", b"x", "not a ProEditor project"),
    ("movie.proedit", b"\x00\x00\x00\x18ftypmp42" + bytes(9000), "not a ProEditor project"),
    ("header.proedit", b"SQLite format 3\x00" + bytes(84), "not a ProEditor project"),
    ("empty.proedit", b"", "is empty"),
])
@pytest.mark.parametrize("read_only", [False, True])
def test_a_file_of_another_kind_says_so_and_is_not_touched(tmp_path: Path, name: str, raw: bytes, words: str, read_only: bool) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(NotAProject, match=words):
        ProjectFile.open(path, session=1, read_only=read_only)
    assert path.read_bytes() == raw
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_database_of_another_program_is_no_project(tmp_path: Path) -> None:
    path = tmp_path / "other.proedit"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE journal(sequence INTEGER PRIMARY KEY, entry TEXT)")
    connection.execute("INSERT INTO journal VALUES (1, 'mine')")
    connection.commit()
    connection.close()
    raw = path.read_bytes()
    with pytest.raises(NotAProject, match="not a ProEditor project"):
        ProjectFile.open(path, session=1)
    assert path.read_bytes() == raw


def test_a_folder_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(NotAProject, match="is a folder"):
        ProjectFile.open(tmp_path, session=1)


def test_a_project_of_which_nothing_is_left_says_so_and_is_not_touched(project: Path) -> None:
    raw = project.read_bytes()[:4096]
    project.write_bytes(raw)
    with pytest.raises((ProjectDamaged, NotAProject), match=r"film\.proedit"):
        ProjectFile.open(project, session=1)
    assert project.read_bytes() == raw


@pytest.mark.parametrize("what", ["file", "folder", "broken link"])
def test_making_a_project_never_overwrites(tmp_path: Path, what: str) -> None:
    path = tmp_path / "film.proedit"
    if what == "file":
        path.write_text("precious")
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "gone")
    with pytest.raises(ProjectExists, match="is there already"):
        ProjectFile.create(path, first_records(), session=1, actor="a")
    assert [p.name for p in tmp_path.iterdir()] == ["film.proedit"]
    assert what != "file" or path.read_text() == "precious"


def test_making_a_project_in_no_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="no folder"):
        ProjectFile.create(tmp_path / "gone" / "film.proedit", first_records(), session=1, actor="a")


def _message(work: Callable[[], object]) -> str:
    try:
        work()
    except StorageError as error:
        return f"{type(error).__name__}: {error}"
    return "no error"


def test_a_folder_that_may_not_be_written_says_so_and_opens_read_only(open_to_all: Path) -> None:
    path = open_to_all / "film.proedit"
    ProjectFile.create(path, first_records(), session=SESSION, actor="a").close()
    path.chmod(0o666)
    open_to_all.chmod(0o555)

    def work() -> list[object]:
        said = [_message(lambda: ProjectFile.open(path, session=1)),
                _message(lambda: ProjectFile.create(open_to_all / "new.proedit", first_records(), session=1, actor="a"))]
        with ProjectFile.open(path, session=1, read_only=True) as file:
            return [*said, len(file.document_state.records), len(file.problems)]

    opening, making, records, problems = without_rights(work)
    assert opening.startswith("NotAllowed") and "open it read-only, or copy it" in opening
    assert making.startswith("NotAllowed") and "choose another" in making
    assert (records, problems) == (4, 0)


def test_a_write_protected_file_says_so_and_opens_read_only(open_to_all: Path) -> None:
    path = open_to_all / "film.proedit"
    ProjectFile.create(path, first_records(), session=SESSION, actor="a").close()
    path.chmod(0o444)

    def work() -> list[object]:
        said = _message(lambda: ProjectFile.open(path, session=1))
        with ProjectFile.open(path, session=1, read_only=True) as file:
            return [said, len(file.document_state.records), sorted(p.name for p in open_to_all.iterdir())]

    said, records, names = without_rights(work)
    assert said.startswith("NotAllowed") and "write-protected" in said
    assert records == 4 and names == ["film.proedit"]


def test_a_file_that_may_not_be_read_says_so(open_to_all: Path) -> None:
    path = open_to_all / "film.proedit"
    ProjectFile.create(path, first_records(), session=SESSION, actor="a").close()
    path.chmod(0o000)
    said = without_rights(lambda: [_message(lambda: ProjectFile.open(path, session=1)),
                                   _message(lambda: ProjectFile.open(path, session=1, read_only=True))])
    assert all(words.startswith("NotAllowed") and "may not be read" in words for words in said)


def test_a_project_that_is_open_read_only_takes_no_change(project: Path) -> None:
    raw = project.read_bytes()
    with ProjectFile.open(project, session=9, read_only=True) as file:
        assert file.read_only and not file.problems
        door = door_on(file, session=9)
        before = door.document.snapshot
        with pytest.raises(ReadOnlyProject, match=r"film\.proedit is open read-only"):
            door.execute("marker.add", {"at": 0})
        assert door.document.snapshot is before
        assert door.history.entries == file.entries
        assert file.change(file.entries[3].stamp).stamp == file.entries[3].stamp
        file.locations.set("m1", "/media/a.mov")
        file.announce("nobody listens")
    assert project.read_bytes() == raw
    assert [p.name for p in project.parent.iterdir()] == ["film.proedit"]


def test_a_stamp_that_was_used_before_is_refused_and_nothing_changes(project: Path) -> None:
    with ProjectFile.open(project, session=SESSION) as file:
        assert file.document_state.counter >= 60
        door = door_on(file, session=SESSION)
        door.execute("marker.add", {"at": 0}).wait(10)
        used = file.entries[0].stamp
        draft = Draft(door.document.snapshot)
        draft.create(Marker(id="n-again", timeline=draft.timeline.id, start=4))
        change = ChangeSet(stamp=Stamp(used.session, used.counter), actor="a", command="x", label="X", time=1,
                           operations=draft.operations(door.document))
        before = door.document.snapshot
        with pytest.raises(StorageError, match="open the project with a new session"):
            door.document.apply(change)
        assert door.document.snapshot is before
        assert {r.id: r for r in file.replica.records()} == before.records


def test_a_closed_project_takes_no_change(project: Path) -> None:
    file = ProjectFile.open(project, session=9)
    door = door_on(file, session=9)
    file.close()
    file.close()
    with pytest.raises(StorageError, match="is closed"):
        door.execute("marker.add", {"at": 0})


def test_a_copy_is_complete_and_overwrites_nothing(project: Path) -> None:
    copy = project.with_name("copy.proedit")
    with ProjectFile.open(project, session=9) as file:
        door = door_on(file, session=9)
        door.execute("marker.add", {"at": 77, "text": "just now"})
        file.save_copy(copy)
        with pytest.raises(ProjectExists):
            file.save_copy(copy)
        with pytest.raises(NotAllowed, match="no folder"):
            file.save_copy(project.parent / "gone" / "x.proedit")
        now = door.document.snapshot.records
    with ProjectFile.open(copy, session=10) as file:
        assert {r.id: r for r in file.document_state.records} == now
        assert not file.problems
        copy_of_read_only = project.with_name("third.proedit")
    with ProjectFile.open(copy, session=10, read_only=True) as file:
        file.save_copy(copy_of_read_only)
    assert sorted(p.name for p in project.parent.iterdir()) == ["copy.proedit", "film.proedit", "third.proedit"]


def test_the_file_alone_is_complete_between_commits_and_may_be_copied_while_open(project: Path) -> None:
    copy = project.with_name("copied.proedit")
    with ProjectFile.open(project, session=9) as file:
        door = door_on(file, session=9)
        door.execute("marker.add", {"at": 77, "text": "just now"}).wait(10)
        copy.write_bytes(project.read_bytes())
        with ProjectFile.open(copy, session=10, read_only=True) as other:
            assert {r.id: r for r in other.document_state.records} == door.document.snapshot.records
            assert not other.problems


def test_a_process_that_opens_a_project_again_goes_on_counting(project: Path) -> None:
    for at in range(3):
        with ProjectFile.open(project, session=7) as file:
            door_on(file, session=7, ids=counting_ids(f"{at}-")).execute("marker.add", {"at": at}).wait(10)
    with ProjectFile.open(project, session=8, read_only=True) as file:
        assert [line.stamp.counter for line in file.entries if line.stamp.session == 7] == [1, 2, 3]


def test_a_change_too_large_to_store_is_refused_and_nothing_changes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProjectFile.open(project, session=7) as file:
        door = door_on(file, session=7)
        before = door.document.snapshot
        with monkeypatch.context() as patch:
            patch.setattr("editor_core.sync.packing.MAX_CHANGE", 500)
            with pytest.raises(StorageError, match="do it in several steps"):
                door.execute("marker.add", {"at": 0, "text": "x" * 1000})
        assert door.document.snapshot is before and len(door.history.entries) == 60
        door.execute("marker.add", {"at": 0, "text": "x"}).wait(10)


def test_links_are_followed_so_that_a_project_has_one_lock(project: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere.proedit"
    link.symlink_to(project)
    with ProjectFile.open(link, session=7) as file:
        assert file.path == project
        with pytest.raises(ProjectInUse):
            ProjectFile.open(project, session=8)
    circle = tmp_path / "circle.proedit"
    circle.symlink_to(circle)
    with pytest.raises(NotAllowed, match="cannot be reached"):
        ProjectFile.open(circle, session=7)


@pytest.mark.parametrize("name", ["x" * 400, "nul\0byte", "tab\tand\nline.proedit"])
def test_names_that_no_file_can_have_are_refused_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError):
        ProjectFile.open(tmp_path / name, session=7)


def test_an_endless_file_is_refused_within_seconds(tmp_path: Path) -> None:
    path = tmp_path / "endless.proedit"
    with path.open("wb") as file:
        file.truncate(2**40)
    start = time.monotonic()
    with pytest.raises(NotAProject):
        ProjectFile.open(path, session=7)
    assert time.monotonic() - start < 60
