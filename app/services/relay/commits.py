"""From an envelope that was judged to one that is acknowledged: the bus, the disk, the handing on, in this order.

Owns: gathering what came into one commit, acknowledging after it, giving up what the disk or the bus refused. Refuses: judging envelopes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from app.services.relay.bus import BusTrouble
from app.services.relay.figures import Delays
from app.services.relay.open_rooms import OpenRooms
from app.services.relay.peers import Peer
from app.services.relay.rooms import LiveRoom
from app.services.relay.shared import SharedRooms
from app.services.relay.store import Position, RelayStore, Row

log = logging.getLogger(__name__)

ASK_AGAIN = 2.0
"""Seconds after which a disk that refused something is asked whether it takes anything again."""


class _Taken(NamedTuple):
    """An envelope on its way to the disk; `peer` put it, None for one that another relay took."""

    row: Row
    room: LiveRoom
    peer: Peer | None
    came: float


class Commits:
    """Belongs to the relay's loop; the disk is written by a thread of its own."""

    def __init__(self, store: RelayStore, rooms: OpenRooms, count: Counter[str]) -> None:
        self._store = store
        self._rooms = rooms
        self._count = count
        self.shared: SharedRooms | None = None
        self.delays = Delays()
        self.trouble = ""
        """Why the disk or the bus takes nothing at present; empty while it does."""
        self._batch: list[_Taken] = []
        self._dirty = asyncio.Event()
        self._turned = asyncio.Condition()
        self._writer = ThreadPoolExecutor(1, "relay-disk")
        self._emptying: set[asyncio.Task[None]] = set()
        rooms.dropped, rooms.moved = self._dropped, self._moved

    def take(self, row: Row, room: LiveRoom, peer: Peer | None) -> None:
        """Something was judged good; `peer` is told when it is on disk."""
        self._batch.append(_Taken(row, room, peer, time.monotonic()))
        self._dirty.set()

    def on_disk(self, work: Callable[[], Any]) -> Awaitable[Any]:
        """Runs what writes, one after another."""
        return asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def written(self, room: LiveRoom) -> None:
        """Returns when everything taken so far is on disk."""
        target = room.last
        async with self._turned:
            await self._turned.wait_for(lambda: room.written >= target or self._rooms.find(room.id) is not room)

    def close(self) -> None:
        """Waits for what is being written."""
        self._writer.shutdown()

    async def run(self) -> None:
        """Writes what came, for ever."""
        while True:
            await self._something()
            batch, self._batch = self._batch, []
            positions = self.shared.positions() if self.shared is not None else []
            try:
                failed = await self._appended(batch)
                batch = [one for one in batch if one.row.room not in failed]
                positions = [one for one in positions if one.room not in failed]
                await self._write(batch, positions)
            except (sqlite3.Error, BusTrouble) as error:
                self._failed(batch, error)
            else:
                self.trouble = ""
                self._count["commits"] += 1
                self._hand_out(batch)
            async with self._turned:
                self._turned.notify_all()

    async def _something(self) -> None:
        """Waits until there is something to write; while the disk refuses, not long: it is asked again by itself."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ASK_AGAIN if self.trouble else None):
                await self._dirty.wait()
        self._dirty.clear()

    async def _write(self, batch: list[_Taken], positions: list[Position]) -> None:
        """Raises sqlite3.Error."""
        if batch or positions:
            await self.on_disk(lambda: self._store.add([one.row for one in batch], positions))
        elif self.trouble:
            await self.on_disk(self._store.ask)
        if self.shared is not None:
            self.shared.noted(positions)

    def soon(self) -> None:
        """There is something to note, although nothing came."""
        self._dirty.set()

    async def _appended(self, batch: list[_Taken]) -> set[bytes]:
        """Puts a batch into the logs of all relays; the rooms that had to be given up, to be read again. Raises BusTrouble."""
        if self.shared is None:
            return set()
        failed = await self.shared.append(one.row for one in batch if one.peer is not None)
        for room_id in failed:
            self._count["overtaken"] += 1
            self._rooms.drop(room_id, "another relay was faster")
        return failed

    def _hand_out(self, batch: list[_Taken]) -> None:
        changed: dict[bytes, bool] = {}
        putters: dict[bytes, set[Peer]] = {}
        now = time.monotonic()
        for row, room, author, came in batch:
            room.wrote(row)
            if author is not None:
                self.delays.add(now - came)
                author.acknowledge(row.document, row.session, row.sequence)
                putters.setdefault(room.id, set()).add(author)
            changed[room.id] = changed.get(room.id, False) or row.document == "members"
        for room_id, members in changed.items():
            self._rooms.written(room_id, members, putters.get(room_id, set()))

    def _failed(self, batch: list[_Taken], error: Exception) -> None:
        """Nothing of it is acknowledged; who is in those rooms comes again and finds them as they are on disk."""
        self.trouble = f"the disk refuses: {error}" if isinstance(error, sqlite3.Error) else str(error)
        log.error("%s", self.trouble)
        for room_id in {one.row.room for one in batch}:
            self._rooms.drop(room_id, self.trouble)

    def _moved(self, room: LiveRoom) -> None:
        task = asyncio.get_running_loop().create_task(self._empty(room))
        self._emptying.add(task)
        task.add_done_callback(self._emptying.discard)

    async def _empty(self, room: LiveRoom) -> None:
        """Nobody needs what such a room held, and it was in the clear."""
        if self._rooms.find(room.id) is not room:
            return
        try:
            with self._rooms.held(room.id):
                if self.shared is not None:
                    await self.shared.empty(room)
                await self.on_disk(lambda: self._store.empty(room.id))
        except (sqlite3.Error, BusTrouble) as error:
            log.error("what a room held that goes on in another is still on the disk: %s", error)
        else:
            room.empty()

    def _dropped(self, room_id: bytes) -> None:
        self._batch = [one for one in self._batch if one.row.room != room_id]
        self._dirty.set()  # whoever waits for the disk is told
