"""What a panel shows when there is nothing to show.

Owns: icon, one sentence, one action. Refuses: more than that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.desktop.widgets.basics import IconLabel, label, plain_tip

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class Empty(QWidget):
    """An empty state: `icon` at 20 px, a sentence, perhaps a second line, perhaps a button.

    Where it is too low for all of that, the second line goes first (it is the tooltip then), and then the icon.
    """

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
        self._gives_way: list[QWidget] = [sign]
        self._more = more.strip()
        if more:
            second = label(theme, more, "tertiary", "label", wrap=True)
            second.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(second)
            self._gives_way.insert(0, second)
        if button is not None:
            layout.addSpacing(theme.px(6))
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.setAccessibleName(sentence)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        layout = self.layout()
        for part in self._gives_way:
            part.show()
        for part in self._gives_way:
            layout.invalidate()
            if layout.totalHeightForWidth(self.width()) <= self.height():
                break
            part.hide()
        cut = bool(self._more) and self._gives_way[0].isHidden()
        self.setToolTip(plain_tip(self._more) if cut else "")
