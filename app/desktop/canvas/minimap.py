"""The whole film in a strip.

Owns: painting all tracks small, the window rectangle, dragging it to scroll and its edges to zoom. Refuses: clips' details.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.desktop.canvas.columns import KINDS
from app.desktop.canvas.look import Look
from app.desktop.canvas.rows import Row
from app.desktop.canvas.state import TimelineState
from editor_core.timing import TICKS_PER_SECOND

_EDGE = 6
_SETTLE_MS = 40
"""After a change the strip follows a moment later, so that the lanes are painted first."""
_TOKENS = {"video": "clip-video-edge", "audio": "clip-audio-edge", "title": "clip-title-edge", "solid": "clip-generator-edge",
           "caption": "clip-caption-edge"}


class Minimap(QWidget):
    """Shows `[0, length)` over its width: the film and what is scrolled to."""

    def __init__(self, state: TimelineState, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.look = look
        self._picture: QPixmap | None = None
        self._stale = True
        self._drawn_for = 0
        self._grab = ""
        self._from = (0.0, 0, 0.0)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._anew)
        self.setAccessibleName("Minimap")
        self.setToolTip("Whole timeline: drag the window to scroll, its edges to zoom")
        state.zoomed.connect(self._zoomed)
        state.rows_changed.connect(self._anew)
        state.spans_changed.connect(lambda _: self._soon.start())
        state.indexed.connect(self.update)
        state.scrolled.connect(lambda dx, dy: self.update() if dx else None)
        state.bench.transport.moved.connect(self._moved)
        self._old_x = 0
        self.peers: Any = None

    def set_look(self, look: Look) -> None:
        self.look = look
        self._anew()

    @property
    def length(self) -> int:
        """Ticks that the width stands for."""
        seen = self.state.scale.ticks(self.state.width)
        return max(self.state.end, seen, 10 * TICKS_PER_SECOND)

    def window(self) -> QRect:
        """The rectangle of what the lanes show."""
        left = self._x(self.state.scale.ticks(0))
        right = self._x(self.state.scale.ticks(self.state.width))
        return QRect(left, 2, max(8, right - left), self.height() - 4)

    def at(self, ticks: int) -> int:
        """The pixel of a time."""
        return self._x(ticks)

    def _x(self, ticks: int) -> int:
        return round(ticks * self.width() / self.length)

    def _anew(self) -> None:
        self._stale = True
        self.update()

    def _zoomed(self) -> None:
        """The window rectangle is another; the film is drawn again only where it takes another part of the width."""
        self._stale = self._stale or self.length != self._drawn_for
        self.update()

    def _moved(self, ticks: int) -> None:
        x = self._x(ticks)
        if x != self._old_x:
            self.update(self._old_x - 2, 0, 5, self.height())
            self.update(x - 2, 0, 5, self.height())
            self._old_x = x

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._stale = True

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self.look
        if self._stale and (self.state.rows.ready or self._picture is None):  # else the old one stays until all rows are indexed
            self._picture, self._drawn_for = self._draw(), self.length
            self._stale = not self.state.rows.ready
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("panel"))
        painter.drawPixmap(0, 0, self._picture)
        if self.peers is not None and self.peers.people:
            self.peers.paint_minimap(painter)
        self._old_x = self._x(self.state.bench.transport.ticks)  # also where it has not moved since: the first picture, another zoom
        painter.fillRect(self._old_x, 1, 2, self.height() - 2, look.colour("playhead"))
        window = self.window()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.colour("line-control"))
        painter.setBrush(look.soft("text", 0.09))
        painter.drawRoundedRect(window.adjusted(0, 0, -1, -1), 4, 4)

    def _draw(self) -> QPixmap:
        width, height = max(1, self.width()), self.height()
        picture = QPixmap(width, height)
        picture.fill(self.look.colour("panel"))
        painter = QPainter(picture)
        painter.fillRect(0, 0, width, 1, self.look.colour("line-subtle"))
        rows = self.state.rows.rows
        if rows and self.state.rows.ready:
            self._draw_rows(painter, rows, width, height)
        painter.end()
        return picture

    def _draw_rows(self, painter: QPainter, rows: list[Row], width: int, height: int) -> None:
        step = min(4.0, (height - 6) / len(rows))
        thick = max(1, min(3, int(step) - 1 or 1))
        table = np.zeros(64, np.uint32)
        for number, kind in enumerate(KINDS):
            for flags in (0, 8, 16, 24):
                token = "clip-offline-edge" if flags & 16 else _TOKENS[kind]
                table[number + flags] = (self.look.colour(token).rgb() & 0xFFFFFF) | (90 if flags & 8 else 204) << 24
        per = width / self.length
        for number, row in enumerate(rows):
            if not row.clips:
                continue
            left = np.clip((row.start_array * per).astype(np.int64), 0, width - 1)
            right = np.clip(np.maximum((row.end_array * per).astype(np.int64) - 1, left + 1), 1, width)
            lengths = right - left
            columns = np.arange(int(lengths.sum())) + np.repeat(left - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
            line = np.zeros(width, np.uint32)
            line[columns] = np.repeat(table[row.looks], lengths)
            image = QImage(line.data, width, 1, width * 4, QImage.Format.Format_ARGB32)
            painter.drawImage(QRect(0, 4 + round(number * step), width, thick), image)

    # ---- pointer ------------------------------------------------------------------------------------------------

    def _part(self, x: float) -> str:
        window = self.window()
        edge = min(_EDGE, window.width() // 3)
        if abs(x - window.left()) <= edge:
            return "left"
        if abs(x - window.right()) <= edge:
            return "right"
        return "window" if window.left() < x < window.right() else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        self._grab = self._part(x)
        if not self._grab:
            ticks = round(x / self.width() * self.length)
            self.state.scroll_to(self.state.scale.content_x(ticks) - self.state.width // 2, beyond=True)
            self._grab = "window"
        self._from = (x, self.state.scale.scroll, float(self.length))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if not self._grab:
            part = self._part(x)
            self.setCursor(Qt.CursorShape.SizeHorCursor if part in ("left", "right") else Qt.CursorShape.ArrowCursor)
            return
        pressed, scroll, length = self._from
        if self._grab == "window":
            moved = (x - pressed) / self.width() * length * self.state.scale.per_tick
            self.state.scroll_to(round(scroll + moved), beyond=True)
            return
        here = max(0, round(x / self.width() * self.length))
        left, right = self.state.scale.ticks(0), self.state.scale.ticks(self.state.width)
        least = 10 * self.state.rate.ticks_per_frame
        if self._grab == "left":
            left = min(here, right - least)
        else:
            right = max(here, left + least)
        self.state.scale.zoom(self.state.width / ((right - left) / TICKS_PER_SECOND), 0, self.state.most_zoom)
        self.state.scale.scroll = self.state.scale.content_x(left)
        self.state.zoomed.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grab = ""
