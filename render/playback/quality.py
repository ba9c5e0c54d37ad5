"""How large a viewer's frames are made.

Owns: full, half, quarter and the choice that `auto` makes. Refuses: drawing, and clocks.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

Quality = Literal["full", "half", "quarter", "auto"]
DIVISORS = {"full": 1, "half": 2, "quarter": 4}
_STEPS: tuple[Quality, ...] = ("full", "half", "quarter")


def scaled(width: int, height: int, quality: Quality | float) -> tuple[int, int]:
    """The size of a frame at `full`, `half`, `quarter` or a share of 0.01 to 1, rounded to even pixels, at least 2; full is untouched."""
    share = 1 / DIVISORS[quality] if isinstance(quality, str) else min(1.0, max(0.01, quality))
    return (width, height) if share == 1 else (max(2, round(width * share / 2) * 2), max(2, round(height * share / 2) * 2))


class AutoQuality:
    """Full while it stands still; while it plays, the largest size that is made in time.

    Goes down at once when the last frames took over 80 % of their time on average; up only when for seconds even the larger size
    (four times the pixels, so at most four times the time) would have taken less than half of it, so that it does not go to and fro.
    """

    def __init__(self, down_after: int = 8, up_after: int = 90) -> None:
        """How many frames must have been too slow, or quick enough for more."""
        self._taken: deque[float] = deque(maxlen=down_after)
        self._up_after = up_after
        self._quick = 0
        self._step = 0

    def choose(self, playing: bool) -> Quality:
        """The quality for the next frame."""
        return _STEPS[self._step] if playing else "full"

    def took(self, milliseconds: float, budget: float) -> None:
        """Notes what making a frame took while playing; `budget` is the time a frame is shown, both in ms."""
        self._taken.append(milliseconds)
        self._quick = self._quick + 1 if milliseconds * 4 < 0.5 * budget else 0
        slow = len(self._taken) == self._taken.maxlen and sum(self._taken) / len(self._taken) > 0.8 * budget
        if slow and self._step + 1 < len(_STEPS):
            self._step += 1
        elif self._quick >= self._up_after and self._step > 0:
            self._step -= 1
        else:
            return
        self._taken.clear()
        self._quick = 0
