"""Background work that a person can watch and stop: imports, exports, verifications.

Owns: the list of jobs, their progress and results, the threads that wait for them. Refuses: doing the work (media workers do).
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Literal

from app.services.errors import AppError

log = logging.getLogger(__name__)
JobState = Literal["waiting", "running", "done", "failed", "cancelled"]


class Cancelled(AppError):
    """A job was stopped by the person."""


@dataclass
class Job:
    """One piece of work. `fraction` is 0 to 1; `detail` says in words what it is at; `result` is set when done."""

    number: int
    kind: str
    title: str
    state: JobState = "waiting"
    fraction: float = 0.0
    detail: str = ""
    error: str = ""
    result: Any = None
    facts: dict[str, Any] = field(default_factory=dict)
    began: float = 0.0
    ended: float = 0.0
    cancel: threading.Event = field(default_factory=threading.Event)
    keep: bool = False
    """Cancelled because the program ends, not by a person: what is half made stays for another time."""

    def report(self, fraction: float, detail: str = "", **facts: Any) -> None:
        """Progress, from the job's own thread. Raises Cancelled when the person stopped it."""
        self.fraction, self.detail = fraction, detail
        self.facts.update(facts)
        if self.cancel.is_set():
            raise Cancelled(f"{self.title} was cancelled")


class JobQueue:
    """Runs jobs of one kind one after another, different kinds side by side. Listeners are called on the jobs' threads."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self._numbers = itertools.count(1)
        self._lines: dict[str, ThreadPoolExecutor] = {}
        self._listeners: list[Callable[[Job], None]] = []
        self._lock = threading.Lock()

    def subscribe(self, listener: Callable[[Job], None]) -> Callable[[], None]:
        """Calls `listener(job)` at each change; call the result to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def start(self, kind: str, title: str, work: Callable[[Job], Any]) -> Job:
        """Queues `work(job)`; what it returns becomes `job.result`, what it raises `job.error`."""
        job = Job(next(self._numbers), kind, title)
        with self._lock:
            self.jobs.append(job)
            line = self._lines.setdefault(kind, ThreadPoolExecutor(1, thread_name_prefix=f"job-{kind}"))
        self._tell(job)
        line.submit(self._run, job, work)
        return job

    def cancel(self, job: Job) -> None:
        job.cancel.set()
        if job.state == "waiting":
            self._end(job, "cancelled")

    def remove(self, job: Job) -> None:
        """Takes an ended job off the list."""
        with self._lock:
            if job in self.jobs and job.state in ("done", "failed", "cancelled"):
                self.jobs.remove(job)
        self._tell(job)

    def changed(self, job: Job) -> None:
        """For work that reports by its own means: tells listeners."""
        self._tell(job)

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        if job.cancel.is_set():
            return
        job.state, job.began = "running", time.time()
        self._tell(job)
        try:
            job.result = work(job)
            self._end(job, "cancelled" if job.cancel.is_set() else "done")
        except Cancelled:
            self._end(job, "cancelled")
        except Exception as error:
            if not job.cancel.is_set():
                log.warning("%s failed", job.title, exc_info=True)
            job.error = str(error) or type(error).__name__
            self._end(job, "cancelled" if job.cancel.is_set() else "failed")

    def _end(self, job: Job, state: JobState) -> None:
        job.state, job.ended = state, time.time()
        if state == "done":
            job.fraction = 1.0
        self._tell(job)

    def _tell(self, job: Job) -> None:
        for listener in list(self._listeners):
            listener(job)

    def close(self) -> None:
        """Cancels everything and waits for the threads. What is half made of an export is kept."""
        for job in list(self.jobs):
            if job.state in ("waiting", "running"):
                job.keep = True
                self.cancel(job)
        for line in self._lines.values():
            line.shutdown(wait=True, cancel_futures=True)
