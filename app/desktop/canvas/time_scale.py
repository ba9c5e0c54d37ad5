"""Ticks to pixels and back.

Owns: zoom and horizontal scroll of one timeline, and which pixel a time falls on. Refuses: widgets and rounding to frames.

A content pixel is `floor(ticks * pixels_per_tick)`; a viewport pixel is that less the scroll, which is whole, so that
scrolling moves what is painted by whole pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from editor_core.timing import TICKS_PER_SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_PIXELS_PER_SECOND = 0.002
"""A day in about 170 pixels."""


class TimeScale:
    """`pixels_per_second` is the zoom, `scroll` the content pixel at the left edge of the viewport (≥ 0)."""

    def __init__(self, pixels_per_second: float = 12.0, scroll: int = 0) -> None:
        self.pixels_per_second = pixels_per_second
        self.scroll = scroll

    @property
    def per_tick(self) -> float:
        return self.pixels_per_second / TICKS_PER_SECOND

    def content_x(self, ticks: int) -> int:
        """Content pixel of a time."""
        return int(ticks * self.per_tick // 1)

    def x(self, ticks: int) -> int:
        """Viewport pixel of a time."""
        return self.content_x(ticks) - self.scroll

    def xs(self, ticks: NDArray[np.int64]) -> NDArray[Any]:
        """Viewport pixels of many times; the same as `x` for each."""
        return np.floor(ticks * self.per_tick).astype(np.int64) - self.scroll

    def ticks(self, x: float) -> int:
        """The time at a viewport pixel, never negative."""
        return max(0, round((x + self.scroll) / self.per_tick))

    def span(self, pixels: float) -> int:
        """Length of time of a number of pixels."""
        return round(pixels / self.per_tick)

    def zoom(self, pixels_per_second: float, keep_x: float, most: float) -> None:
        """Changes the zoom (bounded by `most`) so that the time under viewport pixel `keep_x` stays there."""
        under = (keep_x + self.scroll) / self.per_tick
        self.pixels_per_second = min(max(pixels_per_second, MIN_PIXELS_PER_SECOND), most)
        self.scroll = max(0, round(under * self.per_tick - keep_x))
