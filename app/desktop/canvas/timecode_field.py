"""A timecode that can be typed into.

Owns: showing a time as HH:MM:SS:FF or frames, editing it. Refuses: moving anything itself; it says where to go.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from shiboken6 import isValid

from app.desktop.canvas.look import Look
from app.desktop.canvas.timecode_entry import read_entry, spoken
from editor_core.timing import Rate, TimingError, format_timecode


class TimecodeField(QWidget):
    """`went(ticks)` when a time was typed. Click to type, Ctrl+click toggles frames; Esc gives up."""

    went = Signal(object)
    refused = Signal(str)

    def __init__(self, look: Look, rate: Callable[[], Rate], name: str, large: bool = True,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self._rate = rate
        self._name = name
        self._role = "timecode_large" if large else "timecode"
        self._ticks = 0
        self._frames = False
        self._edit: QLineEdit | None = None
        self._before: QWidget | None = None
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("Type a time to go there: 1:05, +12, 150f. Ctrl+click shows frames")
        self.set_look(look)
        self.set_ticks(0)

    def set_look(self, look: Look) -> None:
        self.look = look
        self._font: QFont = look.theme.font(self._role)
        self._font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.2)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font)
        return QSize(metrics.horizontalAdvance("00:00:00:00") + 8, metrics.height() + 2)

    minimumSizeHint = sizeHint

    @property
    def ticks(self) -> int:
        return self._ticks

    def text(self) -> str:
        """What is shown."""
        rate = self._rate()
        return f"{self._ticks // rate.ticks_per_frame} f" if self._frames else format_timecode(self._ticks, rate)

    def set_ticks(self, ticks: int) -> None:
        if ticks != self._ticks or not self.accessibleName():
            self._ticks = ticks
            self.setAccessibleName(f"{self._name}, {spoken(ticks, self._rate())}")
            self.update()

    def edit(self, first: str = "") -> None:
        """Opens the field for typing, with what was typed so far."""
        if self._edit is None:
            self._before = QApplication.focusWidget()
            edit = QLineEdit(self)
            edit.setFont(self._font)
            edit.setFrame(False)
            edit.setTextMargins(0, 0, 0, 0)
            edit.setStyleSheet(f"QLineEdit{{background:{self.look.colour('input').name()};border:0;padding:0;border-radius:3px}}")
            edit.setGeometry(self.rect())
            edit.setAccessibleName(self._name)
            edit.installEventFilter(self)
            edit.returnPressed.connect(self._enter)
            self._edit = edit
            edit.show()
        self._edit.setText(first or self.text())
        if not first:
            self._edit.selectAll()
        self._edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enter(self) -> None:
        assert self._edit is not None
        try:
            ticks = read_entry(self._edit.text().removesuffix(" f") + ("f" if self._edit.text().endswith(" f") else ""),
                               self._ticks, self._rate())
        except TimingError as error:
            self.refused.emit(str(error))
            self._edit.selectAll()
            return
        self._close()
        self.went.emit(ticks)

    def _close(self) -> None:
        edit, self._edit = self._edit, None
        if edit is not None:
            edit.removeEventFilter(self)
            before, self._before = self._before, None
            if edit.hasFocus():  # else it went elsewhere by itself
                goal = before if before is not None and isValid(before) and before.isVisible() else self.parentWidget()
                if goal is not None:
                    goal.setFocus(Qt.FocusReason.OtherFocusReason)
            edit.hide()
            edit.deleteLater()
            self.update()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._close()
            return True
        if event.type() is QEvent.Type.FocusOut:
            self._close()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._frames = not self._frames
            self.update()
        elif event.button() is Qt.MouseButton.LeftButton:
            self.edit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text()
        if typed and typed in "0123456789+-":
            self.edit(typed)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._edit is not None:
            return
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.setPen(self.look.colour("text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.hasFocus():
            painter.setPen(self.look.colour("focus"))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)
