"""What a panel shows when there is nothing to show.

Owns: icon, one sentence, one action. Refuses: more than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.desktop.widgets.basics import IconLabel, label

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class Empty(QWidget):
    """An empty state: `icon` at 20 px, a sentence, perhaps a second line, perhaps a button."""

    def __init__(self, theme: Theme, icon: str, sentence: str, more: str = "", button: QPushButton | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(16), theme.px(16), theme.px(16), theme.px(16))
        layout.setSpacing(theme.px(6))
        layout.addStretch(2)
        sign = IconLabel(theme, icon, "text-3", 20)
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(sign)
        self.sentence = label(theme, sentence, font="strong", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.sentence)
        if more:
            second = label(theme, more, "tertiary", "label", wrap=True)
            second.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(second)
        if button is not None:
            layout.addSpacing(theme.px(6))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.setAccessibleName(sentence)
