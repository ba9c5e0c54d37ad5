"""Exchanging with a relay: what is here goes out, what is there comes in and is applied at once.

Owns: the order of an exchange on one line, knowing when nothing is left to do. Refuses: going on after an interruption (see `staying`),
the forms of messages and the document's side (see `connection`, `participant`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from app.services.collab.connection import Connection
from app.services.collab.contents import Looked, cover, uncover
from app.services.collab.giving_back import entered
from app.services.collab.inbox import Inbox
from app.services.collab.participant import Participant, Place
from app.services.collab.reporting import Distrust, Removed, Report, TimeIsOver, durable, here
from app.services.collab.staying import Moves, Staying
from app.services.deciding import conflicts_plain
from app.services.errors import AppError
from editor_core.sync.envelope import Have
from editor_core.sync.fingerprint import cut_fingerprint
from editor_core.sync.messages import Ack, CaughtUp, Envelopes, Message, Presence, Present, SnapshotDue, Want

AT_ONCE = 500
"""Envelopes read from the file at once."""
QUIET = 0.4
"""Seconds without anything coming or going after which an exchange is over."""
QUIET_WITHIN = 2.0
"""Seconds after which nobody waits for that any more: who edits all the time keeps no one."""
CROWD = 2000
"""Sessions whose presence is kept: no relay has so many in a room, and one that lies fills no memory."""


class Exchange(Staying):
    """One project's exchange. `on_document` runs what touches the participant on the thread that owns the document; what is not
    `async` here belongs to that thread, or to the loop's where it says so."""

    def __init__(self, participant: Participant, on_document: Callable[[Callable[[], Any]], Awaitable[Any]] = here,
                 came: Callable[[], Awaitable[int]] | None = None) -> None:
        """`came` is called when content has come; it says how many changes it applied. Without it all of them are, at once."""
        super().__init__(participant, on_document)
        self._came = came
        self._connection: Connection | None = None
        self._shown = b""
        self._introduced = b""
        self._unsaid: frozenset[bool] = frozenset()
        self.slow: dict[int, bytes] = {}
        self.on_present: Callable[[Present], None] = lambda present: None
        self.peers: dict[int, bytes] = {}
        self._shown_by: tuple[dict[int, bytes], dict[int, bytes]] = {}, {}
        """Presences as they came, fast and slow: they overtake what says who takes part and by which key they are read."""
        self._has: Have = {}
        self._sent: Have = {}
        self._put: Have = {}
        self._giving = False
        self._moved = 0.0
        self._inbox: Inbox | None = None

    async def show(self, state: bytes, *, slow: bool = False) -> None:
        """Lets others see where this session is, or (`slow`) who it is; `peers` and `slow` have theirs by session, and `on_present` is told
        of each message. It is said again at the next connection. Raises NoRelay."""
        if slow:
            self._introduced = state
        else:
            self._shown = state
        if self.online and self._connection is not None:
            await self._say(self._connection, state, slow)

    @property
    def has(self) -> Have:
        """What is known to be on the relay's disk."""
        return self._has

    @property
    def round_trip(self) -> float:
        """Seconds to the relay and back, 0 where that is not known."""
        return self._connection.round_trip if self._connection is not None else 0.0

    async def drop(self) -> None:
        """Ends the connection that there is; `stay` makes a new one."""
        if self._connection is not None:
            await self._connection.close()

    async def _connect(self) -> Connection:
        one = self.participant
        if await self._do(lambda: one.moved) is not None:
            await durable(await self._do(one.follow))
            self._introduced = self._shown = b""  # signed for the room that was left
        connection = await entered(one, self._do, self._lan)
        self.report.connections += 1
        self.report.sent += connection.given_back
        self.report.acknowledged += connection.given_back
        self._caught_up = self._giving = False
        self._put = {}
        self._has = {document: dict(counts) for document, counts in connection.welcome.have.items()}
        self._sent = {document: dict(counts) for document, counts in self._has.items()}
        self._moved = time.monotonic()
        return connection

    def _end_times(self) -> Awaitable[None]:
        from app.services.collab.removing import end_times  # which exchanges, too

        return end_times(self.participant, self._do, self._lan, lambda: self._caught_up, self._changed.set)

    async def _with(self, connection: Connection, end: Callable[[], Awaitable[Any]]) -> None:
        """Gives and takes until `end` does; it begins last, because what is begun and never waited for is complained about."""
        rooms = self.participant.rooms
        await connection.send(Want(await self._do(lambda: {document: dict(counts) for document, counts in rooms.have.items()})))
        for state, slow in ((self._introduced, True), (self._shown, False)):
            if state:
                await self._say(connection, state, slow)
        self._connection = connection
        await self._while_online(self._listen(connection), self._tell(connection), self._end_times(), end())

    def _line_ended(self) -> None:
        self._connection = None
        if self._lan is not None:
            self._lan.known = frozenset(self.peers)
        for kept in (self.peers, self.slow, *self._shown_by):
            kept.clear()

    async def _tell(self, connection: Connection) -> None:
        """Gives what is here and not there, whenever there is something; not before it is known what may be given."""
        one = self.participant
        self._changed.clear()
        while True:
            await self._changed.wait()
            if not self._caught_up:
                self._changed.clear()
                continue
            self._giving = True
            self._changed.clear()
            await durable(await self._do(one.prepare))
            places = await self._do(lambda: one.missing(self._sent))
            for first in range(0, len(places), AT_ONCE):
                await self._give(connection, places[first:first + AT_ONCE])
            self._giving = False

    async def _give(self, connection: Connection, places: list[Place]) -> None:
        for document, session, sequence in places:
            self._sent.setdefault(document, {})[session] = sequence
            self._put.setdefault(document, {})[session] = sequence
        await connection.put(list(self.participant.rooms.bodies(places)))
        self.report.sent += len(places)
        self._moved = time.monotonic()

    async def _listen(self, connection: Connection) -> None:
        async with Inbox(connection, lambda present: self._present(present) if self.online else None) as self._inbox:
            async for message in self._inbox.messages():
                await self._heard(connection, message)

    async def _heard(self, connection: Connection, message: Message) -> None:
        if isinstance(message, Envelopes):
            self._moved = time.monotonic()
            members = len(self.participant.members)
            moved = await self._take(message.raw)
            if len(self.participant.members) != members:
                if self._caught_up:
                    self._changed.set()  # a key may be wanted
                self._present(Present(*map(dict, self._shown_by)))  # whoever was seen before it was known that they take part
            if moved:
                raise Moves
        elif isinstance(message, Ack):
            self._moved = time.monotonic()
            self._acknowledge(message.have)
            self.on_line()
            return
        elif isinstance(message, CaughtUp):
            self._moved = time.monotonic()
            self._caught_up = True
            self._changed.set()
            self.on_line()
            for slow in sorted(self._unsaid, reverse=True):
                if state := self._introduced if slow else self._shown:
                    await self._say(connection, state, slow)
        elif isinstance(message, SnapshotDue):
            await self._give_snapshot()
            return
        if self._caught_up:
            self.report.applied += await (self._came() if self._came is not None else self._do(self.participant.apply))

    async def _give_snapshot(self) -> None:
        """The relay asks for what spares others much; who cannot give it, or not now, does not answer."""
        make = await self._do(self.participant.snapshot)
        if make is not None:
            made = await asyncio.to_thread(make)
            await durable(await self._do(lambda: self.participant.keep_snapshot(made)))
        self._changed.set()

    async def _say(self, connection: Connection, state: bytes, slow: bool) -> None:
        covered = cover(self.participant.hand(), state, slow)
        self._unsaid = self._unsaid - {slow} if covered else self._unsaid | {slow}  # without the room's key: it may come yet
        if covered:
            await connection.send(Presence(covered, slow))

    def _present(self, message: Present) -> None:
        one, own = self.participant, self.participant.session
        for kept, came in zip(self._shown_by, (message.states, message.slow), strict=True):
            kept.update((session, state) for session, state in came.items() if session in kept or len(kept) < CROWD)
        for session in [session for session, state in message.states.items() if not state]:
            for kept in self._shown_by:
                kept.pop(session, None)
        if one.encrypted:
            message = uncover(message, one.room.id, one.keys)
        for session, state in message.slow.items():
            if session != own and (session in self.slow or len(self.slow) < CROWD):
                self.slow[session] = state
        for session, state in message.states.items():
            if session == own:
                continue
            if state and (session in self.peers or len(self.peers) < CROWD):
                self.peers[session] = state
            else:
                self.peers.pop(session, None)
                self.slow.pop(session, None)
        self.on_present(message)

    async def _take(self, raws: list[bytes]) -> bool:
        """Keeps envelopes that came; whether the room has moved."""
        one = self.participant
        looked = one.look(raws)
        for found in looked:
            if isinstance(found, Looked):  # what came from there need not go there; what an earlier process made and did not give must
                document, session, sequence = found.envelope.place
                sent = self._sent.setdefault(document, {})
                sent[session] = max(sequence, sent.get(session, 0))
        # only then is it kept: while it goes to disk, what is here and not there is looked for, and given back it would be an offence
        (taken, ticket), moved = await self._do(lambda: (one.keep(looked), one.moved is not None))
        await durable(ticket)
        self.report.received += taken.kept
        self.report.refused.extend(taken.refused)
        self.report.spoiled.extend(taken.spoiled)
        if taken.refused:
            raise Distrust(f"The relay {one.room.relay} handed on what it should have refused: {taken.refused[0][1]}. It was not taken")
        return bool(moved)

    def _acknowledge(self, have: Have) -> None:
        for document, counts in have.items():
            mine = self._has.setdefault(document, {})
            for session, sequence in counts.items():
                self.report.acknowledged += max(0, sequence - mine.get(session, 0))
                mine[session] = max(sequence, mine.get(session, 0))

    async def _idle(self) -> None:
        began = time.monotonic()
        while True:
            now = time.monotonic()
            quiet = now - self._moved
            read = self._inbox is None or self._inbox.empty
            open_ends = not self._caught_up or self._giving or self._changed.is_set() or self.unacknowledged or not read
            if not open_ends and (quiet >= QUIET or now - began >= QUIET_WITHIN):
                return
            await asyncio.sleep(0.05 if open_ends else max(0.01, QUIET - quiet))

    @property
    def unacknowledged(self) -> int:
        """Envelopes that are not known to be on the relay's disk."""
        return sum(max(0, sequence - self._has.get(document, {}).get(session, 0))
                   for document, counts in self._put.items() for session, sequence in counts.items())

    async def quiet(self) -> None:
        """For who stays: waits for a connection, and until nothing is left to do."""
        while not self.caught_up:
            await asyncio.sleep(0.02)
        await self._idle()

    def as_plain(self, *, bring: bool = True) -> dict[str, Any]:
        """The report as JSON values; what waits is brought in first, unless `bring` is False."""
        one, told = self.participant, self.report
        with contextlib.suppress(AppError):
            told.applied += one.apply() if bring else 0
        return {**self._counted(), "encrypted": one.encrypted,
                **({"key": "here" if one.hand() is not None else "missing"} if one.encrypted else {}),
                "members": [{"key": m.key.hex(), "role": m.role, "actor": m.actor, "person": m.person} for m in one.members.present()]}

    def _counted(self) -> dict[str, Any]:
        """What every exchange reports."""
        one, told = self.participant, self.report
        return {"room": one.room.id.hex(), "relay": one.room.relay, "role": one.role, "sent": told.sent, "received": told.received,
                "acknowledged": told.acknowledged, "applied": told.applied, "comments": one.talk.brought, "waiting": one.waiting,
                "held_back": one.held_back,
                "refused": [{"author": author, "reason": reason} for author, reason in [*told.refused, *told.spoiled]],
                "conflicts": conflicts_plain(one.project), "fingerprint": cut_fingerprint(one.project.snapshot)}


__all__ = ["QUIET", "Distrust", "Exchange", "Removed", "Report", "TimeIsOver", "durable", "here"]
