"""Rows of the list of changes that are kept as pictures."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.desktop.merge.kept_rows import KeptRows
from app.desktop.start import application


class Plain(QStyledItemDelegate):
    """Fills a cell with the colour that it names, red where it is selected; tells which it painted."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        self.painted: list[tuple[int, int]] = []

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        self.painted.append((index.row(), index.column()))
        chosen = option.state & QStyle.StateFlag.State_Selected
        painter.fillRect(option.rect.adjusted(1, 1, -1, -1), QColor("red" if chosen else index.data()))


def test_a_row_is_painted_once_and_again_when_it_looks_different_and_headings_reach_over_all_columns() -> None:
    app = application()
    model = QStandardItemModel()
    for colour in ("blue", "green", "blue"):
        model.appendRow([QStandardItem(colour), QStandardItem("yellow")])
    table = KeptRows(lambda number: (number, model.index(number, 0).data()), QColor("black"))
    painter = Plain(table)
    table.setModel(model)
    table.setItemDelegate(painter)
    table.setSelectionBehavior(KeptRows.SelectionBehavior.SelectRows)
    table.verticalHeader().hide()
    table.resize(300, 200)
    table.setSpan(2, 0, 1, 2)

    def colour(row: int, column: int) -> str:
        spot = table.visualRect(model.index(row, column)).center()
        return QColor(table.viewport().grab().toImage().pixel(spot)).name()

    assert (colour(0, 0), colour(1, 0), colour(1, 1)) == ("#0000ff", "#008000", "#ffff00")
    span = table.visualRect(model.index(2, 0))
    assert QColor(table.viewport().grab().toImage().pixel(span.right() - 20, span.center().y())).name() == "#0000ff"
    assert sorted(painter.painted) == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)], "each time anew would be more"
    painter.painted.clear()
    model.item(1, 0).setData("white", Qt.ItemDataRole.DisplayRole)
    assert colour(1, 0) == "#ffffff" and painter.painted == [(1, 0), (1, 1)]
    table.selectRow(0)
    assert colour(0, 1) == "#ff0000"
    table.setColumnWidth(0, 30)
    assert colour(1, 1) == "#ffff00", "another width, other pictures"
    painter.painted.clear()
    table.forget()
    assert colour(1, 1) == "#ffff00" and (1, 1) in painter.painted
    table.deleteLater()
    app.processEvents()
