"""Markers on their lane, painted.

Owns: the flag of a point, the band of a range, their words and colours. Refuses: which markers there are, and dragging them.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from app.desktop.canvas.look import Look
from app.desktop.canvas.time_scale import TimeScale
from editor_core.schema import Marker

_MARKER_TOKENS = {"green": "ok", "red": "danger", "yellow": "warn", "blue": "accent", "purple": "peer-violet", "violet": "peer-violet",
                  "orange": "peer-orange", "pink": "peer-rose", "teal": "peer-teal", "white": "text"}


def marker_colour(look: Look, marker: Marker) -> QColor:
    """A marker's colour: one of the named ones, or #RRGGBB."""
    if marker.color.startswith("#") and QColor.isValidColorName(marker.color):
        return QColor(marker.color)
    return look.colour(_MARKER_TOKENS.get(marker.color, "ok"))


def paint_marker(painter: QPainter, look: Look, scale: TimeScale, marker: Marker, width: int, *, chosen: bool,
             room: Callable[[int], int]) -> None:
    """Paints a marker below the ruler of a lane `width` pixels wide. `room(x)` is how many pixels its words may take from there on."""
    m = look.m
    x = scale.x(marker.start)
    long = scale.x(marker.start + marker.duration) - x
    if x > width or x + max(long, 200) < 0:
        return
    colour = marker_colour(look, marker)
    top = m.ruler
    words = marker.text.split("\n", 1)[0]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if marker.duration:
        box = QRect(x, top + m.px(5), max(4, long), m.px(10))
        fill = QColor(colour)
        fill.setAlphaF(0.26)
        painter.setPen(look.colour("focus") if chosen else Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 2, 2)
        painter.fillRect(box.left(), box.top(), 2, box.height(), colour)
        painter.fillRect(box.right() - 1, box.top(), 2, box.height(), colour)
        free = box.width() - 12
        left = max(x, 0) + m.px(7)
    else:
        flag = [(-4, 5), (4, 5), (4, 11), (0, 15), (-4, 11)]
        painter.setPen(look.colour("focus") if chosen else Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x + 0.5 + dx * m.scale, top + dy * m.scale) for dx, dy in flag]))
        free, left = 160, x + m.px(8)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    free = min(free, room(left))
    if words and free > 12:
        label = look.label(words, free, look.label_font)
        look.draw(painter, left, top + (m.markers - look.metrics(look.label_font).height()) / 2, label, "text-2")
