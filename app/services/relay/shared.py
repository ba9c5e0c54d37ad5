"""Keeping a relay's rooms in step with the other relays on a bus.

Owns: reading the rooms' logs, appending to them before anything is acknowledged, presence from and to other relays. Refuses: Redis (see
`bus`), sockets, the disk.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import NamedTuple

from app.services.relay.bus import Bus, BusTrouble, News
from app.services.relay.peers import Ticks
from app.services.relay.rooms import LiveRoom, Repeated
from app.services.relay.store import RelayStore, Row
from editor_core.sync.envelope import EnvelopeRefused, header_of

log = logging.getLogger(__name__)

AT_ONCE = 100
TRIES = 5
LEAVE_AFTER = 10.0
"""Seconds between looks for rooms that nobody is in any more."""


class Hooks(NamedTuple):
    """What the relay does for its shared rooms."""

    took: Callable[[Row, LiveRoom], None]
    drop: Callable[[bytes, str], None]
    find: Callable[[bytes], LiveRoom | None]
    ticks: Callable[[bytes], Ticks | None]
    here: Callable[[bytes], Iterable[int]]


class _State:
    """A room's log as far as this relay has read it."""

    def __init__(self, room: LiveRoom, position: int) -> None:
        self.room = room
        self.position = position
        self.statements = 0
        self.open = False
        self.lock = asyncio.Lock()
        self.reading = False
        self.elsewhere: dict[bytes, set[int]] = {}


class SharedRooms:
    """Belongs to the relay's loop."""

    def __init__(self, bus: Bus, store: RelayStore, hooks: Hooks) -> None:
        self.bus = bus
        self._store = store
        self._hooks = hooks
        self._states: dict[bytes, _State] = {}
        self._joined: set[bytes] = set()
        self._told: dict[bytes, tuple[dict[int, bytes], dict[int, bytes]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._looked = time.monotonic()

    async def start(self) -> None:
        """Raises BusTrouble."""
        await self.bus.start(self._news, self._gone)

    async def enter(self, room: LiveRoom) -> None:
        """Brings a room up to the newest; what the log lacks is given to it. Raises BusTrouble."""
        state = self._states.get(room.id)
        if state is None or state.room is not room:
            state = self._states[room.id] = _State(room, self._store.position(room.id))
        if state.open:
            return
        async with state.lock:
            if state.open:
                return
            if room.id not in self._joined:
                await self.bus.join(room.id)
                self._joined.add(room.id)
            for _ in range(TRIES):
                have, statements, length = await self.bus.have(room.id)
                state.position = state.position if state.position <= length else 0
                state.statements = statements - await self._read(state, up_to=length)
                state.statements += await self._read(state)
                if await self._give(state, have):
                    state.open = True
                    break
            else:
                raise BusTrouble("the bus is too busy with this room")
        await self.bus.tell(room.id, News("ask", self.bus.me))

    async def _read(self, state: _State, up_to: int | None = None) -> int:
        """Takes what is in the log; how many statements of the members there were, 0 where `up_to` a length was counted already."""
        found = 0
        while up_to is None or state.position < up_to:
            rows = await self.bus.after(state.room.id, state.position)
            if not rows:
                break
            for mine, raw in rows:
                state.position += 1
                if mine and state.open:
                    continue
                found += self._take(state.room, raw)
        return 0 if up_to is not None else found

    def _take(self, room: LiveRoom, raw: bytes) -> bool:
        """Takes an envelope that another relay has judged; whether it is a statement of the members."""
        try:
            row = room.take(raw, judged=True)
        except Repeated:
            return header_of(raw).document == "members"
        except EnvelopeRefused as error:
            log.warning("an envelope on the bus was refused: %s", error)
            return False
        self._hooks.took(row, room)
        return row.document == "members"

    async def _give(self, state: _State, have: dict[str, dict[int, int]]) -> bool:
        """Appends what is on this disk and not in the log; False where somebody else is doing so."""
        number = 0
        while rows := self._store.after(state.room.id, number):
            number = rows[-1].number
            lacking = [row for row in rows if row.sequence > have.get(row.document, {}).get(row.session, 0)]
            for first in range(0, len(lacking), AT_ONCE):
                if not await self._append(state, lacking[first:first + AT_ONCE]):
                    return False
        return True

    async def _append(self, state: _State, rows: list[Row]) -> bool:
        length = await self.bus.append(state.room.id, rows, state.statements, state.position)
        if length < 0:
            return False
        state.statements += sum(row.document == "members" for row in rows)
        if length == state.position + len(rows):
            state.position = length
        return True

    def positions(self) -> list[tuple[bytes, int]]:
        """Up to where each log is taken; for noting once all that was taken is on disk."""
        return [(room, state.position) for room, state in self._states.items() if state.open]

    async def append(self, rows: Iterable[Row]) -> set[bytes]:
        """Puts what was taken here into the logs; the rooms where it was judged without knowing the newest. Raises BusTrouble."""
        by_room: dict[bytes, list[Row]] = {}
        for row in rows:
            by_room.setdefault(row.room, []).append(row)
        failed = set()
        for room_id, some in by_room.items():
            state = self._states.get(room_id)
            if state is None or not state.open:
                failed.add(room_id)
                continue
            async with state.lock:
                for first in range(0, len(some), AT_ONCE):
                    if not await self._append(state, some[first:first + AT_ONCE]):
                        failed.add(room_id)
                        break
        return failed

    def forget(self, room_id: bytes) -> None:
        """Nobody is in a room here any more."""
        self._states.pop(room_id, None)

    async def newest(self, room: LiveRoom) -> None:
        """Takes whatever is in a room's log. Raises BusTrouble."""
        state = self._states.get(room.id)
        if state is not None and state.open and state.room is room:
            async with state.lock:
                state.statements += await self._read(state)

    # presence

    def show(self, room_id: bytes, session: int, state: bytes, slow: bool = False) -> None:
        """Where somebody here is, for those at other relays; empty bytes for one who left."""
        self._told.setdefault(room_id, ({}, {}))[slow][session] = state

    async def flush(self) -> None:
        """Tells other relays what was shown."""
        told, self._told = self._told, {}
        for room_id, (states, slow) in told.items():
            await self.bus.tell(room_id, News("here", self.bus.me, states, slow))
        if time.monotonic() - self._looked > LEAVE_AFTER:
            self._looked = time.monotonic()
            for room_id in [one for one in self._joined if one not in self._states]:
                self._joined.discard(room_id)
                await self.bus.leave(room_id)

    async def _news(self, room_id: bytes, news: News) -> None:
        state = self._states.get(room_id)
        if state is None:
            return
        if news.what == "log":
            if not state.reading:
                state.reading = True
                task = asyncio.get_running_loop().create_task(self._follow(state))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        elif news.what == "here":
            self._elsewhere(state, news)
        elif news.what == "ask":
            here = set(self._hooks.here(room_id))
            states, slow = ({s: raw for s, raw in table.items() if s in here} for table in (state.room.presence, state.room.slow))
            if states or slow:
                await self.bus.tell(room_id, News("here", self.bus.me, states, slow))

    async def _follow(self, state: _State) -> None:
        state.reading = False
        try:
            await self.newest(state.room)
        except BusTrouble as error:
            self._hooks.drop(state.room.id, str(error))

    def _elsewhere(self, state: _State, news: News) -> None:
        ticks, room = self._hooks.ticks(state.room.id), state.room
        if ticks is None:
            return
        sessions = state.elsewhere.setdefault(news.origin, set())
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

    def _gone(self, origin: bytes) -> None:
        """A relay is gone, and all who were there with it."""
        for state in self._states.values():
            left = dict.fromkeys(state.elsewhere.pop(origin, ()), b"")
            if left:
                self._elsewhere(state, News("here", origin, left))
