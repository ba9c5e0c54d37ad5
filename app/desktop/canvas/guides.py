"""Lines over the picture that help to compose: safe areas, thirds, the centre, and other shapes of the frame.

Owns: which guides there are and how they look. Refuses: being in any picture that is exported, grabbed or shown full screen.
"""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

GUIDES = {"safe": "Safe areas", "thirds": "Thirds", "centre": "Centre", "9:16": "Frame 9:16", "1:1": "Frame 1:1", "4:5": "Frame 4:5"}
"""Name for people by id; those with a colon are shapes, width to height."""
GUIDES_SETTING = "viewer/guides"
_DARK, _LIGHT = QColor(0, 0, 0, 90), QColor(255, 255, 255, 110)
_OUTSIDE = QColor(0, 0, 0, 120)


def action_of(guide: str) -> str:
    """The id of the action that switches a guide."""
    return "viewer.safe_areas" if guide == "safe" else f"viewer.guide_{guide.replace(':', '_')}"


def shape_box(shape: str, target: QRectF) -> QRectF:
    """The largest area of a shape such as `9:16` in the middle of a picture."""
    wide, high = (float(part) for part in shape.split(":"))
    width = min(target.width(), target.height() * wide / high)
    box = QRectF(0, 0, width, width * high / wide)
    box.moveCenter(target.center())
    return box


def paint_guides(painter: QPainter, target: QRectF, chosen: Collection[str]) -> None:
    """Paints the chosen guides over a picture that lies in `target`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for guide in GUIDES:
        if guide not in chosen:
            continue
        if ":" in guide:
            _paint_shape(painter, target, shape_box(guide, target))
        elif guide == "safe":
            for part, style in ((0.05, Qt.PenStyle.SolidLine), (0.10, Qt.PenStyle.DashLine)):
                away = target.width() * part, target.height() * part
                _paint_box(painter, target.adjusted(*away, -away[0], -away[1]), style)
        elif guide == "thirds":
            _paint_lines(painter, [line for part in (1 / 3, 2 / 3) for line in _cross(target, part, part)])
        else:
            _paint_lines(painter, _cross(target, 0.5, 0.5))


def _cross(target: QRectF, across: float, down: float) -> list[QLineF]:
    x, y = target.left() + target.width() * across, target.top() + target.height() * down
    return [QLineF(x, target.top(), x, target.bottom()), QLineF(target.left(), y, target.right(), y)]


def _paint_lines(painter: QPainter, lines: list[QLineF]) -> None:
    for colour, shift in ((_DARK, 1), (_LIGHT, 0)):
        painter.setPen(QPen(colour, 1))
        for line in lines:
            painter.drawLine(line.translated(shift, shift).toLine())


def _paint_box(painter: QPainter, box: QRectF, style: Qt.PenStyle) -> None:
    for colour, shift in ((_DARK, 1), (_LIGHT, 0)):
        painter.setPen(QPen(colour, 1, style))
        painter.drawRect(box.toAlignedRect().translated(shift, shift))


def _paint_shape(painter: QPainter, target: QRectF, box: QRectF) -> None:
    """Darkens what a frame of another shape would cut away."""
    for left, top, right, bottom in ((target.left(), target.top(), box.left(), target.bottom()),
                                     (box.right(), target.top(), target.right(), target.bottom()),
                                     (box.left(), target.top(), box.right(), box.top()),
                                     (box.left(), box.bottom(), box.right(), target.bottom())):
        painter.fillRect(QRectF(left, top, right - left, bottom - top), _OUTSIDE)
    _paint_box(painter, box, Qt.PenStyle.SolidLine)
