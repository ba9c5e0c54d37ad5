"""One of a few, side by side.

Owns: the segmented control and the on-off switch. Refuses: what is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class Segments(QFrame):
    """`chosen(key)` when the person picks another. Arrow keys move inside; one Tab stop."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, name: str, options: Sequence[tuple[str, str] | tuple[str, str, str]], now: str = "", *,
                 height: int = 24, parent: QWidget | None = None) -> None:
        """`options` are (key, words) or (key, tooltip, icon)."""
        super().__init__(parent)
        self._theme = theme
        self.setProperty("surface", "segments")
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(1)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for option in options:
            key, words = option[0], option[1]
            made = QToolButton()
            made.setProperty("segment", "true")
            made.setCheckable(True)
            made.setFixedHeight(theme.px(height) - 4)
            made.setAccessibleName(words)
            if len(option) == 3:
                made.setIcon(theme.icon(option[2], "text-2", 14, "text"))
                made.setIconSize(QSize(theme.px(14), theme.px(14)))
                made.setToolTip(words)
            else:
                made.setText(words)
            made.clicked.connect(lambda _checked=False, k=key: self._pick(k))
            self._group.addButton(made)
            self._buttons[key] = made
            layout.addWidget(made)
        self.set(now)

    @property
    def value(self) -> str:
        return next((key for key, made in self._buttons.items() if made.isChecked()), "")

    def words(self, key: str) -> str:
        """What a choice is called now."""
        return self._buttons[key].text()

    def rename(self, key: str, words: str) -> None:
        """Gives a choice other words."""
        made = self._buttons[key]
        if made.text() != words:
            made.setText(words)
            made.setAccessibleName(words)

    def set(self, key: str) -> None:
        """Shows a choice without telling; an unknown key shows none."""
        self._group.setExclusive(False)
        for name, made in self._buttons.items():
            made.setChecked(name == key)
            made.setFont(self._theme.font("strong" if name == key else "body", 600 if name == key else 500))
        self._group.setExclusive(True)

    def button(self, key: str) -> QToolButton:
        return self._buttons[key]

    def _pick(self, key: str) -> None:
        self.set(key)
        self.chosen.emit(key)


class Switch(QAbstractButton):
    """On or off, 26 x 15."""

    def __init__(self, theme: Theme, name: str, on: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(28), self._theme.px(17))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, on = self._theme, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(1, 1, -1, -1)
        painter.setPen(theme.color("focus") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text-off" if not self.isEnabled() else "accent-fill" if on else "line-control"))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        side = box.height() - 4
        left = box.right() - 1 - side if on else box.left() + 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text-on-accent"))
        painter.drawEllipse(left, box.top() + 2, side, side)
        painter.end()
