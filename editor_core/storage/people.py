"""What the people behind actor ids are called, as far as a project file has been told.

Owns: one row of `meta` with names by actor id. Refuses: proving anything: a name is what somebody calls themselves (see `sync.members`
for who signed what).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping

import msgspec

from editor_core.storage.layout import insert, intact, marked
from editor_core.storage.project_file import ProjectFile

ROW = "people"
MOST = 1000
LONGEST = 80
"""People in a file at most, and characters of a name."""

_NAMES = msgspec.msgpack.Decoder(dict[str, str])


def names(file: ProjectFile) -> dict[str, str]:
    """Names by actor id; none where the file is damaged there: nothing is done or left for want of a name. Raises StorageError."""
    with contextlib.closing(file.reading()) as connection, contextlib.suppress(sqlite3.DatabaseError, OverflowError, UnicodeDecodeError):
        return names_in(connection)
    return {}


def names_in(connection: sqlite3.Connection) -> dict[str, str]:
    """Names by actor id, as a connection reads them."""
    row = connection.execute("SELECT id, name, body, mark FROM meta WHERE name = ?", (ROW,)).fetchone()
    if row is not None and intact("meta", row):
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _NAMES.decode(row[2])
    return {}


def note(file: ProjectFile, told: Mapping[str, str], *, over: bool = False) -> None:
    """Adds names, in turn with everything else that is written; those that are known stay unless `over`. Raises StorageError."""
    given = {actor: plain for actor, name in told.items() if actor and (plain := " ".join(name.split())[:LONGEST])}

    def write(connection: sqlite3.Connection) -> None:
        known = names_in(connection)
        made = dict(list(({**known, **given} if over else {**given, **known}).items())[:MOST])
        if made != known:
            row = connection.execute("SELECT id FROM meta WHERE name = ?", (ROW,)).fetchone()
            number = row[0] if row else connection.execute("SELECT max(id) FROM meta").fetchone()[0] + 1
            insert(connection, "meta", marked("meta", number, ROW, msgspec.msgpack.encode(made)))

    if given:
        file.work(write)
