"""The table of comments in a project file.

Owns: its shape, the marks of its rows, reading what is whole, carrying it over when a damaged file is mended. Refuses: what the rows
mean (see `comment_rows`).

It is made with the first comment, so that a file without any has none. Rows are numbered without holes from 1; row 0 says how many there
are, so that rows that are missing without a trace are noticed.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from blake3 import blake3

from editor_core.comments.acts import MAX_ACT
from editor_core.comments.document import MOST
from editor_core.storage.layout import MARK, connect

log = logging.getLogger(__name__)

_TABLE = "CREATE TABLE comments(number INTEGER PRIMARY KEY, body BLOB NOT NULL, mark BLOB NOT NULL)"
_DAMAGE = (sqlite3.Error, OverflowError, UnicodeDecodeError)
_COUNT = msgspec.msgpack.Decoder(int)


class Found(NamedTuple):
    """Whole rows by number, the number of the last that there should be, how many are lost."""

    bodies: dict[int, bytes]
    last: int
    lost: int


def write_comments(connection: sqlite3.Connection, rows: Sequence[tuple[int, bytes]], count: int) -> None:
    """Writes rows, and how many there are now; makes the table where it is not there."""
    if not _there(connection):
        connection.execute(_TABLE)
    both = [*rows, (0, msgspec.msgpack.encode(count))]
    connection.executemany("INSERT OR REPLACE INTO comments VALUES (?, ?, ?)", [(n, body, _mark(n, body)) for n, body in both])


def read_comments(connection: sqlite3.Connection) -> Found:
    """What is whole. Raises nothing for damage."""
    try:
        if not _there(connection):
            return Found({}, 0, 0)
    except _DAMAGE as error:
        log.warning("whether there are comments cannot be read: %s", error)
        return Found({}, 0, 1)
    bodies: dict[int, bytes] = {}
    count, counted, bad = 0, False, 0
    for row in _rows(connection):
        if not _intact(row):
            bad += 1
        elif row[0] == 0:
            count, counted = _counted(row[1]), True
        else:
            bodies[int(row[0])] = bytes(row[1])
    last = max(count, *bodies) if bodies else count
    return Found(bodies, last, max(last - len(bodies), min(bad, 1), not counted))


def carry_comments(damaged: Path, connection: sqlite3.Connection) -> int:
    """Takes what is whole of a damaged file's comments into a new file, under their numbers; how many."""
    try:
        with contextlib.closing(connect(damaged, "ro")) as old:
            found = read_comments(old)
    except _DAMAGE as error:
        log.info("no comments were found in %s: %s", damaged.name, error)
        return 0
    if found.last or found.lost:
        write_comments(connection, sorted(found.bodies.items()), max(found.last, len(found.bodies) + bool(found.lost)))
    return len(found.bodies)


def _there(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'comments'").fetchone() is not None


def _mark(number: int, body: bytes) -> bytes:
    return blake3(msgspec.msgpack.encode(["comments", number, body])).digest(MARK)


def _intact(row: Sequence[Any]) -> bool:
    try:
        return 0 <= row[0] <= MOST and len(row[1]) <= MAX_ACT and bool(row[2] == _mark(int(row[0]), bytes(row[1])))
    except (TypeError, ValueError, OverflowError):
        return False


def _rows(connection: sqlite3.Connection) -> list[Any]:
    """All rows; where a page cannot be read, those on the others."""
    try:
        return connection.execute("SELECT number, body, mark FROM comments ORDER BY number LIMIT ?", (MOST + 1,)).fetchall()
    except _DAMAGE as error:
        log.warning("comments are read one by one: %s", error)
    found: list[Any] = []
    with contextlib.suppress(*_DAMAGE):
        last = int(connection.execute("SELECT IFNULL(MAX(number), 0) FROM comments").fetchone()[0])
        for number in range(min(last, MOST) + 1):
            with contextlib.suppress(*_DAMAGE):
                row = connection.execute("SELECT number, body, mark FROM comments WHERE number = ?", (number,)).fetchone()
                if row is not None:
                    found.append(row)
    return found


def _counted(body: bytes) -> int:
    try:
        return max(0, min(_COUNT.decode(body), MOST))
    except msgspec.DecodeError:
        return 0
