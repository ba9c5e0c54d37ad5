"""Media lines of one room that end at different relays: what is said on one is handed over to the other by the bus.

Owns: who has a media line at which other relay, a short queue for each line on the Redis server, waiting while it is full. Refuses: lines
to peers (see `media`), looking inside.

A queue holds little, and a message is put there only while there is room: so a sender waits for a slow receiver at another relay as it does
for one at its own. What is meant for a line that is gone is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import msgspec

from app.services.relay.bus import PREFIX, Bus, BusTrouble, News, channel

WAITING = 8 * 2**20
"""Bytes that may wait on the server for one line before those who send to it are made to wait."""
PATIENCE = 30.0
"""Seconds after which what cannot be handed over is dropped."""
AGAIN = 0.01
"""Seconds between looks whether there is room."""
LOOK = 1.0
"""Seconds after which a queue is looked at although nobody said that something is in it."""
KEPT = 60
"""Seconds that the server keeps a queue to which nothing comes."""
_PUSH = """
if tonumber(redis.call('GET', KEYS[2]) or '0') > tonumber(ARGV[2]) then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[2], string.len(ARGV[1]))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
"""
_POP = """
local row = redis.call('LPOP', KEYS[1])
if row then redis.call('DECRBY', KEYS[2], string.len(row)) else redis.call('DEL', KEYS[2]) end
return row
"""


class FarLines:
    """Media lines at other relays. Belongs to the relay's loop; `changed` is told of rooms where they are others."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._push, self._pop = bus.redis.register_script(_PUSH), bus.redis.register_script(_POP)
        self._far: dict[bytes, dict[bytes, frozenset[int]]] = {}
        self._here: dict[bytes, frozenset[int]] = {}
        self._waiting: dict[tuple[bytes, int], asyncio.Event] = {}
        self._said: set[asyncio.Task[None]] = set()
        self.changed: Callable[[bytes], Awaitable[None]]

    def sessions(self, room: bytes) -> frozenset[int]:
        """Who has a line in a room at another relay."""
        return frozenset().union(*self._far.get(room, {}).values())

    async def say(self, room: bytes, here: frozenset[int]) -> None:
        """Tells the other relays who has a line in a room at this one."""
        began = room not in self._here
        if here:
            self._here[room] = here
        else:
            self._here.pop(room, None)
        await self._bus.tell(room, News("lines", self._bus.me, sessions=tuple(here)))
        if began and here:
            await self._bus.tell(room, News("ask", self._bus.me))

    async def give(self, room: bytes, session: int, raw: bytes) -> None:
        """Hands a message over to the relay where a session has its line, once there is room for it."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while (there := self._at(room, session)) is not None and loop.time() < until:
            told = msgspec.msgpack.encode(News("media", self._bus.me, sessions=(session,), to=there))
            with contextlib.suppress(BusTrouble):
                if await self._bus.ask(self._push(keys=_keys(room, there, session), args=[raw, WAITING, KEPT, channel(room), told])):
                    return
            await asyncio.sleep(AGAIN)

    async def fetch(self, room: bytes, session: int, give: Callable[[bytes], Awaitable[None]]) -> None:
        """Gives what other relays have for a line that is here, for ever."""
        wake = self._waiting[room, session] = asyncio.Event()
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await wake.wait()
                wake.clear()
                with contextlib.suppress(BusTrouble):
                    while raw := await self._bus.ask(self._pop(keys=_keys(room, self._bus.me, session))):
                        await give(raw)
        finally:
            self._waiting.pop((room, session), None)

    def _at(self, room: bytes, session: int) -> bytes | None:
        return next((origin for origin, sessions in self._far.get(room, {}).items() if session in sessions), None)

    async def news(self, room: bytes, news: News) -> None:
        """What another relay says of a room."""
        if news.what == "media" and news.to == self._bus.me:
            for session in news.sessions:
                if (wake := self._waiting.get((room, session))) is not None:
                    wake.set()
        elif news.what == "ask" and room in self._here:
            await self._bus.tell(room, News("lines", self._bus.me, sessions=tuple(self._here[room])))
        elif news.what == "lines":
            await self._are(room, news.origin, frozenset(news.sessions))

    async def _are(self, room: bytes, origin: bytes, sessions: frozenset[int]) -> None:
        there = self._far.setdefault(room, {})
        if there.get(origin, frozenset()) == sessions:
            return
        if sessions:
            there[origin] = sessions
        else:
            del there[origin]
        if not there:
            del self._far[room]
        await self.changed(room)

    def forget(self, room: bytes) -> None:
        """Nobody is in a room here any more, and nothing is heard of it."""
        self._far.pop(room, None)
        self._here.pop(room, None)

    def gone(self, origin: bytes) -> None:
        """A relay is gone, and the lines it had."""
        for room in [room for room, there in self._far.items() if origin in there]:
            task = asyncio.get_running_loop().create_task(self._are(room, origin, frozenset()))
            self._said.add(task)
            task.add_done_callback(self._said.discard)


def _keys(room: bytes, relay: bytes, session: int) -> list[str]:
    name = f"{{{room.hex()}}}:{relay.hex()}:{session}"
    return [f"{PREFIX}media:{name}", f"{PREFIX}media-bytes:{name}"]
