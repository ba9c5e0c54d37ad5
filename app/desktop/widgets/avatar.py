"""A person as a round sign with letters.

Owns: painting it, and a widget of it. Refuses: who that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.desktop.widgets.basics import plain_tip

if TYPE_CHECKING:
    from app.desktop.bridge.who import Who
    from app.desktop.theme.theme import Theme


SHARE = (0.55, 0.55, 0.45)
"""Height of letters in a sign's height, by how many there are."""
LONG = 0.37
"""The same for three letters and more."""
LEAST = 6
"""Pixels that letters are high at least."""


def paint_sign(painter: QPainter, theme: Theme, box: QRect | QRectF, letters: str, fill: str, ink: str) -> None:
    """A disc of the colour of one token with letters of another."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(fill))
    painter.drawEllipse(QRectF(box))
    font = theme.font("tick", 600)
    font.setPixelSize(max(LEAST, round(box.height() * (SHARE[len(letters)] if len(letters) < len(SHARE) else LONG))))
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    painter.drawText(QRectF(box), int(Qt.AlignmentFlag.AlignCenter), letters)
    painter.restore()


def paint_avatar(painter: QPainter, box: QRect, theme: Theme, who: Who) -> None:
    """Draws a person into a square."""
    paint_sign(painter, theme, box, who.initials, who.token, who.ink)


class Avatar(QWidget):
    """A person, `side` pixels at 100 %."""

    def __init__(self, theme: Theme, who: Who, side: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFixedSize(theme.px(side), theme.px(side))
        self.show_for(who)

    def show_for(self, who: Who) -> None:
        """Shows somebody else."""
        self._who = who
        self.setToolTip(plain_tip(who.subject))
        self.setAccessibleName(who.subject)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_avatar(painter, self.rect().adjusted(0, 0, -1, -1), self._theme, self._who)
        painter.end()
