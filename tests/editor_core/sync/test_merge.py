"""Two copies of one project, edited apart and merged both ways, are one project again.

Owns: the promise that any project can be shared later, with real project files and real commands. Refuses: conflicts' meaning.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from editor_core.document import ChangeSet, Document, Stamp, Take, integrity
from editor_core.storage import ProjectFile, StorageError
from editor_core.sync import Replica
from tests.support.random_edits import RandomEditor, door_on, first_records


def edited(path: Path, session: int, seed: int, count: int) -> tuple[bytes, Document]:
    """The replica's state and the document after that many random commands."""
    with ProjectFile.open(path, session=session, snapshot_every=40) as file:
        door = door_on(file, session=session)
        RandomEditor(door, seed).steps(count)
        return file.replica.state(), door.document


@pytest.mark.parametrize("seed", range(6))
def test_copies_of_a_project_file_edited_apart_merge_to_equal_records(tmp_path: Path, seed: int) -> None:
    ours, theirs = tmp_path / "ours.proedit", tmp_path / "theirs.proedit"
    with ProjectFile.create(ours, first_records(), session=7, actor="person-a", snapshot_every=40) as file:
        RandomEditor(door_on(file, session=7), seed).steps(90)
        file.flush()
        shutil.copyfile(ours, theirs)
    left, _ = edited(ours, 100 + seed, seed + 50, 80)
    right, _ = edited(theirs, 200 + seed, seed + 90, 80)

    one, two = Replica.from_state(left), Replica.from_state(right)
    one.apply_update(right)
    two.apply_update(left)
    assert one.records() == two.records()
    assert one.changes() == two.changes()
    assert len(one.changes()) == 1 + 90 + 80 + 80
    assert not one.unreadable

    three = Replica.from_state(two.state())
    three.apply_update(left)
    three.apply_update(right)
    assert three.records() == one.records(), "what arrives twice changes nothing"
    kept = {change.label for change in one.changes().values()}
    assert all(change.label in kept for change in Replica.from_state(left).changes().values())


def test_a_field_that_only_one_side_wrote_is_in_the_merge_as_that_side_left_it(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.proedit", tmp_path / "theirs.proedit"
    with ProjectFile.create(ours, first_records(), session=7, actor="person-a") as file:
        RandomEditor(door_on(file, session=7), 1).steps(60)
    shutil.copyfile(ours, theirs)
    with ProjectFile.open(ours, session=8, read_only=True) as file:
        before = door_on(file, session=8).document
    left, mine = edited(ours, 101, 11, 40)
    right, yours = edited(theirs, 202, 22, 40)
    merged = Replica.from_state(left)
    merged.apply_update(right)
    found = {r.id: r for r in merged.records()}
    assert set(found) == set(mine.snapshot.records) | set(yours.snapshot.records)
    compared = 0
    for record_id, record in found.items():
        for field in record.__struct_fields__:
            here, there, was = (side.stamp_of(record_id, field)[0] for side in (mine, yours, before))
            if here != there and was in (here, there):
                winner = (yours if here == was else mine).snapshot.records[record_id]
                assert getattr(record, field) == getattr(winner, field)
                compared += 1
    assert compared > 500


def test_a_merge_can_break_rules_between_records_and_that_is_found_not_raised(tmp_path: Path) -> None:
    broken = 0
    for seed in range(4):
        ours, theirs = tmp_path / f"ours{seed}.proedit", tmp_path / f"theirs{seed}.proedit"
        with ProjectFile.create(ours, first_records(), session=7, actor="person-a") as file:
            RandomEditor(door_on(file, session=7), seed).steps(50)
        shutil.copyfile(ours, theirs)
        merged = Replica.from_state(edited(ours, 101, seed + 5, 60)[0])
        merged.apply_update(edited(theirs, 202, seed + 6, 60)[0])
        broken += len(list(integrity.breaches(Document(merged.records()).snapshot)))
    assert broken > 0, "these seeds were chosen to collide"


def takes(replica: Replica, document: Document) -> tuple[Take, ...]:
    """What a merged replica says beyond a document, with the stamps of every field that another wrote."""
    made = []
    for record in replica.records():
        wrote = {name: (stamp, stamp) for name, stamp in replica.stamps(record.id).items()
                 if name != "type" and document.stamp_of(record.id, name)[0] != stamp}
        if document.snapshot.record(record.id) != record:
            made.append(Take(record, wrote))
    return tuple(made)


def test_what_was_merged_into_a_project_file_is_there_after_reopening_with_or_without_snapshots(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.proedit", tmp_path / "theirs.proedit"
    with ProjectFile.create(ours, first_records(), session=7, actor="person-a", snapshot_every=30) as file:
        RandomEditor(door_on(file, session=7), 5).steps(60)
    shutil.copyfile(ours, theirs)
    edited(ours, 101, 11, 40)
    edited(theirs, 202, 22, 40)
    with ProjectFile.open(theirs, session=9, read_only=True) as other, ProjectFile.open(ours, session=303, snapshot_every=30) as file:
        parcel = other.replica.news_for(file.replica.knows())
        assert len(parcel) < len(other.replica.state()) * 0.8, "only what is new travels"
        scratch = Replica.from_state(file.replica.state())
        scratch.apply_update(parcel)
        door = door_on(file, session=303)
        merge = ChangeSet(stamp=Stamp(303, 1), actor="person-a", command="merge", label="Merge", time=1, kind="merge",
                          operations=takes(scratch, door.document))
        assert len(merge.operations) > 10
        before = door.document.snapshot
        with pytest.raises(StorageError, match="damaged on its way"):
            door.document.apply(merge, lambda *args: file.record_received(*args, parcel[:-1] + b"!"))
        assert door.document.snapshot is before
        door.document.apply(merge, lambda *args: file.record_received(*args, parcel).wait(10))
        assert file.replica.records() == scratch.records()
        merged = dict(door.document.snapshot.records)
        assert {r.id: r for r in file.replica.records()} == merged
    for blind in (False, True):
        if blind:
            connection = sqlite3.connect(ours)
            connection.execute("DELETE FROM snapshots")
            connection.commit()
            connection.close()
        with ProjectFile.open(ours, session=404) as file:
            assert {r.id: r for r in file.document_state.records} == merged
            assert {r.id: r for r in file.replica.records()} == merged
            assert len(file.replica.changes()) == 1 + 60 + 40 + 40, "a merge itself is not replicated"
            assert file.entries[-1].kind == "merge"
