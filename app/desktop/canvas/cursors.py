"""Mouse cursors of the tools.

Owns: drawing icons as cursors with a halo, kept by name. Refuses: which cursor a tool wants.
"""

from __future__ import annotations

import functools

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPixmap

from app.desktop.theme import icons

_SHAPES = {"": Qt.CursorShape.ArrowCursor, "arrow": Qt.CursorShape.ArrowCursor, "mouse-pointer-2": Qt.CursorShape.ArrowCursor,
           "hand": Qt.CursorShape.OpenHandCursor, "hand-grab": Qt.CursorShape.ClosedHandCursor, "grab": Qt.CursorShape.ClosedHandCursor,
           "type": Qt.CursorShape.IBeamCursor, "move-vertical": Qt.CursorShape.SizeVerCursor, "level": Qt.CursorShape.SizeVerCursor,
           "fade": Qt.CursorShape.SizeHorCursor}
_SPOTS = {"scissors": (16, 16)}


@functools.lru_cache(maxsize=64)
def cursor(name: str, bad: bool = False) -> QCursor:
    """The cursor called like an icon, or a shape of the desktop for those that have one; `bad` draws it in the danger colour."""
    if name in _SHAPES and not bad:
        return QCursor(_SHAPES[name])
    mirrored = name.endswith("-mirrored")
    icon = name.removesuffix("-mirrored")
    if name in _SHAPES or not icons.exists(icon):
        return QCursor(Qt.CursorShape.ForbiddenCursor if bad else Qt.CursorShape.ArrowCursor)
    side = 32
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    if mirrored:
        painter.translate(side, 0)
        painter.scale(-1, 1)
    halo = icons.draw(icon, "#101214", 20, 1.0, 4.5)
    glyph = icons.draw(icon, QColor("#F58079").name() if bad else "#FFFFFF", 20, 1.0, 1.75)
    painter.drawPixmap(6, 6, halo)
    painter.drawPixmap(6, 6, glyph)
    painter.end()
    spot = QPoint(*_SPOTS.get(icon, (16, 16)))
    return QCursor(picture, spot.x(), spot.y())
