"""Work that is spread over turns of the event loop.

Owns: doing one thing in a turn, when nothing else waits. Refuses: how long a thing may take; each is to be small.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

APART_MS = 2
"""From one to the next. Without any, the next one might begin before what came meanwhile was looked at."""


class Turns(QObject):
    """`add` what is to be done; what was added first is done first, unless the object it belongs to is gone by then. While `ahead` says
    so, something else has the turns."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ahead: Callable[[], bool] = lambda: False
        self._calls: deque[tuple[Callable[[], object], QObject]] = deque()
        self._timer = QTimer(self, interval=APART_MS)
        self._timer.timeout.connect(self._next)

    @property
    def busy(self) -> bool:
        return bool(self._calls)

    def add(self, call: Callable[[], object], owner: QObject) -> None:
        """At the end of what waits; a call that waits already waits where it is."""
        if (call, owner) not in self._calls:
            self._calls.append((call, owner))
        self._timer.start()

    def waits(self, call: Callable[[], object], owner: QObject) -> bool:
        return (call, owner) in self._calls

    def leave(self, owner: QObject) -> None:
        """Nothing that belongs to it is done any more."""
        self._calls = deque(one for one in self._calls if one[1] is not owner)

    def _next(self) -> None:
        if self.ahead():
            return
        while self._calls:
            call, owner = self._calls.popleft()
            if isValid(owner):
                call()
                break
        if not self._calls:
            self._timer.stop()
