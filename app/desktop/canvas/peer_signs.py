"""Signs that stand for others, the same on the timeline and on the picture.

Owns: the arrow of somebody's pointer and words on their colour. Refuses: knowing who is where (see `peers`, `picture_peers`).
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.desktop.bridge.people import Person
from app.desktop.canvas.look import Look

FLAG = 15
"""Height of words on somebody's colour."""
ARROW = ((0, 0), (14.8, 11.7), (7.2, 12.2), (4.2, 20.2))
"""The outline of a pointer from its tip, in pixels at 100 %."""
BELOW = (14.5, 20.0)
"""Where the words of a pointer begin, from its tip."""
WIDEST = 280
"""Pixels at 100 % that words of a pointer take at most."""


def first_name(one: Person) -> str:
    """What people call each other."""
    words = one.name.split()
    return words[0] if words else "Somebody"


def paint_tag(painter: QPainter, look: Look, one: Person, words: str, spot: QPointF, room: int) -> QRectF:
    """Words on the person's colour, cut to `room` pixels; the box that they take."""
    m = look.m
    label = look.label(words, room, look.chip_font)
    box = QRectF(spot.x(), spot.y(), label.width + m.px(8), m.px(FLAG))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour(one.token))
    painter.drawRoundedRect(box, 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    look.draw(painter, box.x() + m.px(4), box.y() + (box.height() - look.metrics(look.chip_font).height()) / 2, label, "peer-ink")
    return box


def paint_pointer(painter: QPainter, look: Look, one: Person, words: str, spot: QPointF, opacity: float = 1.0) -> None:
    """Somebody's pointer with its tip at `spot`, and words beside it, which are as readable however faint the arrow is."""
    scale = look.theme.scale
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.colour("peer-ink"), 1.2 * scale, Qt.PenStyle.SolidLine,
                        Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(look.colour(one.token))
    painter.setOpacity(opacity)
    painter.drawPolygon(QPolygonF([spot + QPointF(x, y) * scale for x, y in ARROW]))
    painter.setOpacity(1.0)
    paint_tag(painter, look, one, words, spot + QPointF(*BELOW) * scale, look.m.px(WIDEST))
