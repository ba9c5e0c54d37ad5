"""Media lines at the relay: bytes from one member to another, as they come.

Owns: who has a media line in which room, passing on, the bounds of waiting. Refuses: keeping anything, looking inside, and other relays'
lines (see `bus_media`).

A receiver asks for a few pieces at a time, so little ever waits here; where somebody takes nothing for a while although much is meant
for it, its line is closed. A sender is not read while what it sent before still waits.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from app.services.relay.bus_media import FarLines
from editor_core.sync.media_messages import MAX_MEDIA_LINE, All, From, Here, To, encode, passed
from editor_core.sync.messages import PIECE, MessageRefused, pieces

WAITING = 24 * 2**20
"""Bytes that may wait for one peer before those who send to it are made to wait."""
PATIENCE = 20.0
"""Seconds that one message may take to be taken."""
ALL_A_SECOND = 20
"""Messages to everybody that are taken from a peer in a second; more are an offence."""
MOST_LINES = 300
"""Media lines in one room."""


class MediaPeer:
    """One media line. Belongs to the relay's loop."""

    def __init__(self, socket: ServerConnection, room: bytes, key: bytes, session: int) -> None:
        self.socket = socket
        self.room = room
        self.key = key
        self.session = session
        self._out: deque[bytes] = deque()
        self._size = 0
        self._wake = asyncio.Event()
        self._room_for_more = asyncio.Event()
        self._room_for_more.set()
        self._gone = False
        self._told: deque[float] = deque(maxlen=ALL_A_SECOND)

    async def give(self, raw: bytes) -> None:
        """Queues a message, once there is room for it. What is meant for one who has gone is dropped."""
        while self._size > WAITING and not self._gone:
            self._room_for_more.clear()
            await self._room_for_more.wait()
        if not self._gone:
            self._out.append(raw)
            self._size += len(raw)
            self._wake.set()

    async def feed(self) -> None:
        """Sends what is queued until the line ends."""
        try:
            while True:
                while self._out:
                    raw = self._out.popleft()
                    self._size -= len(raw)
                    async with asyncio.timeout(PATIENCE):
                        await self.socket.send(raw if len(raw) <= PIECE else pieces(raw))
                    self._room_for_more.set()
                self._wake.clear()
                await self._wake.wait()
        except TimeoutError:
            self.socket.transport.abort()
        except ConnectionClosed:
            pass

    def may_tell_all(self) -> bool:
        """Whether one more message to everybody is taken from it now."""
        now = asyncio.get_running_loop().time()
        if len(self._told) == ALL_A_SECOND and now - self._told[0] < 1:
            return False
        self._told.append(now)
        return True

    def leave(self) -> None:
        """Nothing is queued for it any more."""
        self._gone = True
        self._out.clear()
        self._room_for_more.set()


class MediaLines:
    """Every media line, by room and session."""

    def __init__(self, count: Counter[str]) -> None:
        self._rooms: dict[bytes, dict[int, MediaPeer]] = {}
        self._count = count
        self._far: FarLines | None = None

    def join(self, far: FarLines) -> None:
        """Lines of the same rooms end at other relays too."""
        self._far = far
        far.changed = self._tell

    def holds(self, room_id: bytes) -> bool:
        """Whether somebody has a media line in a room."""
        return room_id in self._rooms

    def lines_of(self, room_id: bytes, key: bytes) -> int:
        """How many lines a device has in a room."""
        return sum(peer.key == key for peer in self._rooms.get(room_id, {}).values())

    async def serve(self, peer: MediaPeer) -> None:
        """Passes on what a peer says until its line ends. Raises MessageRefused, ConnectionClosed."""
        room = self._rooms.setdefault(peer.room, {})
        if peer.session in room or len(room) >= MOST_LINES:
            raise MessageRefused("this session has a media line already, or the room has too many")
        room[peer.session] = peer
        peer.socket.protocol.max_message_size = MAX_MEDIA_LINE
        tasks = [asyncio.create_task(peer.feed())]
        if self._far is not None:
            tasks.append(asyncio.create_task(self._far.fetch(peer.room, peer.session, peer.give)))
        try:
            await self._changed(peer.room)
            async for raw in peer.socket:
                await self._pass(peer, raw)
        finally:
            for task in tasks:
                task.cancel()
            peer.leave()
            room.pop(peer.session, None)
            if not room:
                self._rooms.pop(peer.room, None)
            await self._changed(peer.room)

    async def _changed(self, room_id: bytes) -> None:
        """Somebody came or went here."""
        if self._far is not None:
            await self._far.say(room_id, frozenset(self._rooms.get(room_id, ())))
        await self._tell(room_id)

    async def _pass(self, peer: MediaPeer, raw: bytes | str) -> None:
        message = passed(raw)
        self._count["media_bytes"] += len(raw)
        if isinstance(message, To):
            await self._give(peer.room, message.session, encode(From(peer.session, message.raw)))
        elif isinstance(message, All):
            if not peer.may_tell_all():
                raise MessageRefused("too many messages to everybody")
            told = encode(From(peer.session, message.raw))
            for session in self._there(peer.room) - {peer.session}:
                await self._give(peer.room, session, told)
        else:
            raise MessageRefused("a message that only relays send")

    async def _give(self, room_id: bytes, session: int, raw: bytes) -> None:
        other = self._rooms.get(room_id, {}).get(session)
        if other is not None:
            await other.give(raw)
        elif self._far is not None:
            await self._far.give(room_id, session, raw)

    def _there(self, room_id: bytes) -> frozenset[int]:
        """Everyone who has a line in a room, also at other relays."""
        here = frozenset(self._rooms.get(room_id, ()))
        return here if self._far is None else here | self._far.sessions(room_id)

    async def _tell(self, room_id: bytes) -> None:
        there = self._there(room_id)
        for peer in list(self._rooms.get(room_id, {}).values()):
            await peer.give(encode(Here(tuple(sorted(there - {peer.session})))))

    def drop(self, room_id: bytes) -> None:
        """A room is read again: whoever has a line in it comes again."""
        for peer in list(self._rooms.get(room_id, {}).values()):
            peer.socket.transport.abort()

    def reconsider(self, room_id: bytes, may: Callable[[bytes], bool]) -> None:
        """After the members changed: lines of those who were removed are closed."""
        for peer in list(self._rooms.get(room_id, {}).values()):
            if not may(peer.key):
                peer.leave()
                with contextlib.suppress(RuntimeError):
                    asyncio.get_running_loop().create_task(peer.socket.close(1008, "you were removed from the room"))
