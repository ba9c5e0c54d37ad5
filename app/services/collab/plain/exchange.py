"""The exchange of a project in a plain room: y-protocols with a relay on this machine or the local network, where Yjs clients may be too.

Owns: what is said and heard on the lines, when nothing is left to do. Refuses: addresses further away (see `lines`), the document's side
(see `participant`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from app.services.collab.exchange import QUIET, Exchange, here
from app.services.collab.links import PLAIN
from app.services.collab.plain.awareness import RENEW, heard, said_here
from app.services.collab.plain.lines import Lines, open_lines
from app.services.collab.plain.participant import DOCUMENTS, PlainParticipant
from app.services.collab.transport import LineClosed, RelayRefuses, gone
from app.services.collab.words import NO_MEDIA
from app.services.errors import AppError
from editor_core.sync.errors import UpdateRefused
from editor_core.sync.yprotocol import Aware, NotSpoken, Step1, Step2, Update, read, write

log = logging.getLogger(__name__)

SETTLE = 0.03
"""Seconds without anything coming after which what came is looked at."""
NOTHING_NEW = b"\x00\x00"
"""A Yjs update (version 1) without changes and without deletions."""


class PlainExchange(Exchange):
    """The exchange of a project in a plain room; used as every `Exchange`."""

    def __init__(self, participant: PlainParticipant, on_document: Callable[[Callable[[], Any]], Awaitable[Any]] = here,
                 came: Callable[[], Awaitable[int]] | None = None) -> None:
        super().__init__(cast(Any, participant), on_document, came)
        self.plain = participant
        self._lines: Lines | None = None
        self._asked: dict[str, int] = {}
        self._unsure = False
        self._arrived = asyncio.Event()
        self._clock = 0

    async def show(self, state: bytes, *, slow: bool = False) -> None:
        if slow:
            self._introduced = state
        else:
            self._shown = state
        if self._lines is not None:
            await self._send(self._lines, "timeline", self._here())

    @property
    def round_trip(self) -> float:
        return float(self._lines["timeline"].socket.latency) if self._lines is not None else 0.0

    async def drop(self) -> None:
        if self._lines is not None:
            await self._lines["timeline"].close()

    async def _connect(self) -> Any:
        one = self.plain
        lines = await open_lines("ws://" + one.room.relay.removeprefix(PLAIN), one.room.id, DOCUMENTS)
        self.report.connections += 1
        self._caught_up = self._giving = self._unsure = False
        self._asked = {}
        self._moved = time.monotonic()
        return lines

    async def _with(self, lines: Any, end: Callable[[], Awaitable[Any]]) -> None:
        await self._do(self.plain.begin)
        for name in DOCUMENTS:
            await self._ask(lines, name)
        if self._shown or self._introduced:
            await self._send(lines, "timeline", self._here())
        self._lines = lines
        try:
            await self._while_online(*(self._hear(lines, name) for name in DOCUMENTS), self._tell(lines), self._settle(),
                                     self._renew(lines), end())
        finally:
            await self._do(self.plain.close)

    def _line_ended(self) -> None:
        super()._line_ended()
        self._lines = None

    async def _send(self, lines: Lines, name: str, said: Step1 | Step2 | Update | Aware) -> None:
        try:
            await lines[name].send(write(said))
        except LineClosed as error:
            raise self._gone(error) from None

    def _gone(self, error: LineClosed) -> AppError:
        return gone(error, self.plain.room.relay.removeprefix("plain+"))

    async def _ask(self, lines: Lines, name: str) -> None:
        """What the relay has more; its answer also says that all that was sent before is on its disk."""
        self._asked[name] = self._asked.get(name, 0) + 1
        await self._send(lines, name, Step1(await self._do(lambda: self.plain.state_of(name))))

    async def _hear(self, lines: Lines, name: str) -> None:
        while True:
            try:
                said = read(await lines[name].receive())
            except LineClosed as error:
                raise self._gone(error) from None
            except NotSpoken as error:
                raise RelayRefuses(f"The relay of this plain room does not speak y-protocols: {error}") from None
            if isinstance(said, Aware):
                self._aware(said)
                continue
            self._moved = time.monotonic()
            if isinstance(said, Step1):
                state = said.state
                update = await self._do(lambda: self.plain.update_for(name, state))  # noqa: B023
                await self._send(lines, name, Step2(update))
                if name == "journal" and update != NOTHING_NEW:  # all that was done apart goes out as one
                    self.report.sent += 1
                self._unsure = True
            elif isinstance(said, (Step2, Update)):
                await self._take(name, said.update)
                if isinstance(said, Step2):
                    self._asked[name] = max(0, self._asked.get(name, 0) - 1)
                    if not any(self._asked.values()):
                        self._unsure = self._unsure and not self._caught_up
                        self._caught_up = True
                        self._changed.set()
                        self.on_line()

    async def _take(self, name: str, update: bytes) -> None:  # type: ignore[override]
        try:
            if await self._do(lambda: self.plain.take(name, update)):
                self.report.received += 1
                self._arrived.set()
        except UpdateRefused as error:
            log.warning("an update of a plain room was refused: %s", error)
            self.report.refused.append(("", str(error)))

    async def _settle(self) -> None:
        """Brings in what came, once it fits together; with `came` says so, once."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await asyncio.sleep(SETTLE)
            if await self._do(lambda: self.plain.ready):
                self.report.applied += await (self._came() if self._came is not None else self._do(self.plain.apply))
                self._moved = time.monotonic()
            elif await self._do(lambda: self.plain.mirror.pending):
                self._arrived.set()

    async def _tell(self, lines: Any) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._giving = True
            for timeline, journal in await self._do(self.plain.outgoing):
                for name, update in (("journal", journal), ("timeline", timeline)):
                    if update:
                        await self._send(lines, name, Update(update))
                self._has_sent()
            if self._caught_up and (said := await self._do(self.plain.talk.outgoing)):
                await self._send(lines, "comments", Update(said))
                self._has_sent()
            self._giving = False

    def _has_sent(self) -> None:
        self.report.sent += 1
        self._unsure = True
        self._moved = time.monotonic()

    async def _idle(self) -> None:
        while True:
            quiet = time.monotonic() - self._moved
            coming = await self._do(lambda: self.plain.mirror.pending)
            open_ends = not self._caught_up or self._giving or self._changed.is_set() or coming or any(self._asked.values())
            if not open_ends and self._unsure and self._lines is not None:
                self._unsure = False
                for name in DOCUMENTS:
                    await self._ask(self._lines, name)
            elif not open_ends and quiet >= QUIET:
                self.report.acknowledged = self.report.sent
                return
            await asyncio.sleep(0.02 if open_ends else max(0.01, QUIET - quiet))

    # where everyone is

    def _here(self) -> Aware:
        self._clock += 1
        return said_here(self.plain.session, self._clock, self._shown, self._introduced)

    async def _renew(self, lines: Lines) -> None:
        while True:
            await asyncio.sleep(RENEW)
            if self._shown or self._introduced:
                await self._send(lines, "timeline", self._here())

    def _aware(self, said: Aware) -> None:
        self._present(heard(said, self.peers))

    @property
    def unacknowledged(self) -> int:
        return int(self._unsure)

    def as_plain(self, *, bring: bool = True) -> dict[str, Any]:
        return {**self._counted(), "plain": True, "media_note": NO_MEDIA, "members": []}
