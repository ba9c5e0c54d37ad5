"""Keeping a relay's rooms in step with the other relays on a bus.

Owns: reading the rooms' logs, appending to them before anything is acknowledged, saying up to where they are on disk. Refuses: Redis (see
`bus`, `bus_log`), sockets, the disk.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from app.services.relay.bus import Bus, BusTrouble, Call, Listeners, News
from app.services.relay.bus_log import BusLogs, Opened, Trimmed
from app.services.relay.bus_media import FarLines
from app.services.relay.elsewhere import Elsewhere
from app.services.relay.filling import Filling
from app.services.relay.peers import Ticks
from app.services.relay.rooms import LiveRoom, Repeated
from app.services.relay.store import Position, RelayStore, Row
from editor_core.sync.envelope import EnvelopeRefused, header_of

log = logging.getLogger(__name__)

AT_ONCE = 100
TRIES = 5
TELL = 1.0
"""Seconds between saying what is on disk."""
TAKE_AGAIN = 3.0
"""Seconds after which other relays are asked again to take what keeps a log from being trimmed."""
LEAVE_AFTER = 10.0
"""Seconds between looks for rooms that nobody is in any more."""
GRACE = 0.5
"""Seconds in which those who are in a room that goes on in another go there, before its log is put away; three times that at relays
that did not hear it first."""
ABANDONED = 60.0
"""Seconds without a relay that has what was trimmed away of a room, after which the room begins again with what there is."""


class NotWhole(BusTrouble):
    """A room that cannot be served at present: a part of it is with relays that are not there."""


class Hooks(NamedTuple):
    """What the relay does for its shared rooms: `visit` takes a room that nobody here is in, `commit` notes positions soon."""

    took: Callable[[Row, LiveRoom], None]
    drop: Callable[[bytes, str], None]
    ticks: Callable[[bytes], Ticks | None]
    here: Callable[[bytes], Iterable[int]]
    visit: Callable[[bytes], Awaitable[None]]
    commit: Callable[[], None]


class _State:
    """A room's log as far as this relay has read it; `noted` is on disk, `told` was said to be."""

    def __init__(self, room: LiveRoom, kept: tuple[bytes, int]) -> None:
        self.room = room
        self.log, self.position = kept
        self.noted, self.told = self.position, -1
        self.statements = 0
        self.open = False
        self.lock = asyncio.Lock()
        self.reading = False
        self.asked = 0.0
        self.crowded = False
        self.moved_here = False


class SharedRooms:
    """Belongs to the relay's loop."""

    def __init__(self, bus: Bus, store: RelayStore, hooks: Hooks) -> None:
        self.bus = bus
        self.elsewhere = Elsewhere(bus, hooks.ticks, hooks.here)
        self.far = FarLines(bus)
        self._logs = BusLogs(bus)
        self._filling = Filling(bus, store)
        self._store = store
        self._hooks = hooks
        self._states: dict[bytes, _State] = {}
        self._joined: set[bytes] = set()
        self._lacking: dict[bytes, tuple[float, float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Raises BusTrouble."""
        await self.bus.start(self._store.name(), Listeners(self._news, self._gone, self._called))
        for room_id in await self._logs.moved():
            if self._store.holds_content(room_id):
                self._begin(self._visit(room_id))

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
                if await self._opened(state):
                    state.open = True
                    break
            else:
                raise BusTrouble("the bus is too busy with this room")
        await self.bus.tell(room.id, News("ask", self.bus.me))

    async def _opened(self, state: _State) -> bool:
        """Reads a log from its beginning, or from where it was read; False where somebody else changes it."""
        opened = await self._logs.open(state.room.id)
        if state.log != opened.name or state.position > opened.length:
            state.log, state.position, state.noted, state.told = opened.name, 0, 0, -1
        if state.position < opened.trimmed:
            await self._fill(state, opened)
        try:
            state.statements = opened.statements - await self._read(state, up_to=opened.length)
            state.statements += await self._read(state)
        except Trimmed:
            return False
        return await self._give(state, opened.have)

    async def _fill(self, state: _State, opened: Opened) -> None:
        """Gets from another relay what the log has no more. Raises NotWhole."""
        room, now = state.room.id, time.monotonic()
        if await self._filling.fetch(state.room, opened, lambda raw: self._take(state.room, raw)):
            state.position = opened.trimmed
            self._lacking.pop(room, None)
            return
        first, last = self._lacking.get(room, (now, now))
        first = first if now - last < 10 * ABANDONED else now
        self._lacking[room] = first, now
        if now - first > ABANDONED:
            log.warning("no relay has all of a room; it begins again with what is here, and its members give what they have")
            await self._logs.begin_anew(room, opened.name)
            del self._lacking[room]
        raise NotWhole("the relays that have all of this room are not there; come again")

    async def _read(self, state: _State, up_to: int | None = None) -> int:
        """Takes what is in the log; how many statements of the members there were, 0 where `up_to` a length was counted already.
        Raises Trimmed."""
        found = 0
        while up_to is None or state.position < up_to:
            rows = await self._logs.after(state.room.id, state.log, state.position)
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
            lacking = [row for row in rows if row.sequence > have.get(row.document, {}).get(row.session, 0)
                       and (row.document == "members" or state.room.members.moved is None)]
            for first in range(0, len(lacking), AT_ONCE):
                if not await self._append(state, lacking[first:first + AT_ONCE]):
                    return False
        return True

    async def _append(self, state: _State, rows: list[Row]) -> bool:
        length = await self._logs.append(state.room.id, state.log, rows, state.statements, state.position)
        if length < 0:
            return False
        state.statements += sum(row.document == "members" for row in rows)
        if length == state.position + len(rows):
            state.position = length
        return True

    async def empty(self, room: LiveRoom) -> None:
        """A room goes on in another: what is no statement about members leaves the log, and other relays throw it away too, those that are
        away when they come back. Raises BusTrouble."""
        await self.enter(room)
        state = self._states[room.id]
        await asyncio.sleep(GRACE if state.moved_here else 3 * GRACE)
        async with state.lock:
            opened = await self._logs.open(room.id)
            newest = self._states.get(room.id) is state and opened.name == state.log
            if newest and opened.have.keys() - {"members"}:
                statements = self._store.members(room.id)
                name = await self._logs.keep_statements(room.id, state.log, statements)
                if name:
                    state.log, state.position, state.statements = name, len(statements), len(statements)
                    state.noted, state.told = 0, -1
        await self._logs.note_moved(room.id)
        await self.bus.call(Call("take", self.bus.me, room.id))

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
                state.moved_here = state.moved_here or state.room.members.moved is not None
                for first in range(0, len(some), AT_ONCE):
                    if not await self._append(state, some[first:first + AT_ONCE]):
                        failed.add(room_id)
                        break
        return failed

    def forget(self, room_id: bytes) -> None:
        """Nobody is in a room here any more."""
        self._states.pop(room_id, None)
        self.elsewhere.forget(room_id)
        self.far.forget(room_id)

    # what is on disk

    def positions(self) -> list[Position]:
        """Up to where each log is taken; to be noted with what was taken, and not before."""
        return [Position(room, state.log, state.position) for room, state in self._states.items()
                if state.open and state.position != state.noted]

    def noted(self, positions: Iterable[Position]) -> None:
        """It is on disk."""
        for one in positions:
            state = self._states.get(one.room)
            if state is not None and state.log == one.log:
                state.noted = max(state.noted, one.number)

    def settled(self, room_id: bytes) -> bool:
        """Whether everything that was read of a room is on disk, and other relays know it."""
        state = self._states.get(room_id)
        return state is None or not state.open or state.position == state.noted == state.told

    async def keep(self) -> None:
        """Says what is on disk, so that logs can be trimmed, for ever."""
        looked = time.monotonic()
        while True:
            await asyncio.sleep(TELL)
            for state in list(self._states.values()):
                if state.open:
                    try:
                        await self._tell(state)
                    except BusTrouble as error:
                        log.info("%s", error)
            if time.monotonic() - looked > LEAVE_AFTER:
                looked = time.monotonic()
                for room_id in [one for one in self._joined if one not in self._states]:
                    self._joined.discard(room_id)
                    await self.bus.leave(room_id)

    async def _tell(self, state: _State) -> None:
        if state.position != state.noted:
            self._hooks.commit()
        noted = state.noted
        if noted == state.told and not state.crowded:
            return
        await self.bus.look()  # one that came since the last sign of life is waited for as well
        state.crowded = await self._logs.took(state.room.id, state.log, noted, sorted(self.bus.present), sorted(self.bus.away))
        state.told = noted
        if state.crowded and time.monotonic() - state.asked > TAKE_AGAIN:
            state.asked = time.monotonic()
            await self.bus.call(Call("take", self.bus.me, state.room.id))

    # what others say

    async def _news(self, room_id: bytes, news: News) -> None:
        state = self._states.get(room_id)
        if state is None:
            return
        if news.what == "log":
            if not state.reading:
                state.reading = True
                self._begin(self._follow(state))
        elif news.what == "here":
            self.elsewhere.hear(state.room, news)
        elif news.what == "ask":
            await self.elsewhere.answer(state.room)
        if news.what in ("ask", "lines", "media"):
            await self.far.news(room_id, news)

    async def _follow(self, state: _State) -> None:
        state.reading = False
        try:
            async with state.lock:
                if state.open and self._states.get(state.room.id) is state:
                    state.statements += await self._read(state)
        except BusTrouble as error:
            self._hooks.drop(state.room.id, str(error))
        except Trimmed:
            self._hooks.drop(state.room.id, "its log is another")
            self._begin(self._visit(state.room.id))  # also where nobody comes again: it may have moved

    def _called(self, call: Call) -> None:
        """Another relay asks all others."""
        if call.what == "lack":
            self._filling.answer(call)
        elif call.what == "take" and call.room not in self._states:
            self._begin(self._visit(call.room))

    async def _visit(self, room_id: bytes) -> None:
        try:
            await self._hooks.visit(room_id)
        except BusTrouble as error:
            log.info("a room was not taken: %s", error)

    def _begin(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _gone(self, origin: bytes) -> None:
        """A relay is gone, and all who were there with it."""
        self.far.gone(origin)
        for state in self._states.values():
            self.elsewhere.gone(state.room, origin)
