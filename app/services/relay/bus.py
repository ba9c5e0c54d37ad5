"""A relay's connection to the other relays, which is a Redis server: who is there, and what they tell each other.

Owns: the connection, signs of life, sharing rooms out, news by room and news for all relays. Refuses: what is kept there (see `bus_log`,
`bus_media`), and judging anything.

Rooms are sharded by a hash of their id over the relays that said where they can be reached; that only saves work: any relay can serve any
room.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
from blake3 import blake3

from app.services.errors import AppError

PREFIX = "proeditor:1:"
_ALIVE = 1.5
"""Seconds between signs of life."""
GONE = 5.0
"""Seconds without one after which a relay is taken for gone."""


class BusTrouble(AppError):
    """The Redis server does not answer."""


class News(msgspec.Struct, frozen=True, array_like=True):
    """What relays tell each other about a room: `what` is log, here, ask, lines or media; presence by session as in `Present`;
    `sessions` are those with a media line at `origin`, or those at the relay `to` for whom media wait."""

    what: str
    origin: bytes
    states: dict[int, bytes] = {}
    slow: dict[int, bytes] = {}
    sessions: tuple[int, ...] = ()
    to: bytes = b""


class Call(msgspec.Struct, frozen=True, array_like=True):
    """What a relay asks of all others: `take`, to put a room on their disks, or `lack`, for what it has not got of a room: it `has` so
    much, and the log `log` begins after the first `trimmed`."""

    what: str
    origin: bytes
    room: bytes
    log: bytes = b""
    trimmed: int = 0
    has: dict[str, dict[int, int]] = {}


class Listeners(NamedTuple):
    """Who is told what comes: news of a room that was joined, a relay that left, a call to all relays."""

    news: Callable[[bytes, News], Awaitable[None]]
    gone: Callable[[bytes], None]
    call: Callable[[Call], None]


_NEWS = msgspec.msgpack.Decoder(News)
_CALL = msgspec.msgpack.Decoder(Call)
_SEEN = """
redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1])
return {redis.call('TIME')[1], redis.call('HGETALL', KEYS[1])}
"""
FORGOTTEN = 7 * 86_400
"""Seconds after which a relay that was never seen again is none of those that are waited for."""


class Bus:
    """One relay's connection to the others. Belongs to its loop. `address` is where peers reach this relay, empty for no sharding; `me`
    is this run of it, `name` the relay over all its runs."""

    def __init__(self, url: str, address: str = "") -> None:
        """Raises AppError where the library is missing."""
        try:
            import redis.asyncio as library
            from redis.exceptions import RedisError
        except ImportError:
            raise AppError("--bus needs the Python package redis: pip install 'proeditor[relay]'") from None
        self.me = secrets.token_bytes(8)
        self.name = ""
        self.address = address
        self.others: dict[bytes, str] = {}
        self.present: frozenset[str] = frozenset()
        self.away: frozenset[str] = frozenset()
        """Names of other relays, as of the last sign of life: those that are there, and those that were there some days ago."""
        self._errors: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)
        self.redis = library.from_url(url, socket_timeout=5, socket_connect_timeout=5, health_check_interval=10)
        self._listening = library.from_url(url, socket_connect_timeout=5)
        self._seen = self.redis.register_script(_SEEN)
        self._heard: dict[bytes, float] = {}
        self._pubsub: Any = None
        self._url = url
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, name: str, listeners: Listeners) -> None:
        """Connects and listens until closed. `name` is this relay's own. Raises BusTrouble when the server is not there."""
        self.name = name
        self._listeners = listeners
        await self.ask(self.redis.ping())
        self._pubsub = self._listening.pubsub(ignore_subscribe_messages=True)
        await self.ask(self._pubsub.subscribe(f"{PREFIX}alive", f"{PREFIX}calls"))
        await self.alive()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]

    async def close(self) -> None:
        """Says goodbye."""
        with contextlib.suppress(*self._errors):
            await self.redis.publish(f"{PREFIX}alive", msgspec.msgpack.encode((self.me, "", True)))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(*self._errors):
            await self.redis.aclose()
            await self._listening.aclose()

    async def ask(self, asked: Awaitable[Any]) -> Any:
        """The server's answer. Raises BusTrouble."""
        try:
            return await asked
        except self._errors as error:
            raise BusTrouble(f"The bus {self._url.rpartition('@')[2]} does not answer: {error}") from None

    # who is alive

    async def alive(self) -> None:
        """A sign of life. Raises BusTrouble."""
        await self.ask(self.redis.publish(f"{PREFIX}alive", msgspec.msgpack.encode((self.me, self.address, False))))
        await self.look()

    async def look(self) -> None:
        """Sees which other relays there are now. Raises BusTrouble."""
        now, seen = await self.ask(self._seen(keys=[f"{PREFIX}relays"], args=[self.name]))
        ages = {name.decode(): int(now) - int(then) for name, then in zip(seen[::2], seen[1::2], strict=True)}
        others = {name: age for name, age in ages.items() if name != self.name and age < FORGOTTEN}
        self.present = frozenset(name for name, age in others.items() if age <= GONE)
        self.away = frozenset(others) - self.present

    def _lives(self, raw: bytes) -> None:
        origin, address, leaving = msgspec.msgpack.decode(raw, type=tuple[bytes, str, bool])
        if origin == self.me:
            return
        if leaving:
            self._heard.pop(origin, None)
            self.others.pop(origin, None)
            self._listeners.gone(origin)
            return
        self._heard[origin] = time.monotonic()
        if address:
            self.others[origin] = address

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_ALIVE)
            with contextlib.suppress(BusTrouble):
                await self.alive()
            for origin, heard in list(self._heard.items()):
                if time.monotonic() - heard > GONE:
                    del self._heard[origin]
                    self.others.pop(origin, None)
                    self._listeners.gone(origin)

    def serves(self, room: str) -> str:
        """Where a room, by the hash in its peers' requests, is best served; empty for here."""
        if not self.address:
            return ""
        best = max((self.address, *self.others.values()), key=lambda address: blake3(f"{room} {address}".encode()).digest())
        return "" if best == self.address else best

    # news

    async def join(self, room: bytes) -> None:
        """From now on hears news of a room. Raises BusTrouble."""
        await self.ask(self._pubsub.subscribe(channel(room)))

    async def leave(self, room: bytes) -> None:
        """No more news of it."""
        with contextlib.suppress(BusTrouble):
            await self.ask(self._pubsub.unsubscribe(channel(room)))

    async def tell(self, room: bytes, news: News) -> None:
        """Tells other relays. What does not get through is lost: nothing that is kept goes this way. Never raises."""
        with contextlib.suppress(BusTrouble):
            await self.ask(self.redis.publish(channel(room), msgspec.msgpack.encode(news)))

    async def call(self, call: Call) -> None:
        """Asks all other relays. Raises BusTrouble."""
        await self.ask(self.redis.publish(f"{PREFIX}calls", msgspec.msgpack.encode(call)))

    async def _listen(self) -> None:
        while True:
            try:
                async for message in self._pubsub.listen():
                    await self._hear(message["channel"].decode(), message["data"])
            except self._errors:
                await asyncio.sleep(0.5)  # the library connects and subscribes again by itself

    async def _hear(self, where: str, raw: bytes) -> None:
        try:
            if where == f"{PREFIX}alive":
                self._lives(raw)
            elif where == f"{PREFIX}calls":
                call = _CALL.decode(raw)
                if call.origin != self.me:
                    self._listeners.call(call)
            else:
                news = _NEWS.decode(raw)
                if news.origin != self.me:
                    await self._listeners.news(bytes.fromhex(where.removeprefix(f"{PREFIX}room:")), news)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return


def channel(room: bytes) -> str:
    """Where news of a room are told."""
    return f"{PREFIX}room:{room.hex()}"
