"""Bringing work from any thread to the interface thread.

Owns: one queued signal, and answers for threads that need one. Refuses: waiting on the interface thread itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

log = logging.getLogger(__name__)
T = TypeVar("T")
SPELL = 0.005
"""Seconds that calls may take one after the other before events and painting have their turn."""


class Closed(RuntimeError):
    """The window went before it could do what was asked."""


class Post(QObject):
    """Call `post(function, *args)` from any thread; it runs later on the thread that made this object.

    After `close` what still arrives is dropped, so that a worker that ends late cannot touch widgets that are gone.
    """

    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._lock = threading.Lock()
        self._waiting: set[Future[Any]] = set()
        self._calls: deque[tuple[Callable[..., object], tuple[object, ...]]] = deque()
        self._spent = 0.0
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._run_on)
        self._arrived.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def __call__(self, function: Callable[..., object], *args: object) -> None:
        if self._open:
            try:
                self._calls.append((function, args))
                self._arrived.emit()
            except RuntimeError:  # the Qt object went first, at exit
                self._open = False

    def ask(self, function: Callable[..., T], *args: object, timeout: float = 120.0) -> T:
        """Runs `function` on the interface thread and waits for its result, from another thread.

        Raises what the function raises, and Closed when the window went meanwhile.
        """
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(function(*args))
            except Exception as error:
                answer.set_exception(error)

        if not self._open:
            raise Closed("The window is closing")
        with self._lock:
            self._waiting.add(answer)
        self(run)
        try:
            return answer.result(timeout)
        finally:
            with self._lock:
                self._waiting.discard(answer)

    def promise(self, function: Callable[..., T], *args: object) -> Future[T]:
        """Runs `function` on the interface thread; a future of its result, which fails with Closed when the window goes first."""
        answer: Future[T] = Future()

        def run() -> None:
            with self._lock:
                self._waiting.discard(answer)
            if not answer.set_running_or_notify_cancel():
                return
            try:
                answer.set_result(function(*args))
            except Exception as error:
                answer.set_exception(error)

        with self._lock:
            if not self._open:
                answer.set_exception(Closed("The window is closing"))
                return answer
            self._waiting.add(answer)
        self(run)
        return answer

    def close(self) -> None:
        self._open = False
        with self._lock:
            waiting, self._waiting = self._waiting, set()
        for answer in waiting:
            if not answer.done():
                answer.set_exception(Closed("The window is closing"))

    def _run(self) -> None:
        """The next call. When they have taken some milliseconds, the rest waits for the next turn of the event loop."""
        if not self._open or not self._calls or self._spent > SPELL:
            return
        function, args = self._calls.popleft()
        began = time.perf_counter()
        try:
            function(*args)
        except Exception:
            log.exception("a call brought to the interface thread failed")
        self._spent += time.perf_counter() - began
        if self._spent > SPELL:
            self._later.start()

    def _run_on(self) -> None:
        """A new turn: what was told to wait."""
        self._spent = 0.0
        for _ in range(len(self._calls)):
            self._run()
