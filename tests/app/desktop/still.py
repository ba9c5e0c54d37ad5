"""Pictures and sound that never come, for tests of what has nothing to do with them.

Owns: a renderer and a sound output that take everything and send nothing. Refuses: judging what was asked of them.
"""

from __future__ import annotations

from typing import Any


class StillRender:
    """A renderer that takes requests and sends nothing."""

    def __init__(self) -> None:
        self.requests: list[tuple[int, int, int]] = []
        self.peeks: list[tuple[list[Any], int, int]] = []
        self.prepared: list[tuple[int, int]] = []
        self.measures: list[tuple[list[Any], int, int]] = []

    def load(self, snapshot: Any, locations: Any) -> None: ...
    def change(self, change: Any, after: Any = None) -> None: ...
    def locate(self, asset: str, paths: Any) -> None: ...
    def on_trouble(self, callback: Any) -> None: ...

    def request(self, ticks: int, width: int, height: int, *more: Any, **named: Any) -> None:
        self.requests.append((ticks, width, height))

    def on_frame(self, callback: Any) -> None:
        self.send = callback

    def on_kept(self, callback: Any) -> None:
        self.keep = callback

    def peek(self, panes: Any, width: int, height: int) -> int:
        self.peeks.append((list(panes), width, height))
        return len(self.peeks)

    def prepare(self, start: int, end: int) -> None:
        self.prepared.append((start, end))

    def measure(self, clips: Any, width: int, height: int) -> int:
        self.measures.append((list(clips), width, height))
        return len(self.measures)

    def on_measured(self, callback: Any) -> None:
        self.send_sizes = callback

    def on_peek(self, callback: Any) -> None:
        self.send_peek = callback

    def close(self) -> None: ...


class Silence:
    """A sound output whose clock stands where playing began."""

    def __init__(self) -> None:
        self._at = 0

    def load(self, snapshot: Any, locations: Any) -> None: ...
    def change(self, change: Any, after: Any = None) -> None: ...
    def locate(self, asset: str, paths: Any) -> None: ...
    def on_trouble(self, callback: Any) -> None: ...
    def play(self, ticks: int, speed: float = 1.0, start: int | None = None, end: int | None = None, loop: bool = False) -> int:
        self._at = ticks
        return 1

    def scrub(self, ticks: int) -> None:
        self._at = ticks

    def stop(self) -> int:
        return self._at

    def position(self) -> int:
        return self._at

    def levels(self) -> None: ...
    def track_levels(self, tracks: Any) -> dict[str, Any]:
        return {}
    def close(self) -> None: ...
