"""A project file that somebody forged, rightly marked: opening it ends no process."""

from __future__ import annotations

import contextlib
import sqlite3
import zlib

import msgspec
import pytest

from editor_core.storage import ProjectFile
from editor_core.storage.layout import insert, marked
from editor_core.sync import UpdateRefused
from editor_core.sync.parcel import seal, unseal
from tests.support.random_edits import RandomEditor, door_on, first_records


def test_a_forged_file_whose_snapshot_would_exhaust_the_stack_opens_without_it(tmp_path) -> None:
    """Whoever sends such a file would end every program that opens it."""
    path = tmp_path / "film.proedit"
    with ProjectFile.create(path, first_records(), session=5, actor="u") as file:
        door = door_on(file, session=5)
        RandomEditor(door, 3).steps(400)
        whole = dict(door.document.snapshot.records)
    nested = b"\x01\x01\x05\x00\x28\x01\x01r\x01k\x01" + b"\x75\x01" * 200_000 + b"\x7e\x00"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        rows = connection.execute("SELECT * FROM snapshots").fetchall()
        for row in rows:
            parts = msgspec.msgpack.decode(zlib.decompress(row[2]))
            parts[3] = nested
            insert(connection, "snapshots", marked("snapshots", row[0], row[1], zlib.compress(msgspec.msgpack.encode(parts))))
    assert rows
    with pytest.raises(UpdateRefused, match="nested"):
        unseal(seal(nested, b""))
    with ProjectFile.open(path, session=6) as file:
        assert {record.id: record for record in file.document_state.records} == whole, "everything is in the journal as well"
