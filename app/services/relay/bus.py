"""Several relays that serve the same rooms: what each takes is in one log for all, on a Redis server.

Owns: that log, a room's envelopes in one order; who is alive; presence on its way between relays. Refuses: judging envelopes: every relay
does that itself with what it reads here.

A relay takes an envelope, appends it to the room's log, writes it to its own disk and then acknowledges it. Appending is one step on
the server, which refuses what was judged without knowing the newest: a place that is taken, or members that have changed. So what is
acknowledged by one is with all, also when that one is gone, and two relays cannot contradict each other. Rooms are sharded by a hash of
their id over the relays that said where they can be reached; that only saves work: any relay can serve any room.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from blake3 import blake3

from app.services.errors import AppError
from app.services.relay.store import Row

_PREFIX = "proeditor:1:"
_ALIVE = 1.5
"""Seconds between signs of life."""
GONE = 5.0
"""Seconds without one after which a relay is taken for gone."""
_READ = 200
_APPEND = """
local log, have = KEYS[1], KEYS[2]
if tonumber(redis.call('HGET', have, 'statements') or '0') ~= tonumber(ARGV[2]) then return -1 end
if ARGV[3] ~= '' and redis.call('LLEN', log) ~= tonumber(ARGV[3]) then return -1 end
local seen, statements = {}, 0
for i = 6, #ARGV, 3 do
  local known = seen[ARGV[i]] or tonumber(redis.call('HGET', have, ARGV[i]) or '0')
  if known >= tonumber(ARGV[i + 1]) then return -1 end
  seen[ARGV[i]] = tonumber(ARGV[i + 1])
end
for i = 6, #ARGV, 3 do
  redis.call('RPUSH', log, ARGV[1] .. ARGV[i + 2])
  redis.call('HSET', have, ARGV[i], ARGV[i + 1])
  if string.sub(ARGV[i], 1, 8) == 'members:' then statements = statements + 1 end
end
if statements > 0 then redis.call('HINCRBY', have, 'statements', statements) end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return redis.call('LLEN', log)
"""


class BusTrouble(AppError):
    """The Redis server does not answer."""


class News(msgspec.Struct, frozen=True, array_like=True):
    """What relays tell each other about a room: `what` is log, here, ask or bye; presence by session as in `Present`."""

    what: str
    origin: bytes
    states: dict[int, bytes] = {}
    slow: dict[int, bytes] = {}


_DECODER = msgspec.msgpack.Decoder(News)


class Bus:
    """One relay's connection to the others. Belongs to its loop. `address` is where peers reach this relay, empty for no sharding."""

    def __init__(self, url: str, address: str = "") -> None:
        """Raises AppError where the library is missing."""
        try:
            import redis.asyncio as library
            from redis.exceptions import RedisError
        except ImportError:
            raise AppError("--bus needs the Python package redis: pip install 'proeditor[relay]'") from None
        self.me = secrets.token_bytes(8)
        self.address = address
        self.others: dict[bytes, str] = {}
        self._errors: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)
        self._redis = library.from_url(url, socket_timeout=5, socket_connect_timeout=5, health_check_interval=10)
        self._listening = library.from_url(url, socket_connect_timeout=5)
        self._append = self._redis.register_script(_APPEND)
        self._heard: dict[bytes, float] = {}
        self._pubsub: Any = None
        self._url = url

    async def start(self, on_news: Callable[[bytes, News], Awaitable[None]], on_gone: Callable[[bytes], None]) -> None:
        """Connects and listens until cancelled. `on_news` is called for each of the rooms joined, `on_gone` with a relay that left.

        Raises BusTrouble when the server is not there at the beginning.
        """
        await self._ask(self._redis.ping())
        self._pubsub = self._listening.pubsub(ignore_subscribe_messages=True)
        await self._ask(self._pubsub.subscribe(f"{_PREFIX}alive"))
        await self.alive()
        self._tasks = [asyncio.create_task(self._listen(on_news)), asyncio.create_task(self._watch(on_gone))]

    async def close(self) -> None:
        """Says goodbye."""
        with contextlib.suppress(*self._errors):
            await self._redis.publish(f"{_PREFIX}alive", msgspec.msgpack.encode((self.me, "", True)))
        for task in getattr(self, "_tasks", ()):
            task.cancel()
        await asyncio.gather(*getattr(self, "_tasks", ()), return_exceptions=True)
        with contextlib.suppress(*self._errors):
            await self._redis.aclose()
            await self._listening.aclose()

    async def _ask(self, asked: Awaitable[Any]) -> Any:
        try:
            return await asked
        except self._errors as error:
            raise BusTrouble(f"The bus {self._url.rpartition('@')[2]} does not answer: {error}") from None

    # who is alive

    async def alive(self) -> None:
        """A sign of life."""
        await self._ask(self._redis.publish(f"{_PREFIX}alive", msgspec.msgpack.encode((self.me, self.address, False))))

    def _lives(self, raw: bytes, on_gone: Callable[[bytes], None]) -> None:
        origin, address, leaving = msgspec.msgpack.decode(raw, type=tuple[bytes, str, bool])
        if origin == self.me:
            return
        if leaving:
            self._heard.pop(origin, None)
            self.others.pop(origin, None)
            on_gone(origin)
            return
        self._heard[origin] = time.monotonic()
        if address:
            self.others[origin] = address

    async def _watch(self, on_gone: Callable[[bytes], None]) -> None:
        self._on_gone = on_gone
        while True:
            await asyncio.sleep(_ALIVE)
            with contextlib.suppress(BusTrouble):
                await self.alive()
            for origin, heard in list(self._heard.items()):
                if time.monotonic() - heard > GONE:
                    del self._heard[origin]
                    self.others.pop(origin, None)
                    on_gone(origin)

    def serves(self, room: str) -> str:
        """Where a room, by the hash in its peers' requests, is best served; empty for here."""
        if not self.address:
            return ""
        best = max((self.address, *self.others.values()), key=lambda address: blake3(f"{room} {address}".encode()).digest())
        return "" if best == self.address else best

    # rooms

    async def join(self, room: bytes) -> None:
        """From now on hears news of a room. Raises BusTrouble."""
        await self._ask(self._pubsub.subscribe(_channel(room)))

    async def leave(self, room: bytes) -> None:
        """No more news of it."""
        with contextlib.suppress(BusTrouble):
            await self._ask(self._pubsub.unsubscribe(_channel(room)))

    async def append(self, room: bytes, rows: Sequence[Row], statements: int, length: int) -> int:
        """Appends envelopes, all or none; the log's length then, or -1 where somebody else was faster. `statements` are those of the
        members that this relay knew when it judged, `length` up to where it has read. Raises BusTrouble."""
        told = msgspec.msgpack.encode(News("log", self.me))
        whole = str(length) if any(row.document == "members" for row in rows) else ""
        given: list[Any] = [self.me, statements, whole, _channel(room), told]
        for row in rows:
            given += [f"{row.document}:{row.session}", row.sequence, row.body]
        return int(await self._ask(self._append(keys=[_log(room), _have(room)], args=given)))

    async def have(self, room: bytes) -> tuple[dict[str, dict[int, int]], int, int]:
        """The highest sequences in a room's log, how many statements of the members are in it, and its length. Raises BusTrouble."""
        found: dict[str, dict[int, int]] = {}
        fields = await self._ask(self._redis.hgetall(_have(room)))
        statements = int(fields.pop(b"statements", 0))
        for field, sequence in fields.items():
            document, _, session = field.decode().partition(":")
            found.setdefault(document, {})[int(session)] = int(sequence)
        return found, statements, int(await self._ask(self._redis.llen(_log(room))))

    async def after(self, room: bytes, position: int) -> list[tuple[bool, bytes]]:
        """Some of what follows a position in the log: whether this relay appended it, and the envelope. Raises BusTrouble."""
        rows = await self._ask(self._redis.lrange(_log(room), position, position + _READ - 1))
        return [(row[:8] == self.me, row[8:]) for row in rows]

    async def tell(self, room: bytes, news: News) -> None:
        """Tells other relays. What does not get through is lost: it is about presence. Never raises."""
        with contextlib.suppress(BusTrouble):
            await self._ask(self._redis.publish(_channel(room), msgspec.msgpack.encode(news)))

    async def _listen(self, on_news: Callable[[bytes, News], Awaitable[None]]) -> None:
        while True:
            try:
                async for message in self._pubsub.listen():
                    await self._hear(message, on_news)
            except self._errors:
                await asyncio.sleep(0.5)  # the library connects and subscribes again by itself

    async def _hear(self, message: dict[str, Any], on_news: Callable[[bytes, News], Awaitable[None]]) -> None:
        channel, raw = message["channel"].decode(), message["data"]
        try:
            if channel == f"{_PREFIX}alive":
                self._lives(raw, getattr(self, "_on_gone", lambda origin: None))
                return
            news = _DECODER.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        if news.origin != self.me:
            await on_news(bytes.fromhex(channel.removeprefix(f"{_PREFIX}room:")), news)


def _channel(room: bytes) -> str:
    return f"{_PREFIX}room:{room.hex()}"


def _log(room: bytes) -> str:
    return f"{_PREFIX}log:{{{room.hex()}}}"


def _have(room: bytes) -> str:
    return f"{_PREFIX}have:{{{room.hex()}}}"
