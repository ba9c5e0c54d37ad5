"""Snapshots that the journal makes by itself, without holding up whoever edits."""

from __future__ import annotations

import contextlib
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from editor_core.document.staging import Stamps
from editor_core.storage import ProjectFile, journal
from editor_core.storage.entries import SnapshotRow, make_snapshot, records_in, snapshot_of, stamps_in
from editor_core.sync import Replica
from tests.editor_core.storage.conftest import SESSION
from tests.support.random_edits import RandomEditor, door_on, first_records


def snapshots_in(path: Path) -> list[SnapshotRow]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [SnapshotRow(*row) for row in connection.execute("SELECT * FROM snapshots ORDER BY sequence")]


def edited(path: Path, steps: int, **more: Any) -> Replica:
    """A film made or gone on with by random edits; its replica at the end."""
    opened = ProjectFile.open if path.exists() else ProjectFile.create
    given = (path,) if path.exists() else (path, first_records())
    actor = {} if path.exists() else {"actor": "a"}
    with opened(*given, session=SESSION + steps, snapshot_every=25, **actor, **more) as file:  # type: ignore[operator]
        RandomEditor(door_on(file, session=SESSION + steps), steps).steps(steps)
        return file.replica


def test_an_edit_that_is_followed_by_a_snapshot_asks_nothing_of_the_replica(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "film.proedit"
    edited(path, 5)
    monkeypatch.setattr(Replica, "timeline_state", lambda self: pytest.fail("the replica was written out on the thread that edits"))
    edited(path, 80)
    assert len(snapshots_in(path)) == 2 and snapshots_in(path)[-1].sequence > 60


def test_a_snapshot_of_a_replica_and_what_followed_it_makes_the_same_replica_and_the_same_film(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    edited(path, 60)
    replica = edited(path, 61)
    body = snapshot_of(snapshots_in(path)[-1])
    assert isinstance(body.timeline, tuple) and len(body.updates) > 20
    with ProjectFile.open(path, session=7, read_only=True) as file:
        assert not file.replica.lacks(replica) and not replica.lacks(file.replica) and not file.problems
        assert {r.id: r for r in file.replica.records()} == {r.id: r for r in file.document_state.records}
        assert {r.id for r in file.document_state.records} == {r.id for r in file.replay().snapshot.records.values()}


def test_after_very_much_was_written_the_replica_is_kept_in_one_piece_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "PIECES", 0)
    path = tmp_path / "film.proedit"
    longest: list[int] = []
    with ProjectFile.create(path, first_records(), session=SESSION, actor="a", snapshot_every=25) as file:
        editor, replica = RandomEditor(door_on(file, session=SESSION), 1), file.replica
        for _ in range(20):
            editor.steps(10)
            file.flush()
            longest.append(max(len(snapshot_of(row).updates) for row in snapshots_in(path)))
    assert any(after < before for before, after in pairwise(longest)) and max(longest) < 150
    with ProjectFile.open(path, session=7, read_only=True) as file:
        assert not file.replica.lacks(replica) and not replica.lacks(file.replica)


def test_a_snapshot_as_earlier_versions_wrote_it_is_read_and_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "film.proedit"
    replica = edited(path, 60)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for row in snapshots_in(path):
            body = snapshot_of(row)
            whole = Replica()
            for update in body.updates:
                whole.apply_timeline(update)
            old = make_snapshot(row.sequence, row.chain, records_in(body) or [], stamps_in(body), [whole.timeline_state()])
            connection.execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)", old)
    assert all(isinstance(snapshot_of(row).timeline, bytes) for row in snapshots_in(path))
    with ProjectFile.open(path, session=8) as file:
        assert not file.problems and not file.replica.lacks(replica)
    edited(path, 40)
    with ProjectFile.open(path, session=9, read_only=True) as file:
        assert not file.problems and not file.replica.lacks(replica)


@pytest.mark.parametrize("count", [0, 1, 15, 16, 1999, 2000, 2001, 4500])
def test_what_is_encoded_in_slices_is_what_is_encoded_at_once(count: int) -> None:
    from editor_core.document import Stamp
    from editor_core.schema import Marker

    records = [Marker(id=f"n{number}", timeline="t", start=number) for number in range(count)]
    stamps: Stamps = {one.id: {"*": (Stamp(1, 2), Stamp(1, 2))} for one in records}
    body = snapshot_of(SnapshotRow(*make_snapshot(3, b"chain", records, stamps, [b"whole"])))
    assert records_in(body) == records and stamps_in(body) == stamps and body.updates == (b"whole",)
    assert msgspec.msgpack.decode(body.records) == msgspec.to_builtins(records)
