"""A shared project that a window holds: connected for as long as it is open.

Owns: the thread and loop of the exchange, what the window may ask of it, how it stands. Refuses: widgets; touching the document on its own
thread; bringing in (see `bringing`), presence (see `people`).

`promise` runs something on the document's thread and gives a future of it; every callback of `Heard` happens there.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.bringing import MANY, Bringing, Moments
from app.services.collab.exchange import Distrust, Removed, TimeIsOver
from app.services.collab.participant import NotShared
from app.services.collab.people import People, Ways
from app.services.collab.returning import RoomIncoming, not_given
from app.services.collab.telling import Heard, Seen, State, shared
from app.services.collab.ways import exchange_for
from app.services.errors import AppError
from app.services.merging import derive
from app.services.open_project import OpenProject
from editor_core.sync.members import over
from editor_core.sync.merging import Merged
from editor_core.sync.presence import Fast

log = logging.getLogger(__name__)
T = TypeVar("T")
Promise = Callable[[Callable[[], Any]], "Future[Any]"]


class LiveSession:
    """One project in its room. Made, closed and called on the document's thread."""

    def __init__(self, project: OpenProject, key: Ed25519PrivateKey, session: int, name: str, promise: Promise, heard: Heard,
                 busy: Callable[[], bool], *, held: bool = False, returning: bool = False,
                 known: Mapping[int, int] | None = None) -> None:
        """`busy` says whether the person is in the middle of a gesture, `known` what `given` was the last time, `returning` whether a
        review was open then: what waits is not brought in before it.

        Raises NotShared, AppError, StorageError.
        """
        self.project = project
        self.session = session
        self._promise, self._heard = promise, heard
        self._key = key
        self._exchange = exchange_for(project, self._key, session, self._do, self._came)
        self.participant = self._exchange.participant
        moments = Moments(self._do, busy, heard.told_merged, self._review, self.say)
        self._bringing = Bringing(project, self._exchange, moments, held)
        if returning and self.participant.waiting:
            self._bringing.held = self._bringing.returning = True
        self._people = People(project, self._exchange, key, name, Ways(self._do, promise, heard.told_people, lambda: self.held))
        self._known = dict(known or {})
        self._exchange.on_line = self._line_changed
        self._loop = asyncio.new_event_loop()
        self._work: asyncio.Task[None] | None = None
        self._was_online = self._set_aside = False
        self._closed = False
        self._saying = False
        self.out = False
        """Whether this person does not take part any more."""
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    # from the document's thread

    @property
    def held(self) -> bool:
        """Whether what others do is kept and not shown."""
        return self._bringing.held

    @property
    def returning(self) -> bool:
        """Whether it is, because a review waits."""
        return self._bringing.returning

    @property
    def cut(self) -> bytes:
        """A digest of the film here."""
        return self._people.cut

    @property
    def knows(self) -> bytes:
        """A digest of the newest changes known here."""
        return self._people.knows

    @property
    def parts(self) -> bytes:
        """Digests of the film's parts, where somebody's differs; else empty."""
        return self._people.parts

    def start(self) -> None:
        """Connects, and stays."""
        self._thread.start()

    def close(self, within: float = 2.0) -> None:
        """Ends the connection; what is not given yet stays in the file."""
        if self._closed:
            return
        self._closed = self._people.closed = True
        if self._thread.ident is None:
            self._loop.close()
            return
        self._call(self._end)
        self._thread.join(within)

    def changed(self) -> None:
        """The document is another: something was done here, or by others."""
        self._call(self._exchange.something_changed)
        self._call(self._people.to_introduce.set)
        self.say()

    def rename(self, name: str) -> None:
        """The person is called another name."""
        self._people.name = name
        self._call(self._people.to_introduce.set)

    def hold(self, on: bool) -> None:
        """Held: what others do is kept and not shown. Live again: it is brought in."""
        self._bringing.held = on
        if not on:
            self._bringing.returning = False
        self._call(self._bringing.wake.set)
        self._call(self._people.to_introduce.set)
        self.say()

    def take_waiting(self) -> None:
        """Brings in what waits now. Held stays held, unless it was held for a review."""
        if self.returning:
            self._bringing.held = self._bringing.returning = False
        self._bringing.take_now = True
        self._call(self._bringing.wake.set)

    def free(self) -> None:
        """The person let go of something: what waited for that comes now."""
        if self.participant.waiting:
            self._call(self._bringing.wake.set)

    def resync(self) -> bool:
        """Works the film out again from all changes, and exchanges everything anew; whether something was different."""
        found = derive(self.project, self.participant.merger)
        asyncio.run_coroutine_threadsafe(self._exchange.drop(), self._loop)
        return found

    def show(self, fast: Fast) -> None:
        """Where this session is; goes out at most 20 times a second."""
        self._people.fast = fast
        self._call(self._people.to_show.set)

    def introduce(self, panel: str) -> None:
        """Who this session is, where in the window, and what cut it has; soon."""
        self._people.panel = panel
        self._call(self._people.to_introduce.set)

    def incoming(self) -> RoomIncoming:
        """What waits, for a review."""
        return RoomIncoming(self.participant, self._title(), self._taken)

    def aside(self, work: Callable[[Callable[[Callable[[], Any]], Awaitable[Any]]], Awaitable[T]]) -> Future[T]:
        """Runs something that talks with the relay itself, with `do` for what touches the project; the line is closed meanwhile."""
        return asyncio.run_coroutine_threadsafe(self._set_line_aside(work), self._loop)

    def alongside(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Runs something on the network's loop beside the exchange; it ends with the session, or when the future is cancelled."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop)

    def until_given(self, seconds: float | None) -> Future[dict[str, Any]]:
        """The report of an exchange, once nothing is left to do, or after so many seconds."""
        return asyncio.run_coroutine_threadsafe(self._until_given(seconds), self._loop)

    def state(self) -> State:
        """How it stands now."""
        one, exchange = self.participant, self._exchange
        line = "online" if exchange.caught_up else "connecting" if exchange.online or exchange.trouble is None else "offline"
        return State(line=line, why=str(exchange.trouble or ""), role=one.role, relay=one.room.relay, name=one.name,
                     waiting=one.waiting, to_send=self._to_send(), round_trip=exchange.round_trip, held=self.held,
                     returning=self.returning, encrypted=one.encrypted, members=tuple(one.members.present()),
                     order=tuple(dict.fromkeys(one.rooms.actors.values())),
                     invites=tuple(link for link in one.members.invites() if not over(link.expires, one.clock())),
                     ends=tuple((m.key, ends) for m in one.members.present() if (ends := one.members.until(m.key))))

    @property
    def given(self) -> dict[int, int]:
        """What of this device's changes the relay is known to have: the highest sequence by session."""
        has = self._exchange.has.get("journal", {}) if self._exchange.report.connections else self._known
        actors, mine = self.participant.rooms.actors, self.participant.room.key
        return {session: count for session, count in has.items() if actors.get(session) == mine}

    def _to_send(self) -> int:
        one, has = self.participant, self.given
        if not has and not self._exchange.report.connections:
            return 0
        given = sum(max(0, last - has.get(session, 0)) for session, last in one.rooms.have.get("journal", {}).items()
                    if one.rooms.actors.get(session) == one.room.key)
        return given + len(not_given(one))

    def say(self) -> None:
        """Tells the state soon; many calls are one."""
        if not self._saying and not self._closed:
            self._saying = True
            self._promise(self._tell)

    def _tell(self) -> None:
        self._saying = False
        if not self._closed:
            self._heard.told_state(self.state())

    def _title(self) -> str:
        authors = {self.participant.rooms.actors.get(session) for session, _ in self.participant.coming()[1]}
        names = sorted({m.person or m.key.hex()[:8] for m in self.participant.members.present() if m.key in authors})
        return f"{' and '.join(names[:2])}{' and others' if len(names) > 2 else ''}’s cut" if names else "The others’ cut"

    def _taken(self, merged: Merged | None) -> None:
        """A review was applied."""
        self._bringing.returning = False
        if merged is not None:
            self._heard.told_merged(merged, False)
        self._bringing.held = False
        self._call(self._bringing.wake.set)
        self.say()

    def _call(self, function: Callable[[], Any]) -> None:
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:
            log.debug("the loop has ended")

    # the loop's thread

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._work = self._loop.create_task(self._live())
            self._loop.run_until_complete(self._work)
        except asyncio.CancelledError:
            pass
        except Exception:
            log.exception("a live session ended")
        finally:
            left = asyncio.all_tasks(self._loop)
            for task in left:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()

    def _end(self) -> None:
        if self._work is not None:
            self._work.cancel()

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._promise(work))

    async def _live(self) -> None:
        parts = (self._stay, self._bringing.apply, self._people.show, self._people.introduce, self._beat)
        tasks = [asyncio.create_task(self._lasting(part)) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _lasting(self, part: Callable[[], Awaitable[None]]) -> None:
        """A fault in one part of a session must not end the others, nor that part for good."""
        while True:
            try:
                await part()
            except Exception:
                log.exception("a part of a live session failed; it begins again")
                await asyncio.sleep(1)

    async def _stay(self) -> None:
        try:
            await self._exchange.stay()
        except AppError as outcome:
            log.warning("a live session ends: %s", outcome)
            self.out = isinstance(outcome, Removed | TimeIsOver)
            self._promise(functools.partial(self._heard.told_ended, str(outcome)))
            await asyncio.Event().wait()

    async def _set_line_aside(self, work: Callable[..., Awaitable[T]]) -> T:
        self._set_aside = self._exchange.online
        return await self._exchange.aside(lambda: work(self._do))

    async def _until_given(self, seconds: float | None) -> dict[str, Any]:
        exchange = self._exchange
        while not exchange.caught_up and not seconds:
            if exchange.trouble is not None and not exchange.online:
                raise exchange.trouble
            await asyncio.sleep(0.02)
        if seconds is None:
            await exchange.quiet()
        else:
            await asyncio.sleep(seconds)
        while not self.held and await self._do(lambda: bool(self.participant.waiting and self.participant.coming()[1])):
            self._bringing.wake.set()
            await asyncio.sleep(0.02)
        return await self._do(lambda: self._exchange.as_plain(bring=False))

    async def _beat(self) -> None:
        """The round trip is another every few seconds."""
        while True:
            await asyncio.sleep(4)
            self.say()

    def _line_changed(self) -> None:
        online = self._exchange.caught_up
        if not self._exchange.online and self._was_online:
            self._people.left()
        if self._exchange.online and not self._was_online:
            self._people.arrived()
            if self._set_aside:
                self._bringing.never_left()
            else:
                self._bringing.came_back()
            self._set_aside = False
        self._was_online = self._exchange.online
        if online:
            self._bringing.wake.set()
        self.say()

    async def _came(self) -> int:
        if self.held:
            self._people.counts()
        return await self._bringing.came()

    def _review(self) -> None:
        self._heard.told_state(self.state())
        self._heard.told_review(self.incoming())


__all__ = ["MANY", "Distrust", "Heard", "LiveSession", "NotShared", "Seen", "State", "shared"]
