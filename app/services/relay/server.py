"""The relay's listening side.

Owns: connections, greeting, putting on disk before acknowledging, health and metrics. Refuses: judging envelopes (see `rooms`).
"""

from __future__ import annotations

import asyncio
import contextlib
import http
import logging
import re
import secrets
import sqlite3
import ssl
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from app.services.collab.connection import BUFFER, bound_buffer
from app.services.collab.transport import is_near
from app.services.errors import AppError
from app.services.relay.bases import Bases
from app.services.relay.bus import Bus, BusTrouble
from app.services.relay.figures import Delays, page
from app.services.relay.media import MediaLines, MediaPeer
from app.services.relay.peers import Peer, Ticks
from app.services.relay.plain import PlainRooms
from app.services.relay.rooms import TICKS, LiveRoom, Repeated
from app.services.relay.shared import Hooks, SharedRooms
from app.services.relay.store import RelayStore, Row
from editor_core.sync.envelope import DOCUMENTS, EnvelopeRefused, open_envelope
from editor_core.sync.errors import SyncError
from editor_core.sync.members import may
from editor_core.sync.messages import (
    MAX_MESSAGE,
    MAX_PRESENCE,
    PROTOCOL,
    Challenge,
    Hello,
    MessageRefused,
    Presence,
    Put,
    Refused,
    Want,
    Welcome,
    check_hello,
    decode,
    encode,
)

log = logging.getLogger(__name__)

GREET_WITHIN = 5.0
"""Seconds for a greeting."""
SMALL = 64 * 1024
"""Longest message in bytes from those who do not write."""
MAX_PEERS = 2000
"""Most connections, those that have not greeted yet and media lines among them."""
MAX_IN_ROOM = 300
MAX_ROOMS = 100_000
FLUSH = 0.033
"""Seconds between presence frames."""
REFUSALS = 8
"""Refusals that can happen to anyone; who goes on after so many means it."""
ASK_AGAIN = 60.0
"""Seconds after which another peer is asked for a snapshot that did not come."""
BREATH = 32
"""Envelopes checked before others have their turn."""
OFFENCE, FULL, TROUBLE = 1008, 1013, 1011
"""Close codes."""
_ROOM = re.compile(r"room=([0-9a-f]{24})")


class _Taken(NamedTuple):
    """An envelope on its way to the disk; `peer` put it, None for one that another relay took."""

    row: Row
    room: LiveRoom
    peer: Peer | None
    came: float


class Relay:
    """Serves rooms. Everything but commits happens on one loop."""

    def __init__(self, folder: Path, *, only: bytes | None = None, bus: Bus | None = None) -> None:
        """`only` is the one room of a relay that somebody on the local network hosts, for those who are there; `bus` joins this relay
        to others. Raises RelayTrouble."""
        self._only = only
        self.store = RelayStore(folder)
        self.count: Counter[str] = Counter()
        self.media = MediaLines(self.count)
        self._rooms: dict[bytes, LiveRoom] = {}
        self._ticks: dict[bytes, Ticks] = {}
        self._peers: dict[bytes, set[Peer]] = {}
        self._batch: list[_Taken] = []
        self._delays = Delays()
        self._dirty = asyncio.Event()
        self._turned = asyncio.Condition()
        self._open = 0
        self._failed = ""
        self._writer = ThreadPoolExecutor(1, "relay-disk")
        self._plain = PlainRooms(self.store, self.count, lambda work: asyncio.get_running_loop().run_in_executor(self._writer, work))
        self._started = time.monotonic()
        hooks = Hooks(lambda row, room: self._enqueue(row, room, None), self._drop, self._rooms.get, self._ticks.get,
                      lambda room_id: (peer.session for peer in self._peers.get(room_id, ())))
        self._shared = None if bus is None else SharedRooms(bus, self.store, hooks)

    async def run(self, host: str, port: int, context: ssl.SSLContext | None, ready: Callable[[str], None]) -> None:
        """Listens until cancelled; `ready` is told the address. Raises AppError where it cannot listen."""
        if self._shared is not None:
            await self._shared.start()
        tasks = [asyncio.create_task(work) for work in (self._commit(), self._flush(), self._plain.keep(), self._plain.flush())]
        try:
            async with serve(self._talk, host, port, ssl=context, max_size=SMALL, compression=None, ping_interval=4, ping_timeout=6,
                             close_timeout=1, process_request=self._page, origins=[None], server_header=None,
                             write_limit=BUFFER) as server:
                address = server.sockets[0].getsockname()
                shown = f"[{address[0]}]" if ":" in address[0] else address[0]
                ready(f"{'wss' if context else 'ws'}://{shown}:{address[1]}")
                await asyncio.Future()
        except OSError as error:
            raise AppError(f"The relay cannot listen on {host}:{port}: {error.strerror or error}") from None
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if self._shared is not None:
                await self._shared.bus.close()
            self._writer.shutdown()
            self.store.close()

    # pages

    def _page(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/health":
            return self._text(503 if self._failed else 200, self._failed or "ok")
        if request.path == "/metrics":
            return self._text(200, self._metrics())
        if self._only is not None and not is_near(str(connection.remote_address[0])):
            return self._text(403, "This room is for the local network")
        plain = self._only is None and request.path.startswith("/plain/")
        path, _, query = request.path.partition("?")
        if not plain and path != "/v1":
            return self._text(404, "A ProEditor relay. It speaks at /v1, and at /plain/ for plain rooms; see /health and /metrics.")
        if self._open >= MAX_PEERS:
            return self._text(503, "This relay is full")
        refusal = self._plain.refusal(connection, request) if plain else None
        if refusal is not None:
            return self._text(*refusal)
        return None if plain or self._shared is None else self._elsewhere(self._shared.bus, query)

    def _elsewhere(self, bus: Bus, query: str) -> Response | None:
        """Sends a peer on to the relay that serves its room; one who was sent here stays."""
        asked = _ROOM.fullmatch(query)
        place = bus.serves(asked[1]) if asked is not None else ""
        if not place or asked is None:
            return None
        self.count["sent_on"] += 1
        answer = self._text(307, "This room is served elsewhere")
        answer.headers["Location"] = f"{place}/v1?room={asked[1]}&stay"
        return answer

    def _text(self, status: int, text: str) -> Response:
        body = (text + "\n").encode()
        headers = Headers({"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body)), "Connection": "close"})
        return Response(status, http.HTTPStatus(status).phrase, headers, body)

    def _metrics(self) -> str:
        values = {"uptime_seconds": round(time.monotonic() - self._started, 1), "rooms_active": len(self._rooms),
                  "peers": sum(map(len, self._peers.values())), "plain_peers": self._plain.peers, "open_connections": self._open,
                  **{f"{name}_total": self.count[name] for name in ("connections", "envelopes", "bytes", "commits", "offences", "refusals",
                                                                   "slow_closed", "presences", "plain_updates",
                                                                   "plain_refused", "media_bytes", "sent_on", "overtaken")}}
        return page(values, self._delays)

    # one connection

    async def _talk(self, socket: ServerConnection) -> None:
        self._open += 1
        try:
            await self._serve(socket)
        finally:
            self._open -= 1

    async def _serve(self, socket: ServerConnection) -> None:
        self.count["connections"] += 1
        bound_buffer(socket.transport)
        peer: Peer | None = None
        feed: asyncio.Task[None] | None = None
        try:
            try:
                if socket.request is not None and socket.request.path.startswith("/plain/"):
                    await self._plain.talk(socket, socket.request.path)
                    return
                async with asyncio.timeout(GREET_WITHIN):
                    greeted = await self._greet(socket)
                if isinstance(greeted, MediaPeer):
                    await self.media.serve(greeted)
                    return
                peer = greeted
                feed = asyncio.create_task(self._feed(peer))
                async for raw in socket:
                    if delay := peer.pace.wait_for(len(raw)):
                        await asyncio.sleep(delay)
                    await self._hear(peer, raw)
            except SyncError as error:
                self.count["offences"] += 1
                await self._cut_off(socket, str(error), OFFENCE)
            except TimeoutError:
                await self._cut_off(socket, "no greeting came", OFFENCE)
            except BusTrouble as error:
                self._failed = str(error)
                await socket.close(TROUBLE, "come again")
        except ConnectionClosed:
            pass
        finally:
            if feed is not None:
                feed.cancel()
            if peer is not None:
                self._leave(peer)

    async def _cut_off(self, socket: ServerConnection, reason: str, code: int) -> None:
        with contextlib.suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(0.3):
                if socket.request is None or not socket.request.path.startswith("/plain/"):
                    await socket.send(encode(Refused(reason)))
            await socket.close(code, reason.encode()[:100].decode(errors="ignore"))

    async def _greet(self, socket: ServerConnection) -> Peer | MediaPeer:
        nonce = secrets.token_bytes(32)
        await socket.send(encode(Challenge(PROTOCOL, nonce)))
        hello = decode(await socket.recv())
        if not isinstance(hello, Hello):
            raise MessageRefused("a greeting was expected")
        check_hello(hello, nonce)
        if self._only is not None and hello.room != self._only:
            raise MessageRefused("another room is hosted here")
        room = await self._entered(hello.room)
        if len(self._peers.get(room.id, ())) >= MAX_IN_ROOM:
            raise MessageRefused("the room has as many people in it as this relay allows")
        role = room.role(hello.key)
        if room.exists and role is None:
            invite = room.members.invite(hello.invite) if hello.invite else None
            if invite is None or room.over(invite.expires):
                raise MessageRefused("you are not a member of this room, or the invite is not valid any more; ask for a new link")
        if hello.media:
            if role is None:
                raise MessageRefused("only members exchange media")
            await socket.send(encode(Welcome(role, room.exists, {})))
            return MediaPeer(socket, room.id, hello.key, hello.session)
        peer = Peer(socket, room, hello.key, hello.session, reads=role is not None)
        peer.known = {document: dict(counts) for document, counts in room.have.items()}
        self._peers.setdefault(room.id, set()).add(peer)
        self._size(peer)
        await socket.send(encode(Welcome(role or "", room.exists, room.have if role else {"members": room.have.get("members", {})})))
        return peer

    async def _entered(self, room_id: bytes) -> LiveRoom:
        """A room with everything on disk, and everything that other relays took. Raises BusTrouble."""
        while True:
            room = self._room(room_id)
            self._peers.setdefault(room_id, set())
            if self._shared is not None:
                await self._shared.enter(room)
            await self._written(room)
            if self._rooms.get(room_id) is room:
                return room

    def _size(self, peer: Peer) -> None:
        """Long messages are only for those who write."""
        role = peer.room.role(peer.key)
        peer.reads = role is not None
        peer.socket.protocol.max_message_size = MAX_MESSAGE if role in ("editor", "owner") else SMALL

    def _room(self, room_id: bytes) -> LiveRoom:
        room = self._rooms.get(room_id)
        if room is None:
            bases = Bases(self.store.heads(room_id))
            bases.count, bases.size = self.store.since(room_id, bases.newest.number if bases.newest else 0)
            room = LiveRoom(room_id, self.store.summary(room_id), self.store.members(room_id),
                            body=lambda place: self.store.body(room_id, place), bases=bases)
            self._rooms[room_id] = room
            self._ticks[room_id] = Ticks(TICKS)
        return room

    def _leave(self, peer: Peer) -> None:
        room = peer.room
        others = self._peers.get(room.id)
        if others is None or peer not in others:
            return
        others.discard(peer)
        shown = [table.pop(peer.session, None) is not None for table in (room.presence, room.slow)]
        if any(shown) and self._shared is not None:
            self._shared.show(room.id, peer.session, b"")
        if any(shown):
            self._ticks[room.id].slow.pop(peer.session, None)
            self._ticks[room.id].changed[peer.session] = b""
        if not others and room.written == room.last:
            self._forget(room.id)

    def _forget(self, room_id: bytes) -> None:
        for table in (self._rooms, self._ticks, self._peers):
            table.pop(room_id, None)
        if self._shared is not None:
            self._shared.forget(room_id)

    async def _feed(self, peer: Peer) -> None:
        with contextlib.suppress(ConnectionClosed):
            await peer.feed(self.store, self._ticks[peer.room.id])

    async def _hear(self, peer: Peer, raw: bytes | str) -> None:
        message = decode(raw)
        if isinstance(message, Put):
            await self._put(peer, message.raw)
        elif isinstance(message, Presence):
            self._presence(peer, message.state, message.slow)
        elif isinstance(message, Want):
            if any(document not in DOCUMENTS for document in message.have):
                raise MessageRefused("there is no such document")
            peer.want(message.have)
        else:
            raise MessageRefused("a message that only relays send")

    def _presence(self, peer: Peer, state: bytes, slow: bool) -> None:
        if not 0 < len(state) <= MAX_PRESENCE or not peer.reads:
            raise MessageRefused("a presence that cannot be one")
        self.count["presences"] += 1
        if peer.pace.may_show():
            ticks = self._ticks[peer.room.id]
            (peer.room.slow if slow else peer.room.presence)[peer.session] = state
            (ticks.slow if slow else ticks.changed)[peer.session] = state
            if self._shared is not None:
                self._shared.show(peer.room.id, peer.session, state, slow)

    async def _put(self, peer: Peer, raws: list[bytes]) -> None:
        room = peer.room
        for number, raw in enumerate(raws):
            if number % BREATH == BREATH - 1:
                await asyncio.sleep(0)
            try:
                self._may_put(peer)
                row = room.take(raw)
            except Repeated:
                await self._repeated(peer, raw)
                continue
            except EnvelopeRefused as error:
                self.count["refusals"] += 1
                peer.refused += 1
                if error.offence or peer.refused > REFUSALS:
                    raise
                await peer.socket.send(encode(Refused(str(error))))
                return
            peer.knows(row.document, row.session, row.sequence)
            self.count["envelopes"] += 1
            self.count["bytes"] += len(raw)
            if row.document == "members":
                self._size(peer)
            self._enqueue(row, room, peer)

    def _enqueue(self, row: Row, room: LiveRoom, peer: Peer | None) -> None:
        self._batch.append(_Taken(row, room, peer, time.monotonic()))
        self._dirty.set()

    def _may_put(self, peer: Peer) -> None:
        if self._rooms.get(peer.room.id) is not peer.room:
            raise EnvelopeRefused("the relay could not write to its disk; connect again", offence=False)
        if not peer.room.exists and len(self._rooms) + self.store.rooms() >= MAX_ROOMS:
            raise EnvelopeRefused("this relay takes no more rooms", offence=False)

    async def _repeated(self, peer: Peer, raw: bytes) -> None:
        """What a peer knows to be here it may not send again; two who bring the same thing at once are no offenders."""
        document, session, sequence = open_envelope(raw).place
        if sequence <= peer.known.get(document, {}).get(session, 0):
            raise EnvelopeRefused("it was sent before")
        peer.knows(document, session, sequence)
        await self._written(peer.room)
        peer.acknowledge(document, session, sequence)

    # the disk

    async def _written(self, room: LiveRoom) -> None:
        """Returns when everything taken so far is on disk."""
        target = room.last
        async with self._turned:
            await self._turned.wait_for(lambda: room.written >= target or self._rooms.get(room.id) is not room)

    async def _commit(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            batch, self._batch = self._batch, []
            positions = self._shared.positions() if self._shared is not None else []
            try:
                failed = await self._appended(batch)
                batch = [one for one in batch if one.row.room not in failed]
                positions = [one for one in positions if one[0] not in failed]
                await loop.run_in_executor(self._writer, self.store.add, [one.row for one in batch])
                if positions:
                    await loop.run_in_executor(self._writer, self.store.note_positions, positions)
            except (sqlite3.Error, BusTrouble) as error:
                self._disk_failed(batch, error)
            else:
                self._failed = ""
                self.count["commits"] += 1
                await self._hand_out(batch)
            async with self._turned:
                self._turned.notify_all()

    async def _appended(self, batch: list[_Taken]) -> set[bytes]:
        """Puts a batch into the logs of all relays; the rooms that had to be given up, to be read again. Raises BusTrouble."""
        if self._shared is None:
            return set()
        failed = await self._shared.append(one.row for one in batch if one.peer is not None)
        for room_id in failed:
            self.count["overtaken"] += 1
            self._drop(room_id, "another relay was faster")
        return failed

    async def _hand_out(self, batch: list[_Taken]) -> None:
        changed: dict[bytes, bool] = {}
        now = time.monotonic()
        for row, room, author, came in batch:
            room.wrote(row)
            if author is not None:
                self._delays.add(now - came)
                author.acknowledge(row.document, row.session, row.sequence)
            changed[room.id] = changed.get(room.id, False) or row.document == "members"
        for room_id, members in changed.items():
            if members and (live := self._rooms.get(room_id)) is not None:
                self.media.reconsider(room_id, lambda key, live=live: live.role(key) is not None)  # type: ignore[misc]
            for peer in list(self._peers.get(room_id, ())):
                if members:
                    await self._reconsider(peer)
                peer.wake.set()
            self._ask_for_snapshot(room_id)

    def _ask_for_snapshot(self, room_id: bytes) -> None:
        """Asks one of those who may, if the room has grown so much that one is due."""
        room, now = self._rooms.get(room_id), time.monotonic()
        if room is None or not room.bases.due or now < room.asked + ASK_AGAIN:
            return
        able = [peer for peer in self._peers.get(room_id, ()) if peer.caught_up and may(room.role(peer.key), "timeline")]
        if able:
            room.asked = now
            secrets.choice(able).ask()

    async def _reconsider(self, peer: Peer) -> None:
        """After the members changed: who was removed is sent away."""
        read = peer.reads
        self._size(peer)
        if read and not peer.reads:
            asyncio.get_running_loop().create_task(self._cut_off(peer.socket, "you were removed from the room", OFFENCE))

    def _disk_failed(self, batch: list[_Taken], error: Exception) -> None:
        """Nothing of it is acknowledged; who is in those rooms comes again and finds them as they are on disk."""
        self._failed = f"the disk refuses: {error}" if isinstance(error, sqlite3.Error) else str(error)
        log.error("%s", self._failed)
        for room_id in {one.row.room for one in batch}:
            self._drop(room_id, self._failed)

    def _drop(self, room_id: bytes, why: str) -> None:
        """Forgets a room as it is in memory; who is in it comes again."""
        log.info("a room is read again: %s", why)
        peers = self._peers.get(room_id, set())
        self._forget(room_id)
        if self._shared is not None:
            self._writer.submit(self.store.note_positions, [(room_id, 0)])
        for peer in peers:
            peer.socket.transport.abort()
        self._dirty.set()  # whoever waits for the disk is told

    async def _flush(self) -> None:
        looked = time.monotonic()
        while True:
            await asyncio.sleep(FLUSH)
            if time.monotonic() - looked > 0.5:
                looked = time.monotonic()
                self._close_slow()
            if self._shared is not None:
                await self._shared.flush()
            for room_id, ticks in list(self._ticks.items()):
                if ticks.turn():
                    for peer in self._peers.get(room_id, ()):
                        peer.wake.set()

    def _close_slow(self) -> None:
        for peers in self._peers.values():
            for peer in peers:
                if peer.reads and peer.room.over(peer.room.members.until(peer.key)):
                    peer.reads = False
                    asyncio.get_running_loop().create_task(self._cut_off(peer.socket, "your time in the room is over", OFFENCE))
                if peer.slow:
                    self.count["slow_closed"] += 1
                    log.info("a slow peer was closed")
                    peer.socket.transport.abort()
