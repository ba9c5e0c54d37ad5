"""Where the window stands on the screen, from one start to the next.

Owns: remembering and restoring it, with and without a window manager. Refuses: what is inside.
"""

from __future__ import annotations

import base64
import binascii

from PySide6.QtCore import QByteArray, QRect, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from app.desktop.bridge import Settings


class WindowPlace:
    """Of one window."""

    def __init__(self, window: QMainWindow, settings: Settings) -> None:
        self._window, self._settings = window, settings

    def restore(self) -> None:
        """Puts the window where it was, or over the whole screen."""
        window = self._window
        raw = str(self._settings.get("window/geometry", ""))
        try:
            known = bool(raw) and window.restoreGeometry(QByteArray(base64.b64decode(raw, validate=True)))
        except (ValueError, binascii.Error):
            known = False
        if not known:
            screen = QApplication.primaryScreen().availableGeometry()
            window.setGeometry(screen)
            window.setWindowState(Qt.WindowState.WindowMaximized)
        self._stand_without_frame()

    def _stand_without_frame(self) -> None:
        """Where no window manager draws a frame Qt would still keep room for one, and the window would be lower and smaller each time."""
        window = self._window
        bare = self._settings.get("window/bare", [])
        if not (isinstance(bare, list) and len(bare) == 4 and all(isinstance(n, int) for n in bare)):
            return
        place = QRect(*bare)
        there = next((screen.geometry() for screen in QApplication.screens() if screen.geometry().contains(place.topLeft())), None)
        if there is not None:
            window.setGeometry(place & there)  # a screen may be smaller than the one of the last time

    def keep(self) -> None:
        """Remembers where it is."""
        window = self._window
        framed = window.frameGeometry() != window.geometry() or window.isFullScreen()
        self._settings.set("window/bare", [] if framed else list(window.geometry().getRect()))
        self._settings.set("window/geometry", base64.b64encode(bytes(window.saveGeometry().data())).decode())
