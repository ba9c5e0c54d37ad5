"""Fetching media from others: from several at once, each piece checked as it comes.

Owns: what is wanted, who has it, which piece is asked of whom, giving up on those who give wrong ones. Refuses: lines, and what becomes
of a file that has arrived.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.services.collab.media.holdings import Wanted
from assets.pieces import Arrival, PieceList, PiecesError, WrongList, WrongPiece, decode
from editor_core.sync.media_messages import MAX_ASKED, Ask, AskList, Has, Listed, PieceOf, Said, Sorry, Who

log = logging.getLogger(__name__)

AHEAD = 6
"""Pieces asked of one session at once."""
AT_ONCE = 3
"""Files on their way at once."""
LIST_WITHIN = 900.0
"""Seconds for a list of pieces: the stand-in may have to be made first."""
PIECE_WITHIN = 60.0
"""Seconds for a piece; then another is asked."""
ASK_AGAIN = 4.0
"""Seconds after which everybody is asked again who has what nobody has given."""
MOST_WRONG = 3
"""Wrong pieces from one session, after which nothing more is taken from it."""
Say = Callable[[int, Said], Awaitable[None]]
SayAll = Callable[[Said], Awaitable[None]]


@dataclass
class _Fetch:
    """One file on its way. `asked` holds number → (session, time of asking)."""

    wanted: Wanted
    size: int
    most: int
    sources: dict[int, PieceList] = field(default_factory=dict)
    listing: dict[int, float] = field(default_factory=dict)
    arrival: Arrival | None = None
    asked: dict[int, tuple[int, float]] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    @property
    def pieces(self) -> PieceList | None:
        return self.arrival.pieces if self.arrival is not None else None


@dataclass(frozen=True)
class Coming:
    """How far a file on its way is, in bytes."""

    wanted: Wanted
    done: int
    size: int


class Fetching:
    """Gets files from others. Belongs to the loop; disk work happens in threads."""

    def __init__(self, folder: Callable[[Wanted], Path], size_of: Callable[[Wanted], tuple[int, int]],
                 arrived: Callable[[Wanted, Arrival], Awaitable[str]]) -> None:
        """Parts are kept in `folder(wanted)`; `size_of` is what a file's size must be (0: not known) and may be at most; `arrived` takes
        a whole file over and returns why not, or nothing."""
        self._folder = folder
        self._size_of = size_of
        self._arrived = arrived
        self._wanted: dict[Wanted, None] = {}
        self._has: dict[Wanted, set[int]] = {}
        self._fetches: dict[Wanted, _Fetch] = {}
        self._given_up: dict[Wanted, str] = {}
        self._wrong: dict[int, int] = {}
        self._refused: set[tuple[int, Wanted]] = set()
        self._asked_at = 0.0
        self._asked_for: frozenset[Wanted] = frozenset()
        self._finishing: set[Wanted] = set()
        self.got = 0
        """Bytes of pieces taken so far."""
        self.wrong = 0
        """Pieces and lists refused so far."""
        self.wake = asyncio.Event()

    def want(self, wanted: Iterable[Wanted]) -> None:
        """From now on these are to be had, in this order; what is not among them is left as it is."""
        self._wanted = {one: None for one in wanted if one not in self._given_up and one not in self._finishing}
        for one in [one for one in self._fetches if one not in self._wanted]:
            self._drop(one)
        self.wake.set()

    @property
    def open(self) -> int:
        """How many files are still to be had."""
        return len(self._wanted) + len(self._finishing)

    @property
    def active(self) -> bool:
        """Whether something is on its way."""
        return bool(self._finishing or any(f.asked or f.listing for f in self._fetches.values()))

    @property
    def hopeless(self) -> bool:
        """Whether everybody was asked, a while ago, for all that is wanted, and nobody has any of it."""
        asked = set(self._wanted) <= self._asked_for and time.monotonic() - self._asked_at > 1.5
        return not self.active and asked and not any(self._sources(one) for one in self._wanted)

    @property
    def given_up(self) -> dict[Wanted, str]:
        """What cannot be had, and why."""
        return dict(self._given_up)

    def coming(self) -> list[Coming]:
        """Files on their way."""
        return [Coming(f.wanted, f.arrival.done if f.arrival else 0, f.arrival.pieces.size if f.arrival else f.size)
                for f in self._fetches.values()]

    def here(self, sessions: Iterable[int]) -> None:
        """Who is there now: what was asked of others is asked again elsewhere, and who is new is asked what it has."""
        present = set(sessions)
        for has in self._has.values():
            has &= present
        for fetch in self._fetches.values():
            fetch.asked = {number: (one, at) for number, (one, at) in fetch.asked.items() if one in present}
            fetch.listing = {one: at for one, at in fetch.listing.items() if one in present}
            fetch.sources = {one: pieces for one, pieces in fetch.sources.items() if one in present}
        self._asked_at = 0.0
        self.wake.set()

    async def work(self, say: Say, say_all: SayAll) -> None:
        """Asks until it is cancelled."""
        try:
            while True:
                self.wake.clear()
                await self._ask_who(say_all)
                await self._ask_for(say)
                try:
                    async with asyncio.timeout(0.5):
                        await self.wake.wait()
                except TimeoutError:
                    self._overdue()
        finally:
            for one in list(self._fetches):
                self._drop(one)

    async def hear(self, session: int, message: Said) -> None:
        """Takes an answer."""
        if isinstance(message, Has):
            for content_hash, kind in message.items:
                one = Wanted(content_hash, kind)
                if one in self._wanted:
                    self._has.setdefault(one, set()).add(session)
        elif isinstance(message, Listed):
            await self._listed(session, message)
        elif isinstance(message, PieceOf):
            await self._piece(session, message)
        elif isinstance(message, Sorry):
            self._sorry(session, message)
        self.wake.set()

    def _sources(self, one: Wanted) -> list[int]:
        return [session for session in self._has.get(one, ())
                if (session, one) not in self._refused and self._wrong.get(session, 0) < MOST_WRONG]

    async def _ask_who(self, say_all: SayAll) -> None:
        now = time.monotonic()
        wanted = [one for one in self._wanted if not self._sources(one)]
        if not wanted or (now - self._asked_at < ASK_AGAIN and set(wanted) <= self._asked_for):
            return
        self._asked_at, self._asked_for = now, frozenset(wanted)
        hashes = list(dict.fromkeys(one.hash for one in wanted))
        for first in range(0, min(len(hashes), 20 * MAX_ASKED), MAX_ASKED):
            await say_all(Who(tuple(hashes[first:first + MAX_ASKED])))

    async def _ask_for(self, say: Say) -> None:
        for one in list(self._wanted):
            if len(self._fetches) >= AT_ONCE and one not in self._fetches:
                continue
            sources = self._sources(one)
            fetch = self._fetches.get(one)
            if fetch is None:
                if not sources:
                    continue
                fetch = self._fetches[one] = _Fetch(one, *self._size_of(one))
            for session in sources:
                if session not in fetch.sources and session not in fetch.listing:
                    fetch.listing[session] = time.monotonic()
                    await say(session, AskList(one.hash, one.kind))
            await self._ask_pieces(fetch, say)

    async def _ask_pieces(self, fetch: _Fetch, say: Say) -> None:
        if fetch.arrival is None:
            return
        waiting = [number for number in fetch.arrival.missing if number not in fetch.asked]
        load = {session: 0 for session, pieces in fetch.sources.items() if pieces == fetch.arrival.pieces}
        for other in self._fetches.values():
            for session, _ in other.asked.values():
                if session in load:
                    load[session] += 1
        while waiting and load:
            session = min(load, key=lambda one: load[one])
            if load[session] >= AHEAD:
                return
            number = waiting.pop(0)
            load[session] += 1
            fetch.asked[number] = (session, time.monotonic())
            await say(session, Ask(fetch.wanted.hash, fetch.wanted.kind, number))

    async def _listed(self, session: int, message: Listed) -> None:
        one = Wanted(message.hash, message.kind)
        fetch = self._fetches.get(one)
        if fetch is None or fetch.listing.pop(session, None) is None:
            return
        try:
            pieces = decode(message.pieces)
            if fetch.size and pieces.size != fetch.size:
                raise WrongList("it is not as long as the project says")
            if pieces.size > fetch.most:
                raise WrongList(f"no {one.kind} of it can be {pieces.size} bytes long")
        except WrongList as error:
            self._distrust(session, one, str(error))
            return
        fetch.sources[session] = pieces
        if fetch.arrival is None:
            try:
                fetch.arrival = await asyncio.get_running_loop().run_in_executor(None, Arrival, self._folder(one), pieces)
            except OSError as error:
                self._give_up(one, f"it cannot be written here: {error.strerror or error}")
                return
            await self._maybe_done(fetch)

    async def _piece(self, session: int, message: PieceOf) -> None:
        one = Wanted(message.hash, message.kind)
        fetch = self._fetches.get(one)
        if fetch is None or fetch.arrival is None or fetch.asked.get(message.number, (0, 0.0))[0] != session:
            return
        arrival = fetch.arrival
        try:
            await asyncio.get_running_loop().run_in_executor(None, arrival.put, message.number, message.raw)
            self.got += len(message.raw)
        except WrongPiece as error:
            self._distrust(session, one, str(error))
        except OSError as error:
            self._give_up(one, f"it cannot be written here: {error.strerror or error}")
            return
        finally:
            fetch.asked.pop(message.number, None)
        await self._maybe_done(fetch)

    async def _maybe_done(self, fetch: _Fetch) -> None:
        arrival = fetch.arrival
        if arrival is None or arrival.missing or self._fetches.get(fetch.wanted) is not fetch:
            return
        del self._fetches[fetch.wanted]
        self._wanted.pop(fetch.wanted, None)
        self._finishing.add(fetch.wanted)
        task = asyncio.ensure_future(self._finish(fetch, arrival))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _finish(self, fetch: _Fetch, arrival: Arrival) -> None:
        try:
            why = await self._arrived(fetch.wanted, arrival)
        except (OSError, PiecesError) as error:
            why = str(error)
        finally:
            self._finishing.discard(fetch.wanted)
            arrival.close()
            self.wake.set()
        if why:
            for session, pieces in fetch.sources.items():
                if pieces == arrival.pieces:
                    self._distrust(session, fetch.wanted, why)
            if self._sources(fetch.wanted):
                self._wanted[fetch.wanted] = None
            else:
                self._given_up[fetch.wanted] = why

    def _sorry(self, session: int, message: Sorry) -> None:
        one = Wanted(message.hash, message.kind)
        fetch = self._fetches.get(one)
        if fetch is None:
            return
        if message.number < 0:
            log.info("a session does not give %s of %s: %s", one.kind, one.hash, message.reason)
            self._without(session, one)
        else:
            fetch.asked.pop(message.number, None)

    def _distrust(self, session: int, one: Wanted, why: str) -> None:
        log.warning("what session %x gives of %s is refused: %s", session, one.hash, why)
        self.wrong += 1
        self._wrong[session] = self._wrong.get(session, 0) + 1
        self._without(session, one)

    def _without(self, session: int, one: Wanted) -> None:
        self._refused.add((session, one))
        fetch = self._fetches.get(one)
        if fetch is None:
            return
        fetch.sources.pop(session, None)
        fetch.listing.pop(session, None)
        fetch.asked = {number: (by, at) for number, (by, at) in fetch.asked.items() if by != session}
        if not fetch.sources and not fetch.listing:
            self._drop(one)
        elif fetch.arrival is not None and fetch.arrival.pieces not in fetch.sources.values():
            fetch.arrival.close()
            fetch.arrival = Arrival(self._folder(one), next(iter(fetch.sources.values()))) if fetch.sources else None

    def _overdue(self) -> None:
        """Who does not answer in time is not asked for this again."""
        now = time.monotonic()
        for one, fetch in list(self._fetches.items()):
            late = {session for session, at in fetch.listing.items() if now - at > LIST_WITHIN}
            late |= {session for session, at in fetch.asked.values() if now - at > PIECE_WITHIN}
            for session in late:
                self._without(session, one)

    def _give_up(self, one: Wanted, why: str) -> None:
        log.warning("%s of %s cannot be had: %s", one.kind, one.hash, why)
        self._given_up[one] = why
        self._wanted.pop(one, None)
        self._drop(one)

    def _drop(self, one: Wanted) -> None:
        fetch = self._fetches.pop(one, None)
        if fetch is not None and fetch.arrival is not None:
            fetch.arrival.close()
