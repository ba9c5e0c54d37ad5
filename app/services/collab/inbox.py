"""What a connection brings, read ahead of whoever deals with it.

Owns: envelopes that came while others were dealt with, which then are one message; presences, which wait for nothing; a bound on what
waits. Refuses: looking into any of it.

Dealing with envelopes means waiting for the disk: one message at a time, a room of many editors would be ever further behind.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from app.services.collab.connection import Connection
from editor_core.sync.messages import Envelopes, Message, Present

AT_ONCE = 500
"""Envelopes that become one message at most, beyond those of one that came so."""
MOST = 8 << 20
"""Bytes of envelopes that may wait; then the connection is not read on, and its sender notices."""
MESSAGES, OTHERS = 2000, 16
"""Messages that may wait, and those among them that hold no envelopes: nobody on the other side fills this memory."""


class Inbox:
    """Belongs to one loop, and reads from `async with` on. `present` is told of presences as they come."""

    def __init__(self, connection: Connection, present: Callable[[Present], None]) -> None:
        self._connection = connection
        self._present = present
        self._waiting: deque[Message] = deque()
        self._size = self._others = 0
        self._end: BaseException | None = None
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    async def __aenter__(self) -> Inbox:
        self._reading = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)

    async def messages(self) -> AsyncIterator[Message]:
        """What comes, in order, until the connection ends. Raises what ends it, once all that came before was given: NoRelay, RelayRefuses,
        MessageRefused."""
        while True:
            while self._waiting:
                yield self._next()
            if self._end is not None:
                raise self._end
            self._news.clear()
            await self._news.wait()

    def _next(self) -> Message:
        first = self._waiting.popleft()
        self._room.set()
        if not isinstance(first, Envelopes):
            self._others -= 1
            return first
        raws = list(first.raw)
        while len(raws) < AT_ONCE and self._waiting and isinstance(more := self._waiting[0], Envelopes):
            raws.extend(more.raw)
            self._waiting.popleft()
        self._size -= sum(map(len, raws))
        return Envelopes(raws)

    async def _read(self) -> None:
        try:
            async for message in self._connection.messages():
                if isinstance(message, Present):
                    self._present(message)
                    continue
                self._waiting.append(message)
                self._news.set()
                if isinstance(message, Envelopes):
                    self._size += sum(map(len, message.raw))
                else:
                    self._others += 1
                while self._size > MOST or self._others > OTHERS or len(self._waiting) > MESSAGES:
                    self._room.clear()
                    await self._room.wait()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._end = error
        self._news.set()
