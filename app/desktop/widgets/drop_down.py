"""A drop-down that the wheel passes by.

Owns: leaving the wheel to what scrolls around it. Refuses: what is chosen from.
"""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class DropDown(QComboBox):
    """Closed, the wheel changes nothing: who scrolls past a frame rate would get another."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
