"""Toasts: short notes over the window that go by themselves.

Owns: showing, stacking, holding. Refuses: carrying the only copy of a message; what stays is in problems, jobs or history.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.desktop.theme.theme import Theme
from app.desktop.widgets.basics import IconLabel, LiveIconButton, label
from app.desktop.widgets.shadow import Shadow

_ICONS = {"info": ("info", "accent"), "ok": ("circle-check", "ok"), "warn": ("triangle-alert", "warn"), "danger": ("circle-x", "danger")}
MOST = 3


class Toast(QFrame):
    """One note."""

    def __init__(self, theme: Theme, message: str, kind: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        self.setProperty("surface", "popover")
        self.setAccessibleName(message)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(12), theme.px(8), theme.px(6), theme.px(8))
        layout.setSpacing(theme.px(8))
        icon, colour = _ICONS.get(kind, _ICONS["info"])
        layout.addWidget(IconLabel(theme, icon, colour, 16))
        words = label(theme, message, wrap=True)
        words.setMaximumWidth(theme.px(460))
        width = words.fontMetrics().horizontalAdvance(message) + theme.px(4)
        words.setFixedWidth(min(theme.px(460), width))
        layout.addWidget(words)
        layout.addWidget(LiveIconButton(theme, "x", "Dismiss", self.close_now, size=14, side=22))
        Shadow(self, 24, 6, 120)
        self._hold = QTimer(self, singleShot=True)
        self._hold.timeout.connect(self.close_now)
        self._hold.start(theme.tokens.motion["toast_hold"] + 40 * max(0, len(message) - 60))
        self.adjustSize()
        self.show()

    def close_now(self) -> None:
        self.hide()
        parent = self.parentWidget()
        self.setParent(None)
        self.deleteLater()
        toasts = parent.findChild(Toasts) if parent is not None else None
        if toasts is not None:
            toasts.place()


class Toasts(QObject):
    """Keeps up to three notes at the bottom of a window."""

    def __init__(self, theme: Theme, window: QWidget, above: int = 40) -> None:
        super().__init__(window)
        self._theme, self._window, self._above = theme, window, above
        self._shown: list[Toast] = []
        window.installEventFilter(self)

    def say(self, message: str, kind: str = "info") -> None:
        live = self._live()
        if live and live[-1].message == message:
            live[-1].close_now()
        while len(self._live()) >= MOST:
            self._live()[0].close_now()
        self._shown.append(Toast(self._theme, message, kind, self._window))
        self.place()

    def clear(self) -> None:
        for toast in self._live():
            toast.close_now()

    def place(self) -> None:
        bottom = self._window.height() - self._theme.px(self._above)
        for toast in reversed(self._live()):
            toast.adjustSize()
            toast.move((self._window.width() - toast.width()) // 2, bottom - toast.height())
            toast.raise_()
            bottom -= toast.height() + self._theme.px(8)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def _live(self) -> list[Toast]:
        self._shown = [t for t in self._shown if t.parentWidget() is self._window and not t.isHidden()]
        return self._shown
