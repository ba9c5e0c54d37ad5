"""A field of one line that gives up with Esc.

Owns: the words that were there when typing began. Refuses: knowing what they are for.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit


class OneLine(QLineEdit):
    """Esc has the words back that stood there before; `words` are without the line breaks that were pasted."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self._before = text
        self.setProperty("keys", "own")

    def setText(self, text: str) -> None:
        """Shows a text from its beginning, however long it is."""
        super().setText(text)
        self.setCursorPosition(0)

    @property
    def words(self) -> str:
        return " ".join(self.text().split())

    def focusInEvent(self, event: QFocusEvent) -> None:
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._before = self.text()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._before)
            self.clearFocus()
        else:
            super().keyPressEvent(event)
