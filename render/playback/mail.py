"""What has come to the render server and is not dealt with.

Owns: orders in the order they came, of requests the newest, waiting for either. Refuses: dealing with them.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from render.messages import Peek, Show
from render.wire import WireError


class Mail:
    """What has come and is not dealt with: everything in order but requests, of which only the newest counts."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._orders: deque[Any] = deque()
        self._show: Show | None = None
        self._peek: Peek | None = None
        self._error: WireError | None = None

    def put(self, message: Any) -> None:
        with self._changed:
            if isinstance(message, Show):
                self._show = message
            elif isinstance(message, Peek):
                self._peek = message
            else:
                self._orders.append(message)
            self._changed.notify()

    def end(self, error: WireError) -> None:
        with self._changed:
            self._error = error
            self._changed.notify()

    def orders(self, *, wait: float | None, known: Show | Peek | None) -> list[Any]:
        """Orders that have come; waits up to `wait` seconds (None: for ever) for something new. Raises WireError at the end."""
        with self._changed:
            if wait is None or wait > 0:
                self._changed.wait_for(lambda: self._orders or self._error or self.wanted is not known, wait)
            if self._error is not None:
                raise self._error
            taken = list(self._orders)
            self._orders.clear()
            return taken

    @property
    def wanted(self) -> Show | Peek | None:
        """The newest request, frames before peeks."""
        return self._show or self._peek

    def done(self, request: Show | Peek) -> None:
        with self._changed:
            if self._show is request:
                self._show = None
            elif self._peek is request:
                self._peek = None
