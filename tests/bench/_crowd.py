"""A crowd at a relay: light peers in this process and the relay in another, for what the relay alone decides.

Owns: rooms with many members, who edit and say where they are at a rate; delays from putting to arriving. Refuses: films.
"""

from __future__ import annotations

import asyncio
import os
import struct
import time
from dataclasses import dataclass, field

import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.connection import Connection
from app.services.identity import new_session
from editor_core.sync.messages import Envelopes, Presence, Present, Put, Want
from tests.bench._light import MARK, LightPeer
from tests.support.relays import RunningRelay
from tests.support.sharing import BareRoom

FAST = 140
"""Bytes of a fast presence with its signature."""


@dataclass
class Seen:
    """What a crowd did: seconds from putting to arriving, the relay's share of a core, its memory in MB, envelopes put."""

    delays: list[float] = field(default_factory=list)
    core: float = 0.0
    memory: float = 0.0
    put: int = 0
    own: float = 0.0
    """This process's share of a core."""


@dataclass
class Crowd:
    """`people` in one room, `editors` of whom edit `edits` times a second (an edit is two envelopes), all `presences` times a second."""

    relay: RunningRelay
    people: int
    editors: int
    edits: float = 5.0
    presences: float = 5.0

    async def run(self, seconds: float) -> Seen:
        """Seconds are counted when all have caught up. One who is not timed reads only what it must."""
        seen = Seen()
        room = BareRoom(self.relay.address)
        keys = [Ed25519PrivateKey.generate() for _ in range(self.people)]
        await room.made(*((key, "editor") for key in keys))
        sessions = [new_session() for _ in keys]
        peers = [await LightPeer.enter(self.relay.address, room.id, key, session, seen.delays)
                 for key, session in zip(keys, sessions, strict=True)]
        process = psutil.Process(self.relay.process.pid)
        begun, before, own = time.monotonic(), process.cpu_times(), time.process_time()
        until = begun + seconds
        await asyncio.gather(*(self._edit(room, peers[n], keys[n], sessions[n], until, seen, n) for n in range(self.editors)),
                             *(self._show(peer, until, n) for n, peer in enumerate(peers)))
        after, took = process.cpu_times(), time.monotonic() - begun
        seen.core = (after.user + after.system - before.user - before.system) / took
        seen.own = (time.process_time() - own) / took
        seen.memory = process.memory_info().rss / 1e6
        await asyncio.sleep(0.3)
        for peer in peers:
            peer.close()
        return seen

    async def _edit(self, room: BareRoom, peer: LightPeer, key: Ed25519PrivateKey, session: int, until: float, seen: Seen,
                    number: int) -> None:
        sequence = 0
        await asyncio.sleep(number / self.editors / self.edits)
        while time.monotonic() < until:
            began = time.monotonic()
            sequence += 1
            body = MARK + struct.pack(">d", began) + os.urandom(30)
            pair = [room.written(sequence, key=key, session=session, document=name, payload=body + bytes(extra))
                    for name, extra in (("timeline", 0), ("journal", 150))]
            peer.send(Put(pair))
            seen.put += 2
            await asyncio.sleep(max(0.0, 1 / self.edits - (time.monotonic() - began)))

    async def _show(self, peer: LightPeer, until: float, number: int) -> None:
        await asyncio.sleep(number / self.people / self.presences)
        while time.monotonic() < until:
            peer.send(Presence(os.urandom(FAST)))
            await asyncio.sleep(1 / self.presences)


async def joined_at_once(relay: RunningRelay, people: int) -> bool:
    """Whether all who join a new room in one instant, each with something to give, end with the same."""
    keys = [Ed25519PrivateKey.generate() for _ in range(people)]
    room = BareRoom(relay.address)
    await room.made(*((key, "editor") for key in keys))

    async def one(key: Ed25519PrivateKey) -> frozenset[bytes]:
        session, seen = new_session(), set()
        async with await room.connect(key, session) as line:
            mine = room.written(1, key=key, session=session)
            seen.add(mine)
            await line.send(Want({}))
            await line.put([mine])
            async with asyncio.timeout(30):
                while len(seen) < people:
                    message = await line.receive()
                    if isinstance(message, Envelopes):
                        seen |= {raw for raw in message.raw if b"update 1" in raw}
        return frozenset(seen)

    outcomes = await asyncio.gather(*map(one, keys))
    return len(set(outcomes)) == 1


async def newcomer_sees_all(relay: RunningRelay, people: int) -> float:
    """Seconds from a newcomer's greeting until it has seen where everyone is."""
    room = BareRoom(relay.address)
    keys = [Ed25519PrivateKey.generate() for _ in range(people + 1)]
    await room.made(*((key, "viewer") for key in keys))
    lines = [await room.connect(key) for key in keys[:-1]]
    for line in lines:
        await line.send(Want({}))
        await line.send(Presence(os.urandom(FAST)))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    async with await room.connect(keys[-1]) as late:
        await late.send(Want({}))
        around: set[int] = set()
        async with asyncio.timeout(20):
            while len(around) < people:
                message = await late.receive()
                if isinstance(message, Present):
                    around |= {session for session, state in message.states.items() if state}
        seconds = time.monotonic() - began
    await asyncio.gather(*(line.close() for line in lines))
    return seconds


async def ghost_is_gone(relay: RunningRelay, *, pulled: bool) -> float:
    """Seconds until others see that somebody left: by closing, or (`pulled`) because the line is dead, its pings unanswered."""
    room = BareRoom(relay.address)
    keys = [Ed25519PrivateKey.generate() for _ in range(2)]
    await room.made(*((key, "viewer") for key in keys))
    gone, here = new_session(), await room.connect(keys[1])
    leaving = await room.connect(keys[0], gone)
    for line in (leaving, here):
        await line.send(Want({}))
    await leaving.send(Presence(os.urandom(FAST)))
    async with asyncio.timeout(30):
        while not await _about(here, gone):
            pass
        began = time.monotonic()
        if pulled:
            socket = leaving.line.socket  # type: ignore[attr-defined]
            socket.transport.pause_reading()
            socket.pause_reading = socket.resume_reading = lambda: None
            socket.keepalive_task.cancel()
        else:
            await leaving.close()
        while await _about(here, gone) != b"":
            pass
    seconds = time.monotonic() - began
    await here.close()
    if pulled:
        leaving.line.socket.transport.abort()  # type: ignore[attr-defined]
    return seconds


async def _about(line: Connection, session: int) -> bytes | None:
    message = await line.receive()
    return message.states.get(session) if isinstance(message, Present) else None
