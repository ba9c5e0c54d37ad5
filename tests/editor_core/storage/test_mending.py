"""Damage in chosen places: what is mended, what is said, what is kept.

Owns: one test for each part of a file that can go bad. Refuses: random damage, tested beside.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from editor_core.storage import ProjectFile, mending, opening
from editor_core.storage.layout import marked
from tests.editor_core.storage.conftest import SESSION
from tests.support.random_edits import RandomEditor, door_on


def altered(path: Path, *statements: tuple[str, tuple[object, ...]]) -> None:
    connection = sqlite3.connect(path)
    for statement, values in statements:
        connection.execute(statement, values)
    connection.commit()
    connection.close()


def one(path: Path, statement: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement).fetchone()[0]
    finally:
        connection.close()


def records_of(path: Path) -> dict[str, object]:
    with ProjectFile.open(path, session=999, read_only=True) as file:
        return {r.id: r for r in file.document_state.records}


def kept_aside(path: Path) -> list[Path]:
    return sorted(path.parent.glob("film.proedit.damaged-*"))


def test_a_damaged_tail_is_cut_off_named_and_kept_aside(project: Path) -> None:
    labels = [line.label for line in ProjectFile.open(project, session=9, read_only=True).entries]
    last = one(project, "SELECT MAX(sequence) FROM journal")
    assert isinstance(last, int)
    altered(project, ("UPDATE journal SET change = zeroblob(40) WHERE sequence = ?", (last - 2,)))
    damaged = project.read_bytes()
    with ProjectFile.open(project, session=9) as file:
        assert file.document_state.revision == last - 3
        problem, = file.problems
        assert "The last 3 changes could not be recovered" in problem.message
        assert f"“{labels[-1]}”" in problem.message and f"“{labels[-4]}”" in problem.message
        assert kept_aside(project)[0].name in problem.fix
        door_on(file, session=9).execute("marker.add", {"at": 3}).wait(10)
    assert kept_aside(project)[0].read_bytes() == damaged
    with ProjectFile.open(project, session=10) as file:
        assert [p.message for p in file.problems] == [problem.message], "it is said until it is dismissed"
        assert file.document_state.revision == last - 2
        file.dismiss(file.problems[0])
        assert file.problems == []
    with ProjectFile.open(project, session=11) as file:
        assert file.problems == []
    assert len(kept_aside(project)) == 1


def test_a_damaged_snapshot_falls_back_to_the_one_before(project: Path) -> None:
    whole = records_of(project)
    altered(project, ("UPDATE snapshots SET body = zeroblob(900) WHERE sequence = (SELECT MAX(sequence) FROM snapshots)", ()))
    with ProjectFile.open(project, session=9) as file:
        assert {r.id: r for r in file.document_state.records} == whole
        assert "no change of the film was lost" in file.problems[0].message


def test_without_any_snapshot_everything_is_replayed(project: Path) -> None:
    whole = records_of(project)
    altered(project, ("DELETE FROM snapshots", ()))
    with ProjectFile.open(project, session=9) as file:
        assert {r.id: r for r in file.document_state.records} == whole
        assert {r.id: r for r in file.replica.records()} == whole


def test_a_damaged_block_of_old_history_leaves_the_film_whole_and_says_what_cannot_be_undone(project: Path) -> None:
    whole = records_of(project)
    altered(project, ("UPDATE archive SET body = zeroblob(90) WHERE first > 1 AND first < 20", ()))
    with ProjectFile.open(project, session=9) as file:
        assert {r.id: r for r in file.document_state.records} == whole
        problem, = file.problems
        assert "The film is complete, but step" in problem.message and "cannot be undone" in problem.message
        RandomEditor(door_on(file, session=9), 3).steps(90)
        now = {r.id: r for r in file.replica.records()}
    with ProjectFile.open(project, session=10) as file:
        assert {r.id: r for r in file.document_state.records} == now
        assert file.problems == [problem]
    assert len(kept_aside(project)) == 1


def test_a_rewritten_entry_is_found_by_the_chain(project: Path) -> None:
    """Somebody who can compute marks changes an old entry: the one after it no longer follows from it."""
    connection = sqlite3.connect(project)
    row = connection.execute("SELECT * FROM journal ORDER BY sequence LIMIT 1").fetchone()
    forged = marked("journal", row[0], row[1], row[2][:-1] + b"!", row[3])
    connection.execute("INSERT OR REPLACE INTO journal VALUES (?, ?, ?, ?, ?)", forged)
    connection.commit()
    connection.close()
    with ProjectFile.open(project, session=9) as file:
        assert any("history" in p.message or "could not be recovered" in p.message for p in file.problems)


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 6, 7, 8])
def test_any_of_the_first_pages_may_be_blank(project: Path, page: int) -> None:
    """Header, schema and the roots of every table: SQLite cannot read some of these at all, the rows are found page by page."""
    whole = records_of(project)
    with project.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(bytes(4096))
    with ProjectFile.open(project, session=9) as opened:
        assert opened.problems and not opened.read_only
        if opened.document_state.revision == 61:
            assert {r.id: r for r in opened.document_state.records} == whole
        else:
            assert opened.document_state.revision >= 26, "never further back than a snapshot"
    with ProjectFile.open(project, session=10) as opened:
        assert len(kept_aside(project)) == 1


def test_lost_media_places_are_said(project: Path) -> None:
    with ProjectFile.open(project, session=9) as file:
        file.locations.set("m1", "/media/one.mov")
        file.locations.set("m2", "/media/two.mov")
    altered(project, ("DELETE FROM locations WHERE asset = 'm2'", ()))
    with ProjectFile.open(project, session=9) as file:
        assert list(file.locations) == ["m1"]
        assert "may have been forgotten" in file.problems[0].message


def test_reading_a_damaged_project_says_so_and_writes_nothing(project: Path) -> None:
    altered(project, ("UPDATE journal SET replica = zeroblob(4) WHERE sequence = (SELECT MAX(sequence) FROM journal)", ()))
    raw = project.read_bytes()
    with ProjectFile.open(project, session=9, read_only=True) as file:
        assert "The last change could not be recovered" in file.problems[0].message
        assert "was not touched" in file.problems[0].fix
    assert project.read_bytes() == raw
    assert [p.name for p in project.parent.iterdir()] == ["film.proedit"]


@pytest.mark.parametrize("step", ["keep_aside", "take_place", "set_up"])
def test_a_process_that_dies_while_mending_leaves_a_file_that_opens(project: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    altered(project, ("UPDATE journal SET change = zeroblob(40) WHERE sequence = (SELECT MAX(sequence) FROM journal)", ()))

    class Died(BaseException):
        pass

    def dies(*args: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(mending, step, dies)
        patch.setattr(Path, "unlink", lambda *args, **options: None)
        with pytest.raises(Died):
            ProjectFile.open(project, session=9)
    with ProjectFile.open(project, session=10) as file:
        assert file.document_state.revision == 60 and file.problems
    assert not list(project.parent.glob(".*")), "what the dead one left is swept away"


def test_a_project_left_in_the_middle_of_a_commit_can_be_read_from_a_folder_that_is_not_written(project: Path, tmp_path: Path) -> None:
    """Only SQLite's rollback makes such a file whole; a reader does that on a copy of its own."""
    folder = tmp_path / "killed"
    folder.mkdir()
    copy = folder / "film.proedit"
    shutil.copyfile(project, copy)
    writer = sqlite3.connect(copy, isolation_level=None)
    writer.execute("PRAGMA journal_mode=PERSIST")
    writer.execute("PRAGMA cache_size=4")
    writer.execute("PRAGMA cache_spill=ON")
    writer.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        writer.execute("UPDATE snapshots SET body = zeroblob(60000)")
        writer.execute("UPDATE journal SET change = zeroblob(3000)")
    torn = tmp_path / "torn"
    torn.mkdir()
    for name in ("film.proedit", "film.proedit-journal"):
        shutil.copyfile(folder / name, torn / name)
    writer.execute("ROLLBACK")
    writer.close()
    left = {p.name: p.read_bytes() for p in torn.iterdir()}
    assert left["film.proedit-journal"][:8] == b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", "this journal must be rolled back"
    assert left["film.proedit"] != project.read_bytes()
    whole = records_of(project)
    with ProjectFile.open(torn / "film.proedit", session=9, read_only=True) as file:
        assert {r.id: r for r in file.document_state.records} == whole and not file.problems
        assert file.change(file.entries[5].stamp).stamp == file.entries[5].stamp
    assert {p.name: p.read_bytes() for p in torn.iterdir()} == left
    with ProjectFile.open(torn / "film.proedit", session=9) as file:
        assert {r.id: r for r in file.document_state.records} == whole and not file.problems


def test_a_definition_that_runs_code_is_not_run(project: Path) -> None:
    whole = records_of(project)
    altered(project, ("CREATE TRIGGER evil AFTER INSERT ON journal BEGIN DELETE FROM snapshots; END", ()))
    with ProjectFile.open(project, session=9) as file:
        assert {r.id: r for r in file.document_state.records} == whole
        assert file.problems
    assert one(project, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger'") == 0


def test_the_first_entry_is_no_line_of_history(project: Path) -> None:
    with ProjectFile.open(project, session=SESSION + 5) as file:
        assert all(line.command != opening.FIRST_COMMAND for line in file.entries)
        assert file.document_state.revision == len(file.entries) + 1
