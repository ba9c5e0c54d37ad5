"""The rooms that somebody is in: who is there, what each sees of the others, who is sent away.

Owns: reading a room when the first comes, forgetting it when nobody is left, presence in frames, closing slow and removed peers.
Refuses: judging envelopes (see `rooms`), the disk (see `commits`), greetings.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Set

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from app.services.relay.bases import Bases
from app.services.relay.frames import frame
from app.services.relay.media import MediaLines
from app.services.relay.peers import Peer, Ticks
from app.services.relay.rooms import TICKS, LiveRoom
from app.services.relay.shared import SharedRooms
from app.services.relay.store import RelayStore
from editor_core.sync.members import may
from editor_core.sync.messages import MAX_MESSAGE, PIECE, Envelopes, Refused, encode

log = logging.getLogger(__name__)

SMALL = 64 * 1024
"""Longest message in bytes from those who do not write."""
FLUSH = 0.033
"""Seconds between presence frames."""
CROWD = 50
"""People from whom on presence frames are twice as rare, three times from twice as many on, and so on."""
ASK_AGAIN = 60.0
"""Seconds after which another peer is asked for a snapshot that did not come."""
LOOK = 0.5
"""Seconds between looks for peers that take nothing, and for those whose time is over."""
LINGER = 3.0
"""Seconds that a room stays in memory when nobody is in it, where it may be entered again at once."""
OFFENCE, LATER, TROUBLE = 1008, 1013, 1011
"""Close codes."""


class OpenRooms:
    """Belongs to the relay's loop. `shared` is set where there are other relays; `dropped` is told of each room that is given up,
    `moved` of one that goes on in another and whose content is still here."""

    def __init__(self, store: RelayStore, media: MediaLines, count: Counter[str]) -> None:
        self._store = store
        self._media = media
        self._count = count
        self._rooms: dict[bytes, LiveRoom] = {}
        self._ticks: dict[bytes, Ticks] = {}
        self._peers: dict[bytes, set[Peer]] = {}
        self.shared: SharedRooms | None = None
        self._held: Counter[bytes] = Counter()
        self._empty: dict[bytes, float] = {}
        self.dropped: Callable[[bytes], None] = lambda room_id: None
        self.moved: Callable[[LiveRoom], None] = lambda room: None

    def __len__(self) -> int:
        return len(self._rooms)

    @property
    def people(self) -> int:
        """Peers in all of them."""
        return sum(map(len, self._peers.values()))

    def find(self, room_id: bytes) -> LiveRoom | None:
        """A room that somebody is in."""
        return self._rooms.get(room_id)

    def ticks(self, room_id: bytes) -> Ticks | None:
        """Its presence."""
        return self._ticks.get(room_id)

    def peers(self, room_id: bytes) -> tuple[Peer, ...]:
        """Who is in it."""
        return tuple(self._peers.get(room_id, ()))

    def read(self, room_id: bytes) -> LiveRoom:
        """A room, from disk where nobody is in it yet."""
        room = self._rooms.get(room_id)
        if room is None:
            bases = Bases(self._store.heads(room_id))
            bases.count, bases.size = self._store.since(room_id, bases.newest.number if bases.newest else 0)
            room = LiveRoom(room_id, self._store.summary(room_id), self._store.members(room_id),
                            body=lambda place: self._store.body(room_id, place), bases=bases)
            self._rooms[room_id] = room
            self._ticks[room_id] = Ticks(TICKS)
            self._look_moved(room)
        self._peers.setdefault(room_id, set())
        return room

    @contextlib.contextmanager
    def held(self, room_id: bytes) -> Iterator[None]:
        """A room is not forgotten meanwhile although nobody is in it."""
        self._held[room_id] += 1
        try:
            yield
        finally:
            self._held[room_id] -= 1
            if not self._held[room_id]:
                del self._held[room_id]

    def enter(self, peer: Peer) -> None:
        """Somebody has greeted."""
        self._peers.setdefault(peer.room.id, set()).add(peer)
        self.size(peer)

    def leave(self, peer: Peer) -> None:
        """And is gone."""
        room = peer.room
        others = self._peers.get(room.id)
        if others is None or peer not in others:
            return
        others.discard(peer)
        if any(other.session == peer.session for other in others):
            return  # it came again before its old line was known to be dead
        shown = [table.pop(peer.session, None) is not None for table in (room.presence, room.slow)]
        if any(shown) and self.shared is not None:
            self.shared.elsewhere.show(room.id, peer.session, b"")
        if any(shown):
            self._ticks[room.id].slow.pop(peer.session, None)
            self._ticks[room.id].changed[peer.session] = b""
        if self.shared is None and self._idle(room):
            self._forget(room.id)

    def _idle(self, room: LiveRoom) -> bool:
        """Whether nobody needs a room in memory."""
        return (not self._peers.get(room.id) and not self._held[room.id] and not self._media.holds(room.id)
                and room.written == room.last and (self.shared is None or self.shared.settled(room.id)))

    def _forget_empty(self) -> None:
        """Rooms in which somebody only asked, or had a media line, and shared rooms, which are soon entered again."""
        now = time.monotonic()
        empty = {room_id for room_id, room in self._rooms.items() if self._idle(room)}
        self._empty = {room_id: self._empty.get(room_id, now) for room_id in empty}
        for room_id, since in list(self._empty.items()):
            if now - since > LINGER:
                self._forget(room_id)

    def _forget(self, room_id: bytes) -> None:
        for table in (self._rooms, self._ticks, self._peers):
            table.pop(room_id, None)
        if self.shared is not None:
            self.shared.forget(room_id)

    def drop(self, room_id: bytes, why: str) -> None:
        """Forgets a room as it is in memory; who is in it comes again."""
        log.info("a room is read again: %s", why)
        peers = self._peers.get(room_id, set())
        self._forget(room_id)
        for peer in peers:
            peer.socket.transport.abort()
        self._media.drop(room_id)
        self.dropped(room_id)

    def size(self, peer: Peer) -> None:
        """Long messages are only for those who write."""
        role = peer.room.role(peer.key)
        peer.reads = role is not None
        peer.socket.protocol.max_message_size = MAX_MESSAGE if role in ("editor", "owner") else SMALL

    def show(self, peer: Peer, state: bytes, slow: bool) -> None:
        """Where somebody is, for the others."""
        room, ticks = peer.room, self._ticks[peer.room.id]
        (room.slow if slow else room.presence)[peer.session] = state
        (ticks.slow if slow else ticks.changed)[peer.session] = state
        if slow and not ticks.changed.get(peer.session, state):
            del ticks.changed[peer.session]  # it left and came again in one moment
        if self.shared is not None:
            self.shared.elsewhere.show(room.id, peer.session, state, slow)

    def written(self, room_id: bytes, members: bool, putters: Set[Peer]) -> None:
        """Something is on disk, that `putters` put, statements of the members among it where `members`: it is handed on, and who was
        removed is sent away."""
        news = None if (found := self._rooms.get(room_id)) is None else _news(found)
        if members and (room := self._rooms.get(room_id)) is not None:
            self._media.reconsider(room_id, lambda key: room.role(key) is not None)
            self._look_moved(room)
        for peer in self.peers(room_id):
            if members:
                self._reconsider(peer)
            if news is None or members or peer in putters or not peer.hand_now(*news):
                peer.wake.set()
        self._ask_for_snapshot(room_id)

    def _look_moved(self, room: LiveRoom) -> None:
        """What was in the clear is thrown away."""
        if room.members.moved is not None and set(room.have) - {"members"}:
            self.moved(room)

    def _reconsider(self, peer: Peer) -> None:
        """After the members changed: who was removed is sent away."""
        read = peer.reads
        self.size(peer)
        if read and not peer.reads:
            asyncio.get_running_loop().create_task(cut_off(peer.socket, "you were removed from the room", OFFENCE))

    def _ask_for_snapshot(self, room_id: bytes) -> None:
        """Asks one of those who may, if the room has grown so much that one is due."""
        room, now = self._rooms.get(room_id), time.monotonic()
        if room is None or not room.bases.due or now < room.asked + ASK_AGAIN:
            return
        able = [peer for peer in self.peers(room_id) if peer.caught_up and may(room.role(peer.key), "timeline")]
        if able:
            room.asked = now
            secrets.choice(able).ask()

    async def flush(self) -> None:
        """Hands presence on, and looks after slow peers, for ever."""
        looked, beat = time.monotonic(), 0
        while True:
            await asyncio.sleep(FLUSH)
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                self._close_slow()
                self._forget_empty()
            if self.shared is not None:
                await self.shared.elsewhere.flush()
            beat += 1
            for room_id, ticks in list(self._ticks.items()):
                peers = self._peers.get(room_id, ())
                if beat % (1 + max(0, len(peers) - 1) // CROWD) == 0 and ticks.turn():
                    framed = frame(ticks.last)
                    for peer in peers:
                        if not peer.show_now(ticks.newest, framed):
                            peer.wake.set()

    def _close_slow(self) -> None:
        for room in self._rooms.values():
            if room.members.limited and self._media.holds(room.id):
                self._media.reconsider(room.id, lambda key, room=room: room.role(key) is not None)  # type: ignore[misc]
        for peers in self._peers.values():
            for peer in peers:
                if peer.reads and peer.room.over(peer.room.members.until(peer.key)):
                    peer.reads = False
                    asyncio.get_running_loop().create_task(cut_off(peer.socket, "your time in the room is over", OFFENCE))
                if peer.slow:
                    self._count["slow_closed"] += 1
                    log.info("a slow peer was closed")
                    peer.socket.transport.abort()


def _news(room: LiveRoom) -> tuple[int, int, bytes] | None:
    """What was written in a room, as a frame for those who have all before it: after and up to which number; None where it is long, or not
    the same for all."""
    before, rows = room.news()
    raws = [row.body for row in rows if room.hands_on(row)] if rows is not None else []
    if rows is None or sum(map(len, raws)) > PIECE // 2:
        return None
    return before, room.written, frame(encode(Envelopes(raws))) if raws else b""


async def cut_off(socket: ServerConnection, reason: str, code: int) -> None:
    """Says why, and closes a connection. Never raises."""
    with contextlib.suppress(ConnectionClosed, TimeoutError):
        async with asyncio.timeout(0.3):
            if socket.request is None or not socket.request.path.startswith("/plain/"):
                await socket.send(encode(Refused(reason)))
        await socket.close(code, reason.encode()[:100].decode(errors="ignore"))
