"""The bar under a picture that stands for the whole film or source.

Owns: showing playhead, in and out; scrubbing and dragging the marks. Refuses: playing.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.desktop.canvas.look import Look

_SIDE = 10


class ScrubBar(QWidget):
    """Follows the transport given with `set_transport`."""

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.transport: Any = None
        self._grab = ""
        self.setFixedHeight(look.m.px(22))
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._old = 0

    def set_look(self, look: Look) -> None:
        self.look = look
        self.setFixedHeight(look.m.px(22))
        self.update()

    def set_transport(self, transport: Any) -> None:
        self.transport = transport
        transport.moved.connect(self._moved)
        transport.marks_changed.connect(self.update)
        self.update()

    def _moved(self, ticks: int) -> None:
        x = round(self.x_of(ticks))
        if x != self._old:
            self.update(self._old - 3, 0, 7, self.height())
            self.update(x - 3, 0, 7, self.height())
            self._old = x

    @property
    def length(self) -> int:
        """Ticks that the bar stands for."""
        if self.transport is None:
            return 1
        return max(1, self.transport.end, self.transport.ticks)

    def x_of(self, ticks: int) -> float:
        return _SIDE + ticks * (self.width() - 2 * _SIDE) / self.length

    def ticks_at(self, x: float) -> int:
        """Time at a pixel, within the bar."""
        part = (x - _SIDE) / max(1, self.width() - 2 * _SIDE)
        return round(min(1.0, max(0.0, part)) * self.length)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self.look
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        painter.setBrush(look.colour("pressed"))
        painter.drawRoundedRect(QRectF(_SIDE, middle - 2, self.width() - 2 * _SIDE, 4), 2, 2)
        if self.transport is None:
            return
        start, end = self.transport.mark_in, self.transport.mark_out
        if start is not None or end is not None:
            low, high = self.transport.marks()
            painter.setBrush(look.colour("accent-fill"))
            painter.drawRoundedRect(QRectF(self.x_of(low), middle - 2, max(2.0, self.x_of(high) - self.x_of(low)), 4), 2, 2)
            painter.setBrush(look.colour("accent"))
            for mark in (start, end):
                if mark is not None:
                    painter.drawRect(QRectF(self.x_of(mark) - 1, middle - 5, 2, 10))
        painter.setBrush(look.colour("playhead"))
        painter.drawRoundedRect(QRectF(self.x_of(self.transport.ticks) - 1, middle - 7, 2, 14), 1, 1)
        self._old = round(self.x_of(self.transport.ticks))  # also where it has not moved since: the first picture, another width

    def _part(self, x: float) -> str:
        transport = self.transport
        for name, mark in (("in", transport.mark_in), ("out", transport.mark_out)):
            if mark is not None and abs(x - self.x_of(mark)) <= 4 and abs(x - self.x_of(transport.ticks)) > 3:
                return name
        return "playhead"

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.transport is not None and event.button() is Qt.MouseButton.LeftButton:
            self._grab = self._part(event.position().x())
            self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.transport is None:
            return
        if self._grab:
            self._drag(event.position().x())
        else:
            over = self._part(event.position().x()) != "playhead"
            self.setCursor(Qt.CursorShape.SizeHorCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grab = ""

    def _drag(self, x: float) -> None:
        transport, ticks = self.transport, self.ticks_at(x)
        if self._grab == "in":
            transport.set_marks(min(ticks, (transport.mark_out or transport.end) - transport.frame), transport.mark_out)
        elif self._grab == "out":
            transport.set_marks(transport.mark_in, max(ticks, (transport.mark_in or 0) + transport.frame))
        else:
            transport.scrub(min(ticks, max(0, transport.end - transport.frame)))
