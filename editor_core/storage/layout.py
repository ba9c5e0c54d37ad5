"""The tables of a project file, and the mark that every row carries.

Owns: format version, table shapes, row checksums, how a connection is opened. Refuses: what rows mean.

Every row ends in a mark: BLAKE3 of the table's name and all other columns (16 bytes; 32 in the journal, where it covers the
mark of the entry before and so makes a chain). A row whose mark does not fit is damaged, whoever changed it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from blake3 import blake3

APPLICATION_ID = 0x50524F45
"""`PROE`, in the SQLite header."""
FORMAT = (1, 0)
"""Major and minor. A newer minor adds records, fields or tables; a newer major opens read-only."""
PAGE_SIZE = 4096
MARK = 16
CHAIN = 32
FIRST_LINK = bytes(CHAIN)
"""What the first entry of a journal names as the mark before it."""
MAX_BLOB = 512 * 2**20
"""No column is longer, in bytes; checked by SQLite itself."""

TABLES: dict[str, tuple[str, ...]] = {
    "meta": ("id INTEGER PRIMARY KEY", "name TEXT NOT NULL", "body BLOB NOT NULL", "mark BLOB NOT NULL"),
    "head": ("id INTEGER PRIMARY KEY", "sequence INTEGER NOT NULL", "chain BLOB NOT NULL", "sides BLOB NOT NULL", "mark BLOB NOT NULL"),
    "journal": ("sequence INTEGER PRIMARY KEY", "previous BLOB NOT NULL", "change BLOB NOT NULL", "replica BLOB NOT NULL",
                "mark BLOB NOT NULL"),
    "archive": ("first INTEGER PRIMARY KEY", "last INTEGER NOT NULL", "previous BLOB NOT NULL", "chain BLOB NOT NULL",
                "lines BLOB NOT NULL", "body BLOB NOT NULL", "mark BLOB NOT NULL"),
    "snapshots": ("sequence INTEGER PRIMARY KEY", "chain BLOB NOT NULL", "body BLOB NOT NULL", "mark BLOB NOT NULL"),
    "locations": ("id INTEGER PRIMARY KEY", "asset TEXT NOT NULL", "body BLOB NOT NULL", "mark BLOB NOT NULL"),
    "problems": ("id INTEGER PRIMARY KEY", "body BLOB NOT NULL", "mark BLOB NOT NULL"),
}
"""Columns by table. The first is the row's number, the last its mark.

`head` has one row: the last entry, its mark, and a sum over the marks of the side tables, so that rows that are missing without
a trace are noticed. `journal` has the entries
since the snapshot before the last, `archive` blocks of older ones, compressed. `snapshots` has the last two.
`locations` says where media lie on this machine, `problems` what earlier openings found.
"""


def create_statements() -> list[str]:
    """SQL that makes the tables."""
    return [f"CREATE TABLE {name}({', '.join(columns)})" for name, columns in TABLES.items()]


def columns_of(table: str) -> list[str]:
    """Column names of a table."""
    return [column.split()[0] for column in TABLES[table]]


def mark_of(table: str, values: Sequence[Any]) -> bytes:
    """The mark of a row, from all its columns but the mark."""
    size = CHAIN if table == "journal" else MARK
    return blake3(msgspec.msgpack.encode([table, *values])).digest(size)


def marked(table: str, *values: Any) -> tuple[Any, ...]:
    """A row's columns with its mark."""
    return (*values, mark_of(table, values))


def intact(table: str, row: Sequence[Any]) -> bool:
    """Whether a row's mark fits its other columns."""
    try:
        return bool(row[-1] == mark_of(table, row[:-1]))
    except (TypeError, ValueError, OverflowError):
        return False


SIDES = ("meta", "locations", "problems")
"""Tables whose rows stand for themselves; `head` sums up their marks."""


def sum_of(marks: Iterable[bytes]) -> bytes:
    """The sum over marks of side rows, whatever their order."""
    return blake3(b"".join(sorted(marks))).digest(MARK)


def sides_in(connection: sqlite3.Connection) -> bytes:
    """The sum over the side tables as they stand in the file."""
    marks = [mark for table in SIDES for (mark,) in connection.execute(f"SELECT mark FROM {table}")]  # noqa: S608
    return sum_of(marks)


def insert(connection: sqlite3.Connection, table: str, row: Sequence[Any]) -> None:
    """Writes a row, over the one with its number if there is one."""
    places = ", ".join("?" * len(TABLES[table]))
    connection.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", row)  # noqa: S608


def delete(connection: sqlite3.Connection, table: str, number: int) -> None:
    """Removes the row of that number."""
    connection.execute(f"DELETE FROM {table} WHERE {columns_of(table)[0]} = ?", (number,))  # noqa: S608


def connect(path: Path, mode: str, *, busy_ms: int = 5000) -> sqlite3.Connection:
    """A connection in SQLite's `mode` (`ro`, `rw`, `rwc`), autocommitting, with bounds and without anything that runs code.

    Raises sqlite3.Error. Memory mapping is off, because a file that shrinks under a map kills the process.
    """
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=busy_ms / 1000,
                                 check_same_thread=False, cached_statements=64)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_BLOB)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("trusted_schema=OFF", "mmap_size=0", "cell_size_check=ON", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def connect_writing(path: Path) -> sqlite3.Connection:
    """A connection whose commits are on disk when they return, and that leaves the file complete between commits.

    Rollback journal kept and blanked (PERSIST), every step synced (EXTRA). Raises sqlite3.Error.
    """
    connection = connect(path, "rw")
    connection.execute("PRAGMA journal_mode=PERSIST")
    connection.execute("PRAGMA synchronous=EXTRA")
    connection.execute("PRAGMA journal_size_limit=1048576")
    return connection


def set_up(connection: sqlite3.Connection) -> None:
    """Makes an empty file a project file of this format."""
    connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={(FORMAT[0] << 16) | FORMAT[1]}")
    for statement in create_statements():
        connection.execute(statement)
