"""Lists of painted rows: what all of them have in common.

Owns: a model of one Python object a row, the list's manners, words in a box of a row. Refuses: what a row shows and what a click does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView

from editor_core.edits.wording import one_line

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole
"""The role under which a row's object is had."""


class Rows(QAbstractListModel, Generic[T]):
    """A row is an object; subclasses say which rows are the same thing as before (`key`), and how a row reads aloud (`spoken`)."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: list[T] = []

    def key(self, one: T) -> object:
        """Rows with equal keys in equal order are told as changed, and keep their places; others are told anew."""
        return one

    def spoken(self, one: T) -> str:
        """The row in words, for screen readers and searching."""
        return str(one)

    def show(self, rows: Sequence[T]) -> None:
        """Shows other rows, and tells the view no more than what differs."""
        found = list(rows)
        if [self.key(one) for one in found] == [self.key(one) for one in self.rows]:
            self.rows = found
            if found:
                self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, 0))
            return
        self.beginResetModel()
        self.rows = found
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self.rows):
            return None
        one = self.rows[index.row()]
        if role == ROW:
            return one
        return self.spoken(one) if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None


def as_list(view: QListView, name: str) -> None:
    """The manners of every list of painted rows: scrolls by pixels, knows the row under the pointer, one row is chosen."""
    view.setMouseTracking(True)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setAccessibleName(name)


def paint_words(painter: QPainter, theme: Theme, area: QRect, words: str, ink: str, font: QFont, *, middle: bool = False) -> None:
    """One line in a box, cut where it does not fit."""
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    shown = painter.fontMetrics().elidedText(one_line(words), Qt.TextElideMode.ElideRight, area.width())
    across = Qt.AlignmentFlag.AlignHCenter if middle else Qt.AlignmentFlag.AlignLeft
    painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | across), shown)
