"""Presence of those who are in a room by another relay.

Owns: telling other relays what is shown here, showing what they tell, taking away those whose relay is gone. Refuses: rooms' content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.services.relay.bus import Bus, News
from app.services.relay.peers import Ticks
from app.services.relay.rooms import LiveRoom


class Elsewhere:
    """Belongs to the relay's loop. `ticks` gives a room's presence here, `here` the sessions that are in it by this relay."""

    def __init__(self, bus: Bus, ticks: Callable[[bytes], Ticks | None], here: Callable[[bytes], Iterable[int]]) -> None:
        self._bus = bus
        self._ticks = ticks
        self._here = here
        self._told: dict[bytes, tuple[dict[int, bytes], dict[int, bytes]]] = {}
        self._there: dict[bytes, dict[bytes, set[int]]] = {}

    def show(self, room_id: bytes, session: int, state: bytes, slow: bool = False) -> None:
        """Where somebody here is, for those at other relays; empty bytes for one who left."""
        self._told.setdefault(room_id, ({}, {}))[slow][session] = state

    async def flush(self) -> None:
        """Tells other relays what was shown."""
        told, self._told = self._told, {}
        for room_id, (states, slow) in told.items():
            await self._bus.tell(room_id, News("here", self._bus.me, states, slow))

    def forget(self, room_id: bytes) -> None:
        """Nobody is in a room here any more."""
        self._there.pop(room_id, None)

    async def answer(self, room: LiveRoom) -> None:
        """Another relay asks who is here."""
        here = set(self._here(room.id))
        states, slow = ({s: raw for s, raw in table.items() if s in here} for table in (room.presence, room.slow))
        if states or slow:
            await self._bus.tell(room.id, News("here", self._bus.me, states, slow))

    def hear(self, room: LiveRoom, news: News) -> None:
        """Another relay says who is there."""
        ticks = self._ticks(room.id)
        if ticks is None:
            return
        sessions = self._there.setdefault(room.id, {}).setdefault(news.origin, set())
        for session, raw in news.states.items():
            if raw:
                sessions.add(session)
                room.presence[session] = raw
            else:
                sessions.discard(session)
                room.presence.pop(session, None)
                room.slow.pop(session, None)
            ticks.changed[session] = raw
        for session, raw in news.slow.items():
            sessions.add(session)
            room.slow[session] = ticks.slow[session] = raw

    def gone(self, room: LiveRoom, origin: bytes) -> None:
        """A relay is gone, and all who were in a room by it."""
        left = dict.fromkeys(self._there.get(room.id, {}).pop(origin, ()), b"")
        if left:
            self.hear(room, News("here", origin, left))
