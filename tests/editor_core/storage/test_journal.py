"""The journal on real disks that are full, gone, swapped or slow: never "saved" too early, nothing lost, saved when it can be.

Owns: trouble while a project is open. Refuses: kills and damage, tested beside.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from editor_core.storage import NotSaved, ProjectFile, StorageError
from tests.editor_core.storage.conftest import SESSION
from tests.fuzz.children import in_children
from tests.support.random_edits import RandomEditor, door_on, first_records


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MiB. For tests marked `own_mounts`."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:  # the test itself happens where its user is root
        if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
            pytest.skip("this system lets nobody mount a file system of their own; the test with a file size limit runs instead")
        yield folder
        return
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True)
    if done.returncode:
        pytest.skip("this system lets nobody mount a file system of their own; the test with a file size limit runs instead")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            return filler


@pytest.mark.own_mounts
def test_a_full_disk_is_told_nothing_is_called_saved_and_all_is_saved_when_there_is_room(small_disk: Path) -> None:
    path = small_disk / "film.proedit"
    said: list[str] = []
    saved: list[int] = []
    with ProjectFile.create(path, first_records(), session=SESSION, actor="a", snapshot_every=20) as file:
        file.on_trouble(said.append)
        file.on_saved(lambda revision, when: saved.append(revision))
        door = door_on(file, session=SESSION)
        editor = RandomEditor(door, 1)
        editor.steps(10)[-1].wait(10)
        filler = fill(small_disk)
        tickets = [editor.step().ticket for _ in range(120)]
        with pytest.raises(NotSaved, match=r"no room left on the disk \(film\.proedit\).*kept in memory and not saved"):
            tickets[-1].wait(1.0)
        assert said and "no room" in said[0] and file.trouble == said[-1]
        assert file.saved_revision < door.document.revision and not tickets[-1].done
        assert max(saved, default=0) == file.saved_revision
        with pytest.raises(NotSaved, match="no room"):
            file.close(timeout=0.5)
        last = editor.step()
        filler.unlink()
        last.wait(20)
        assert all(ticket.done for ticket in tickets)
        assert file.trouble == "" and file.saved_revision == door.document.revision == saved[-1]
        records = door.document.snapshot.records
    with ProjectFile.open(path, session=SESSION + 1) as file:
        assert {r.id: r for r in file.document_state.records} == records
        assert not file.problems


@pytest.mark.own_mounts
def test_a_project_is_not_made_on_a_full_disk_and_leaves_nothing(small_disk: Path) -> None:
    fill(small_disk)
    with pytest.raises(StorageError, match="not enough room"):
        ProjectFile.create(small_disk / "film.proedit", first_records(), session=1, actor="a")
    assert [p.name for p in small_disk.iterdir()] == ["filler"]


@pytest.mark.own_mounts
def test_a_copy_that_does_not_fit_says_so_and_leaves_nothing(small_disk: Path, project: Path) -> None:
    fill(small_disk)
    with ProjectFile.open(project, session=3) as file:
        with pytest.raises(StorageError, match="not enough room"):
            file.save_copy(small_disk / "copy.proedit")
        door_on(file, session=3).execute("marker.add", {"at": 0}).wait(10)
    assert [p.name for p in small_disk.iterdir()] == ["filler"]


@pytest.mark.own_mounts
def test_a_damaged_project_on_a_full_disk_opens_read_only_and_says_so(small_disk: Path, project: Path) -> None:
    connection = sqlite3.connect(project)
    connection.execute("UPDATE head SET sides = x'00'")
    connection.commit()
    connection.close()
    raw = project.read_bytes()
    path = small_disk / "film.proedit"
    path.write_bytes(raw)
    fill(small_disk)
    with ProjectFile.open(path, session=3) as file:
        assert file.read_only and {p.kind for p in file.problems} == {"damage", "place"}
        assert len(file.document_state.records) > 10
    assert path.read_bytes() == raw


@pytest.mark.fresh_process
def test_a_file_that_may_not_grow_is_trouble_and_ends_when_it_may(tmp_path: Path) -> None:
    """The same without a small disk, for users who may not mount: RLIMIT_FSIZE makes real writes fail."""
    path = tmp_path / "film.proedit"

    def work(_: int) -> list[object]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with ProjectFile.create(path, first_records(), session=SESSION, actor="a") as file:
            editor = RandomEditor(door_on(file, session=SESSION), 1)
            editor.steps(5)[-1].wait(10)
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
            outcomes = editor.steps(60)
            try:
                outcomes[-1].wait(1.0)
                said = "saved"
            except NotSaved as error:
                said = str(error)
            behind = file.saved_revision < editor.door.document.revision
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            outcomes[-1].wait(20)
            return [said, behind, len(editor.door.document.snapshot.records), file.trouble]

    (_, (said, behind, count, trouble)), = in_children([0], work, patience=60)
    assert "kept in memory and not saved" in said and behind and trouble == ""
    with ProjectFile.open(path, session=2) as file:
        assert len(file.document_state.records) == count and not file.problems


def test_a_ticket_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    file = ProjectFile.create(path, first_records(), session=SESSION, actor="a")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    outcome = door_on(file, session=SESSION).execute("marker.add", {"at": 0})
    start = time.monotonic()
    with pytest.raises(NotSaved) as caught:
        outcome.wait(0.3)
    assert 0.25 < time.monotonic() - start < 10 and isinstance(caught.value, TimeoutError)
    other.execute("COMMIT")
    other.close()
    outcome.wait(20)
    outcome.wait(0)
    file.close()


@pytest.mark.parametrize("how", ["moved", "deleted", "replaced"])
def test_a_project_that_is_moved_away_while_open_is_not_called_saved(project: Path, how: str) -> None:
    said: list[str] = []
    file = ProjectFile.open(project, session=9)
    file.on_trouble(said.append)
    door = door_on(file, session=9)
    door.execute("marker.add", {"at": 1}).wait(10)
    away = project.with_name("away.proedit")
    raw = project.read_bytes()
    project.rename(away)
    if how == "deleted":
        away.rename(project.with_name("trash"))
    elif how == "replaced":
        project.write_bytes(raw)
    outcome = door.execute("marker.add", {"at": 2})
    with pytest.raises(NotSaved, match="moved, replaced or deleted while it was open; put it back, or save a copy"):
        outcome.wait(0.5)
    assert said
    home = away if away.exists() else project.with_name("trash")
    home.replace(project)
    outcome.wait(20)
    file.close()
    with ProjectFile.open(project, session=10) as again:
        assert len(again.entries) == 62 and not again.problems


def test_a_backup_copied_over_an_open_project_is_not_written_into(project: Path) -> None:
    backup = project.read_bytes()
    file = ProjectFile.open(project, session=9)
    door = door_on(file, session=9)
    for at in range(5):
        door.execute("marker.add", {"at": at}).wait(10)
    with project.open("r+b") as handle:
        handle.truncate(0)
        handle.write(backup)
    outcome = door.execute("marker.add", {"at": 100})
    with pytest.raises(NotSaved):
        outcome.wait(1.0)
    rescued = project.with_name("rescued.proedit")
    file.abandon()
    shutil.copyfile(project, rescued)
    with ProjectFile.open(rescued, session=10) as again:
        assert len(again.entries) == 60 and not again.problems


def test_commits_are_synced_completely_and_the_file_stays_whole_between_them(project: Path) -> None:
    found: dict[str, object] = {}

    def look(connection: sqlite3.Connection) -> None:
        for pragma in ("journal_mode", "synchronous", "trusted_schema", "mmap_size"):
            found[pragma] = connection.execute(f"PRAGMA {pragma}").fetchone()[0]

    with ProjectFile.open(project, session=9) as file:
        file._journal.run(look).wait(10)
    assert found == {"journal_mode": "persist", "synchronous": 3, "trusted_schema": 0, "mmap_size": 0}


def test_many_commands_share_commits_and_keep_their_order(tmp_path: Path) -> None:
    saved: list[tuple[int, int]] = []
    with ProjectFile.create(tmp_path / "a.proedit", first_records(), session=SESSION, actor="a") as file:
        file.on_saved(lambda revision, when: saved.append((revision, threading.get_ident())))
        door = door_on(file, session=SESSION)
        held = threading.Event()
        file._journal.run(lambda connection: held.wait(5) and None)
        outcomes = [door.execute("marker.add", {"at": at}) for at in range(200)]
        held.set()
        outcomes[-1].wait(20)
    assert len(saved) < 20 and saved[-1][0] == 201
    assert {thread for _, thread in saved} != {threading.get_ident()}


def test_a_listener_that_fails_does_not_stop_the_journal(project: Path) -> None:
    with ProjectFile.open(project, session=9) as file:
        file.on_saved(lambda revision, when: 1 / 0)
        door = door_on(file, session=9)
        door.execute("marker.add", {"at": 1}).wait(10)
        door.execute("marker.add", {"at": 2}).wait(10)


def test_leaving_the_program_without_closing_saves_what_is_queued(tmp_path: Path) -> None:
    path = tmp_path / "a.proedit"
    code = ("import sys; from tests.support.random_edits import *\n"
            f"file = ProjectFile.create({str(path)!r}, first_records(), session=5, actor='a')\n"
            "RandomEditor(door_on(file, session=5), 1).steps(50)\n")
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=Path(__file__).parents[3])
    assert [p.name for p in tmp_path.iterdir()] == ["a.proedit"]
    with ProjectFile.open(path, session=6) as file:
        assert len(file.entries) == 50


def test_old_entries_are_compressed_and_still_there_for_undo(tmp_path: Path) -> None:
    path = tmp_path / "a.proedit"
    with ProjectFile.create(path, first_records(), session=SESSION, actor="a", snapshot_every=30) as file:
        outcomes = RandomEditor(door_on(file, session=SESSION), 2).steps(200)
    connection = sqlite3.connect(path)
    blocks = connection.execute("SELECT COUNT(*), MAX(last) FROM archive").fetchone()
    loose = connection.execute("SELECT COUNT(*), MIN(sequence) FROM journal").fetchone()
    assert connection.execute("SELECT COUNT(*) FROM snapshots").fetchone() == (2,)
    connection.close()
    assert blocks[0] > 3 and loose[1] == blocks[1] + 1 and loose[0] < 100
    with ProjectFile.open(path, session=SESSION + 1) as file:
        for outcome in outcomes[::7]:
            assert file.change(outcome.change.stamp) == outcome.change
        with pytest.raises(StorageError, match="not in this project file"):
            file.change(outcomes[0].change.stamp.__class__(1, 1))
