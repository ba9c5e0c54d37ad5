"""Named states of a project, kept in its file.

Owns: the rows of named versions: the records as they were, who named them and when. Refuses: bringing one back, which is an edit.

A version is a row of `meta` called `version:NAME`; replacing one of the same name keeps its number.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Iterable

import msgspec

from editor_core.schema import AnyRecord, Record
from editor_core.storage.entries import MAX_UNPACKED
from editor_core.storage.errors import StorageError
from editor_core.storage.layout import delete, insert, intact, marked
from editor_core.storage.project_file import ProjectFile

PREFIX = "version:"
LONGEST_NAME = 200
"""Characters of a version's name at most."""


class Version(msgspec.Struct, frozen=True, array_like=True):
    """A named state; `time` is Unix milliseconds, `packed` zlib of the records as msgpack."""

    name: str
    actor: str
    time: int
    revision: int
    packed: bytes


_VERSION = msgspec.msgpack.Decoder(Version)
_RECORDS = msgspec.msgpack.Decoder(list[AnyRecord])


def save(file: ProjectFile, name: str, records: Iterable[Record], *, actor: str, time: int, revision: int) -> None:
    """Keeps a state under a name, over an earlier one of that name; durable on return. Raises StorageError."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise StorageError(f"A version needs a name of 1 to {LONGEST_NAME} characters")
    packed = zlib.compress(msgspec.msgpack.encode(sorted(records, key=lambda one: one.id)), 6)
    body = msgspec.msgpack.encode(Version(name, actor, time, revision, packed))

    def write(connection: sqlite3.Connection) -> None:
        row = connection.execute("SELECT id FROM meta WHERE name = ?", (PREFIX + name,)).fetchone()
        number = row[0] if row else connection.execute("SELECT max(id) FROM meta").fetchone()[0] + 1
        insert(connection, "meta", marked("meta", number, PREFIX + name, body))

    file.work(write).wait(30.0)


def drop(file: ProjectFile, name: str) -> None:
    """Forgets a version; durable on return. Raises StorageError."""

    def write(connection: sqlite3.Connection) -> None:
        for (number,) in connection.execute("SELECT id FROM meta WHERE name = ?", (PREFIX + name,)).fetchall():
            delete(connection, "meta", number)

    file.work(write).wait(30.0)


def versions(file: ProjectFile) -> list[Version]:
    """All versions, oldest first. A damaged one is left out. Raises StorageError."""
    with contextlib.closing(file.reading()) as connection:
        rows = connection.execute("SELECT id, name, body, mark FROM meta WHERE name LIKE ? ORDER BY id", (PREFIX + "%",)).fetchall()
    found: list[Version] = []
    for row in rows:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if intact("meta", row):
                found.append(_VERSION.decode(row[2]))
    return sorted(found, key=lambda one: one.time)


def records_of(version: Version) -> list[Record]:
    """The records of a version. Raises StorageError."""
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(version.packed, MAX_UNPACKED)
        if inflater.eof:
            return list(_RECORDS.decode(raw))
    except (zlib.error, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StorageError(f"The version “{version.name}” cannot be read: {error}") from None
    raise StorageError(f"The version “{version.name}” is cut off")
