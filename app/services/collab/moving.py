"""A room that was not encrypted goes on in one that is (SPEC 2.10).

Owns: making that room with everybody in it and everything that is here, saying in the old one where it goes on. Refuses: following there,
which every participant does by itself (see `participant`, `exchange`).

Nothing in the old room is sealed after the fact: what was given in the clear was given. But the relay needs none of it any more and
throws it away, and nothing is written there from then on. What somebody gave there at the last moment their program gives again.

On the local network no relay remembers where a room went on. Whoever hosts the new room hosts what was said about the members of the old
one, too (see `lan`), and who makes the new room keeps its statements in the film before anybody hears of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

from app.services.collab.announcing import ANSWER_WITHIN, Do, announce, everything, opened
from app.services.collab.connection import Connection, open_connection
from app.services.collab.contents import Hand, written
from app.services.collab.exchange import Exchange, durable, here
from app.services.collab.lan import meeting
from app.services.collab.links import LAN
from app.services.collab.participant import Participant
from app.services.collab.talking import LARGE
from app.services.errors import AppError
from editor_core.comments.acts import pack, packs
from editor_core.sync.envelope import DocumentName, Envelope, EnvelopeRefused, Have, Kind, hash_of, make, public
from editor_core.sync.epochs import RoomKeys
from editor_core.sync.members import Genesis, Grant, Invite, Members, Moved, Statement, encode, over, room_of
from editor_core.sync.messages import Ack, CaughtUp, Want
from editor_core.sync.parcel import unseal

_TRIES = 4
_ROOMS = 50
"""Rooms that may be begun in a film's life."""
_CONTEXT = b"ProEditor moved room 1\x00"


class _Changed(Exception):
    """Somebody came who is not in the new room."""


class NewRoom:
    """The room that is being made: its statements and envelopes, and which of them the relay has."""

    def __init__(self, one: Participant, clock: Callable[[], float], number: int = 1) -> None:
        """The `number`th that this device may make of the room as it stands now: a program that was killed while it made one goes on
        with that."""
        self._one, self._clock = one, clock
        old, mine = one.members, public(one.key)
        nonce = hash_of(one.key.sign(_CONTEXT + one.room.id + number.to_bytes(4, "big")))[:16]
        self._genesis = Genesis(mine, "", nonce, *old.person(mine), sealed=True)
        self.id = room_of(self._genesis)
        self.members = Members(self.id)
        self.keys = RoomKeys(self.id, one.key)
        self._have: Have = {}
        self.envelopes: list[Envelope] = []

    def begin(self, statements: Sequence[Envelope], have: Have) -> bool:
        """Makes it, or goes on with what a relay has of it: its statements, and highest sequences. False where that is of no use any more,
        because somebody in it takes part no longer. Raises EnvelopeRefused."""
        for envelope in statements:
            self.members.add(envelope)
        if statements:
            session = self._one.session
            self.keys.learn(self.members)
            self._have = {"members": dict(have.get("members", {}))}
            if any(session in have.get(document, {}) for document in have.keys() - {"members"}) or not self._fits():
                return False
        else:
            self._say(self._genesis)
        self.let_in()
        return True

    def _fits(self) -> bool:
        """Whether everyone who is in it already takes part in the old room just so."""
        old = self._one.members
        return self.members.moved is None and all(
            (old.role(m.key), old.until(m.key)) == (m.role, self.members.until(m.key)) for m in self.members.present()) and all(
            (i.role, i.expires) == (j.role, j.expires) if (j := old.invite(i.key)) else False for i in self.members.invites())

    def _say(self, statement: Statement) -> None:
        self._write(("members", encode(statement)))
        self.members.add(self.envelopes[-1])

    def _write(self, content: tuple[DocumentName, bytes]) -> None:
        document, payload = content
        counts = self._have.setdefault(document, {})
        counts[self._one.session] = counts.get(self._one.session, 0) + 1
        self.envelopes.append(make(self._one.key, room=self.id, document=document, session=self._one.session,
                                   sequence=counts[self._one.session], payload=payload))

    def let_in(self) -> None:
        """Everyone who takes part in the old room, with the role and time they have there, and every link that is open."""
        mine, old = public(self._one.key), self._one.members
        for m in old.present():
            if self.members.role(m.key) is None and not over(old.until(m.key), self._clock()):
                self._say(Grant(mine, self.members.heads, m.key, m.role, m.actor, m.person, old.until(m.key)))
        for i in old.invites():
            if self.members.invite(i.key) is None and not over(i.expires, self._clock()):
                self._say(Invite(mine, self.members.heads, i.key, i.role, i.expires))
        while (said := self.keys.wanted(self.members, self._clock())) is not None:
            self._say(said)

    @property
    def statements(self) -> list[bytes]:
        """What was said in it."""
        return [one.raw for one in self.envelopes if one.header.document == "members"]

    def holds_all(self) -> bool:
        """Whether everyone who takes part in the old room is in this one."""
        old, now = self._one.members, self._clock()
        return all(self.members.role(m.key) == m.role or over(old.until(m.key), now) for m in old.present())

    def put_in(self, contents: dict[DocumentName, bytes], kind: Kind = "update") -> None:
        """Content, sealed. Raises EnvelopeRefused."""
        number, key = self.keys.current(self.members) or (0, b"")
        hand = Hand(self.id, self._one.key, self._one.session, number, key)
        for envelope in list(written(hand, contents, self._have, kind)):
            self.envelopes.append(envelope)
            self._have.setdefault(envelope.header.document, {})[self._one.session] = envelope.header.sequence


async def encrypt(one: Participant, do: Do = here, clock: Callable[[], float] = time.time) -> dict[str, Any]:
    """Lets the room of a film go on in one that its members alone can read, in which the same people have the same roles; this device
    is there on return, others follow when they are connected. The result says `room`, and whether the relay threw away (`dropped`)
    what it had in the clear. Raises AppError, StorageError."""
    async with contextlib.AsyncExitStack() as held:
        return await _encrypt(one, do, clock, held)


async def _encrypt(one: Participant, do: Do, clock: Callable[[], float], held: contextlib.AsyncExitStack) -> dict[str, Any]:
    old = one.room
    await held.enter_async_context(meeting(old.relay, old.id, one.session, Exchange(one, do).envelopes))
    await Exchange(one, do).until_idle()
    await do(lambda: _may_move(one))
    try:
        new = await _begun(one, do, clock, held)
        new.put_in(await _film(one, do), "snapshot")
        for acts in await do(lambda: packs(map(one.project.talk.comments.raw, one.project.talk.comments.ids), LARGE)):
            new.put_in({"comments": pack(acts)})
    except EnvelopeRefused as error:
        raise AppError(f"{one.project.path.name} cannot be encrypted: {error}") from None
    given = 0
    for attempt in range(_TRIES):
        await _give(one, new.id, new.envelopes[given:])
        given = len(new.envelopes)
        if old.relay == LAN:
            await durable(await do(lambda: one.keep_begun(new.statements)))
        try:
            await announce(one, lambda: _moved(one, new), do)
            break
        except _Changed:
            if attempt == _TRIES - 1:
                raise AppError("People come and go in this room all the time; try again later") from None
            await do(new.let_in)
    dropped = await _dropped(one, old.id)
    await Exchange(one, do).until_idle()
    return {"room": one.room.id.hex(), "relay": one.room.relay, "encrypted": one.encrypted, "was": old.id.hex(), "dropped": dropped}


def told(made: dict[str, Any]) -> str:
    """What came of `encrypt`, for people."""
    if made["relay"] == LAN:
        kept = ("What went over the local network until now went there in the clear. Who is not connected now goes along when they meet "
                "somebody who did")
    elif made["dropped"]:
        kept = "The relay says that it threw away what it had in the clear; nobody can see whether it, or a copy of its disk, still has it"
    else:
        kept = "The relay still has what was given in the clear until now: who runs it can go on reading that"
    return f"Encrypted from now on: members alone can read what is done in this film. {kept}"


def _may_move(one: Participant) -> None:
    if one.role != "owner":
        raise AppError(f"Only owners may have the film encrypted; you are {one.role or 'not a member'} in this room")
    if one.encrypted:
        raise AppError("The room of this film is encrypted already, and stays so")
    one.apply()
    if one.waiting:
        raise AppError("Changes of others wait and are not in the film; take them first")


async def _film(one: Participant, do: Do) -> dict[DocumentName, bytes]:
    """Everything that is in the film, from what is on disk: encoding it takes longer than a window may stand still."""
    await durable(await do(lambda: one.project.file.work(lambda connection: None)))
    parcel = unseal(await asyncio.to_thread(one.project.file.state_on_disk))
    return {"timeline": parcel.timeline, "journal": parcel.journal}


async def _begun(one: Participant, do: Do, clock: Callable[[], float], held: contextlib.AsyncExitStack) -> NewRoom:
    """The room to go on in: one that was begun and never said to be it, or the next. Raises AppError, EnvelopeRefused."""
    for number in range(1, _ROOMS + 1):
        new = await do(lambda number=number: NewRoom(one, clock, number))  # type: ignore[misc]
        await held.enter_async_context(meeting(one.room.relay, new.id, one.session, _nothing))
        async with await open_connection(one.room.relay, new.id, one.key, one.session) as connection:
            have = connection.welcome.have
            raws = await everything(connection, {d: counts for d, counts in have.items() if d != "members"}) if have.get("members") else []
        there = [opened(raw, new.id) for raw in raws]
        if await do(lambda new=new, there=there, have=have: new.begin(there, have)):  # type: ignore[misc]
            return new
    raise AppError("Too many encrypted rooms were begun for this film and never finished; share a copy of it encrypted instead")


async def _nothing() -> list[bytes]:
    """What a room that is being made begins with."""
    return []


def _moved(one: Participant, new: NewRoom) -> Statement:
    if not new.holds_all():
        raise _Changed
    return Moved(public(one.key), one.members.heads, new.id)


async def _give(one: Participant, room: bytes, envelopes: Sequence[Envelope]) -> None:
    """Puts envelopes into a room; all of them are on the relay's disk on return."""
    left = {envelope.place for envelope in envelopes}
    async with await open_connection(one.room.relay, room, one.key, one.session) as connection, asyncio.timeout(10 * ANSWER_WITHIN):
        await _caught_up(connection)
        await connection.put([envelope.raw for envelope in envelopes])
        while left:
            message = await connection.receive()
            if isinstance(message, Ack):
                left = {(document, session, sequence) for document, session, sequence in left
                        if message.have.get(document, {}).get(session, 0) < sequence}


async def _caught_up(connection: Connection) -> None:
    await connection.send(Want(connection.welcome.have))
    while not isinstance(await connection.receive(), CaughtUp):
        pass


async def _dropped(one: Participant, room: bytes) -> bool:
    """Whether the relay holds nothing of a room any more but its statements; what it really keeps nobody can know."""
    for _ in range(50):
        async with await open_connection(one.room.relay, room, one.key, one.session) as connection:
            if set(connection.welcome.have) <= {"members"}:
                return True
        await asyncio.sleep(0.1)
    return False
