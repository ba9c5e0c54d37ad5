"""One connection to the relay.

Owns: what a peer was told and may do, its rate, and the one task that sends to it. Refuses: judging envelopes (see `rooms`).
"""

from __future__ import annotations

import asyncio
import time

from websockets.asyncio.server import ServerConnection
from websockets.protocol import State

from app.services.relay.bases import Base
from app.services.relay.rooms import LiveRoom
from app.services.relay.store import RelayStore
from editor_core.sync.envelope import Have, open_envelope
from editor_core.sync.messages import PIECE, Ack, CaughtUp, Envelopes, Message, Present, SnapshotDue, encode, packed, pieces

RATE = 16 * 2**20
"""Bytes a second that a peer may put, on average."""
BURST = 160 * 2**20
"""Bytes that it may put at once."""
PATIENCE = 2.0
"""Seconds that one message may take to be taken by a peer that is further behind than memory reaches."""
PUSH = 64 * 1024
"""Bytes that may wait in the system's buffer for more to be written past the queue."""
PRESENCES = 60
"""Presences a second that are taken from a peer; more are dropped."""


class Pace:
    """How much is taken from one connection."""

    def __init__(self) -> None:
        self._allowed = float(BURST)
        self._allowed_at = time.monotonic()
        self._shown = 0.0

    def wait_for(self, size: int) -> float:
        """Seconds to wait before `size` more bytes are taken from it."""
        now = time.monotonic()
        self._allowed = min(float(BURST), self._allowed + (now - self._allowed_at) * RATE) - size
        self._allowed_at = now
        return max(0.0, -self._allowed / RATE)

    def may_show(self, most: int = PRESENCES) -> bool:
        """Whether one more presence is taken from it now, of `most` a second."""
        now = time.monotonic()
        if self._shown > now + 1:
            return False
        self._shown = max(self._shown, now) + 1 / most
        return True


class Peer:
    """A connection in a room. Belongs to the relay's loop."""

    def __init__(self, socket: ServerConnection, room: LiveRoom, key: bytes, session: int, reads: bool, *, proving: bool = False) -> None:
        """`reads` is False for one who has an invite and has not joined yet: it sees the members alone. One who is `proving` is not in
        the room: it says that it is a member, which this relay does not know."""
        self.socket = socket
        self.room = room
        self.key = key
        self.session = session
        self.reads = reads
        self.proving = proving
        self.given_back: list[bytes] = []
        self.known: Have = {}
        self.feeding = False
        self.caught_up = False
        self.cursor = 0
        self.tick = 0
        self.wake = asyncio.Event()
        self._acks: Have = {}
        self._tell = False
        self._base: Base | None = None
        self._asked = False
        self.refused = self.wishes = 0
        self.pace = Pace()
        self._sending = 0.0
        self._resting = False

    def want(self, have: Have) -> None:
        """Starts handing on from the beginning what is not in `have`."""
        self.known = {document: dict(counts) for document, counts in have.items()}
        self.cursor, self.feeding, self.caught_up, self._tell = 0, True, False, True
        self._base = self.room.bases.choose(self.known, self.room.have, self.room.written, self.room.members) if self.reads else None
        self.wake.set()

    def ask(self) -> None:
        """Asks it for a snapshot."""
        self._asked = True
        self.wake.set()

    def acknowledge(self, document: str, session: int, sequence: int) -> None:
        """Something it put is on disk."""
        counts = self._acks.setdefault(document, {})
        counts[session] = max(sequence, counts.get(session, 0))
        self.wake.set()

    def knows(self, document: str, session: int, sequence: int) -> None:
        """It has an envelope: it sent it, or was sent it."""
        counts = self.known.setdefault(document, {})
        counts[session] = max(sequence, counts.get(session, 0))

    @property
    def slow(self) -> bool:
        """Whether it has caught up once, has then fallen further behind than memory reaches, and takes nothing."""
        stuck = self._sending and time.monotonic() - self._sending > PATIENCE
        return bool(stuck) and self.caught_up and self.room.newest(self.cursor) is None

    def was_given(self, number: int) -> bool:
        """Whether it was handed an envelope of that number since it had caught up."""
        return self.caught_up and self.reads and 0 < number <= self.cursor

    def hand_now(self, before: int, last: int, framed: bytes) -> bool:
        """Hands on what follows `before` up to `last`, where it has all up to there and nothing waits for it; False where `feed` must."""
        in_step = self.feeding and self.caught_up and self.reads and self._base is None and self.cursor == before
        if not in_step or not self._push(framed):
            return False
        self.cursor = last
        return True

    def show_now(self, tick: int, framed: bytes) -> bool:
        """Hands on the newest presence, where it has the one before and nothing waits for it; False where `feed` must."""
        if not self.reads or not self.caught_up or not 0 < self.tick == tick - 1 or not self._push(framed):
            return False
        self.tick = tick
        return True

    def _push(self, framed: bytes) -> bool:
        """Writes a whole frame past the queue, where there is none."""
        transport = self.socket.transport
        idle = self._resting and not self.wake.is_set() and self.socket.state is State.OPEN and not transport.is_closing()
        if not idle or transport.get_write_buffer_size() > PUSH:
            return False
        if framed:
            transport.write(framed)
        return True

    async def feed(self, store: RelayStore, ticks: Ticks) -> None:
        """Sends whatever there is to send, for ever. What the peer does not take in time is not gathered here."""
        while True:
            self.wake.clear()
            if self._acks:
                acks, self._acks = self._acks, {}
                await self._send(Ack(acks))
            if self.feeding:
                await self._hand_on(store)
            if self._asked:
                self._asked = False
                await self._send(SnapshotDue())
            await self._show(ticks)
            if not self._acks and not self.wake.is_set():
                self._resting = True
                await self.wake.wait()
                self._resting = False

    async def _hand_on(self, store: RelayStore) -> None:
        room = self.room
        if self._base is not None:
            base, self._base = self._base, None
            await self._begin(store, base)
        while self.cursor < room.written:
            rows = room.newest(self.cursor)
            if rows is None:
                rows = store.after(room.id, self.cursor)
            raws = []
            for row in rows:
                if row.number > room.written:
                    break
                self.cursor = row.number
                lacking = row.sequence > self.known.get(row.document, {}).get(row.session, 0)
                if lacking and (self.reads or row.document == "members") and room.hands_on(row):
                    self.knows(row.document, row.session, row.sequence)
                    raws.append(row.body)
            for group in packed(raws):
                await self._send(Envelopes(group))
        if self._tell:
            self._tell = False
            self.caught_up = True
            await self._send(CaughtUp())

    async def _begin(self, store: RelayStore, base: Base) -> None:
        """Hands on who the members are and a snapshot, to one who has nothing."""
        raws = []
        for raw in store.members(self.room.id):
            place = open_envelope(raw, room=self.room.id).place
            if place[2] > self.known.get("members", {}).get(place[1], 0):
                self.knows(*place)
                raws.append(raw)
        for group in packed(raws):
            await self._send(Envelopes(group))
        for document, last in base.last.items():
            for sequence in range(1, last + 1):
                self.knows(document, base.session, sequence)
                if (body := store.body(self.room.id, (document, base.session, sequence))) is not None:
                    await self._send(Envelopes([body]))

    async def _show(self, ticks: Ticks) -> None:
        if not self.reads or not self.caught_up or self.tick == ticks.newest:
            return
        frames = ticks.since(self.tick)
        self.tick = ticks.newest
        if frames is None:
            if self.room.presence or self.room.slow:
                await self._send(Present(dict(self.room.presence), dict(self.room.slow)))
            return
        for frame in frames:
            await self._send_bytes(frame)

    async def _send(self, message: Message) -> None:
        await self._send_bytes(encode(message))

    async def _send_bytes(self, raw: bytes) -> None:
        self._sending = time.monotonic()
        await self.socket.send(raw if len(raw) <= PIECE else pieces(raw))
        self._sending = 0.0


class Ticks:
    """Presence of a room in frames: what changed since the one before, the same bytes for everyone."""

    def __init__(self, keep: int) -> None:
        self.newest = 0
        self.changed: dict[int, bytes] = {}
        self.slow: dict[int, bytes] = {}
        self._keep = keep
        self._frames: dict[int, bytes] = {}

    def turn(self) -> bool:
        """Makes a frame of what changed; False where nothing did."""
        if not self.changed and not self.slow:
            return False
        self.newest += 1
        self._frames[self.newest] = encode(Present(self.changed, self.slow))
        self._frames.pop(self.newest - self._keep, None)
        self.changed, self.slow = {}, {}
        return True

    @property
    def last(self) -> bytes:
        """The newest frame's message."""
        return self._frames[self.newest]

    def since(self, tick: int) -> list[bytes] | None:
        """Frames after one; None for who has seen none, or is too far behind: they get everyone's newest."""
        if tick == 0 or tick + 1 not in self._frames:
            return None
        return [self._frames[number] for number in range(tick + 1, self.newest + 1)]
