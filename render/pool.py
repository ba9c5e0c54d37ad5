"""Disposable media workers for background work: tasks in, futures out.

Owns: the queue, the worker processes, time-outs, the watchdog, recycling, cancelling. Refuses: media itself; nothing here loads
PyAV, Skia or Qt, so that a desktop or command-line process may import it.

A worker that crashes, hangs, or is cancelled costs its one task; the next task gets a new worker.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from typing import Any

from render.confine import Limits
from render.messages import Done, Failed, FromTaskWorker, Progress, RunTask
from render.nursery import Nursery
from render.spawn import WorkerProcess
from render.wire import WireError

_log = logging.getLogger(__name__)

Progressed = Callable[[dict[str, Any]], None]
DEFAULT_LIMITS = Limits()
BACKGROUND = Limits(nice=10, memory_mib=1536)
"""For pools whose work nobody waits for: probes, thumbnails, waveforms and hashes give way to playing, and need less memory."""


class TaskError(Exception):
    """The root of what a task's future raises; the message is for people."""


class TaskFailed(TaskError):
    """The task raised. `kind` is the class name of what it raised, such as `MediaUnreadable`."""

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.kind = kind


class TaskCrashed(TaskError):
    """The process that ran the task died or stopped answering."""


class TaskTimeout(TaskError):
    """The task took longer than it was given and was stopped."""


class TaskCancelled(TaskError, CancelledError):
    """The task was cancelled while it waited or ran."""


class PoolClosed(TaskError, RuntimeError):
    """A task was submitted to a pool that is closed."""


class TaskFuture(Future[dict[str, Any]]):
    """A future whose `cancel` also ends a task that is running, by killing its worker."""

    def __init__(self) -> None:
        super().__init__()
        self._worker: WorkerProcess | None = None
        self._guard = threading.Lock()

    def cancel(self) -> bool:
        if self.cancelled():
            return True
        if not super().cancel():
            return False
        self.set_running_or_notify_cancel()
        with self._guard:
            if self._worker is not None:
                self._worker.kill()
        return True

    def running(self) -> bool:
        return self._worker is not None and not self.done()

    def _runs_on(self, worker: WorkerProcess | None) -> bool:
        """Notes which worker runs it; False when it has been cancelled meanwhile."""
        with self._guard:
            self._worker = worker
        return not self.cancelled()


class _Job:
    def __init__(self, number: int, name: str, args: dict[str, Any], about: str, timeout: float | None, quiet: float | None,
                 on_progress: Progressed | None) -> None:
        self.order = RunTask(job=number, name=name, args=args)
        self.about = about
        self.timeout = timeout
        self.quiet = quiet
        self.on_progress = on_progress
        self.future = TaskFuture()

    def finish(self, result: dict[str, Any] | TaskError) -> None:
        try:
            if isinstance(result, TaskError):
                self.future.set_exception(result)
            else:
                self.future.set_result(result)
        except InvalidStateError:
            pass  # cancelled meanwhile


class TaskPool:
    """Up to `workers` processes, started when needed and ended after `idle_after` seconds without work.

    A worker is replaced after `tasks_each` tasks or when it holds over `recycle_mib` MiB. `silence` is how many seconds a worker
    may be without a heartbeat before it counts as hung: it then is killed, whatever the task's own time-out.
    """

    def __init__(self, workers: int = 2, *, limits: Limits = DEFAULT_LIMITS, tasks_each: int = 200, recycle_mib: int = 700,
                 silence: float = 10.0, idle_after: float = 20.0, environment: Mapping[str, str] | None = None,
                 nursery: Nursery | None = None) -> None:
        """Workers are split off from `nursery`, which is closed with the pool, where there is one."""
        self._nursery = nursery
        self._limits = limits
        self._tasks_each = tasks_each
        self._recycle_mib = recycle_mib
        self._silence = silence
        self._idle_after = idle_after
        self._environment = dict(environment or {})
        self._numbers = itertools.count(1)
        self._waiting: list[tuple[int, int, _Job]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._running: set[_Job] = set()
        self._free = 0
        self._most = max(1, workers)
        self._threads: list[threading.Thread] = []

    def submit(self, name: str, args: Mapping[str, Any], *, timeout: float | None = 60.0, quiet: float | None = None,
               on_progress: Progressed | None = None, priority: int = 0, about: str = "") -> TaskFuture:
        """Queues a task; higher `priority` first, then in order.

        `timeout` is seconds from its start, `quiet` seconds without progress, None for no limit. `about` names the thing it works
        on in messages; by default the name of the file in `args["path"]`. `on_progress` runs on a thread of the pool.
        The future raises TaskFailed, TaskCrashed, TaskTimeout or CancelledError; this raises PoolClosed after `close`.
        """
        subject = about or str(args.get("path", "")).replace("\\", "/").rpartition("/")[2] or name
        job = _Job(next(self._numbers), name, dict(args), subject, timeout, quiet, on_progress)
        with self._changed:
            if self._closed:
                raise PoolClosed("The media workers are closed")
            heapq.heappush(self._waiting, (-priority, job.order.job, job))
            if self._free < len(self._waiting) and len(self._threads) < self._most:
                thread = threading.Thread(target=self._work, name=f"media worker {len(self._threads) + 1}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return job.future

    def close(self) -> None:
        """Cancels what waits and what runs, ends all workers, and waits for that."""
        with self._changed:
            self._closed = True
            jobs = [job for _, _, job in self._waiting] + list(self._running)
            self._waiting.clear()
            self._changed.notify_all()
        for job in jobs:
            job.future.cancel()
        for thread in self._threads:
            thread.join(5)
        if self._nursery is not None:
            self._nursery.close()

    def __enter__(self) -> TaskPool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _work(self) -> None:
        seat = _Seat(self._limits, self._environment, self._silence, self._nursery)
        while True:
            job = self._next(seat)
            if job is None:
                break
            if not job.future.cancelled():
                job.finish(seat.run(job))
            with self._changed:
                self._running.discard(job)
            if seat.tasks >= self._tasks_each or seat.resident >= self._recycle_mib:
                seat.dismiss()
        seat.dismiss()

    def _next(self, seat: _Seat) -> _Job | None:
        with self._changed:
            self._free += 1
            try:
                if not self._changed.wait_for(lambda: self._waiting or self._closed, self._idle_after):
                    seat.dismiss()
                    self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return None
                job = heapq.heappop(self._waiting)[2]
                self._running.add(job)
                return job
            finally:
                self._free -= 1


class _Seat:
    """One place in the pool with at most one worker process; used by one thread, which also started the process."""

    def __init__(self, limits: Limits, environment: dict[str, str], silence: float, nursery: Nursery | None) -> None:
        self._nursery = nursery
        self._limits = limits
        self._environment = environment
        self._silence = silence
        self._worker: WorkerProcess | None = None
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.tasks = 0

    @property
    def resident(self) -> int:
        return self._worker.resident if self._worker is not None else 0

    def dismiss(self) -> None:
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def run(self, job: _Job) -> dict[str, Any] | TaskError:
        try:
            worker = self._ready()
            if not job.future._runs_on(worker):
                return TaskCancelled("cancelled")
            worker.send(job.order)
        except (WireError, OSError) as error:
            self.dismiss()
            return TaskCrashed(f"No media process could be started for {job.about}: {error}")
        self.tasks += 1
        outcome = self._await(job, worker)
        if not job.future._runs_on(None) or isinstance(outcome, (TaskCrashed, TaskTimeout)):
            self.dismiss()
        return outcome

    def _ready(self) -> WorkerProcess:
        if self._worker is None or not self._worker.alive:
            inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
            self._inbox = inbox
            self._worker = WorkerProcess("task", FromTaskWorker, on_message=inbox.put, on_gone=inbox.put, limits=self._limits,
                                         environment=self._environment,
                                         branch=self._nursery.branch if self._nursery is not None else lambda: None)
            self.tasks = 0
        return self._worker

    def _await(self, job: _Job, worker: WorkerProcess) -> dict[str, Any] | TaskError:
        begun = reported = time.monotonic()
        while True:
            try:
                message = self._inbox.get(timeout=0.2)
            except queue.Empty:
                message = None
            if isinstance(message, str):
                _log.warning("%s on %s: the media process %s\n%s", job.order.name, job.about, message, worker.printed)
                return TaskCrashed(f"Working on {job.about} ended the media process ({message}); the file may be damaged")
            if isinstance(message, (Done, Failed, Progress)) and message.job == job.order.job:
                reported = time.monotonic()
                if isinstance(message, Done):
                    return message.result
                if isinstance(message, Failed):
                    return TaskFailed(message.text, message.kind)
                self._report(job, message)
            late = self._late(job, worker, time.monotonic() - begun, time.monotonic() - reported)
            if late is not None:
                return late

    def _report(self, job: _Job, message: Progress) -> None:
        if job.on_progress is None:
            return
        try:
            job.on_progress(message.report)
        except Exception:
            _log.exception("progress of %s", job.order.name)

    def _late(self, job: _Job, worker: WorkerProcess, ran: float, quiet: float) -> TaskError | None:
        if job.timeout is not None and ran > job.timeout:
            return TaskTimeout(f"Working on {job.about} took longer than {job.timeout:g} seconds and was stopped")
        if job.quiet is not None and quiet > job.quiet:
            return TaskTimeout(f"Working on {job.about} made no progress for {job.quiet:g} seconds and was stopped")
        if worker.silence > self._silence:
            return TaskCrashed(f"The media process working on {job.about} stopped answering and was ended")
        return None
