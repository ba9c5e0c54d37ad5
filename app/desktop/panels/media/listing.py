"""The Media panel's list: its columns and the order of what is shown, which the cards follow.

Owns: which columns have room, what sorts, and keeping that. Refuses: what a click on a row does (view).
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeView

from app.desktop.bridge import Workbench
from app.desktop.panels.media.model import COLUMNS, MediaModel

_NAME = 110
"""As narrow as a name may become before other columns go."""
_WIDTHS = {1: 58, 2: 96, 3: 48, 4: 46}
_GOING = (4, 2, 3)
"""Columns in the order in which they find room; the length is always shown."""


class MediaTable(QTreeView):
    """Media a line each."""

    def __init__(self, bench: Workbench, model: MediaModel) -> None:
        super().__init__()
        self._bench, self._media = bench, model
        theme = bench.theme
        self.setModel(model)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        head = self.header()
        head.setSortIndicatorClearable(True)  # a third click has them as they were imported
        self.setSortingEnabled(True)
        column, descending = self._kept()
        self.sortByColumn(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
        head.sortIndicatorChanged.connect(self._keep)
        self.setFont(theme.font("body"))
        head.setFont(theme.font("label"))
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(theme.px(30))
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for place, width in _WIDTHS.items():
            self.setColumnWidth(place, theme.px(width))

    def fit_columns(self, room: int) -> None:
        """Shows as many columns as leave the names space to be read, where there are `room` pixels for all."""
        px = self._bench.theme.px
        left = room - px(_NAME + _WIDTHS[1])
        for column in _GOING:
            left -= px(_WIDTHS[column])
            self.setColumnHidden(column, left < 0)

    def order_menu(self, parent: QMenu) -> QMenu:
        """How cards and list are sorted; the same again turns it round."""
        menu = QMenu("Sort by", parent)
        column, order = self._media.order
        ascending, descending = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        for place, words in ((-1, "As imported"), *enumerate(COLUMNS)):
            turned = place == column >= 0 and order == ascending
            made = menu.addAction(words)
            made.setCheckable(True)
            made.setChecked(place == column)
            made.triggered.connect(lambda _=False, p=place, t=turned: self.sortByColumn(p, descending if t else ascending))
        return menu

    def _kept(self) -> tuple[int, bool]:
        """The column last sorted by (-1 for none), and whether the last comes first."""
        words = str(self._bench.settings.get("media/order", ""))
        name = words.removeprefix("-")
        return COLUMNS.index(name) if name in COLUMNS else -1, words.startswith("-")

    def _keep(self, column: int, order: Qt.SortOrder) -> None:
        minus = "-" if order == Qt.SortOrder.DescendingOrder else ""
        self._bench.settings.set("media/order", minus + COLUMNS[column] if 0 <= column < len(COLUMNS) else "")
