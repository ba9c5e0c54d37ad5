"""Whether the person is in the middle of something that others' changes must not disturb.

Owns: noticing a drag and typing into a field. Refuses: deciding what waits for it (see `app.services.collab.live`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench

TYPING = 2.0
"""Seconds after the last key for which somebody counts as typing."""


class MidGesture:
    """Called on the interface thread; remembers which field was typed into, and when."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._typed: tuple[object, str, float] = (None, "", 0.0)

    def __call__(self) -> bool:
        """Whether the person is dragging, or typing into a field."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return False
        if app.mouseButtons().value:
            return True
        timeline = self._bench.late.get("timeline")
        if timeline is not None and timeline.pointer.busy:
            return True
        field = app.focusWidget()
        if isinstance(field, QLineEdit):
            text, edited = field.text(), field.isModified()
        elif isinstance(field, QTextEdit | QPlainTextEdit):
            text, edited = field.toPlainText(), field.document().isModified()
        else:
            return False
        if (field, text) != self._typed[:2]:
            first = field is not self._typed[0]
            self._typed = (field, text, time.monotonic() if edited or not first else 0.0)
        return time.monotonic() - self._typed[2] < TYPING
