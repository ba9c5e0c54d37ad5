"""Thin levels at the right edge of the sound tracks' headers.

Owns: painting, falling back, and repainting no more than the strip. Refuses: measuring (the sound server does) and clicks.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.desktop.bridge.frames import SILENCE
from app.desktop.canvas.look import Look
from app.desktop.canvas.state import TimelineState

FALL_DB_PER_SECOND = 24.0
LOWEST = -60.0
_BREAKS = ((-18.0, "meter-low"), (-6.0, "meter-mid"), (0.0, "meter-high"))


class TrackMeters(QWidget):
    """Two bars of 2 px for each sound track, over the header's right edge; -60 dBFS at the bottom, 0 at the top."""

    def __init__(self, state: TimelineState, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._state, self.look = state, look
        self._shown: dict[str, tuple[float, float]] = {}
        self._last = time.monotonic()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._fall = QTimer(self, interval=33)
        self._fall.timeout.connect(self._sink)
        state.bench.levels.tracks_changed.connect(self._levels)
        state.rows_changed.connect(self.update)
        state.scrolled.connect(lambda dx, dy: self.update() if dy else None)

    def place(self, width: int, height: int) -> None:
        """Takes the right edge of headers of that size."""
        own = self.look.m.px(5)
        self.setGeometry(width - own - 1, 0, own, height)

    def level(self, track: str) -> tuple[float, float]:
        """What is shown of a track, in dBFS."""
        return self._shown.get(track, (SILENCE, SILENCE))

    def _levels(self) -> None:
        for track, (left, right) in self._state.bench.levels.tracks.items():
            was = self.level(track)
            self._shown[track] = max(left, was[0]), max(right, was[1])
        if not self._fall.isActive():
            self._last = time.monotonic()
            self._fall.start()
        self.update()

    def _sink(self) -> None:
        now = time.monotonic()
        drop = (now - self._last) * FALL_DB_PER_SECOND
        self._last = now
        heard = self._state.bench.levels.tracks
        for track, (left, right) in list(self._shown.items()):
            least = heard.get(track, (SILENCE, SILENCE))
            self._shown[track] = max(least[0], left - drop), max(least[1], right - drop)
            if max(self._shown[track]) <= LOWEST:
                del self._shown[track]
        if not self._shown:
            self._fall.stop()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        px = self.look.m.px
        for row in self._state.rows:
            top = row.top - self._state.scroll_y + px(4)
            if row.track.kind != "audio" or top + row.height < 0 or top > self.height():
                continue
            box = QRect(0, top, px(2), row.height - px(9))
            for side in range(2):
                self._bar(painter, box.translated(side * (px(2) + 1), 0), self.level(row.track.id)[side])
        painter.end()

    def _bar(self, painter: QPainter, box: QRect, level: float) -> None:
        painter.fillRect(box, self.look.colour("meter-bed"))
        low = 0.0
        for limit, colour in _BREAKS:
            high = (min(level, limit) - LOWEST) / -LOWEST
            if high > low:
                bottom, top = round(low * box.height()), round(high * box.height())
                painter.fillRect(box.left(), box.bottom() + 1 - top, box.width(), top - bottom, self.look.colour(colour))
                low = high
