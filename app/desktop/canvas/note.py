"""Words beside the pointer during a drag.

Owns: a small label that keeps inside its window. Refuses: what it says.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.desktop.canvas.look import Look


class Note(QWidget):
    """`tell(words, spot, bad)` shows it near a global position; empty words hide it. `bad` adds the danger stripe."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.words = ""
        self.bad = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def tell(self, words: str, spot: QPoint, bad: bool = False) -> None:
        self.words, self.bad = words, bad
        if not words:
            self.hide()
            return
        metrics = self.look.metrics(self.look.name_font)
        room = QRect(0, 0, 420, 400)
        box = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), words)
        self.resize(int(box.width()) + 20, int(box.height()) + 10)
        window = self.parentWidget()
        at = window.mapFromGlobal(spot) + QPoint(14, 18)
        at.setX(max(4, min(at.x(), window.width() - self.width() - 4)))
        if at.y() + self.height() > window.height() - 4:
            at.setY(at.y() - self.height() - 30)
        self.move(at.x(), max(4, at.y()))
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = self.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.colour("danger" if self.bad else "line"))
        painter.setBrush(look.colour("tooltip"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        painter.setFont(look.name_font)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(self.rect().adjusted(10, 5, -8, -5), int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter), self.words)
