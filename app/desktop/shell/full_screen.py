"""Nothing but the picture.

Owns: a borderless window that paints the newest frame. Refuses: guides, controls, asking for frames beyond the screen's size.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from app.desktop.bridge import Workbench
from app.desktop.widgets.picture import PictureView


class FullScreenPicture(PictureView):
    """The whole screen. Esc or a double click ends it; all keys work as in the window."""

    closed = Signal()

    def __init__(self, bench: Workbench, window: QWidget) -> None:
        super().__init__(bench, window)
        self.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("ProEditor picture")
        self._colour = "black"
        screen = window.screen().geometry()
        self.setGeometry(screen)
        self.showFullScreen()
        ratio = self.devicePixelRatioF()
        self._view_before = bench.frames.view
        bench.frames.set_view(round(screen.width() * ratio), round(screen.height() * ratio))
        self.activateWindow()
        self.setFocus()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self._bench.frames.set_view(self._view_before.width(), self._view_before.height())
        self.closed.emit()
