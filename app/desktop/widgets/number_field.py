"""A number that can be dragged, typed and stepped.

Owns: painting, the drag (one undo step), typing, keys. Refuses: what the number means; it tells `edited`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from app.desktop.widgets.numbers import NotANumber, read_number, read_time, short_time, spoken_number
from editor_core.timing import Rate

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

_gestures = itertools.count(1)


class NumberField(QWidget):
    """Shows `value`, or `Mixed` for None. Units are those shown (percent, degrees …); the owner converts.

    `edited(value, gesture)`: while dragging at most 25 times a second, all with one gesture name, so that the drag is one undo
    step. `refused(message)` when what was typed is no number. Drag left and right, Shift ten times, Ctrl a tenth.
    """

    edited = Signal(float, str)
    stepped = Signal(float, str)
    """An offset to each of several values: Alt with drag or arrows."""
    refused = Signal(str)

    def __init__(self, theme: Theme, name: str, *, minimum: float, maximum: float, step: float = 1.0, decimals: int = 1,
                 unit: str = "", prefix: str = "", percent_of: float = 100.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._name = theme, name
        self.minimum, self.maximum, self.step, self.decimals = minimum, maximum, step, decimals
        self.unit, self.prefix, self.percent_of = unit, prefix, percent_of
        self.value: float | None = 0.0
        self.words: Callable[[float], str] | None = None
        self._pressed: QPoint | None = None
        self._dragging = False
        self._before: float | None = None
        self._gesture = ""
        self._waiting: float | None = None
        self._editor: QLineEdit | None = None
        self._hover = False
        self._throttle = QTimer(self, singleShot=True, interval=40)
        self._throttle.timeout.connect(self._send)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self.setFont(theme.font("body"))
        theme.follow(self._rescale, self)

    def set(self, value: float | None) -> None:
        """Shows a value without telling anyone; ignored while the person drags."""
        if not self._dragging and value != self.value:
            self.value = value
            self.setAccessibleDescription(self.text())
            self.update()

    def set_limits(self, minimum: float, maximum: float) -> None:
        self.minimum, self.maximum = minimum, maximum

    def text(self) -> str:
        """What is shown, without unit."""
        return "Mixed" if self.value is None else self._text(self.value)

    @property
    def typing(self) -> bool:
        return self._editor is not None

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(64), self._theme.px(22))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(40), self._theme.px(22))

    def begin_typing(self) -> None:
        """Opens the text editor on the value."""
        if self._editor is not None or not self.isEnabled():
            return
        plain = "" if self.value is None else spoken_number(self.value, self.decimals) if self.words is not None else self.text()
        editor = QLineEdit(plain, self)
        editor.setFont(self.font())
        editor.setGeometry(self.rect())
        editor.setAccessibleName(self._name)
        editor.selectAll()
        editor.installEventFilter(self)
        editor.editingFinished.connect(self._finish_typing)
        self._editor = editor
        editor.show()
        editor.setFocus(Qt.FocusReason.MouseFocusReason)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self._editor and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self._close_editor()
                self.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._finish_typing()
                self.setFocus()
                return True
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
                self._close_editor()
                self._step(1 if event.key() == Qt.Key.Key_Up else -1, event.modifiers())
                self.begin_typing()
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._editor is None:
            self._pressed = event.position().toPoint()
            self._before = self.value
            self._gesture = f"drag {self._name} {next(_gestures)}"
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        moved = event.position().toPoint().x() - self._pressed.x()
        if not self._dragging and abs(moved) < 4:
            return
        self._dragging = True
        factor = 10.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else (
            0.1 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1.0)
        delta = moved * self.step * factor
        if self.value is None or self._before is None:
            return
        self.value = self._within(self._before + delta)
        self._waiting = self.value
        self.update()
        if not self._throttle.isActive():
            self._throttle.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        self._pressed = None
        if self._dragging:
            self._throttle.stop()
            self._send()
            self._dragging = False
            self._gesture = ""
        elif self.rect().contains(event.position().toPoint()):
            self.begin_typing()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self.value = self._before
            self._pressed, self._dragging = None, False
            self._waiting = self.value
            self._send()
            self.update()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if event.key() == Qt.Key.Key_Up else -1, event.modifiers())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.begin_typing()
        elif event.text() and event.text() in "0123456789+-*/.," and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.begin_typing()
            if self._editor is not None:
                self._editor.setText(event.text())
                self._editor.setModified(True)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self._step(1 if event.angleDelta().y() > 0 else -1, event.modifiers())
            event.accept()
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().adjusted(0, 0, -1, -1)
        edge = "focus" if self.hasFocus() else "line-control" if self.underMouse() and self.isEnabled() else "line-subtle"
        painter.setPen(theme.color(edge))
        painter.setBrush(theme.color("input"))
        painter.drawRoundedRect(box.toRectF().translated(0.5, 0.5), theme.px(3), theme.px(3))
        inner = self.rect().adjusted(theme.px(6), 0, -theme.px(6), 0)
        off = not self.isEnabled()
        if self.prefix:
            painter.setFont(theme.font("label"))
            painter.setPen(theme.color("text-off" if off else "text-3"))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.prefix)
            inner.setLeft(inner.left() + painter.fontMetrics().horizontalAdvance(self.prefix) + theme.px(4))
        if self.unit:
            painter.setFont(theme.font("label"))
            painter.setPen(theme.color("text-off" if off else "text-3"))
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.unit)
            inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(self.unit) - theme.px(3))
        painter.setFont(self.font())
        painter.setPen(theme.color("text-off" if off else "text-3" if self.value is None else "text"))
        painter.drawText(QRect(inner), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.end()

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        if self._editor is not None:
            self._editor.setGeometry(self.rect())

    def _text(self, value: float) -> str:
        return self.words(value) if self.words is not None else spoken_number(value, self.decimals)

    def _read(self, text: str) -> float:
        return read_number(text, self.value, percent_of=self.percent_of)

    def _within(self, value: float) -> float:
        return min(self.maximum, max(self.minimum, round(value, 6)))

    def _step(self, direction: int, modifiers: Qt.KeyboardModifier) -> None:
        factor = 10.0 if modifiers & Qt.KeyboardModifier.ShiftModifier else (
            0.1 if modifiers & Qt.KeyboardModifier.ControlModifier else 1.0)
        delta = direction * self.step * factor
        if self.value is None:
            self.stepped.emit(delta, f"step {self._name} {next(_gestures)}")
            return
        self.value = self._within(self.value + delta)
        self.update()
        self.edited.emit(self.value, "")

    def _send(self) -> None:
        if self._waiting is not None:
            value, self._waiting = self._waiting, None
            self.edited.emit(value, self._gesture)

    def _finish_typing(self) -> None:
        editor = self._editor
        if editor is None:
            return
        text, changed = editor.text(), editor.isModified()
        self._close_editor()
        if not changed or not text.strip():
            return
        try:
            typed = self._read(text)
        except NotANumber as error:
            self.refused.emit(str(error))
            return
        value = self._within(typed)
        if abs(value - typed) > 1e-9:
            low, high = self._text(self.minimum), self._text(self.maximum)
            self.refused.emit(f"{self._name} goes from {low} to {high} {self.unit}".rstrip())
        self.value = value
        self.update()
        self.edited.emit(value, "")

    def _close_editor(self) -> None:
        if self._editor is not None:
            editor, self._editor = self._editor, None
            editor.removeEventFilter(self)
            editor.hide()
            editor.deleteLater()
            self.update()

    def _rescale(self) -> None:
        self.setFont(self._theme.font("body"))
        self.updateGeometry()
        self.update()


class TimeField(NumberField):
    """A length in ticks, shown as seconds and frames; steps are frames. `edited` gives ticks."""

    def __init__(self, theme: Theme, name: str, rate: Callable[[], Rate], *, minimum: int = 0, maximum: int = 2**52,
                 prefix: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, name, minimum=minimum, maximum=maximum, decimals=0, prefix=prefix, parent=parent)
        self._rate = rate

    def _text(self, value: float) -> str:
        return short_time(int(value), self._rate())

    def _read(self, text: str) -> float:
        return read_time(text, None if self.value is None else int(self.value), self._rate())

    def _within(self, value: float) -> float:
        frame = self._rate().ticks_per_frame
        return min(self.maximum, max(self.minimum, round(value / frame) * frame))

    def _step(self, direction: int, modifiers: Qt.KeyboardModifier) -> None:
        self.step = self._rate().ticks_per_frame
        super()._step(direction, modifiers)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.step = self._rate().ticks_per_frame / 2
        super().mousePressEvent(event)
