"""What the source of a drag is told about files that were dropped here.

Owns: the answer "copied". Refuses: "moved", which a file manager offers first and which lets it remove the footage: a film needs its
files where they lie.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QDropEvent


def take_a_copy(event: QDropEvent) -> None:
    """Accepts what is dragged, and says that it stays where it is."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
