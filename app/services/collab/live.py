"""A shared project that a window holds: connected for as long as it is open.

Owns: the thread and loop of the exchange, applying what came in portions that do not stop the window, holding it back, the check on
coming back, presence in and out. Refuses: widgets; touching the document on its own thread.

`promise` runs something on the document's thread and gives a future of it; every callback of `Heard` happens there.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.exchange import Distrust
from app.services.collab.participant import NotShared
from app.services.collab.returning import Apart, RoomIncoming, not_given, own_unsent
from app.services.collab.telling import Heard, Seen, State, shared
from app.services.collab.ways import exchange_for
from app.services.errors import AppError
from app.services.merging import derive
from app.services.open_project import OpenProject
from editor_core.storage import StorageError
from editor_core.sync.cut import Cut, digest_of
from editor_core.sync.envelope import Have, public
from editor_core.sync.merging import Merged
from editor_core.sync.messages import Present
from editor_core.sync.presence import RATE, Fast, PresenceRefused, Slow, hear_fast, hear_slow, say_fast, say_slow

log = logging.getLogger(__name__)
T = TypeVar("T")
Promise = Callable[[Callable[[], Any]], "Future[Any]"]

PORTION = (1, 400)
"""Fewest and most changes applied at once."""
BLOCK = 0.008
"""Seconds that a portion should take on the window's thread."""
INTRODUCE = 0.2
"""Seconds between two introductions."""
CROWD = 400
"""Presences a second that a window should have to look at: the more people there are, the less often each says where it is."""
PATIENCE = 0.05
"""Seconds between looks whether the person is still in the middle of something."""
MANY = 25
"""Changes after an absence that are reviewed rather than merged quietly."""
GATHER = (0.4, 0.06, 3.0)
"""After an absence, seconds without anything coming until what came is judged, first and later; and seconds in all."""
RETURN = 6.0
"""Seconds after an absence for which what comes counts as missed: others may come back a little later."""
APART = 60.0
"""Seconds for which what comes may still have been made without knowing what was done here meanwhile."""


class LiveSession:
    """One project in its room. Made, closed and called on the document's thread."""

    def __init__(self, project: OpenProject, key: Ed25519PrivateKey, session: int, name: str, promise: Promise, heard: Heard,
                 busy: Callable[[], bool], *, held: bool = False, known: Mapping[int, int] | None = None) -> None:
        """`busy` says whether the person is in the middle of a gesture, `known` what `given` was the last time.

        Raises NotShared, AppError, StorageError.
        """
        self.project = project
        self.session = session
        self._promise, self._heard, self._busy = promise, heard, busy
        self._key = key
        self._exchange = exchange_for(project, self._key, session, self._do, self._came)
        self.participant = self._exchange.participant
        self.held = held
        self.returning = False
        self._name = name
        self._known = dict(known or {})
        self._voice = Ed25519PrivateKey.generate()
        self._number = 0
        self._seen: dict[int, Seen] = {}
        self._exchange.on_line = self._line_changed
        self._exchange.on_present = self._present
        self._loop = asyncio.new_event_loop()
        self._work: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._apart: Apart | None = None
        self._back_at: float | None = None
        self._missed = False
        self._came_at = 0.0
        self._was_online = False
        self._portion = 8
        self._take_now = self._taking = False
        self._closed = False
        self._saying = self._showing = False
        self._shown_at = 0.0
        self._fast: Fast | None = None
        self._panel = ""
        self.cut = self.knows = self.parts = b""
        self._to_introduce = asyncio.Event()
        self._to_show = asyncio.Event()
        self._paused = asyncio.Event()
        self._unpaused = asyncio.Event()
        self._unpaused.set()
        self._base: Have = {}
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)

    # from the document's thread

    def start(self) -> None:
        """Connects, and stays."""
        self._thread.start()

    def close(self, within: float = 2.0) -> None:
        """Ends the connection; what is not given yet stays in the file."""
        if self._closed:
            return
        self._closed = True
        if self._thread.ident is None:
            self._loop.close()
            return
        self._call(self._end)
        self._thread.join(within)

    def changed(self) -> None:
        """The document is another: something was done here, or by others."""
        self._call(self._exchange.something_changed)
        self._call(self._to_introduce.set)
        self.say()

    def rename(self, name: str) -> None:
        """The person is called another name."""
        self._name = name
        self._call(self._to_introduce.set)

    def hold(self, on: bool) -> None:
        """Held: what others do is kept and not shown. Live again: it is brought in."""
        self.held = on
        if not on:
            self.returning = False
        self._call(self._wake.set)
        self.say()

    def take_waiting(self) -> None:
        """Brings in what waits now. Held stays held, unless it was held for a review."""
        if self.returning:
            self.held = self.returning = False
        self._take_now = True
        self._call(self._wake.set)

    def free(self) -> None:
        """The person let go of something: what waited for that comes now."""
        if self.participant.waiting:
            self._call(self._wake.set)

    def resync(self) -> bool:
        """Works the film out again from all changes, and exchanges everything anew; whether something was different."""
        found = derive(self.project, self.participant.merger)
        asyncio.run_coroutine_threadsafe(self._exchange.drop(), self._loop)
        return found

    def show(self, fast: Fast) -> None:
        """Where this session is; goes out at most 20 times a second."""
        self._fast = fast
        self._call(self._to_show.set)

    def introduce(self, panel: str) -> None:
        """Who this session is, where in the window, and what cut it has; soon."""
        self._panel = panel
        self._call(self._to_introduce.set)

    def incoming(self) -> RoomIncoming:
        """What waits, for a review."""
        return RoomIncoming(self.participant, self._title(), self._taken)

    def aside(self, work: Callable[[Callable[[Callable[[], Any]], Awaitable[Any]]], Awaitable[T]]) -> Future[T]:
        """Runs something that talks with the relay itself, with `do` for what touches the project; the line is closed meanwhile."""
        return asyncio.run_coroutine_threadsafe(self._aside(work), self._loop)

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
        return State(line=line, why=str(exchange.trouble or ""), role=one.role, relay=one.room.relay, name=one.members.name,
                     waiting=one.waiting, to_send=self._to_send(), round_trip=exchange.round_trip, held=self.held,
                     returning=self.returning, encrypted=one.encrypted, members=tuple(one.members.present()),
                     order=tuple(dict.fromkeys(one.rooms.actors.values())))

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
        self.returning = False
        if merged is not None:
            self._heard.told_merged(merged, False)
        self.held = False
        self._call(self._wake.set)
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
        parts = (self._stay, self._apply, self._show, self._introduce, self._beat)
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
        while True:
            await self._unpaused.wait()
            stay = asyncio.create_task(self._exchange.stay())
            pause = asyncio.create_task(self._paused.wait())
            try:
                await asyncio.wait([stay, pause], return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()
                stay.cancel()
                outcome = (await asyncio.gather(stay, return_exceptions=True))[0]
            if isinstance(outcome, AppError):
                log.warning("a live session ends: %s", outcome)
                self._promise(functools.partial(self._heard.told_ended, str(outcome)))
                await asyncio.Event().wait()
            elif isinstance(outcome, Exception) and not isinstance(outcome, asyncio.CancelledError):
                log.error("the exchange failed", exc_info=outcome)
                await asyncio.sleep(2)

    async def _aside(self, work: Callable[..., Awaitable[T]]) -> T:
        self._unpaused.clear()
        self._paused.set()
        try:
            while self._exchange.online:
                await asyncio.sleep(0.005)
            return await work(self._do)
        finally:
            self._paused.clear()
            self._unpaused.set()

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
            self._wake.set()
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
            self._seen.clear()
            self._tell_people()
        if self._exchange.online and not self._was_online:
            self._apart, self._back_at, self._missed = None, time.monotonic(), True
            self._base = {document: dict(counts) for document, counts in self._exchange.has.items()}
        self._was_online = self._exchange.online
        if online:
            self._wake.set()
        self.say()

    async def _came(self) -> int:
        self._came_at = time.monotonic()
        self._wake.set()
        self.say()
        return 0

    # applying

    async def _apply(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            self._taking, self._take_now = self._take_now, False  # asked for meanwhile: it is for the next turn
            try:
                if not self.held and self._back_at is not None and time.monotonic() - self._back_at < APART and not self._taking:
                    await self._come_back(self._back_at)
                if not self.held or self._taking:
                    await self._bring_in()
            except (AppError, StorageError) as error:
                log.error("what came cannot be brought in: %s", error)
                await asyncio.sleep(1)
            self._taking = False
            self.say()

    async def _read(self) -> None:
        """Reads from the file what waits, beside the window."""
        places = await self._do(self.participant.unread)
        if places:
            pairs = await asyncio.to_thread(self.participant.read, places)
            await self._do(lambda: self.participant.have_read(pairs))

    async def _come_back(self, since: float) -> None:
        """After an absence: much, or what meets what was done here, is looked at first; the rest comes in quietly."""
        missed = time.monotonic() - since < RETURN
        if self._apart is not None and not missed and not self._apart:
            return
        quiet = GATHER[0] if self._apart is None else GATHER[1] if missed else 0.0
        until = time.monotonic() + GATHER[2]
        while not self._exchange.caught_up or time.monotonic() < min(until, self._came_at + quiet):
            if not self._exchange.online:
                return
            await asyncio.sleep(0.02)
        await self._read()
        await self._do(lambda: self._judge(missed))

    def _judge(self, missed: bool) -> None:
        one, view = self.participant, self.project.snapshot
        if self._apart is None:
            self._apart = Apart([self.project.file.change(stamp) for stamp in sorted(own_unsent(one, self._base))], view)
        coming = one.coming()[0].changes
        if coming and ((missed and len(coming) > MANY) or self._apart.meets(coming, one.merger.order, view)):
            self.held = self.returning = True
            self._heard.told_state(self.state())
            self._heard.told_review(self.incoming())

    async def _bring_in(self) -> None:
        await self._read()
        while True:
            took, left = await self._do(self._bring_portion)
            if took is None:
                await asyncio.sleep(PATIENCE)
                continue
            if not left:
                return
            await asyncio.sleep(0)

    def _bring_portion(self) -> tuple[bool | None, int]:
        """One portion; (None, …) while the person is busy. The second is whether there may be more."""
        if self.held and not self._taking:
            return True, 0
        one = self.participant
        if not one.waiting:
            self._missed = self._missed and not self._exchange.caught_up
            return True, 0
        if self._busy():
            return None, one.waiting
        began = time.perf_counter()
        arriving, places = one.coming(at_most=self._portion)
        if not places:
            return True, 0
        merged = one.bring(arriving, places, wait=False)
        took = time.perf_counter() - began
        self._portion = min(PORTION[1], max(PORTION[0], round(self._portion * min(2.0, BLOCK / max(took, 1e-4)))))
        if merged is not None:
            self._exchange.report.applied += len(merged.change.merged)
            self._heard.told_merged(merged, self._missed)
        self._missed = self._missed and bool(one.waiting)
        return True, one.waiting

    # presence

    async def _show(self) -> None:
        while True:
            await self._to_show.wait()
            self._to_show.clear()
            one, room = self._exchange, self.participant.room.id
            fast, self._fast = self._fast, None
            if fast is not None:
                self._number += 1
                with contextlib.suppress(AppError):
                    said = msgspec.structs.replace(fast, number=self._number)
                    await one.show(say_fast(said, self._voice, room, self.session))
            await asyncio.sleep(max(1 / RATE, len(self._seen) / CROWD))

    async def _introduce(self) -> None:
        """Says who this session is whenever something of that is another, with a digest of the cut that is worked out here."""
        cut, number, said = Cut(), 0, None
        one = self.participant
        while True:
            snapshot, heads, waiting = await self._do(lambda: (self.project.snapshot, one.merger.order.heads, one.waiting))
            self.cut, self.knows = await asyncio.to_thread(cut.digest, snapshot), digest_of(heads)
            self.parts = await asyncio.to_thread(cut.parts) if any(map(self._differs, self._seen.values())) else b""
            slow = Slow(0, public(self._key), public(self._voice), self._name, self._panel, self.cut, self.knows, waiting, self.held,
                        self.parts)
            if slow != said:
                said, number = slow, number + 1
                with contextlib.suppress(AppError):
                    numbered = msgspec.structs.replace(slow, number=number)
                    await self._exchange.show(say_slow(numbered, self._key, one.room.id, self.session), slow=True)
                self._tell_people()
            await asyncio.sleep(INTRODUCE)
            await self._to_introduce.wait()
            self._to_introduce.clear()

    def _differs(self, seen: Seen) -> bool:
        """Whether somebody has all that is known here, and yet another cut."""
        return bool(seen.slow.cut) and seen.slow.knows == self.knows and seen.slow.cut != self.cut

    def _present(self, message: Present) -> None:
        for session, raw in message.slow.items():
            if session != self.session:
                self._hear_slow(session, raw)
        for session, raw in message.states.items():
            if not raw:
                self._seen.pop(session, None)
            elif (seen := self._seen.get(session)) is not None:
                self._hear_fast(seen, raw)
        self._tell_people()

    def _hear_slow(self, session: int, raw: bytes) -> None:
        one = self.participant
        try:
            slow = hear_slow(raw, one.room.id, session)
        except PresenceRefused as error:
            log.debug("a presence was refused: %s", error)
            return
        seen = self._seen.get(session)
        if one.members.role(slow.key) is None or one.rooms.actors.get(session, slow.key) != slow.key:
            return
        if seen is None or seen.slow.voice != slow.voice:
            self._seen[session] = Seen(session, slow)
            early = self._exchange.peers.get(session)
            if early:
                self._hear_fast(self._seen[session], early)
        elif slow.number > seen.slow.number:
            seen.slow, seen.heard = slow, time.monotonic()
        if not self.parts and self._differs(self._seen[session]):
            self._to_introduce.set()  # each tells what its tracks are

    def _hear_fast(self, seen: Seen, raw: bytes) -> None:
        try:
            fast = hear_fast(raw, seen.slow.voice, self.participant.room.id, seen.session)
        except PresenceRefused as error:
            log.debug("a presence was refused: %s", error)
            return
        if seen.fast is None or fast.number > seen.fast.number:
            seen.fast, seen.heard = fast, time.monotonic()

    def _tell_people(self) -> None:
        """Tells who is there soon, and not more often than presence goes out."""
        if not self._showing and not self._closed:
            self._showing = True
            now = time.monotonic()
            self._shown_at = max(now, self._shown_at + 1 / RATE)
            self._loop.call_later(self._shown_at - now, lambda: self._promise(self._give_people))

    def _give_people(self) -> None:
        self._showing = False
        if not self._closed:
            self._heard.told_people({session: Seen(session, one.slow, one.fast, one.heard) for session, one in list(self._seen.items())})


__all__ = ["Distrust", "Heard", "LiveSession", "NotShared", "Seen", "State", "shared"]
