"""A project's place in its room: who takes part, what this device may do there, the room's keys, going on in another room.

Owns: these, and signing statements about members. Refuses: the room's content (see `participant`).
Everything here happens on the thread that owns the document, except `hand`.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.contents import Hand, to_keep
from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.schema import Project
from editor_core.storage.journal import Ticket
from editor_core.storage.rooms import Room, Rooms
from editor_core.sync import members as statements
from editor_core.sync.envelope import Envelope, EnvelopeRefused, make, open_envelope, public
from editor_core.sync.epochs import RoomKeys
from editor_core.sync.members import Invite, Members, Role, Statement, over

log = logging.getLogger(__name__)


class NotShared(AppError):
    """The project is in no room."""


def _why_not(film: Path) -> str:
    from app.services.branches import MAIN, current

    if (branch := current(film)) != MAIN:
        return (f"{film.name} is the branch {branch!r} now, and branches are in no room; `proeditor branch {film.name} switch {MAIN}` goes "
                "back to the film")
    return f"{film.name} is not shared; `proeditor share` shares it, `proeditor join` makes a film from a link"


class InRoom:
    """One project in one room. `session` is this process's."""

    def __init__(self, project: OpenProject, key: Ed25519PrivateKey, session: int, clock: Callable[[], float] = time.time) -> None:
        """Raises NotShared, StorageError."""
        self.project = project
        self.session = session
        self.rooms = Rooms(project.file)
        if self.rooms.room is None:
            raise NotShared(_why_not(project.path))
        self.room: Room = self.rooms.room
        self.key = key
        if public(key) != self.room.key:
            raise AppError(f"{project.path.name} was shared from another device; ask for a link and `proeditor join` it")
        self.clock = clock
        self._enter()
        self._take_begun()

    def _enter(self) -> None:
        """Knows the room as the file tells of it."""
        self.members = self._known_members()
        self.keys = RoomKeys(self.room.id, self.key)
        self.keys.take_kept(self.room.sealed)
        self.keys.learn(self.members)

    @property
    def mine(self) -> bytes:
        """This device's key."""
        return self.room.key

    @property
    def name(self) -> str:
        """What the film is called; a sealed room does not tell it to the relay."""
        return self.members.name or next((one.name for one in self.project.snapshot.of_kind(Project)), "") or self.project.path.stem

    @property
    def moved(self) -> bytes | None:
        """The room in which this one goes on, if an owner said so; `follow` goes there."""
        return self.members.moved

    def go_to(self, relay: str) -> Ticket:
        """The room is at another relay from now on. Raises StorageError."""
        self.room = msgspec.structs.replace(self.room, relay=relay)
        return self.rooms.enter(self.room)

    def follow(self) -> Ticket | None:
        """Goes on in the room that `moved` tells: everything of it is fetched, and what was done here and is not there is given. Raises
        StorageError."""
        to = self.members.moved
        if to is None:
            return None
        before = tuple(self.rooms.bodies(self.rooms.all("members")))
        self.room = msgspec.structs.replace(self.room, id=to, sealed={}, came_from=self.room.id, before=before)
        ticket = self.rooms.move(self.room)
        self._enter()
        return self._take_begun() or ticket

    def _take_begun(self) -> Ticket | None:
        """What this device said in the room when it made it, where nothing else is known of it: nobody else may have it."""
        made: list[Envelope] = []
        if len(self.members):
            return None
        with contextlib.suppress(EnvelopeRefused):  # another room was begun
            for raw in self.room.begun:
                envelope = open_envelope(raw, room=self.room.id)
                self.members.add(envelope)
                made.append(envelope)
        self.keys.learn(self.members)
        return self.rooms.add(map(to_keep, made)) if made and not self.project.file.read_only else None

    def came_by(self, key: bytes) -> Invite | None:
        """The link by which a member came, if it is still open; also where the member came before the room went on in this one."""
        found = self.members.came_by(key)
        if found is not None or not self.room.before:
            return found
        earlier = Members(self.room.came_from)
        with contextlib.suppress(EnvelopeRefused):
            for raw in self.room.before:
                earlier.add(open_envelope(raw, room=self.room.came_from))
        link = earlier.came_by(key)
        return self.members.invite(link.key) if link is not None else None

    def keep_begun(self, statements: Iterable[bytes]) -> Ticket:
        """Keeps what was said in a room that was made for this one to go on in: nobody else has it yet. Raises StorageError."""
        self.room = msgspec.structs.replace(self.room, begun=tuple(statements))
        return self.rooms.enter(self.room)

    def _known_members(self) -> Members:
        """The members as the file tells; where it is damaged, nothing of them is believed and all of it fetched again."""
        members, places = Members(self.room.id), self.rooms.all("members")
        try:
            raws = list(self.rooms.bodies(places))
            for raw in raws:
                members.add(open_envelope(raw, room=self.room.id))
        except EnvelopeRefused as error:
            log.warning("the members of %s cannot be read: %s", self.project.path.name, error)
        else:
            if len(raws) == len(places):
                return members
        self.rooms.forget("members")
        return Members(self.room.id)

    @property
    def role(self) -> str:
        """What this device may do in the room; empty for nothing, also once its time is over."""
        return self.role_of(self.room.key) or ""

    def role_of(self, key: bytes) -> Role | None:
        """What a device may do now, by the clock here."""
        return None if over(self.members.until(key), self.clock()) else self.members.role(key)

    @property
    def expired(self) -> bool:
        """Whether this device's time in the room is over."""
        return over(self.members.until(self.room.key), self.clock())

    @property
    def encrypted(self) -> bool:
        """Whether only members can read the room. False as long as it is not known."""
        return self.members.sealed

    def redeem(self, secret: bytes) -> None:
        """Has the room's keys from an invite; `secret` is that in its link. Raises StorageError."""
        self.keys.redeem(secret)
        self.keys.learn(self.members)
        self._keep_keys()

    def _keep_keys(self) -> Ticket:
        self.room = msgspec.structs.replace(self.room, sealed=self.keys.kept())
        return self.rooms.enter(self.room)

    def _give_keys(self) -> Ticket | None:
        """Says, as an owner, what everyone who takes part needs to read and write, and nobody else has."""
        ticket: Ticket | None = None
        if not self.members.sealed or self.members.role(self.room.key) != "owner":
            return None
        while (said := self.keys.wanted(self.members, self.clock())) is not None:
            envelope = self.signed(said)
            self.members.add(envelope)
            ticket = self.rooms.add([to_keep(envelope)])
        return ticket

    def hand(self, session: int = 0) -> Hand | None:
        """What is written with, on any thread; None in a sealed room without a key that leaves out all who were removed, and where a room
        that was to be sealed is not."""
        if self.room.came_from and not self.members.sealed:
            return None
        given = self.keys.current(self.members) if self.members.sealed else (0, b"")
        return None if given is None else Hand(self.room.id, self.key, session or self.session, *given)

    def signed(self, statement: Statement, session: int = 0) -> Envelope:
        """A statement about the members, as it is sent, by this session or another of this device; it is kept here once the relay has
        taken it."""
        by = session or self.session
        sequence = self.rooms.have.get("members", {}).get(by, 0) + 1
        return make(self.key, room=self.room.id, document="members", session=by, sequence=sequence, payload=statements.encode(statement))
