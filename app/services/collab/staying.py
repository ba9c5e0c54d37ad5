"""Connecting, and going on over interruptions: the life of an exchange apart from what is said on its lines.

Owns: when a line is made, made again and given up, standing aside for work that talks with the room by itself. Refuses: what is said on a
line (see `exchange`, `plain`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from app.services.collab.connection import NoRelay, RelayRefuses
from app.services.collab.lan import Lan
from app.services.collab.links import LAN
from app.services.collab.participant import Participant
from app.services.collab.reporting import NO_MEMBER, Removed, Report, TimeIsOver
from app.services.errors import AppError

T = TypeVar("T")
RETRY = (0.2, 5.0)
"""Seconds to the first and between later tries to connect."""
REFUSALS = 3
"""Refusals one after the other that are taken for a misunderstanding: what may be given is learnt by connecting again."""


class Moves(Exception):
    """The room goes on in another."""


class Staying:
    """What every exchange does to be connected. An exchange says how it connects (`_connect`), what it does on the line until something is
    over (`_with`), and when nothing is left to do (`_idle`). `on_document` as in `Exchange`."""

    def __init__(self, participant: Participant, on_document: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        self.participant = participant
        self._do = on_document
        self.on_line: Callable[[], None] = lambda: None
        self.report = Report()
        self.online = False
        self._changed = asyncio.Event()
        self._caught_up = False
        self._trouble: AppError | None = None
        self._line = asyncio.Lock()
        self._aside = asyncio.Event()
        self._works = 0
        self._may_host = False
        self._lan: Lan | None = None
        self._find_way()

    def _find_way(self) -> None:
        """Rooms on the local network have no address: they are found, or hosted here."""
        on_lan = self.participant.room.relay == LAN
        if on_lan != (self._lan is not None):
            self._lan = Lan(self.participant.session, self.envelopes, self._before) if on_lan else None
        if self._lan is not None:
            self._lan.may_host = self._may_host

    async def envelopes(self) -> list[bytes]:
        """Every envelope of the film, as it was kept: what a host on the local network begins with."""
        rooms = self.participant.rooms
        return list(rooms.bodies(await self._do(lambda: rooms.beyond({}))))

    async def _before(self) -> tuple[bytes, tuple[bytes, ...]]:
        room = self.participant.room
        return room.came_from, room.before

    def something_changed(self) -> None:
        """For the loop's thread: there may be something to give."""
        self._changed.set()

    @property
    def caught_up(self) -> bool:
        """Whether everything has come that was on the relay when this connection was made."""
        return self.online and self._caught_up

    @property
    def trouble(self) -> AppError | None:
        """Why there was no connection the last time."""
        return self._trouble

    async def until_idle(self) -> Report:
        """Once: everything out and acknowledged, everything in. Raises NoRelay, RelayRefuses, StorageError."""
        while True:
            with contextlib.suppress(Moves):
                if await self._unless_aside(lambda: self._once(self._idle)):
                    return self.report

    async def for_seconds(self, seconds: float) -> Report:
        """Goes on for a time, over interruptions; the last one is raised if there was no connection at all."""
        try:
            async with asyncio.timeout(seconds):
                await self._stay(asyncio.Event().wait)
        except TimeoutError:
            pass
        if not self.report.connections and self._trouble is not None:
            raise self._trouble
        return self.report

    async def stay(self) -> None:
        """Goes on over interruptions until cancelled; `on_line` is told when `online`, `caught_up` or `trouble` is another.

        Raises RelayRefuses when the relay has refused several times running, and Distrust.
        """
        await self._stay(asyncio.Event().wait)

    async def beside(self, work: Callable[[], Awaitable[None]]) -> Report:
        """Connects, then goes on over interruptions while `work` is done and until all of it is given.

        Raises NoRelay or RelayRefuses before `work` has begun, or when its outcome cannot be given; what `work` raises.
        """
        task: asyncio.Task[None] | None = None

        async def end() -> None:
            nonlocal task
            while not self._caught_up:
                await asyncio.sleep(0.01)
            task = task or asyncio.ensure_future(work())
            await asyncio.wait([task])
            self._changed.set()
            await self._idle()

        try:
            await self._stay(end, lambda: task is None or task.done())
        except Exception:
            if task is not None and not task.done():
                await asyncio.wait([task])
            raise
        if task is not None:
            task.result()
        return self.report

    async def aside(self, work: Callable[[], Awaitable[T]]) -> T:
        """Runs something that talks with the room by itself as this session; the line is closed meanwhile, and made again if this stays.
        Where it took the room to another place, this goes on there."""
        self._works += 1
        self._aside.set()
        try:
            async with self._line:
                found = await work()
                await self._look_where()
            return found
        finally:
            self._works -= 1
            if not self._works:
                self._aside.clear()

    async def _look_where(self) -> None:
        """The room may be reached another way from now on."""
        was = self._lan
        self._find_way()
        if was is not None and was is not self._lan:
            await was.close()

    async def _unless_aside(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Runs what needs the line; False where it had to stand aside, and should begin anew."""
        async with self._line:
            turn, aside = asyncio.ensure_future(work()), asyncio.ensure_future(self._aside.wait())
            try:
                await asyncio.wait([turn, aside], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (turn, aside):
                    task.cancel()
                await asyncio.gather(turn, aside, return_exceptions=True)
            if turn.cancelled():
                return False
            turn.result()
            return True

    async def _stay(self, end: Callable[[], Awaitable[Any]], give_up: Callable[[], bool] = lambda: False) -> None:
        """Connects again and again until `end` has come; with `give_up`, trouble is raised. On the local network it may host meanwhile."""
        self._may_host = True
        self._find_way()
        try:
            await self._again(end, give_up)
        finally:
            self._may_host = False
            if self._lan is not None:
                await self._lan.close()

    async def _again(self, end: Callable[[], Awaitable[Any]], give_up: Callable[[], bool]) -> None:
        delay, refusals = RETRY[0], 0
        while True:
            began = self.report.connections
            try:
                if await self._unless_aside(lambda: self._once(end)):
                    return
                delay = RETRY[0]
            except Moves:
                continue
            except (NoRelay, RelayRefuses) as error:
                delay = RETRY[0] if self.report.connections > began else delay
                refusals = refusals + 1 if isinstance(error, RelayRefuses) else 0
                if self.participant.expired:
                    raise TimeIsOver from None
                if refusals > REFUSALS or give_up():
                    if isinstance(error, RelayRefuses) and NO_MEMBER in str(error) and self.participant.role:
                        raise Removed from None
                    raise
                self._trouble = error
                self.on_line()
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY[1])

    async def _once(self, end: Callable[[], Awaitable[Any]]) -> None:
        async with await self._connect() as connection:
            await self._with(connection, end)

    async def _while_online(self, *works: Any) -> None:
        """What goes on while there is a connection, until the first of it ends; raises what that raised."""
        tasks = [asyncio.ensure_future(one) for one in works]
        self.online = True
        self._trouble = None
        self.on_line()
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self.online = False
            self._line_ended()
            self.on_line()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _connect(self) -> Any:
        """A line, as an async context manager. Raises NoRelay, RelayRefuses."""
        raise NotImplementedError

    async def _with(self, connection: Any, end: Callable[[], Awaitable[Any]]) -> None:
        raise NotImplementedError

    async def _idle(self) -> None:
        raise NotImplementedError

    def _line_ended(self) -> None:
        raise NotImplementedError


__all__ = ["REFUSALS", "RETRY", "Moves", "Staying"]
