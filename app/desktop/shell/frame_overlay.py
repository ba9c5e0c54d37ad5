"""Rounded corners of panels and the outline of the one in focus.

Owns: painting both over the docks. Refuses: knowing which panel has the focus (see `dock_space`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import QMainWindow, QWidget

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class FrameOverlay(QWidget):
    """Rounds the panels' corners and outlines the panel in focus, over the docks. Its mask leaves everything else alone."""

    def __init__(self, theme: Theme, window: QMainWindow) -> None:
        super().__init__(window)
        self._theme = theme
        self._boxes: list[tuple[QRect, bool]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def show_boxes(self, boxes: list[tuple[QRect, bool]]) -> None:
        """Panels as (rectangle, in focus)."""
        self.setGeometry(self.parentWidget().rect())
        if boxes != self._boxes or self.mask().isEmpty():
            self._boxes = boxes
            side = self._theme.px(6)
            region = QRegion()
            for box, focused in boxes:
                if focused:
                    region |= QRegion(box) - QRegion(box.adjusted(1, 1, -1, -1))
                for x in (box.left(), box.right() - side + 1):
                    for y in (box.top(), box.bottom() - side + 1):
                        region |= QRegion(x, y, side, side)
            old = self.mask()
            self.setMask(region)
            self._uncover(old)
            self.update()
        self.raise_()

    def _uncover(self, old: QRegion) -> None:
        """Has what was outlined before painted again by the panels below. Qt leaves opaque children out, so they are told one by one."""
        window = self.parentWidget()
        window.update(old)
        for child in window.findChildren(QWidget):
            if child.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent) and child.isVisible() and child.window() is window.window():
                child.update(old.translated(-child.mapTo(window, QPoint())))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self._theme.px(6)
        for box, focused in self._boxes:
            outside = QPainterPath()
            outside.addRect(box.toRectF())
            inside = QPainterPath()
            inside.addRoundedRect(box.toRectF(), radius, radius)
            painter.fillPath(outside - inside, self._theme.color("canvas"))
            if focused:
                painter.setPen(self._theme.color("line-control"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()
