"""Bringing work from any thread to the interface thread.

Owns: one queued signal, and answers for threads that need one. Refuses: waiting on the interface thread itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

log = logging.getLogger(__name__)
T = TypeVar("T")


class Closed(RuntimeError):
    """The window went before it could do what was asked."""


class Post(QObject):
    """Call `post(function, *args)` from any thread; it runs later on the thread that made this object.

    After `close` what still arrives is dropped, so that a worker that ends late cannot touch widgets that are gone.
    """

    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open = True
        self._lock = threading.Lock()
        self._waiting: set[Future[Any]] = set()
        self._arrived.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def __call__(self, function: Callable[..., object], *args: object) -> None:
        if self._open:
            try:
                self._arrived.emit((function, args))
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

    def _run(self, call: tuple[Callable[..., object], tuple[object, ...]]) -> None:
        if not self._open:
            return
        function, args = call
        try:
            function(*args)
        except Exception:
            log.exception("a call brought to the interface thread failed")
