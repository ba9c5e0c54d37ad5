"""A table whose rows are kept as pictures, because painting a cell from Python takes as long as showing a hundred that are painted.

Owns: painting what is in sight, which pictures still hold. Refuses: how a cell looks (the delegate paints it) and the words in it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QCursor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTableView, QWidget

KEPT = 96
"""Rows whose pictures are kept: two screens full."""
_ON = QStyle.StateFlag.State_Selected
_OVER = QStyle.StateFlag.State_MouseOver


class KeptRows(QTableView):
    """`look_of(number)` tells rows that look different apart; `ground` is the colour behind them. `forget` when they look different all
    the same."""

    def __init__(self, look_of: Callable[[int], Hashable], ground: QColor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look_of = look_of
        self._ground = ground
        self._pictures: OrderedDict[Hashable, QPixmap] = OrderedDict()
        self._shape: Hashable = None

    def forget(self) -> None:
        """Rows are painted anew."""
        self._pictures.clear()
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        area, count = event.rect(), self.model().rowCount()
        first, last = self.rowAt(area.top()), self.rowAt(area.bottom())
        if first < 0:
            return
        columns = self._columns()
        viewport, ratio = self.viewport(), self.devicePixelRatioF()
        shape = (tuple(columns), viewport.width(), ratio)
        if shape != self._shape:
            self._shape = shape
            self._pictures.clear()
        spot = viewport.mapFromGlobal(QCursor.pos()) if viewport.underMouse() else QPoint(-1, -1)
        over = self.rowAt(spot.y()) if spot.y() >= 0 else -1
        painter = QPainter(viewport)
        for number in range(first, (last if last >= 0 else count - 1) + 1):
            painter.drawPixmap(0, self.rowViewportPosition(number), self._picture(number, columns, number == over))
        painter.end()

    def _columns(self) -> list[tuple[int, int, int]]:
        """Number, left edge and width of the columns that are shown."""
        return [(number, self.columnViewportPosition(number), self.columnWidth(number)) for number in range(self.model().columnCount())
                if not self.isColumnHidden(number)]

    def _picture(self, number: int, columns: list[tuple[int, int, int]], over: bool) -> QPixmap:
        height, on = self.rowHeight(number), self.selectionModel().isRowSelected(number)
        key = (self._look_of(number), height, on, over)
        made = self._pictures.get(key)
        if made is not None:
            self._pictures.move_to_end(key)
            return made
        made = self._pictures[key] = self._painted(number, columns, height, (_ON if on else QStyle.StateFlag.State_None)
                                                   | (_OVER if over else QStyle.StateFlag.State_None))
        if len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        return made

    def _painted(self, number: int, columns: list[tuple[int, int, int]], height: int, state: QStyle.StateFlag) -> QPixmap:
        viewport, ratio = self.viewport(), self.devicePixelRatioF()
        made = QPixmap(QSize(viewport.width(), height) * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(self._ground)
        painter, delegate, cell = QPainter(made), self.itemDelegate(), getattr(self.model(), "cell", self.model().index)
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        option.state |= state
        if self.columnSpan(number, columns[0][0]) > 1:
            columns = [(columns[0][0], columns[0][1], viewport.width())]
        for column, left, width in columns:
            option.rect = QRect(left, 0, width, height)
            delegate.paint(painter, option, cell(number, column))
        painter.end()
        return made
