"""Named states of a project, and those kept by themselves, in its file.

Owns: the rows of versions: the records as they were, who kept them, when and why; thinning out the automatic ones. Refuses: bringing one
back, which is an edit, and deciding when to keep one.

A version is a row of `meta`: `version:NAME` for a named one (replacing one of the same name keeps its number), `version:` + `AUTOMATIC` +
its time for one that was kept by itself. Versions belong to the file: a copy of the file has them, a room does not; bringing one back is
an edit and travels as any edit does.
"""

from __future__ import annotations

import contextlib
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec

from editor_core.schema import AnyRecord, Record
from editor_core.storage.entries import MAX_UNPACKED
from editor_core.storage.errors import StorageError
from editor_core.storage.layout import delete, insert, intact, marked
from editor_core.storage.project_file import ProjectFile

PREFIX = "version:"
AUTOMATIC = "\x1f"
"""What follows the prefix of automatic versions; no name begins with it."""
LONGEST_NAME = 200
"""Characters of a version's name at most."""
MOST_AUTOMATIC = 120
BUDGET = 16 * 2**20
"""How many automatic versions a file holds at most, and how many bytes they take together at most (the newest one always stays)."""
HOUR = 3_600_000
DAY = 24 * HOUR

Kind = Literal["named", "automatic"]


class Version(msgspec.Struct, frozen=True, array_like=True):
    """A kept state; `time` is Unix milliseconds, `packed` zlib of the records as msgpack. `poster` is the picture that stands for it:
    an asset and a time of its media in ticks."""

    name: str
    actor: str
    time: int
    revision: int
    packed: bytes
    kind: Kind = "named"
    poster: tuple[str, int] | None = None


class Waiting(Protocol):
    """Something on its way to disk."""

    def wait(self, timeout: float | None = None) -> None: ...


class Row(NamedTuple):
    """An automatic version as thinning sees it: row number, Unix milliseconds, bytes."""

    number: int
    time: int
    size: int


_VERSION = msgspec.msgpack.Decoder(Version)
_RECORDS = msgspec.msgpack.Decoder(list[AnyRecord])


def save(file: ProjectFile, name: str, records: Iterable[Record], *, actor: str, time: int, revision: int,
         poster: tuple[str, int] | None = None) -> None:
    """Keeps a state under a name, over an earlier one of that name; durable on return. Raises StorageError."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise StorageError(f"A version needs a name of 1 to {LONGEST_NAME} characters")
    file.work(_writer(name, PREFIX + name, records, actor, time, revision, "named", poster)).wait(30.0)


def keep(file: ProjectFile, name: str, records: Iterable[Record], *, actor: str, time: int, revision: int,
         poster: tuple[str, int] | None = None) -> Waiting:
    """Keeps a state by itself and thins out older ones, in one transaction; packing is done by the thread that writes.

    Raises StorageError where the file cannot take it.
    """
    write = _writer(name, f"{PREFIX}{AUTOMATIC}{time:016d}", records, actor, time, revision, "automatic", poster)

    def kept(connection: sqlite3.Connection) -> None:
        write(connection)
        _thin(connection, time)

    return file.work(kept)


def _writer(name: str, row_name: str, records: Iterable[Record], actor: str, time: int, revision: int, kind: Kind,
            poster: tuple[str, int] | None) -> Callable[[sqlite3.Connection], None]:
    def write(connection: sqlite3.Connection) -> None:
        packed = zlib.compress(_encoded(sorted(records, key=lambda one: one.id)), 6)
        body = msgspec.msgpack.encode(Version(name, actor, time, revision, packed, kind, poster))
        row = connection.execute("SELECT id FROM meta WHERE name = ?", (row_name,)).fetchone()
        number = row[0] if row else connection.execute("SELECT max(id) FROM meta").fetchone()[0] + 1
        insert(connection, "meta", marked("meta", number, row_name, body))

    return write


def _encoded(records: list[Record]) -> bytes:
    """msgpack of the records, one by one: in one go it would keep every other thread waiting for as long as it takes."""
    encode = msgspec.msgpack.Encoder().encode
    return b"\xdd" + len(records).to_bytes(4, "big") + b"".join(encode(record) for record in records)


def _thin(connection: sqlite3.Connection, now: int) -> None:
    rows: list[Row] = []
    for number, name, size in connection.execute("SELECT id, name, length(body) FROM meta WHERE name LIKE ?",
                                                 (f"{PREFIX}{AUTOMATIC}%",)).fetchall():
        with contextlib.suppress(ValueError):
            rows.append(Row(number, int(name.removeprefix(PREFIX + AUTOMATIC)), size))
    for number in thinned(rows, now):
        delete(connection, "meta", number)


def thinned(rows: Sequence[Row], now: int, *, most: int = MOST_AUTOMATIC, budget: int = BUDGET) -> list[int]:
    """Numbers of the automatic versions that go: all of the last hour stay, one an hour for a day, one a day before that; the oldest go
    where there are more than `most` or they take more than `budget` bytes. Of an hour or a day the last one stays."""
    gone: list[int] = []
    stays: list[Row] = []
    slots: set[tuple[str, int]] = set()
    for row in sorted(rows, key=lambda one: (one.time, one.number), reverse=True):
        age = now - row.time
        slot = None if age <= HOUR else ("hour", row.time // HOUR) if age <= DAY else ("day", row.time // DAY)
        if slot is not None and slot in slots:
            gone.append(row.number)
            continue
        if slot is not None:
            slots.add(slot)
        stays.append(row)
    taken = 0
    for place, row in enumerate(stays):
        taken += row.size
        if place and (place >= most or taken > budget):
            gone.append(row.number)
    return gone


def drop(file: ProjectFile, name: str) -> None:
    """Forgets a version; durable on return. Raises StorageError, also where there is none of that name."""
    numbers = [number for number, one in _rows(file) if one.name == name]
    if not numbers:
        raise StorageError(f"There is no version “{name}”")
    wanted = numbers[-1]
    file.work(lambda connection: delete(connection, "meta", wanted)).wait(30.0)


def versions(file: ProjectFile) -> list[Version]:
    """All versions, oldest first. A damaged one is left out. Raises StorageError."""
    return sorted((one for _, one in _rows(file)), key=lambda one: one.time)


def find(file: ProjectFile, name: str) -> Version | None:
    """The version of a name; of several automatic ones the last."""
    return next((one for one in reversed(versions(file)) if one.name == name), None)


def latest(file: ProjectFile) -> tuple[int, int] | None:
    """(Unix milliseconds, revision) of the last automatic version; None where there is none. Raises StorageError."""
    with contextlib.closing(file.reading()) as connection:
        row = connection.execute("SELECT id, name, body, mark FROM meta WHERE name LIKE ? ORDER BY name DESC LIMIT 1",
                                 (f"{PREFIX}{AUTOMATIC}%",)).fetchone()
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if row is not None and intact("meta", row):
            found = _VERSION.decode(row[2])
            return found.time, found.revision
    return None


def _rows(file: ProjectFile) -> list[tuple[int, Version]]:
    with contextlib.closing(file.reading()) as connection:
        rows = connection.execute("SELECT id, name, body, mark FROM meta WHERE name LIKE ? ORDER BY id", (PREFIX + "%",)).fetchall()
    found: list[tuple[int, Version]] = []
    for row in rows:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if intact("meta", row):
                found.append((row[0], _VERSION.decode(row[2])))
    return found


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
