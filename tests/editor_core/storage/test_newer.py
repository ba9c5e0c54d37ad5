"""Projects of newer versions: what is not understood is kept and told, and a newer format is never rewritten.

Owns: files as a later version would write them. Refuses: migration of older formats; there is none before 1.0.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from editor_core.document import ChangeSet, Stamp
from editor_core.storage import NewerProject, ProjectFile, ReadOnlyProject, StorageError
from editor_core.storage.layout import marked, sides_in
from editor_core.sync import replica as replica_module
from editor_core.sync.fields import text_of
from editor_core.sync.packing import pack
from tests.support.random_edits import RandomEditor, door_on

FUTURE = 4_000_000_000


def stamped_version(path: Path, major: int, minor: int) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version={major << 16 | minor}")
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?, ?, ?)", marked("meta", 1, "format", bytes((major, minor))))
    _, sequence, chain, _, _ = connection.execute("SELECT * FROM head").fetchone()
    connection.execute("INSERT OR REPLACE INTO head VALUES (?, ?, ?, ?, ?)", marked("head", 1, sequence, chain, sides_in(connection)))
    connection.commit()
    connection.close()


def write_as_newer(path: Path, monkeypatch: pytest.MonkeyPatch, texts: dict[str, dict[str, str]], operations: list[Any],
                   counter: int = 1) -> Stamp:
    """Adds an entry whose ChangeSet and records this version may not understand, the way its writer would."""
    stamp = Stamp(FUTURE, counter)
    known = ChangeSet(stamp=stamp, actor="person-later", command="hologram.add", label="Add hologram", time=1, operations=())
    raw = {**msgspec.to_builtins(known), "operations": operations}
    with ProjectFile.open(path, session=FUTURE) as file, monkeypatch.context() as patch:
        door = door_on(file, session=FUTURE)
        patch.setattr("editor_core.sync.packing.encode", lambda change: msgspec.msgpack.encode(raw))
        packed = pack(known)
        patch.setattr(replica_module, "writes", lambda change, after: texts)
        parcel = file.replica.write(known, door.document.snapshot, packed)
        file._journal.append(file.document_state.revision + 1, known, packed, parcel).wait(10)
    return stamp


def hologram(path: Path, monkeypatch: pytest.MonkeyPatch) -> Stamp:
    stamp = Stamp(FUTURE, 1)
    return write_as_newer(path, monkeypatch, {"h1": {"type": text_of("hologram", stamp), "depth": text_of(3, stamp)}},
                          [["c", {"type": "hologram", "id": "h1", "depth": 3}]])


def test_a_kind_of_record_from_a_newer_version_is_told_and_survives_edits_and_snapshots(
        project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProjectFile.open(project, session=8, read_only=True) as file:
        before = {r.id: r for r in file.document_state.records}
    stamp = hologram(project, monkeypatch)
    for session in (20, 21):
        with ProjectFile.open(project, session=session, snapshot_every=10) as file:
            problem, = file.problems
            assert problem.kind == "unreadable" and "hologram h1" in problem.message and problem.records == ("h1",)
            assert file.entries[60].label == "Add hologram" and not file.read_only
            assert {r.id: r for r in file.document_state.records} == before
            with pytest.raises(StorageError, match=r"cannot be undone here.*cannot be read by this version"):
                file.change(stamp)
            door = door_on(file, session=session)
            RandomEditor(door, session).steps(60)
            before = dict(door.document.snapshot.records)
            assert {r.id: r for r in file.replica.records()} == before
            assert file.replica.value("h1", "depth") == 3, "kept as it is"
    with ProjectFile.open(project, session=22, read_only=True) as file:
        assert {r.id: r for r in file.document_state.records} == before
        assert file.replica.value("h1", "depth") == 3


def test_a_field_and_a_value_from_a_newer_version_leave_the_clip_usable(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProjectFile.open(project, session=8, read_only=True) as file:
        clip = next(r for r in file.document_state.records if r.kind_name == "clip" and not r.deleted)
    stamp = Stamp(FUTURE, 1)
    write_as_newer(project, monkeypatch, {clip.id: {"glow": text_of(0.5, stamp), "blend_mode": text_of("quantum", stamp)}},
                   [["p", clip.id, "glow", None, 0.5, [0, 0]], ["p", clip.id, "blend_mode", "normal", "quantum", [0, 0]]])
    with ProjectFile.open(project, session=20, snapshot_every=5) as file:
        assert {p.message.split(",")[0] for p in file.problems} == {f"Of clip {clip.id}"}
        assert len(file.problems) == 2
        door = door_on(file, session=20)
        assert door.document.snapshot.record(clip.id).blend_mode == "normal"
        door.execute("clip.set", {"clip": clip.id, "property": "name", "value": "mine"})
        RandomEditor(door, 5).steps(30)
        assert file.replica.value(clip.id, "blend_mode") == "quantum" and file.replica.value(clip.id, "glow") == 0.5
        now = dict(door.document.snapshot.records)
    with ProjectFile.open(project, session=21) as file:
        assert {r.id: r for r in file.document_state.records} == now
        assert len(file.problems) == 2


def test_a_newer_minor_format_is_edited_and_keeps_its_number(project: Path) -> None:
    stamped_version(project, 1, 7)
    with ProjectFile.open(project, session=20) as file:
        assert not file.read_only and not file.problems
        door_on(file, session=20).execute("marker.add", {"at": 3}).wait(10)
    connection = sqlite3.connect(project)
    assert connection.execute("PRAGMA user_version").fetchone() == (1 << 16 | 7,)
    connection.close()


def test_a_damaged_file_of_a_newer_minor_format_is_not_mended(project: Path) -> None:
    stamped_version(project, 1, 7)
    connection = sqlite3.connect(project)
    connection.execute("UPDATE snapshots SET body = x'00'")
    connection.commit()
    connection.close()
    raw = project.read_bytes()
    with ProjectFile.open(project, session=20) as file:
        assert file.read_only and {p.kind for p in file.problems} == {"damage", "newer"}
    assert project.read_bytes() == raw


def test_a_newer_major_format_opens_read_only_with_a_message_and_is_never_rewritten(project: Path) -> None:
    with ProjectFile.open(project, session=8, read_only=True) as file:
        before = {r.id: r for r in file.document_state.records}
    stamped_version(project, 2, 0)
    raw = project.read_bytes()
    with ProjectFile.open(project, session=20) as file:
        assert file.read_only
        assert {r.id: r for r in file.document_state.records} == before
        problem, = file.problems
        assert problem.kind == "newer" and "newer version of ProEditor (format 2.0)" in problem.message
        with pytest.raises(ReadOnlyProject):
            door_on(file, session=20).execute("marker.add", {"at": 3})
    assert project.read_bytes() == raw
    assert [p.name for p in project.parent.iterdir()] == ["film.proedit"]


@pytest.mark.parametrize("change", [
    lambda c: c.execute("ALTER TABLE journal RENAME TO entries"),
    lambda c: [c.execute(f"DROP TABLE {t}") for t in ("journal", "archive", "snapshots", "head")],
])
def test_a_newer_format_that_cannot_be_shown_says_so_and_is_not_touched(project: Path, change: Callable[[Any], Any]) -> None:
    stamped_version(project, 3, 1)
    connection = sqlite3.connect(project)
    change(connection)
    connection.execute("VACUUM")
    connection.commit()
    connection.close()
    raw = project.read_bytes()
    try:
        with ProjectFile.open(project, session=20) as file:
            assert file.read_only and any(p.kind == "newer" for p in file.problems)
    except NewerProject as error:
        assert "format 3.1" in str(error) and "not touched" in str(error)
    assert project.read_bytes() == raw


@pytest.mark.parametrize("version", [(1 << 16) + 1, (1 << 16) + 99, 2 << 16, 0x7FFF0000])
def test_a_newer_version_in_the_header_alone_is_taken_at_its_word_and_the_file_is_not_written(project: Path, version: int) -> None:
    connection = sqlite3.connect(project)
    connection.execute(f"PRAGMA user_version={version}")
    connection.close()
    raw = project.read_bytes()
    with ProjectFile.open(project, session=20) as opened:
        assert opened.read_only and [p.kind for p in opened.problems] == ["newer"]
        assert opened.document_state.records
    assert project.read_bytes() == raw


def test_a_version_number_that_the_rest_contradicts_is_damage_and_not_a_newer_version(project: Path) -> None:
    connection = sqlite3.connect(project)
    connection.execute("PRAGMA user_version=3")
    connection.close()
    with ProjectFile.open(project, session=20) as opened:
        assert not opened.read_only and [p.kind for p in opened.problems] == ["damage"]


def test_errors_of_this_package_are_one_tree() -> None:
    assert issubclass(NewerProject, StorageError)
