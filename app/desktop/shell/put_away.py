"""Deleting a page that was closed, piece by piece.

Owns: in which order its widgets go, some in each turn of the event loop: all of a large page at once take longer than a frame.
Refuses: when a page is done with; it must be hidden and have let go of everything outside.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractScrollArea, QComboBox, QFrame, QScrollArea, QWidget
from shiboken6 import isValid

PIECE = 30
"""Widgets that go in one turn, as far as they can be told apart."""


def put_away(page: QWidget, after_ms: int) -> None:
    """Begins after some milliseconds."""
    pieces: list[QWidget] = []
    turns = QTimer(page, interval=after_ms)

    def go_on() -> None:
        if turns.interval():
            turns.setInterval(0)
            pieces.extend(_pieces(page))
        while pieces:
            piece = pieces.pop(0)
            if isValid(piece):
                piece.deleteLater()
                return
        turns.stop()
        page.resize(0, 0)  # Qt paints all that stands where a widget was, although that was hidden
        page.deleteLater()

    turns.timeout.connect(go_on)
    turns.start()


def _pieces(widget: QWidget) -> Iterator[QWidget]:
    """Parts of a widget that can go before it, those inside others first."""
    for child in widget.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        inside = child.widget() if isinstance(child, QScrollArea) else child if _plain(child) else None
        if inside is not None and len(inside.findChildren(QWidget)) > PIECE:
            yield from _pieces(inside)
        yield child


def _plain(widget: QWidget) -> bool:
    """Whether its children are ours and not part of what makes it work."""
    return (isinstance(widget, QFrame) or type(widget) is QWidget or type(widget).__module__.startswith("app.")) \
        and not isinstance(widget, (QAbstractScrollArea, QComboBox))
