"""What a relay lacks of a room, and the bus has no more, comes from a relay that has it.

Owns: asking, answering, handing over in portions. Refuses: judging envelopes; a relay that lacks something serving as if it did not.

A relay that was away for long, or is new, finds a log whose beginning was trimmed away. Relays that have all of that on their disks are
asked; one of them gives what the other has not got, in the order in which it has it itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable

import msgspec

from app.services.relay.bus import PREFIX, Bus, BusTrouble, Call
from app.services.relay.bus_log import Opened
from app.services.relay.rooms import LiveRoom
from app.services.relay.store import RelayStore
from editor_core.sync.messages import packed

log = logging.getLogger(__name__)

WITHIN = 2.0
"""Seconds without anything coming after which nobody is there who has it."""
MOST = 4
"""Portions that wait on the server."""
PATIENCE = 10.0
"""Seconds that one of them may wait there."""
AGAIN = 0.01
"""Seconds between looks."""
_PORTION = 1024 * 1024
_KEPT = 30
_END = b"\x90"


class Filling:
    """Belongs to the relay's loop."""

    def __init__(self, bus: Bus, store: RelayStore) -> None:
        self._bus = bus
        self._store = store
        self._tasks: set[asyncio.Task[None]] = set()

    async def fetch(self, room: LiveRoom, opened: Opened, take: Callable[[bytes], object]) -> bool:
        """Takes from another relay what was trimmed away; whether all of it came. Raises BusTrouble."""
        queue, claim = _keys(room.id, self._bus.me)
        await self._bus.ask(self._bus.redis.delete(queue, claim))
        await self._bus.call(Call("lack", self._bus.me, room.id, opened.name, opened.trimmed, room.have))
        until = time.monotonic() + WITHIN
        while time.monotonic() < until:
            portion = await self._bus.ask(self._bus.redis.lpop(queue))
            if portion is None:
                await asyncio.sleep(AGAIN)
                continue
            if portion == _END:
                return True
            for raw in msgspec.msgpack.decode(portion, type=list[bytes]):
                take(raw)
            until = time.monotonic() + WITHIN
        return False

    def answer(self, call: Call) -> None:
        """Another relay lacks something; it is given if all of it is here, and nobody else does so."""
        name, position = self._store.position(call.room)
        if name == call.log and position >= call.trimmed:
            task = asyncio.get_running_loop().create_task(self._give(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _give(self, call: Call) -> None:
        queue, claim = _keys(call.room, call.origin)
        with contextlib.suppress(BusTrouble, TimeoutError):
            if not await self._bus.ask(self._bus.redis.set(claim, self._bus.me, nx=True, ex=_KEPT)):
                return
            log.info("another relay is given what it lacks of a room")
            number = 0
            while rows := self._store.after(call.room, number):
                number = rows[-1].number
                lacking = [row.body for row in rows if row.sequence > call.has.get(row.document, {}).get(row.session, 0)]
                for portion in packed(lacking, _PORTION):
                    await self._push(queue, claim, msgspec.msgpack.encode(portion))
            await self._push(queue, claim, _END)

    async def _push(self, queue: str, claim: str, portion: bytes) -> None:
        redis = self._bus.redis
        async with asyncio.timeout(PATIENCE):
            while await self._bus.ask(redis.llen(queue)) >= MOST:
                await asyncio.sleep(AGAIN)
        for asked in (redis.rpush(queue, portion), redis.expire(queue, _KEPT), redis.expire(claim, _KEPT)):
            await self._bus.ask(asked)


def _keys(room: bytes, relay: bytes) -> tuple[str, str]:
    name = f"{{{room.hex()}}}:{relay.hex()}"
    return f"{PREFIX}fill:{name}", f"{PREFIX}filled-by:{name}"
