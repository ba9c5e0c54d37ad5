"""The two tables of a shared project, beside those that every project has.

Owns: their shape, the marks of their rows, carrying them over when a damaged file is mended. Refuses: what the rows mean (see `rooms`).

They are made when a project is first shared, so that a file that never was has neither.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3

from editor_core.storage.errors import StorageError
from editor_core.storage.layout import MARK, connect, connect_writing

log = logging.getLogger(__name__)

_TABLES = (
    "CREATE TABLE IF NOT EXISTS room(id INTEGER PRIMARY KEY, body BLOB NOT NULL, mark BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS envelopes(number INTEGER PRIMARY KEY, document TEXT NOT NULL, session INTEGER NOT NULL, "
    "sequence INTEGER NOT NULL, actor BLOB NOT NULL, stamps BLOB NOT NULL, body BLOB NOT NULL, mark BLOB NOT NULL)",
    "CREATE UNIQUE INDEX IF NOT EXISTS envelope_places ON envelopes(document, session, sequence)",
)
MOST = 10_000_000
"""Envelopes in a file at most."""
_DAMAGE = (sqlite3.Error, OverflowError, UnicodeDecodeError)


def set_up_room(connection: sqlite3.Connection) -> None:
    """Makes the tables where they are not there."""
    for statement in _TABLES:
        connection.execute(statement)


def room_mark(table: str, values: Sequence[Any]) -> bytes:
    """The mark of a row, from its other columns."""
    return blake3(msgspec.msgpack.encode([table, *values])).digest(MARK)


def write_envelopes(connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """Writes rows of `envelopes`, over those in the same place."""
    connection.executemany("INSERT OR REPLACE INTO envelopes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def carry_room(damaged: Path, connection: sqlite3.Connection) -> int:
    """Takes what is whole of a damaged file's room into a new file; how many envelopes. What is lost comes again from others."""
    try:
        with contextlib.closing(connect(damaged, "ro")) as old:
            room = old.execute("SELECT id, body, mark FROM room WHERE id = 1").fetchone()
            if room is None or room[2] != room_mark("room", room[:2]):
                return 0
            set_up_room(connection)
            connection.execute("INSERT OR REPLACE INTO room VALUES (?, ?, ?)", room)
            return _carry_envelopes(old, connection)
    except _DAMAGE as error:
        log.info("no room was found in %s: %s", damaged.name, error)
        return 0


def _carry_envelopes(old: sqlite3.Connection, connection: sqlite3.Connection) -> int:
    """Row by row, so that a damaged page costs only what lies on it."""
    count = 0
    last = int(old.execute("SELECT IFNULL(MAX(number), 0) FROM envelopes").fetchone()[0])
    for number in range(1, min(last, MOST) + 1):
        with contextlib.suppress(*_DAMAGE):
            row = old.execute("SELECT * FROM envelopes WHERE number = ?", (number,)).fetchone()
            if row is not None and row[-1] == room_mark("envelopes", row[:-1]):
                write_envelopes(connection, [row])
                count += 1
    return count


def leave_room(path: Path) -> None:
    """Takes a closed copy of a project out of its room: the copy is shared with nobody. Raises StorageError."""
    try:
        with contextlib.closing(connect_writing(path)) as connection:
            for table in ("room", "envelopes"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise StorageError(f"{path.name} could not be written: {error}") from None
