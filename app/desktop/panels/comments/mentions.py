"""A text field that completes the names of people after an `@`.

Owns: the field, its list of names, sending with Enter. Refuses: what is done with the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QHideEvent, QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QListWidget, QPlainTextEdit, QWidget

from app.desktop.theme.theme import Theme
from editor_core.comments import Person
from editor_core.comments.acts import MAX_TEXT

_NAME = re.compile(r"(?:^|[^\w@])@([\w.\- ]{0,40})$")


class MentionField(QPlainTextEdit):
    """`sent()` on Enter, `left()` on Escape. Grows from one line to `most`; Shift+Enter begins a new one."""

    sent = Signal()
    left = Signal()

    def __init__(self, theme: Theme, name: str, hint: str, people: Callable[[], Sequence[Person]], most: int = 5,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._people, self._most = theme, people, most
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setFont(theme.font("body", 400))
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(theme.px(5))
        self._names = QListWidget(self)
        self._names.setWindowFlags(Qt.WindowType.ToolTip)
        self._names.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._names.setFont(theme.font("body", 400))
        self._names.setAccessibleName("People")
        self._names.itemClicked.connect(lambda item: self._complete(item.text()))
        self._names.hide()
        self.textChanged.connect(self._fit)
        self.textChanged.connect(self._offer)
        self._dress()
        theme.follow(self._dress, self)
        self._fit()

    def _dress(self) -> None:
        theme = self._theme
        self.setStyleSheet(f"QPlainTextEdit{{background:{theme.hex('input')};border:1px solid {theme.hex('line-control')};"
                           f"border-radius:{theme.px(4)}px;color:{theme.hex('text')}}}"
                           f"QPlainTextEdit:focus{{border-color:{theme.hex('focus')}}}")
        self._names.setStyleSheet(f"QListWidget{{background:{theme.hex('popover')};border:1px solid {theme.hex('line-control')};"
                                  f"padding:{theme.px(3)}px;outline:0}}QListWidget::item{{color:{theme.hex('text')};"
                                  f"padding:{theme.px(3)}px {theme.px(6)}px;border-radius:{theme.px(3)}px}}"
                                  f"QListWidget::item:selected{{background:{theme.hex('accent-fill')};"
                                  f"color:{theme.hex('text-on-accent')}}}")

    def text(self) -> str:
        return self.toPlainText().strip()[:MAX_TEXT]

    def set_text(self, text: str) -> None:
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def sizeHint(self) -> QSize:
        return QSize(120, self._height())

    def _height(self) -> int:
        lines = max(1, min(self._most, int(self.document().size().height())))
        return QFontMetrics(self.font()).lineSpacing() * lines + 2 * self._theme.px(5) + 4

    def _fit(self) -> None:
        if self.height() != self._height():
            self.setFixedHeight(self._height())
            self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # names

    def _typed(self) -> str | None:
        """What was typed of a name before the cursor, None where none is."""
        cursor = self.textCursor()
        found = _NAME.search(cursor.block().text()[:cursor.positionInBlock()])
        return found[1] if found is not None else None

    def _offer(self) -> None:
        typed = self._typed()
        names = [p.name for p in self._people() if typed is not None and self.hasFocus() and p.name
                 and any(part.startswith(typed.casefold()) for part in (p.name.casefold(), *p.name.casefold().split()))]
        self._names.clear()
        if not names or {n.casefold() for n in names} == {(typed or "").casefold()}:  # nothing to complete
            self._names.hide()
            return
        self._names.addItems(names[:6])
        self._names.setCurrentRow(0)
        height = self._names.sizeHintForRow(0) * self._names.count() + 2 * self._names.frameWidth() + 2 * self._theme.px(3) + 2
        self._names.resize(max(self._theme.px(140), self._names.sizeHintForColumn(0) + self._theme.px(24)), height)
        spot = self.viewport().mapToGlobal(self.cursorRect().bottomLeft())
        screen = self.screen().availableGeometry()
        if spot.y() + height > screen.bottom():
            spot = self.viewport().mapToGlobal(self.cursorRect().topLeft()) - QPoint(0, height + self._theme.px(2))
        self._names.move(spot + QPoint(0, self._theme.px(2)))
        self._names.show()

    def _complete(self, name: str) -> None:
        typed = self._typed()
        cursor = self.textCursor()
        for _ in range(len(typed or "")):
            cursor.deletePreviousChar()
        cursor.insertText(f"{name} ")
        self.setTextCursor(cursor)
        self._names.hide()

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self._names.isVisible():
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if key == Qt.Key.Key_Down else -1
                self._names.setCurrentRow((self._names.currentRow() + step) % self._names.count())
                return
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
                self._complete(self._names.currentItem().text())
                return
            if key == Qt.Key.Key_Escape:
                self._names.hide()
                return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self.sent.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._names.hide()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._names.hide()
        super().hideEvent(event)
