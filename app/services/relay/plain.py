"""Plain rooms: what unmodified Yjs clients and ProEditor say to each other through a relay in y-protocols (SPEC 6).

Owns: one document of a room a connection, handing on, keeping, awareness, limits, and who may come: this machine and the local network.
Refuses: signatures and roles (there are none: whoever knows a plain room's name may write in it), and anything of a project.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import sqlite3
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request

from app.services.collab.transport import is_near
from app.services.relay.peers import Pace
from app.services.relay.store import RelayStore
from editor_core.sync.messages import PIECE, pieces
from editor_core.sync.plain import DOCUMENTS, PlainDocument, merged
from editor_core.sync.yprotocol import MAX_UPDATE, AskAware, Aware, NotSpoken, Step1, Step2, Update, read, write

log = logging.getLogger(__name__)

PATH = re.compile(r"^/plain/([A-Za-z0-9_-]{16,64})/([a-z]{1,20})$")
MAX_FRAME = MAX_UPDATE + 64 * 1024
QUEUE = 80 * 2**20
"""Bytes that may wait for one client, which may be one that fetches everything; who does not take them is closed."""
STEADY = 4 * 2**20
"""The same for one that has everything."""
MAX_HERE = 300
"""Connections in one room."""
MAX_ROOMS = 1000
MAX_AWARE = 1000
"""Clients of which a room keeps where they are."""
AWARES = 60
"""Awareness messages a second that are taken from a client; more are dropped."""
SQUEEZE = 500
"""Kept updates after which a document is written anew when it is next opened."""
FLUSH = 0.033


class _Client:
    """A connection."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.pace = Pace()
        self.waiting: deque[bytes] = deque()
        self.size = 0
        self.fetched = False
        self.wake = asyncio.Event()

    def give(self, raw: bytes) -> bool:
        """Queues a message; False where too much waits already."""
        self.waiting.append(raw)
        self.size += len(raw)
        self.wake.set()
        return self.size <= (STEADY if self.fetched else QUEUE)

    async def feed(self) -> None:
        """Sends what waits, for ever."""
        while True:
            while self.waiting:
                raw = self.waiting.popleft()
                await self.socket.send(raw if len(raw) <= PIECE else pieces(raw))
                self.size -= len(raw)
                self.fetched = self.fetched or not self.waiting
            self.wake.clear()
            await self.wake.wait()


class _Place:
    """One document of one room, while somebody is there."""

    def __init__(self, room: str, document: str, kept: list[bytes]) -> None:
        self.room = room
        self.document = document
        self.content = PlainDocument(kept)
        self.clients: set[_Client] = set()
        self.aware: dict[int, tuple[int, str, _Client]] = {}
        self.changed: dict[int, tuple[int, str]] = {}
        self.unkept = 0


class PlainRooms:
    """All plain rooms of a relay. Belongs to its loop; `on_disk` runs what writes, one after another."""

    def __init__(self, store: RelayStore, count: Counter[str], on_disk: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        self._store = store
        self._count = count
        self._on_disk = on_disk
        self._places: dict[tuple[str, str], _Place] = {}
        self._batch: list[tuple[_Place, bytes]] = []
        self._dirty = asyncio.Event()
        self._turned = asyncio.Condition()
        self._squeezing: asyncio.Future[Any] | None = None

    @property
    def peers(self) -> int:
        """Connections."""
        return sum(len(place.clients) for place in self._places.values())

    def refusal(self, connection: ServerConnection, request: Request) -> tuple[int, str] | None:
        """Why a request is not let into a plain room (status, words); None where it is."""
        found = PATH.match(request.path.partition("?")[0])
        if found is None or found[2] not in DOCUMENTS:
            return 404, f"Plain rooms are at /plain/ROOM/DOCUMENT; documents are {', '.join(DOCUMENTS)}"
        ends = [connection.remote_address, connection.local_address, (_host(request.headers.get("Host", "")),)]
        passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
        if passed_on or not all(end and is_near(str(end[0])) for end in ends):
            self._count["plain_refused"] += 1
            return 403, "Plain rooms are for this machine and the local network only: nothing in them is signed or sealed"
        if (found[1], found[2]) not in self._places and len(self._places) >= MAX_ROOMS * len(DOCUMENTS):
            return 503, "This relay takes no more plain rooms"
        if sum(len(p.clients) for (room, _), p in self._places.items() if room == found[1]) >= MAX_HERE:
            return 503, "The room has as many people in it as this relay allows"
        return None

    async def talk(self, socket: ServerConnection, path: str) -> None:
        """Serves one connection to its end. Raises SyncError for an offence."""
        found = PATH.match(path.partition("?")[0])
        if found is None:
            raise NotSpoken("that is no plain room")
        socket.protocol.max_message_size = MAX_FRAME
        place = self._place(found[1], found[2])
        client = _Client(socket)
        place.clients.add(client)
        feed = asyncio.create_task(self._feed(client))
        try:
            client.give(write(Step1(place.content.state())))
            if place.aware:
                client.give(write(Aware(tuple((one, clock, text) for one, (clock, text, _) in list(place.aware.items())[:64]))))
            async for raw in socket:
                if delay := client.pace.wait_for(len(raw)):
                    await asyncio.sleep(delay)
                await self._hear(place, client, raw)
        finally:
            feed.cancel()
            self._leave(place, client)

    async def _feed(self, client: _Client) -> None:
        with contextlib.suppress(ConnectionClosed):
            await client.feed()

    def _place(self, room: str, document: str) -> _Place:
        place = self._places.get((room, document))
        if place is None:
            kept = self._store.plain(room, document)
            place = self._places[room, document] = _Place(room, document, kept)
            if len(kept) > SQUEEZE:
                whole = place.content.beyond(b"")
                self._squeezing = asyncio.ensure_future(self._on_disk(lambda: self._store.squeeze_plain(room, document, whole)))
        return place

    async def _hear(self, place: _Place, client: _Client, raw: bytes | str) -> None:
        said = read(raw)
        if isinstance(said, Step1):
            answer = place.content.beyond(said.state)
            await self._kept(place)
            self._give(client, write(Step2(answer)))
        elif isinstance(said, (Step2, Update)):
            self._take(place, client, said.update)
        elif isinstance(said, Aware):
            self._aware(place, client, said)
        elif isinstance(said, AskAware) and place.aware:
            self._give(client, write(Aware(tuple((one, clock, text) for one, (clock, text, _) in list(place.aware.items())[:64]))))

    def _take(self, place: _Place, client: _Client, update: bytes) -> None:
        self._count["plain_updates"] += 1
        try:
            news = place.content.take(update)
        finally:
            if place.content.worn:
                self._renew(place)
        if not news:
            return
        self._batch.append((place, news))
        place.unkept += 1
        self._dirty.set()
        raw = write(Update(news))
        for other in place.clients:
            if other is not client:
                self._give(other, raw)

    def _renew(self, place: _Place) -> None:
        """Native code failed in a document: everyone comes again and finds it as it is on disk."""
        log.error("a document of a plain room was given up and is read again from disk")
        self._places.pop((place.room, place.document), None)
        for client in place.clients:
            client.socket.transport.abort()

    def _give(self, client: _Client, raw: bytes) -> None:
        if not client.give(raw):
            self._count["slow_closed"] += 1
            log.info("a slow client of a plain room was closed")
            client.socket.transport.abort()

    def _aware(self, place: _Place, client: _Client, said: Aware) -> None:
        if not client.pace.may_show(AWARES):
            return
        self._count["presences"] += 1
        for one, clock, text in said.clients:
            known, _, owner = place.aware.get(one, (-1, "", client))
            if clock < known or (clock == known and text != "null") or (one not in place.aware and len(place.aware) >= MAX_AWARE):
                continue
            if text == "null":
                if place.aware.pop(one, None) is None:
                    continue
            else:
                place.aware[one] = (clock, text, owner)
            place.changed[one] = (clock, text)

    def _leave(self, place: _Place, client: _Client) -> None:
        place.clients.discard(client)
        for one, (clock, _, owner) in list(place.aware.items()):
            if owner is client:
                del place.aware[one]
                place.changed[one] = (clock + 1, "null")
        if not place.clients and not place.unkept and self._places.get((place.room, place.document)) is place:
            del self._places[place.room, place.document]

    async def flush(self) -> None:
        """Hands on where clients are, for ever."""
        while True:
            await asyncio.sleep(FLUSH)
            for place in self._places.values():
                changed, place.changed = list(place.changed.items()), {}
                for first in range(0, len(changed), 64):
                    raw = write(Aware(tuple((one, clock, text) for one, (clock, text) in changed[first:first + 64])))
                    for client in list(place.clients):
                        self._give(client, raw)

    # the disk

    async def _kept(self, place: _Place) -> None:
        """Returns when everything taken so far is on disk: an answer to a Step1 says so."""
        async with self._turned:
            await self._turned.wait_for(lambda: not place.unkept)

    async def keep(self) -> None:
        """Writes what came, for ever."""
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            batch, self._batch = self._batch, []
            by_place: dict[_Place, list[bytes]] = {}
            for place, news in batch:
                by_place.setdefault(place, []).append(news)
            rows = [(place.room, place.document, merged(updates)) for place, updates in by_place.items()]
            try:
                await self._on_disk(lambda rows=rows: self._store.add_plain(rows))  # type: ignore[misc]
                self._count["commits"] += 1
            except sqlite3.Error as error:
                log.error("the disk refuses: %s", error)
                for place in by_place:
                    self._renew(place)
            for place, updates in by_place.items():
                place.unkept -= len(updates)
                if not place.clients and not place.unkept and self._places.get((place.room, place.document)) is place:
                    del self._places[place.room, place.document]
            async with self._turned:
                self._turned.notify_all()


def _host(header: str) -> str:
    """The host of a Host header without its port."""
    name, _, port = header.rpartition(":")
    return name if name and port.isdecimal() else header
