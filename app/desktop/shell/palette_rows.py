"""The rows of the palette: which there are, and how one is painted.

Owns: the list model, matched letters in the accent colour, reasons, key caps. Refuses: finding and running.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.desktop.bridge import Workbench
from app.desktop.shell.finder import Entry
from app.desktop.widgets.basics import plain_tip

_ROLE = Qt.ItemDataRole.UserRole
_ICONS = {"clip": "film", "marker": "bookmark", "media": "clapperboard", "time": "corner-down-left", "command": "command"}
Index = QModelIndex | QPersistentModelIndex


class PaletteRows(QAbstractListModel):
    """What was found: entries with the places of matched letters."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[tuple[Entry, tuple[int, ...]]] = []

    def show(self, rows: list[tuple[Entry, tuple[int, ...]]]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one, places = self.rows[index.row()]
        if role == _ROLE:
            return one, places
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{one.title}, {one.group}" + (f", {one.shortcut}" if one.shortcut else "") + (f", {one.reason}" if one.reason else "")
        return plain_tip(one.reason) if one.reason and role == Qt.ItemDataRole.ToolTipRole else None


class RowPainter(QStyledItemDelegate):
    """A row: matched letters in the accent colour, reason, group, key caps."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = bench.theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, self._theme.px(32))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        one, places = index.data(_ROLE)
        box = option.rect.adjusted(theme.px(6), 0, -theme.px(6), 0)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent-soft"))
            painter.drawRoundedRect(box, theme.px(5), theme.px(5))
        inner = box.adjusted(theme.px(10), 0, -theme.px(10), 0)
        side = theme.px(14)
        painter.drawPixmap(inner.left(), inner.center().y() - side // 2 + 1,
                           theme.pixmap(one.icon or _ICONS[one.kind], "text-off" if one.reason else "text-3", 14))
        inner.setLeft(inner.left() + side + theme.px(8))
        right = self._right(painter, one, QRect(inner))
        inner.setRight(right)
        self._title(painter, one, places, inner)
        painter.restore()

    def _right(self, painter: QPainter, one: Entry, inner: QRect) -> int:
        theme, right = self._theme, inner.right()
        painter.setFont(theme.font("label"))
        metrics = painter.fontMetrics()
        for part in reversed(one.shortcut.replace("++", "+Plus").split("+") if one.shortcut else []):
            width = max(theme.px(18), metrics.horizontalAdvance(part) + theme.px(10))
            cap = QRect(right - width, inner.center().y() - theme.px(9) + 1, width, theme.px(18))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("pressed"))
            painter.drawRoundedRect(cap, 3, 3)
            painter.setPen(theme.color("text-2"))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, part)
            right -= width + theme.px(4)
        painter.setPen(theme.color("text-3"))
        width = metrics.horizontalAdvance(one.group)
        painter.drawText(QRect(right - width - theme.px(4), inner.top(), width, inner.height()), Qt.AlignmentFlag.AlignVCenter, one.group)
        return right - width - theme.px(14)

    def _title(self, painter: QPainter, one: Entry, places: tuple[int, ...], inner: QRect) -> None:
        theme = self._theme
        plain, strong = theme.font("body"), theme.font("strong")
        hits, x, limit = set(places), inner.left(), inner.right()
        colour = theme.color("text-3" if one.reason else "text")
        for n, run in _runs(one.title, hits):
            painter.setFont(strong if n else plain)
            painter.setPen(theme.color("accent") if n and not one.reason else colour)
            width = painter.fontMetrics().horizontalAdvance(run)
            if x + width > limit:
                run = painter.fontMetrics().elidedText(run, Qt.TextElideMode.ElideRight, max(0, limit - x))
            painter.drawText(QRect(x, inner.top(), max(0, limit - x), inner.height()), Qt.AlignmentFlag.AlignVCenter, run)
            x += width
        if one.reason and x + theme.px(40) < limit:
            painter.setFont(theme.font("label"))
            painter.setPen(theme.color("text-3"))
            rest = QRect(x + theme.px(8), inner.top(), limit - x - theme.px(8), inner.height())
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter,
                             painter.fontMetrics().elidedText(one.reason, Qt.TextElideMode.ElideRight, rest.width()))


def _runs(title: str, hits: set[int]) -> list[tuple[bool, str]]:
    made: list[tuple[bool, str]] = []
    for n, letter in enumerate(title):
        if made and made[-1][0] == (n in hits):
            made[-1] = (made[-1][0], made[-1][1] + letter)
        else:
            made.append((n in hits, letter))
    return made
