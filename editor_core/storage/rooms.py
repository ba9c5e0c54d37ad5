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

_COLUMNS = "number, document, session, sequence, actor, stamps, body, mark"
Row = tuple[Any, ...]
_READ = 200
"""Rows read at once: a reader must not keep the writer waiting."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """The room of a project: its id, the relay's address, the device key that takes part in it. `sealed` are the room's keys, each in a
    box that this device's key alone opens. `came_from` is the room that went on in this one, empty for none: this one must be sealed.
    `before` are the statements about the members of that other room: by which links they came, and, where no relay keeps rooms, for others
    to learn where it went on. `begun` are those of a sealed room that was made here for this one to go on in, where no relay keeps it."""

    id: bytes
    relay: str
    key: bytes
    name: str = ""
    sealed: dict[str, bytes] = {}
    came_from: bytes = b""
    before: tuple[bytes, ...] = ()
    begun: tuple[bytes, ...] = ()


class Kept(msgspec.Struct, frozen=True):
    """An envelope in the file. `stamps` are the changes it brings (`journal` only); `unread` is set where they are not known yet, `part`
    where more of the same content follows, `covers` as in the envelope's header."""

    document: str
    session: int
    sequence: int
    actor: bytes
    stamps: tuple[Stamp, ...]
    body: bytes
    unread: bool = False
    part: bool = False
    covers: tuple[tuple[int, int], ...] = ()


class _Noted(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands in the column `stamps` where it is more than stamps."""

    stamps: tuple[Stamp, ...] = ()
    unread: bool = False
    part: bool = False
    covers: tuple[tuple[int, int], ...] = ()


_NOTES = msgspec.msgpack.Decoder(tuple[Stamp, ...] | _Noted)


def room_of(file: ProjectFile) -> Room | None:
    """The room of a project; a quick look, on any thread."""
    with contextlib.closing(file.reading()) as connection:
        return _room(connection)


def _room(connection: sqlite3.Connection) -> Room | None:
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    row = connection.execute("SELECT id, body, mark FROM room").fetchone() if {"room", "envelopes"} <= names else None
    if row is None or row[2] != room_mark("room", row[:2]):
        return None
    return msgspec.msgpack.decode(row[1], type=Room)


class Rooms:
    """The room of an open project. Belongs to the thread that owns the document; rows are written on the journal's.

    `have` is the highest sequence by document and session of what is kept, `floors` up to where snapshots hold what others wrote,
    `unread` the places of changes that could not be opened yet, `closed` the sessions that were made for a snapshot. `carried` are the
    changes of the film that envelopes bring, `said` the same for comments, whose ids stand there as stamps.
    """

    def __init__(self, file: ProjectFile) -> None:
        self._file = file
        self.room: Room | None = None
        self._hold_nothing()
        self._load()

    def _hold_nothing(self) -> None:
        self.have: dict[str, dict[int, int]] = {}
        self.actors: dict[int, bytes] = {}
        self.carried: dict[Stamp, tuple[int, int]] = {}
        self.said: dict[Stamp, tuple[int, int]] = {}
        self.unread: set[tuple[int, int]] = set()
        self.floors: dict[str, dict[int, int]] = {}
        self.closed: set[tuple[str, int]] = set()
        self._parts: set[tuple[str, int, int]] = set()
        self._covers: dict[tuple[str, int, int], tuple[tuple[int, int], ...]] = {}
        self._numbers: dict[tuple[str, int, int], int] = {}
        self._next = 1

    def _load(self) -> None:
        with contextlib.closing(self._file.reading()) as connection:
            self.room = _room(connection)
            if self.room is None:
                return
            rows = connection.execute("SELECT number, document, session, sequence, actor, stamps FROM envelopes ORDER BY number").fetchall()
        for number, document, session, sequence, actor, stamps in rows:
            self._next = number + 1
            if not self.follows(document, session, sequence):
                continue  # one before it was lost; both come again from others
            noted = _NOTES.decode(stamps)
            self._remember(number, (document, session, sequence), bytes(actor), noted if isinstance(noted, _Noted) else _Noted(noted))

    def follows(self, document: str, session: int, sequence: int) -> bool:
        """Whether an envelope is the next of its document and session, or the next after what a snapshot holds."""
        known = self.have.get(document, {}).get(session, 0)
        return sequence == known + 1 or sequence == self.floors.get(document, {}).get(session, 0) + 1 > known

    def _remember(self, number: int, place: tuple[str, int, int], actor: bytes, noted: _Noted) -> None:
        document, session, sequence = place
        self.have.setdefault(document, {})[session] = sequence
        self.actors.setdefault(session, actor)
        self._numbers[place] = number
        for stamp in noted.stamps:
            (self.said if document == "comments" else self.carried).setdefault(stamp, (session, sequence))
        if noted.unread:
            self.unread.add((session, sequence))
        if noted.part:
            self._parts.add(place)
        elif noted.covers:
            self.closed.add((document, session))
            self._covers[place] = noted.covers
            floors = self.floors.setdefault(document, {})
            for covered, up_to in noted.covers:
                floors[covered] = max(up_to, floors.get(covered, 0))

    def parts(self, place: tuple[str, int, int]) -> list[tuple[str, int, int]]:
        """The places over which the content that ends in one is spread, in order."""
        document, session, sequence = place
        first = sequence
        while (document, session, first - 1) in self._parts:
            first -= 1
        return [(document, session, number) for number in range(first, sequence + 1)]

    def is_part(self, place: tuple[str, int, int]) -> bool:
        """Whether more of the same content follows an envelope."""
        return place in self._parts

    def note(self, place: tuple[int, int], stamps: tuple[Stamp, ...], document: str = "journal") -> Ticket:
        """Notes what an envelope of the journal, or of comments, brings that could not be opened when it came. Raises StorageError."""
        if document == "journal":
            self.unread.discard(place)
        for stamp in stamps:
            (self.said if document == "comments" else self.carried).setdefault(stamp, place)
        number, covers = self._numbers[document, *place], self._covers.get((document, *place), ())
        body = msgspec.msgpack.encode(_Noted(stamps, covers=covers) if covers else stamps)

        def write(connection: sqlite3.Connection) -> None:
            row = connection.execute(f"SELECT {_COLUMNS} FROM envelopes WHERE number = ?", (number,)).fetchone()  # noqa: S608
            if row is not None and row[-1] == room_mark("envelopes", row[:-1]):
                columns = (*row[:5], body, row[6])
                write_envelopes(connection, [(*columns, room_mark("envelopes", columns))])

        return self._file.work(write)

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

    def move(self, room: Room) -> Ticket:
        """Notes another room in the place of the one there is, with nothing kept of it yet. Raises StorageError."""
        self.room = room
        self._hold_nothing()
        body = msgspec.msgpack.encode(room)

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM envelopes")
            connection.execute("INSERT OR REPLACE INTO room VALUES (1, ?, ?)", (body, room_mark("room", (1, body))))

        return self._file.work(write)

    def add(self, arriving: Iterable[Kept]) -> Ticket:
        """Keeps envelopes, each such that it `follows`. Raises StorageError for one that is not."""
        return self.write([self.place(kept) for kept in arriving])

    def place(self, kept: Kept) -> Row:
        """Holds an envelope for known, whose row is to be written next. Raises StorageError for one that does not follow."""
        place = (kept.document, kept.session, kept.sequence)
        if not self.follows(*place):
            raise StorageError("An envelope is out of its order")
        number, self._next = self._next, self._next + 1
        noted = _Noted(kept.stamps, kept.unread, kept.part, kept.covers)
        self._remember(number, place, kept.actor, noted)
        notes = msgspec.msgpack.encode(noted if kept.unread or kept.part or kept.covers else kept.stamps)
        columns = (number, *place, kept.actor, notes, kept.body)
        return (*columns, room_mark("envelopes", columns))

    def write(self, rows: Sequence[Row]) -> Ticket:
        """Writes what `place` gave. Raises StorageError."""
        return self._file.work(lambda connection: write_envelopes(connection, rows))

    def covered(self, document: str) -> dict[int, int]:
        """Up to where what each session wrote is here, in its own envelopes or in a snapshot."""
        floors, have = self.floors.get(document, {}), self.have.get(document, {})
        return {session: max(floors.get(session, 0), have.get(session, 0)) for session in floors.keys() | have.keys()}

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
                rows = connection.execute(f"SELECT {_COLUMNS} FROM envelopes WHERE number IN ({marks})", some).fetchall()  # noqa: S608
            by_number = {row[0]: row for row in rows}
            for number in some:
                row = by_number.get(number)
                if row is not None and row[-1] == room_mark("envelopes", row[:-1]):
                    yield bytes(row[6])
