"""Work in the background, as the window shows it.

Owns: telling the interface thread what the job queue does. Refuses: doing or queueing the work (app.services.jobs does).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.post import Post
from app.services.jobs import Job, JobQueue


def is_live(job: Job) -> bool:
    """Whether the job still waits or runs."""
    return job.state in ("waiting", "running")


class Jobs(QObject):
    """The job queue with Qt signals: `changed` at most four times a second while work goes on, `ended(job)` once for each."""

    changed = Signal()
    ended = Signal(object)

    def __init__(self, queue: JobQueue, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._over: set[int] = set()
        self._timer = QTimer(self, interval=250)
        self._timer.timeout.connect(self._tick)
        self._leave = queue.subscribe(lambda job: post(self._told, job))

    @property
    def rows(self) -> list[Job]:
        """Every job that is still listed, oldest first."""
        return list(self._queue.jobs)

    @property
    def live(self) -> list[Job]:
        return [job for job in self._queue.jobs if is_live(job)]

    def start(self, kind: str, title: str, work: Callable[[Job], Any], done: Callable[[Job], None] | None = None) -> Job:
        """Runs `work(job)` on a thread of its kind; `done(job)` comes on the interface thread when it has ended."""
        job = self._queue.start(kind, title, work)
        if done is not None:
            self._watch(job, done)
        return job

    def cancel(self, job: Job) -> None:
        self._queue.cancel(job)

    def remove(self, job: Job) -> None:
        self._queue.remove(job)

    def clear_ended(self) -> None:
        for job in self.rows:
            if not is_live(job):
                self._queue.remove(job)

    def close(self) -> None:
        self._timer.stop()
        self._leave()

    def _watch(self, job: Job, done: Callable[[Job], None]) -> None:
        def told(ended: Job) -> None:
            if ended is job:
                self.ended.disconnect(told)
                done(job)

        self.ended.connect(told)

    def _told(self, job: Job) -> None:
        if is_live(job):
            if not self._timer.isActive():
                self._timer.start()
        elif job.number not in self._over:
            self._over.add(job.number)
            self.ended.emit(job)
        self.changed.emit()

    def _tick(self) -> None:
        if not self.live:
            self._timer.stop()
        self.changed.emit()
