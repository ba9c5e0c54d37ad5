"""Bringing what came from a room into a document that a person works on.

Owns: portions that do not stop the window, waiting while the person is busy, holding back, the check on coming back. Refuses: sockets
(see `exchange`), what a review does with it (see `returning`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from app.services.collab.exchange import Exchange
from app.services.collab.returning import Apart, own_unsent
from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.document import ChangeSet
from editor_core.storage import StorageError
from editor_core.sync.envelope import Have
from editor_core.sync.merging import Merged

log = logging.getLogger(__name__)

PORTION = (1, 400)
"""Fewest and most changes applied at once."""
BLOCK = 0.008
"""Seconds that a portion should take on the window's thread."""
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

AGAIN = (1.0, 30.0)
"""Seconds until it is tried again where bringing in failed, first and at most."""


class Moments(NamedTuple):
    """`do` runs something on the document's thread, where `busy` says whether the person is in the middle of something, `merged` is told
    what was brought in and whether quietly, `review` that what came shall be looked at; `say` tells the state soon, from any thread."""

    do: Callable[[Callable[[], Any]], Awaitable[Any]]
    busy: Callable[[], bool]
    merged: Callable[[Merged, bool], None]
    review: Callable[[], None]
    say: Callable[[], None]


class Bringing:
    """Belongs to the exchange's loop, but for what runs by `do`."""

    def __init__(self, project: OpenProject, exchange: Exchange, moments: Moments, held: bool) -> None:
        self.held = held
        self.returning = False
        self.wake = asyncio.Event()
        self.take_now = False
        self._project = project
        self._exchange = exchange
        self._participant = exchange.participant
        self._moments = moments
        self._apart: Apart | None = None
        self._back_at: float | None = None
        self._missed = False
        self._came_at = 0.0
        self._portion = 8
        self._taking = False
        self._base: Have = {}

    def came_back(self) -> None:
        """There is a connection again. Where it broke soon after it had come back, what was done before that still counts as done apart:
        it may have been given meanwhile, and others may come back only now."""
        now = time.monotonic()
        again = self._back_at is not None and now - self._back_at < APART
        self._apart, self._back_at, self._missed = None, now, True
        if not again:
            self._base = {document: dict(counts) for document, counts in self._exchange.has.items()}

    def never_left(self) -> None:
        """There is a connection again, and it was this program itself that had set the one before aside."""
        self._apart, self._back_at, self._missed = None, None, False
        self._base = {document: dict(counts) for document, counts in self._exchange.has.items()}

    async def came(self) -> int:
        """Something came, and is kept."""
        self._came_at = time.monotonic()
        self.wake.set()
        self._moments.say()
        return 0

    async def apply(self) -> None:
        """Brings in what came, for ever."""
        delay = AGAIN[0]
        while True:
            await self.wake.wait()
            self.wake.clear()
            self._taking, self.take_now = self.take_now, False  # asked for meanwhile: it is for the next turn
            judged = True
            try:
                if not self.held and self._back_at is not None and time.monotonic() - self._back_at < APART and not self._taking:
                    judged = await self._come_back(self._back_at)
                if self._taking or (judged and not self.held):
                    await self._bring_in()
                delay = AGAIN[0]
            except (AppError, StorageError) as error:
                log.error("what came cannot be brought in: %s", error)
                await asyncio.sleep(delay)
                delay = min(2 * delay, AGAIN[1])
                self.wake.set()
            except Exception:
                self.wake.set()
                raise
            self._taking = False
            self._moments.say()

    async def _read(self) -> None:
        """Reads from the file what waits, beside the window."""
        places = await self._moments.do(self._participant.unread)
        if places:
            pairs = await asyncio.to_thread(self._participant.read, places)
            await self._moments.do(lambda: self._participant.have_read(pairs))

    async def _come_back(self, since: float) -> bool:
        """After an absence: much, or what meets what was done here, is looked at first; the rest comes in quietly. False where the line
        broke before that was known: then what came waits until it is back."""
        missed = time.monotonic() - since < RETURN
        if self._apart is not None and not missed and not self._apart:
            return True
        quiet = GATHER[0] if self._apart is None else GATHER[1] if missed else 0.0
        until = time.monotonic() + GATHER[2]
        while not self._exchange.caught_up or time.monotonic() < min(until, self._came_at + quiet):
            if not self._exchange.online:
                return False
            await asyncio.sleep(0.02)
        await self._read()
        await self._moments.do(lambda: self._judge(missed))
        return True

    def _judge(self, missed: bool) -> None:
        one, view = self._participant, self._project.snapshot
        if self._apart is None:
            mine = sorted(own_unsent(one, self._base), key=one.merger.order.rank)
            self._apart = Apart([self._project.file.change(stamp) for stamp in mine], view)
        self._look_first(one.coming()[0].changes, missed)

    def _look_first(self, coming: Sequence[ChangeSet], missed: bool) -> bool:
        """Has what is coming looked at, if it is much after an absence or meets what was done here; whether that is so."""
        one, view = self._participant, self._project.snapshot
        assert self._apart is not None
        if not coming or not ((missed and len(coming) > MANY) or self._apart.meets(coming, one.merger.order, view)):
            return False
        self.held = self.returning = True
        self._moments.review()
        return True

    async def _bring_in(self) -> None:
        await self._read()
        while True:
            took, left = await self._moments.do(self._bring_portion)
            if took is None:
                await asyncio.sleep(PATIENCE)
                continue
            if not left:
                return
            await asyncio.sleep(0)

    def _may_come(self, coming: Sequence[ChangeSet]) -> bool:
        """Whether nothing speaks against bringing this in: it may have come after the look at what was waiting, and the line may have
        broken since."""
        since = self._back_at
        if self._taking or since is None or time.monotonic() - since >= APART:
            return True
        return self._apart is not None and not self._look_first(coming, time.monotonic() - since < RETURN)

    def _bring_portion(self) -> tuple[bool | None, int]:
        """One portion; (None, …) while the person is busy. The second is whether there may be more."""
        if self.held and not self._taking:
            return True, 0
        one = self._participant
        if not one.waiting:
            self._missed = self._missed and not self._exchange.caught_up
            return True, 0
        if self._moments.busy():
            return None, one.waiting
        began = time.perf_counter()
        arriving, places = one.coming(at_most=self._portion)
        if not places or not self._may_come(arriving.changes):
            return True, 0
        merged = one.bring(arriving, places, wait=False)
        took = time.perf_counter() - began
        self._portion = min(PORTION[1], max(PORTION[0], round(self._portion * min(2.0, BLOCK / max(took, 1e-4)))))
        if merged is not None:
            self._exchange.report.applied += len(merged.change.merged)
            self._moments.merged(merged, self._missed)
        self._missed = self._missed and bool(one.waiting)
        return True, one.waiting
