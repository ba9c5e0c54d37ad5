"""The frame around Program while this person follows somebody.

Owns: the frame in their colour, and the words that say who and how to stop. Refuses: following.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.desktop.canvas.look import Look
from app.desktop.theme.connect import connect_for


class FollowFrame(QWidget):
    """Lies over a viewer and lets every event through."""

    def __init__(self, bench: Any, viewer: QWidget) -> None:
        super().__init__(viewer)
        self._bench, self._viewer = bench, viewer
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        viewer.installEventFilter(self)
        together = bench.late.get("together")
        if together is not None:
            connect_for(together.following_changed, self._changed, self)
            self._changed()

    def _changed(self) -> None:
        together = self._bench.together
        person = together.person(together.following)
        self.setVisible(person is not None)
        if person is not None:
            self.setAccessibleName(f"Following {person.name}, Esc to stop")
            self.setGeometry(self._viewer.rect())
            self.raise_()
            self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.setGeometry(self._viewer.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        together, look = self._bench.together, Look(self._bench.theme)
        person = together.person(together.following)
        if person is None:
            return
        m = look.m
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour(person.token), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        words = look.label(f"Following {person.name.split()[0] if person.name.split() else 'somebody'}", m.px(220), look.strong_font)
        stop = look.label("Esc to stop", m.px(100), look.label_font)
        width = words.width + stop.width + m.px(32)
        pill = QRectF((self.width() - width) / 2, m.px(10), width, m.px(24))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(person.token))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        ends = (words, look.strong_font, pill.left() + m.px(12)), (stop, look.label_font, pill.right() - stop.width - m.px(12))
        for label, font, x in ends:
            look.draw(painter, x, pill.top() + (pill.height() - look.metrics(font).height()) / 2, label, "peer-ink")
        painter.end()
