"""Everything believable that was found in a project file, however it was read.

Owns: taking in rows whose marks fit and counting those that do not. Refuses: judging what the rows amount to (see `recovery`).
"""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

import msgspec

from editor_core.storage.entries import ArchiveRow, Head, JournalRow, SnapshotRow
from editor_core.storage.layout import SIDES, TABLES, columns_of, create_statements, intact, sum_of
from editor_core.storage.problems import Problem
from editor_core.sync.errors import UNDECODABLE

LONGEST_READ = 120.0
"""Seconds after which reading is given up: a damaged or hostile file may lead SQLite in circles."""
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_IOERR,
           sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT)
_PATHS = msgspec.msgpack.Decoder(list[bytes])
_PROBLEM = msgspec.msgpack.Decoder(Problem)


@dataclasses.dataclass
class Found:
    """Rows by number. `defects` says, for the log, what was unreadable or did not fit its mark.

    `application` and `version` are what the SQLite header says; the row `format` of `meta` says it again, with a mark.
    """

    journal: dict[int, JournalRow] = dataclasses.field(default_factory=dict)
    archive: dict[int, ArchiveRow] = dataclasses.field(default_factory=dict)
    snapshots: dict[int, SnapshotRow] = dataclasses.field(default_factory=dict)
    head: Head | None = None
    locations: dict[int, tuple[str, list[bytes]]] = dataclasses.field(default_factory=dict)
    problems: dict[int, Problem] = dataclasses.field(default_factory=dict)
    meta: dict[str, bytes] = dataclasses.field(default_factory=dict)
    side_marks: dict[tuple[str, int], bytes] = dataclasses.field(default_factory=dict)
    application: int = 0
    version: int = 0
    defects: list[str] = dataclasses.field(default_factory=list)

    def take(self, table: str, row: Sequence[Any]) -> bool:
        """Takes a row in if its mark fits and it brings something new; says whether the mark fits."""
        if not intact(table, row):
            self.defects.append(f"{table} {row[0]!r}: the mark does not fit")
            return False
        try:
            getattr(self, f"_take_{table}")(row)
            if table in SIDES:
                self.side_marks.setdefault((table, int(row[0])), bytes(row[-1]))
        except (TypeError, ValueError, *UNDECODABLE) as error:
            self.defects.append(f"{table} {row[0]!r}: {error}")
        return True

    def sides_complete(self) -> bool:
        """Whether meta, locations and problems are all there, as far as the end mark knows."""
        return self.head is not None and self.head.sides == sum_of(self.side_marks.values())

    def _take_journal(self, row: Sequence[Any]) -> None:
        self.journal.setdefault(int(row[0]), JournalRow(*row))

    def _take_archive(self, row: Sequence[Any]) -> None:
        self.archive.setdefault(int(row[0]), ArchiveRow(*row))

    def _take_snapshots(self, row: Sequence[Any]) -> None:
        self.snapshots.setdefault(int(row[0]), SnapshotRow(*row))

    def _take_head(self, row: Sequence[Any]) -> None:
        if self.head is None or int(row[1]) > self.head.sequence:
            self.head = Head(int(row[1]), bytes(row[2]), bytes(row[3]))

    def _take_locations(self, row: Sequence[Any]) -> None:
        self.locations.setdefault(int(row[0]), (str(row[1]), _PATHS.decode(row[2])))

    def _take_problems(self, row: Sequence[Any]) -> None:
        self.problems.setdefault(int(row[0]), msgspec.structs.replace(_PROBLEM.decode(row[1]), number=int(row[0])))

    def _take_meta(self, row: Sequence[Any]) -> None:
        self.meta.setdefault(str(row[1]), bytes(row[2]))


def read(connection: sqlite3.Connection) -> Found:
    """All rows of all tables, in one transaction, as far as SQLite can read them. Raises sqlite3.Error only for a busy file."""
    found = Found()
    deadline = time.monotonic() + LONGEST_READ
    connection.set_progress_handler(lambda: int(time.monotonic() > deadline), 1_000_000)
    try:
        connection.execute("BEGIN")
        known = _check_structure(connection, found)
        for table in TABLES:
            if table in known:
                _read_table(connection, table, found)
        if not found.sides_complete():
            found.defects.append("head: the side tables are not those that were written")
    except sqlite3.DatabaseError as error:
        _pass_on_busy(error)
        found.defects.append(f"file: {error}")
    finally:
        connection.set_progress_handler(None, 0)
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    return found


def _check_structure(connection: sqlite3.Connection, found: Found) -> set[str]:
    """The tables that are what they must be. Finds what row marks cannot see: pages used twice, free pages that are in use,
    rows that stand in no order, and definitions that would run code while one reads."""
    schema = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
    wanted = dict(zip(TABLES, create_statements(), strict=True))
    found.application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    found.version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    known = {name for kind, name, sql in schema if kind == "table" and wanted.get(name) == sql}
    found.defects.extend(f"structure: there is no table {name}" for name in wanted if name not in known)
    odd = [name for kind, name, _ in schema if kind not in ("table", "index")]
    found.defects.extend(f"structure: {name!r} does not belong here" for name in odd)
    if not odd:
        for (line,) in connection.execute("PRAGMA quick_check(5)"):
            if line != "ok":
                found.defects.append(f"structure: {line}")
    return known


def _read_table(connection: sqlite3.Connection, table: str, found: Found) -> None:
    names = ", ".join(columns_of(table))
    try:
        for row in connection.execute(f"SELECT {names} FROM {table} ORDER BY 1"):  # noqa: S608
            found.take(table, row)
    except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError) as error:
        _pass_on_busy(error)
        found.defects.append(f"{table}: {error}")


def _pass_on_busy(error: Exception) -> None:
    """Errors that say nothing about the file's content go up; the rest is damage."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF not in _DAMAGE:
        raise error
