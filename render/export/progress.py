"""How far an export or a verification is, as windows and terminals show it.

Owns: the value handed to listeners and the estimate of the remaining time. Refuses: showing it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import msgspec


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """`stage` is a word for people; `done` of `total` frames (or of 1000 where there are none); frames a second over the last
    seconds; `remaining` seconds, None while unknown; `kept` frames were there from an earlier, interrupted export."""

    stage: str
    done: int
    total: int
    fps: float = 0.0
    remaining: float | None = None
    kept: int = 0

    @property
    def share(self) -> float:
        """0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


OnProgress = Callable[[Progress], None]

_WINDOW = 8.0


class Pace:
    """Turns counts over time into Progress. Used by one thread."""

    def __init__(self, total: int, kept: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._kept = kept
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque([(clock(), kept)])

    def at(self, stage: str, done: int) -> Progress:
        """Progress with `done` frames finished now."""
        now = self._clock()
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        began, before = self._seen[0]
        fps = (done - before) / (now - began) if now > began else 0.0
        remaining = (self._total - done) / fps if fps > 0 else None
        return Progress(stage=stage, done=done, total=self._total, fps=max(0.0, fps), remaining=remaining, kept=self._kept)
