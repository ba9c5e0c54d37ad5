"""What a project file keeps of the room it is shared in: the room, and every envelope as it was made.

Owns: the room and its envelopes as the document's thread knows them. Refuses: opening envelopes, networks, keys.

A file that was never shared has neither table and is not touched by looking for them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from editor_core.document import Stamp
from editor_core.storage.errors import StorageError
from editor_core.storage.journal import Ticket
from editor_core.storage.project_file import ProjectFile
from editor_core.storage.room_tables import room_mark, set_up_room, write_envelopes

_READ = 200
"""Rows read at once: a reader must not keep the writer waiting."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """The room of a project: its id, the relay's address, the device key that takes part in it."""

    id: bytes
    relay: str
    key: bytes
    name: str = ""


class Kept(msgspec.Struct, frozen=True):
    """An envelope in the file. `stamps` are the changes it brings (`journal` only)."""

    document: str
    session: int
    sequence: int
    actor: bytes
    stamps: tuple[Stamp, ...]
    body: bytes


class Rooms:
    """The room of an open project. Belongs to the thread that owns the document; rows are written on the journal's."""

    def __init__(self, file: ProjectFile) -> None:
        self._file = file
        self.room: Room | None = None
        self.have: dict[str, dict[int, int]] = {}
        self.actors: dict[int, bytes] = {}
        self.carried: dict[Stamp, tuple[int, int]] = {}
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._next = 1
        self._load()

    def _load(self) -> None:
        with contextlib.closing(self._file.reading()) as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if not {"room", "envelopes"} <= names:
                return
            row = connection.execute("SELECT id, body, mark FROM room").fetchone()
            if row is None or row[2] != room_mark("room", row[:2]):
                return
            self.room = msgspec.msgpack.decode(row[1], type=Room)
            rows = connection.execute("SELECT number, document, session, sequence, actor, stamps FROM envelopes ORDER BY number").fetchall()
        for number, document, session, sequence, actor, stamps in rows:
            self._next = number + 1
            if sequence != self.have.get(document, {}).get(session, 0) + 1:
                continue  # one before it was lost; both come again from others
            self._remember(number, document, session, sequence, bytes(actor), msgspec.msgpack.decode(stamps, type=tuple[Stamp, ...]))

    def _remember(self, number: int, document: str, session: int, sequence: int, actor: bytes, stamps: Iterable[Stamp]) -> None:
        self.have.setdefault(document, {})[session] = sequence
        self.actors.setdefault(session, actor)
        self._numbers[document, session, sequence] = number
        for stamp in stamps:
            self.carried.setdefault(stamp, (session, sequence))

    def enter(self, room: Room) -> Ticket:
        """Notes the room of this project. Raises StorageError where it has another one, or is open read-only."""
        if self.room is not None and self.room.id != room.id:
            raise StorageError(f"{self._file.path.name} is shared in another room already")
        self.room = room
        body = msgspec.msgpack.encode(room)

        def write(connection: sqlite3.Connection) -> None:
            set_up_room(connection)
            connection.execute("INSERT OR REPLACE INTO room VALUES (1, ?, ?)", (body, room_mark("room", (1, body))))

        return self._file.work(write)

    def add(self, arriving: Sequence[Kept]) -> Ticket:
        """Keeps envelopes, each the next of its document and session. Raises StorageError for one that is not."""
        rows: list[tuple[Any, ...]] = []
        for kept in arriving:
            if kept.sequence != self.have.get(kept.document, {}).get(kept.session, 0) + 1:
                raise StorageError("An envelope is out of its order")
            number, self._next = self._next, self._next + 1
            self._remember(number, kept.document, kept.session, kept.sequence, kept.actor, kept.stamps)
            columns = (number, kept.document, kept.session, kept.sequence, kept.actor, msgspec.msgpack.encode(kept.stamps), kept.body)
            rows.append((*columns, room_mark("envelopes", columns)))
        return self._file.work(lambda connection: write_envelopes(connection, rows))

    def forget(self, document: str) -> None:
        """Holds nothing of a document for known, so that all of it comes again; rows are written over then."""
        self.have.pop(document, None)
        for place in self.all(document):
            del self._numbers[place]

    def beyond(self, have: dict[str, dict[int, int]]) -> list[tuple[str, int, int]]:
        """(document, session, sequence) of what is kept here and not `have`, in the order it was kept."""
        found = [(number, place) for document, counts in self.have.items() for session, last in counts.items()
                 for sequence in range(have.get(document, {}).get(session, 0) + 1, last + 1)
                 if (number := self._numbers.get(place := (document, session, sequence))) is not None]
        return [place for _, place in sorted(found)]

    def all(self, document: str) -> list[tuple[str, int, int]]:
        """The places of everything kept of a document, in the order it was kept."""
        return [place for place in self._numbers if place[0] == document]

    def bodies(self, places: Sequence[tuple[str, int, int]]) -> Iterator[bytes]:
        """Envelopes as they were made. What is damaged on disk is left out. What was added must be durable."""
        for first in range(0, len(places), _READ):
            some = [self._numbers[place] for place in places[first:first + _READ] if place in self._numbers]
            marks = ",".join("?" * len(some))
            with contextlib.closing(self._file.reading()) as connection:
                rows = connection.execute("SELECT number, document, session, sequence, actor, stamps, body, mark FROM envelopes "  # noqa: S608
                                          f"WHERE number IN ({marks})", some).fetchall()
            by_number = {row[0]: row for row in rows}
            for number in some:
                row = by_number.get(number)
                if row is not None and row[-1] == room_mark("envelopes", row[:-1]):
                    yield bytes(row[6])
