"""Scrolling by itself while a drag is near an edge.

Owns: where scrolling begins, how fast it goes. Refuses: drags.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QTimer

from app.desktop.canvas.lanes import Lanes

_STEP_MS = 16
_FASTEST = 60


class Autoscroll:
    """`watch(spot)` at each move of a drag; `moved` is called after each step, because the view went on under the pointer."""

    def __init__(self, lanes: Lanes, moved: Callable[[], None]) -> None:
        self._lanes = lanes
        self._moved = moved
        self._going = False
        self._spot = QPointF()
        self._timer = QTimer(lanes, singleShot=True, interval=_STEP_MS)  # from one step's end: painting has its turn between
        self._timer.timeout.connect(self._step)

    def watch(self, spot: QPointF) -> None:
        """The pointer of a drag is at a spot of the lanes, or outside them."""
        self._spot = spot
        if not any(self.speed(spot)):
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        self._going = False
        self._timer.stop()

    def speed(self, spot: QPointF) -> tuple[int, int]:
        """Pixels to scroll in one step: more the further the pointer is into the zone at an edge, or beyond it."""
        state = self._lanes.state
        zone = state.m.autoscroll_zone
        pair = []
        for at, size, moves in ((spot.x(), self._lanes.width(), True), (spot.y(), self._lanes.height(), state.scroll_y_limit > 0)):
            over = max(zone - at, at - (size - zone), 0.0) if moves else 0.0
            speed = min(_FASTEST, math.ceil((over / zone) ** 1.5 * 6))
            pair.append(-speed if at < zone else speed)
        return pair[0], pair[1]

    def _step(self) -> None:
        dx, dy = self.speed(self._spot)
        if not dx and not dy:
            return
        self._lanes.state.scroll_by(dx, dy, beyond=True)
        self._going = True
        self._moved()
        if self._going:
            self._timer.start()
