"""The relay's listening side: connections from their greeting to their end.

Owns: listening, greetings, what each message asks for. Refuses: judging envelopes (see `rooms`), writing them down (see `commits`), who is
where (see `open_rooms`), pages (see `pages`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket as socket_module
import ssl
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from app.services.collab.connection import BUFFER, bound_buffer
from app.services.errors import AppError
from app.services.relay.bus import Bus, BusTrouble
from app.services.relay.commits import Commits
from app.services.relay.figures import page
from app.services.relay.media import MediaLines, MediaPeer
from app.services.relay.open_rooms import LATER, OFFENCE, SMALL, TROUBLE, OpenRooms, cut_off
from app.services.relay.pages import Pages, Standing
from app.services.relay.peers import Peer
from app.services.relay.plain import PlainRooms
from app.services.relay.returned import MOST, NotYet, given_back
from app.services.relay.rooms import LiveRoom, Repeated
from app.services.relay.shared import Hooks, NotWhole, SharedRooms
from app.services.relay.store import RelayStore
from editor_core.sync.envelope import DOCUMENTS, EnvelopeRefused, open_envelope
from editor_core.sync.errors import SyncError
from editor_core.sync.messages import (
    MAX_PRESENCE,
    PROTOCOL,
    Challenge,
    GiveBack,
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

GREET_WITHIN = 5.0
"""Seconds for a greeting."""
PROVE_WITHIN = 20.0
"""Seconds for one whom this relay does not know to give back what shows that it is a member."""
PROVERS = 8
"""How many do so at a time."""
STATEMENTS = 2 * SMALL
"""Longest message in bytes of statements that are given back."""
NO_MEMBER = "you are not a member of this room, or the invite is not valid any more; ask for a new link"
MAX_IN_ROOM = 300
MAX_OF_ONE = 24
"""Connections of one device, media lines among them: nobody fills a room alone."""
MAX_ROOMS = 100_000
REFUSALS = 8
"""Refusals that can happen to anyone; who goes on after so many means it."""
WISHES = 4
"""How often a connection may ask for everything: an honest program does so once."""
LEAST = 4096
"""Bytes that a message counts for at least: many small ones are work too."""
BREATH = 32
"""Envelopes checked before others have their turn."""


class Relay:
    """Serves rooms. Everything but commits happens on one loop."""

    def __init__(self, folder: Path, *, only: bytes | None = None, bus: Bus | None = None) -> None:
        """`only` is the one room of a relay that somebody on the local network hosts, for those who are there; `bus` joins this relay
        to others. Raises RelayTrouble."""
        self._only = only
        self.store = RelayStore(folder)
        self.count: Counter[str] = Counter()
        self.media = MediaLines(self.count)
        self._rooms = OpenRooms(self.store, self.media, self.count)
        self._commits = Commits(self.store, self._rooms, self.count)
        self._plain = PlainRooms(self.store, self.count, self._commits.on_disk)
        self._pages = Pages(Standing(lambda: self._commits.trouble, self._metrics, lambda: self._open), self._plain, bus, self.count,
                            near_only=only is not None)
        self._open = 0
        self._proving = asyncio.Semaphore(PROVERS)
        self._started = time.monotonic()
        hooks = Hooks(lambda row, room: self._commits.take(row, room, None), self._rooms.drop, self._rooms.ticks,
                      lambda room_id: (peer.session for peer in self._rooms.peers(room_id)), self._visit, self._commits.soon)
        self._shared = None if bus is None else SharedRooms(bus, self.store, hooks)
        if self._shared is not None:
            self.media.join(self._shared.far)
        self._rooms.shared = self._commits.shared = self._shared

    async def run(self, host: str, port: int, context: ssl.SSLContext | None, ready: Callable[[str], None],
                  listening: socket_module.socket | None = None) -> None:
        """Listens until cancelled, on a socket that listens already where one is given; `ready` is told the address. Raises AppError
        where it cannot listen."""
        where: dict[str, Any] = {"host": host, "port": port} if listening is None else {"sock": listening}
        if self._shared is not None:
            await self._shared.start()
        lasting = [self._commits.run(), self._rooms.flush(), self._plain.keep(), self._plain.flush()]
        tasks = [asyncio.create_task(work) for work in (*lasting, *([self._shared.keep()] if self._shared is not None else []))]
        try:
            async with serve(self._talk, **where, ssl=context, max_size=SMALL, compression=None, ping_interval=4, ping_timeout=6,
                             close_timeout=1, process_request=self._pages.answer, origins=[None], server_header=None,
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
            self._commits.close()
            self.store.close()

    def _metrics(self) -> str:
        values = {"uptime_seconds": round(time.monotonic() - self._started, 1), "rooms_active": len(self._rooms),
                  "peers": self._rooms.people, "plain_peers": self._plain.peers, "open_connections": self._open,
                  **{f"{name}_total": self.count[name] for name in ("connections", "envelopes", "bytes", "commits", "offences", "refusals",
                                                                   "slow_closed", "presences", "plain_updates",
                                                                   "plain_refused", "media_bytes", "sent_on", "overtaken")}}
        return page(values, self._commits.delays)

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
                greeted = await self._greet(socket)
                if isinstance(greeted, MediaPeer):
                    await self.media.serve(greeted)
                    return
                peer = greeted
                if peer.proving:
                    await self._prove(peer)
                feed = asyncio.create_task(self._feed(peer))
                async for raw in socket:
                    if delay := peer.pace.wait_for(max(len(raw), LEAST)):
                        await asyncio.sleep(delay)
                    await self._hear(peer, raw)
            except SyncError as error:
                self.count["offences"] += 1
                await cut_off(socket, str(error), OFFENCE)
            except TimeoutError:
                await cut_off(socket, "no greeting came", OFFENCE)
            except NotYet as error:
                await socket.close(LATER, str(error)[:120])
            except BusTrouble as error:
                if not isinstance(error, NotWhole):
                    self._commits.trouble = str(error)
                await socket.close(TROUBLE, "come again")
        except ConnectionClosed:
            pass
        finally:
            if feed is not None:
                feed.cancel()
            if peer is not None:
                self._rooms.leave(peer)

    async def _greet(self, socket: ServerConnection) -> Peer | MediaPeer:
        hello = await self._greeted(socket)
        if self._only is not None and hello.room != self._only:
            raise MessageRefused("another room is hosted here")
        with self._rooms.held(hello.room):
            return await self._let_in(socket, hello, await self._entered(hello.room))

    async def _greeted(self, socket: ServerConnection) -> Hello:
        nonce = secrets.token_bytes(32)
        async with asyncio.timeout(GREET_WITHIN):
            await socket.send(encode(Challenge(PROTOCOL, nonce)))
            hello = decode(await socket.recv())
        if not isinstance(hello, Hello):
            raise MessageRefused("a greeting was expected")
        check_hello(hello, nonce)
        return hello

    async def _let_in(self, socket: ServerConnection, hello: Hello, room: LiveRoom) -> Peer | MediaPeer:
        """One who has greeted, where they may come in. Raises MessageRefused."""
        peers = self._rooms.peers(room.id)
        if len(peers) >= MAX_IN_ROOM:
            raise MessageRefused("the room has as many people in it as this relay allows")
        if sum(peer.key == hello.key for peer in peers) + self.media.lines_of(room.id, hello.key) >= MAX_OF_ONE:
            raise MessageRefused("this device has as many connections to the room as this relay allows")
        role = room.role(hello.key)
        if not room.owns(hello.session, hello.key):
            raise MessageRefused("this session is somebody else's")
        if room.exists and role is None:
            invite = room.members.invite(hello.invite) if hello.invite else None
            if (invite is None or room.over(invite.expires)) and (not hello.copy or hello.media):
                raise MessageRefused(NO_MEMBER)
            if invite is None or room.over(invite.expires):
                await socket.send(encode(Welcome("", True, {})))
                return Peer(socket, room, hello.key, hello.session, reads=False, proving=True)
        if hello.media:
            if role is None:
                raise MessageRefused("only members exchange media")
            await socket.send(encode(Welcome(role, room.exists, {})))
            return MediaPeer(socket, room.id, hello.key, hello.session)
        peer = Peer(socket, room, hello.key, hello.session, reads=role is not None)
        peer.known = {document: dict(counts) for document, counts in room.have.items()}
        self._rooms.enter(peer)
        await self._welcome(peer)
        return peer

    async def _welcome(self, peer: Peer) -> None:
        room, role = peer.room, peer.room.role(peer.key)
        if role is None:
            peer.socket.protocol.max_message_size = STATEMENTS
        await peer.socket.send(encode(Welcome(role or "", room.exists, room.have if role else {"members": room.have.get("members", {})})))

    async def _prove(self, peer: Peer) -> None:
        """Hears one who says that it is a member, until that is known. Raises MessageRefused, NotYet, EnvelopeRefused."""
        peer.socket.protocol.max_message_size = STATEMENTS
        with self._rooms.held(peer.room.id):
            async with asyncio.timeout(PROVE_WITHIN), self._proving:
                while peer.proving:
                    message = decode(await peer.socket.recv())
                    if not isinstance(message, GiveBack):
                        raise MessageRefused(NO_MEMBER)
                    await self._given_back(peer, message)

    async def _given_back(self, peer: Peer, message: GiveBack) -> None:
        """Statements that this relay has not got, from one who has a copy; it is welcomed again."""
        peer.given_back += message.raw
        if sum(map(len, peer.given_back)) > MOST:
            raise MessageRefused("more statements about members than a room has")
        if message.more:
            return
        raws, peer.given_back = peer.given_back, []
        self._may_put(peer)
        for number, row in enumerate(given_back(peer.room, raws, peer.key)):
            self._commits.take(row, peer.room, peer)
            if number % BREATH == BREATH - 1:
                await asyncio.sleep(0)
        await self._commits.written(peer.room)
        self._may_put(peer)
        if peer.proving and peer.room.role(peer.key) is None:
            raise MessageRefused(NO_MEMBER)
        peer.known = {document: dict(counts) for document, counts in peer.room.have.items()}
        if peer.proving:
            peer.proving = False
            self._rooms.enter(peer)
        self._rooms.size(peer)
        await self._welcome(peer)

    async def _entered(self, room_id: bytes) -> LiveRoom:
        """A room with everything on disk, and everything that other relays took. Raises BusTrouble."""
        while True:
            room = self._rooms.read(room_id)
            if self._shared is not None:
                await self._shared.enter(room)
            await self._commits.written(room)
            if self._rooms.find(room_id) is room:
                return room

    async def _visit(self, room_id: bytes) -> None:
        """Takes a room on disk that nobody here is in. Raises BusTrouble."""
        with self._rooms.held(room_id):
            await self._entered(room_id)

    async def _feed(self, peer: Peer) -> None:
        ticks = self._rooms.ticks(peer.room.id)
        if ticks is not None:
            with contextlib.suppress(ConnectionClosed):
                await peer.feed(self.store, ticks)

    async def _hear(self, peer: Peer, raw: bytes | str) -> None:
        message = decode(raw)
        if isinstance(message, Put):
            await self._put(peer, message.raw)
        elif isinstance(message, GiveBack):
            await self._given_back(peer, message)
        elif isinstance(message, Presence):
            self._presence(peer, message.state, message.slow)
        elif isinstance(message, Want):
            if any(document not in DOCUMENTS for document in message.have):
                raise MessageRefused("there is no such document")
            peer.wishes += 1
            if peer.wishes > WISHES:
                raise MessageRefused("everything was asked for again and again")
            peer.want(message.have)
        else:
            raise MessageRefused("a message that only relays send")

    def _presence(self, peer: Peer, state: bytes, slow: bool) -> None:
        if not 0 < len(state) <= MAX_PRESENCE or not peer.reads:
            raise MessageRefused("a presence that cannot be one")
        self.count["presences"] += 1
        if peer.pace.may_show():
            self._rooms.show(peer, state, slow)

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
                self._rooms.size(peer)
            self._commits.take(row, room, peer)

    def _may_put(self, peer: Peer) -> None:
        if self._rooms.find(peer.room.id) is not peer.room:
            raise EnvelopeRefused("the relay could not write to its disk; connect again", offence=False)
        if not peer.room.exists and len(self._rooms) + self.store.rooms() >= MAX_ROOMS:
            raise EnvelopeRefused("this relay takes no more rooms", offence=False)

    async def _repeated(self, peer: Peer, raw: bytes) -> None:
        """What a peer knows to be here it may not send again; two who bring the same thing at once are no offenders."""
        document, session, sequence = open_envelope(raw).place
        place = document, session, sequence
        if sequence <= peer.known.get(document, {}).get(session, 0) or peer.was_given(self.store.number(peer.room.id, place)):
            raise EnvelopeRefused("it was sent before")
        peer.knows(document, session, sequence)
        await self._commits.written(peer.room)
        peer.acknowledge(document, session, sequence)


__all__ = ["MAX_OF_ONE", "REFUSALS", "SMALL", "WISHES", "Relay"]
