"""A renderer or a sound that is made a moment later, when there is time for its process to start.

Owns: what is said to it before it is there. Refuses: deciding when that is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

_AT_ONCE = ("play", "position", "levels", "track_levels", "peek", "measure")
"""What asks for an answer, or for sound: then it is made at once."""


class Late:
    """Stands for a port. Everything that is said to it before `start` is said to the real one then, in order; its answers are 0."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._port: Any = None
        self._told: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._closed = False

    @property
    def started(self) -> bool:
        return self._port is not None

    def start(self) -> None:
        """Makes it, unless it is there or was closed."""
        if self._port is not None or self._closed:
            return
        self._port = self._make()
        told, self._told = self._told, []
        for name, args, more in told:
            getattr(self._port, name)(*args, **more)

    def close(self) -> None:
        self._closed = True
        if self._port is not None:
            self._port.close()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _AT_ONCE:
            self.start()
        if self._port is not None:
            return getattr(self._port, name)

        def say(*args: Any, **more: Any) -> int:
            if self._port is not None:
                getattr(self._port, name)(*args, **more)
            else:
                self._told.append((name, args, more))
            return 0

        return say


def end(*ports: Any) -> None:
    """Closes ports beside the thread that calls: each waits for the end of a process."""
    threading.Thread(target=lambda: [port.close() for port in ports], name="end of a review").start()
