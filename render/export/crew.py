"""Runs of stretches shared out to workers, with retries, work taken over from slower workers, and cancelling.

Owns: which stretch is made by whom, what is counted as done, when trying ends. Refuses: knowing what a stretch holds.

A worker makes its run from start to end and claims each stretch by creating `NAME.claim` before it begins. A worker that has
finished its run is given the later half of what the slowest run has not begun; the claim decides if both come to it.
"""

from __future__ import annotations

import itertools
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, Protocol

from render.export.errors import Cancelled, ExportError, OfflineMedia, OutOfSpace, StretchFailed
from render.pool import TaskError, TaskFailed

TRIES = 3
QUIET_SECONDS = 180.0
"""A task that reports nothing for so long hangs."""

_POLL = 0.05
_CLAIM_TRIES, _CLAIM_PAUSE = 40, 0.005
_log = logging.getLogger(__name__)


class Pool(Protocol):
    """The part of `render.pool.TaskPool` that an export uses."""

    def submit(self, name: str, args: Mapping[str, Any], *, timeout: float | None = 60.0, quiet: float | None = None,
               on_progress: Callable[[dict[str, Any]], None] | None = None, priority: int = 0,
               about: str = "") -> Future[dict[str, Any]]: ...


class Piece:
    """One stretch in the crew's book: its file `name` in the work folder, and how it goes."""

    def __init__(self, name: str, first: int, count: int) -> None:
        self.name = name
        self.first = first
        self.count = count
        self.frames = 0
        self.finished = False
        self.tries = 0
        self.order: Order | None = None


class Order:
    """One task for the pool. A run has `pieces`; the sound has none. `args(number, pieces)` makes the task's arguments."""

    def __init__(self, task: str, about: str, args: Callable[[int, Sequence[Piece]], Mapping[str, Any]], pieces: Sequence[Piece] = (),
                 on_report: Callable[[dict[str, Any]], None] = lambda report: None, most_tries: int = TRIES,
                 late: float = math.inf) -> None:
        """`late` is how many seconds the run that takes longest has still to go when this order is begun; without it, it is at once."""
        self.late = late
        self.task = task
        self.about = about
        self.args = args
        self.on_report = on_report
        self.most_tries = most_tries
        self.pieces = list(pieces)
        self.number = 0
        self.tries = 0
        self.begun = 0.0
        self.future: Future[dict[str, Any]] | None = None
        self.result: dict[str, Any] = {}

    def seconds_left(self) -> float:
        """How long it still takes at the pace that it had so far."""
        pieces = [piece for piece in self.pieces if piece.order is self]
        made = sum(piece.count if piece.finished else piece.frames for piece in pieces)
        left = sum(piece.count for piece in pieces) - made
        return left * (time.monotonic() - self.begun) / made if made else math.inf


class Crew:
    """Carries out orders. One thread calls `work`; `tick` is called on it about twenty times a second."""

    def __init__(self, pool: Pool, folder: Path, timecode: Callable[[int], str], cancel: threading.Event | None = None,
                 what: str = "export") -> None:
        self._pool = pool
        self._folder = folder
        self._timecode = timecode
        self._cancel = cancel or threading.Event()
        self._what = what
        self._events: queue.SimpleQueue[tuple[int, dict[str, Any] | None]] = queue.SimpleQueue()
        self._active: dict[int, Order] = {}
        self._numbers = itertools.count(1)
        self._pieces: list[Piece] = []
        self._runs = 0

    def work(self, orders: Sequence[Order], tick: Callable[[], None] = lambda: None) -> None:
        """Returns when all orders are carried out. Raises Cancelled, StretchFailed, OutOfSpace; then no task is running any more."""
        self._pieces = [piece for order in orders for piece in order.pieces]
        self._runs = sum(1 for order in orders if order.pieces)
        waiting = [order for order in orders if order.late < math.inf]
        try:
            for order in orders:
                if order not in waiting:
                    self._start(order)
            while waiting or self._active:
                for order in [order for order in waiting if self._is_time_for(order)]:
                    waiting.remove(order)
                    self._start(order)
                if self._cancel.is_set():
                    raise Cancelled(f"The {self._what} was stopped")
                for number, report in self._arrived():
                    if number in self._active:
                        self._heard(self._active[number], report)
                tick()
        finally:
            self._stop()

    def _is_time_for(self, order: Order) -> bool:
        """Whether late work is to begin: a worker has become free, or the longest run ends when this would, begun now."""
        runs = [active for active in self._active.values() if active.pieces]
        return len(runs) < self._runs or max((run.seconds_left() for run in runs), default=0.0) <= order.late

    def _arrived(self) -> Iterator[tuple[int, dict[str, Any] | None]]:
        try:
            yield self._events.get(timeout=_POLL)
            while True:
                yield self._events.get_nowait()
        except queue.Empty:
            return

    def _start(self, order: Order) -> None:
        number = order.number = next(self._numbers)
        for piece in order.pieces:
            piece.order = order
            piece.frames = 0
        self._active[number] = order
        order.begun = time.monotonic()
        order.future = self._pool.submit(order.task, order.args(number, order.pieces), timeout=None, quiet=QUIET_SECONDS,
                                         about=order.about, on_progress=lambda report: self._events.put((number, report)))
        order.future.add_done_callback(lambda future: self._events.put((number, None)))

    def _heard(self, order: Order, report: dict[str, Any] | None) -> None:
        if report is None:
            self._ended(order)
            return
        piece = next((p for p in self._pieces if p.first == report.get("first")), None)
        if piece is not None:
            piece.frames = max(piece.frames, min(piece.count, int(report.get("frames", 0))))
            piece.finished = piece.finished or bool(report.get("finished"))
        order.on_report(report)

    def _ended(self, order: Order) -> None:
        assert order.future is not None
        del self._active[order.number]
        try:
            order.result = order.future.result()
        except (TaskError, CancelledError) as error:
            self._failed(order, error)
            return
        for piece in order.pieces:
            piece.finished = piece.finished or (self._folder / piece.name).exists()
            if not piece.finished and (claimed := self._active.get(self._claim(piece))) is not None:
                piece.order = claimed
        if any(not piece.finished and piece.order is order for piece in order.pieces):
            self._failed(order, TaskFailed("the worker left it out"))
        else:
            self._take_over()

    def _failed(self, order: Order, error: BaseException) -> None:
        if isinstance(error, TaskFailed) and error.kind in _FINAL:
            raise _FINAL[error.kind](str(error)) from None
        about, tries = f"The {order.about}", order.tries + 1
        left = [piece for piece in self._pieces if not piece.finished and self._answers_for(order, piece)]
        if left:
            worst = next((piece for piece in left if self._claim(piece) == order.number), left[0])
            worst.tries += 1
            tries = worst.tries
            about = f"The film from {self._timecode(worst.first)} to {self._timecode(worst.first + worst.count)}"
        elif order.pieces:
            return
        if tries >= order.most_tries:
            again = f", also not at try {tries}" if tries > 1 else ""
            raise StretchFailed(f"{about} could not be made{again}: {error}", str(error)) from None
        _log.warning("%s: %s; trying again", about, error)
        for piece in left:
            (self._folder / f"{piece.name}.claim").unlink(missing_ok=True)
        order.pieces, order.tries = left, order.tries + 1
        self._start(order)

    def _answers_for(self, order: Order, piece: Piece) -> bool:
        claim = self._claim(piece)
        return claim == order.number or (piece.order is order and claim not in self._active)

    def _claim(self, piece: Piece) -> int:
        """The number of the order that has begun a piece, 0 for none."""
        path = self._folder / f"{piece.name}.claim"
        for _ in range(_CLAIM_TRIES):
            try:
                words = path.read_text()
            except OSError:
                return 0
            if words.isdigit():
                return int(words)
            time.sleep(_CLAIM_PAUSE)  # made a moment ago, the number is about to be written
        return 0

    def _take_over(self) -> None:
        """Gives the worker that has just become free the later half of what is not begun of the longest run."""
        if sum(1 for order in self._active.values() if order.pieces) >= self._runs:
            return  # what became free did something else: more runs at once than were wanted would only share the same cores
        if any(order.future is not None and not order.future.running() for order in self._active.values()):
            return  # somebody still waits for a worker
        # A run whose worker has begun nothing is about to: taking its only piece would make two workers of one.
        busy = {number: order for number, order in self._active.items() if any(self._claim(p) == number for p in order.pieces)}
        waiting = {number: [p for p in order.pieces if p.order is order and not p.finished and not self._claim(p)]
                   for number, order in busy.items()}
        number = max(waiting, key=lambda n: sum(piece.count for piece in waiting[n]), default=0)
        taken = waiting.get(number, [])
        taken = taken[len(taken) // 2:]
        if taken:
            slowest = self._active[number]
            self._start(Order(slowest.task, slowest.about, slowest.args, taken, slowest.on_report))

    def _stop(self) -> None:
        for order in self._active.values():
            if order.future is not None:
                order.future.cancel()
        self._active.clear()


_FINAL: dict[str, type[ExportError]] = {"DiskFull": OutOfSpace, "OfflineMedia": OfflineMedia}
"""Kinds of failure that another try cannot mend."""

