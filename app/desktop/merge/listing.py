"""The list of changes with what orders, filters and searches it.

Owns: the table's columns and heights, the row of controls over it, which change is selected. Refuses: what is in the list (see `table`)
and choosing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QMenu, QTableView, QToolButton, QWidget

from app.desktop.merge.delegate import ChangePainter
from app.desktop.merge.kept_rows import KeptRows
from app.desktop.merge.reviewer import Reviewer
from app.desktop.merge.table import CLIP, MINE, RESULT, THEIRS, TICK, TIME, Changes
from app.desktop.widgets.basics import column, label, row
from app.desktop.widgets.segments import Segments
from app.services.review.outlook import Outlook
from app.services.review.rows import Row

if TYPE_CHECKING:
    from app.desktop.bridge import Workbench

FOR_ALL = (("Take theirs for all that is listed", "theirs", "all"), ("Keep mine for all that is listed", "mine", "all"),
           ("Leave all that is listed as merged", "merged", "all"), ("Take theirs from the playhead on", "theirs", "later"),
           ("Keep mine from the playhead on", "mine", "later"), ("Take theirs in the marked range", "theirs", "range"),
           ("Keep mine in the marked range", "mine", "range"), ("Leave the marked range as merged", "merged", "range"))
"""Words, choice, for what: all that is listed, what of it ends after the playhead, or what of it is in the marked range."""
HOW_TO_MARK = "Mark a range first: In and Out (I, O), or drag over the ruler with Shift"
ORDERS = [("time", "Changes"), ("track", "By track"), ("person", "By person")]
SHOWN = [("all", "All"), ("mine", "Mine"), ("theirs", "Theirs"), ("decide", "Decide")]


ROOMY = 760
"""Width at which the row above the list has room for everything."""
TIGHT = 640
"""Width below which only its choices have room, with whole words."""


class ChangeList(QFrame):
    """`selected(Row)` when another change is chosen in the list, `chose_all(choice, for what)`, `refilled` after a filter."""

    selected = Signal(object)
    chose_all = Signal(str, str)
    refilled = Signal()

    def __init__(self, bench: Workbench, reviewer: Reviewer, over: QWidget, parent: QWidget | None = None) -> None:
        """`over` is laid above the list: the strips."""
        super().__init__(parent)
        theme = self._theme = bench.theme
        self.setProperty("surface", "panel")
        self.changes = Changes(reviewer, bench.rate, self)
        self.painter = ChangePainter(bench, self.changes, self)
        self.table = self._table()
        self.order = Segments(theme, "Order of the list", ORDERS, "time")
        self.filter = Segments(theme, "Which changes", SHOWN, "all")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search changes")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(theme.px(200))
        self.search.setAccessibleName("Search changes")
        self.empty = label(theme, "Nothing differs", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.hide()
        self.all = self._for_all()
        edge = (theme.px(8), theme.px(6), theme.px(8), theme.px(6))
        bar = row(self.order, self.all, None, self.filter, self.search, spacing=theme.px(8), margins=edge)
        layout = column(over, bar, self.table, self.empty)
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self.order.chosen.connect(lambda key: self.changes.set(order=key))
        self.filter.chosen.connect(lambda key: self.changes.set(show=key))
        self.search.textChanged.connect(lambda text: self.changes.set(words=text))
        self.changes.filtered.connect(self._filtered)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _before: self._chosen(now.row()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= self._theme.px(ROOMY)
        self.search.setFixedWidth(self._theme.px(200 if roomy else 90))
        tight = self.width() < self._theme.px(TIGHT)
        self.search.setVisible(not tight)
        for number in (MINE, THEIRS):  # three letters of either would tell nothing; the cards and the players do
            self.table.setColumnHidden(number, tight)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(CLIP, QHeaderView.ResizeMode.Stretch if tight else QHeaderView.ResizeMode.Fixed)
        self.all.setVisible(roomy)

    def _table(self) -> KeptRows:
        theme = self._theme
        table = KeptRows(self.changes.look, theme.color("panel"))
        self.changes.modelReset.connect(table.forget)
        table.setModel(self.changes)
        table.setItemDelegate(self.painter)
        table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setMouseTracking(True)
        table.setTabKeyNavigation(False)  # Tab leaves for the filters, the decisions and Apply
        table.verticalHeader().hide()
        table.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setAccessibleName("Changes")
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setFixedHeight(theme.px(28))
        for number in (TICK, TIME, CLIP, RESULT):
            head.setSectionResizeMode(number, QHeaderView.ResizeMode.Fixed)
        for number in (MINE, THEIRS):
            head.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        return table

    def _for_all(self) -> QToolButton:
        made = QToolButton()
        made.setText("Choose for all  ▾")
        made.setProperty("chip", "true")
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        made.setAccessibleName("Choose for all changes that are listed")
        made.setToolTip("For every change that the list shows: filter it by person, track or words first")
        menu = QMenu(made)
        menu.setToolTipsVisible(True)
        self._ranged: list[tuple[QAction, str]] = []
        for words, choice, what in FOR_ALL:
            one = menu.addAction(words)
            one.triggered.connect(lambda _checked=False, c=choice, w=what: self.chose_all.emit(c, w))
            if what == "range":
                self._ranged.append((one, words))
        made.setMenu(menu)
        self.tell_marked("")
        return made

    def tell_marked(self, where: str) -> None:
        """Which range is marked, in words; empty for none."""
        for one, words in self._ranged:
            one.setEnabled(bool(where))
            one.setText(f"{words}: {where}" if where else words)
            one.setToolTip(f"Every change that is listed and that is, as far as it goes, in {where}" if where else HOW_TO_MARK)

    @property
    def rows(self) -> list[Row]:
        """The changes as they are listed."""
        return self.changes.rows

    def fill(self, found: Outlook) -> None:
        """Another outlook."""
        counts = {"all": len(found.rows), "mine": sum(1 for r in found.rows if r.mine), "theirs": sum(1 for r in found.rows if r.theirs),
                  "decide": sum(1 for r in found.rows if r.questions)}
        for key, word in SHOWN:
            self.filter.button(key).setText(f"{word} {counts[key]}")
        self.changes.refill()
        self.empty.setText("Nothing differs")
        self.empty.setVisible(not found.rows)
        self.table.setVisible(bool(found.rows))

    def say(self, words: str) -> None:
        """Words in place of the list."""
        self.empty.setText(words)
        self.empty.show()
        self.table.hide()

    def select(self, row_id: str) -> None:
        """Selects a change, where it is listed, and brings it into sight."""
        number = self.changes.number_of(row_id)
        if number is not None:
            if self.table.currentIndex().row() != number:
                self.table.selectRow(number)
            self.table.scrollTo(self.changes.index(number, 0))

    def set_narrow(self, narrow: bool) -> None:
        """Columns for a narrow window, or for a wide one."""
        for number, wide in ((TICK, 40), (TIME, 104), (CLIP, 190 if narrow else 240), (RESULT, 220 if narrow else 280)):
            self.table.setColumnWidth(number, self._theme.px(wide))

    def choices_changed(self) -> None:
        self.changes.choices_changed()
        self.table.viewport().update()

    def pictured(self) -> None:
        """Another small picture is there."""
        if not self.painter.low:
            self.table.forget()

    def _chosen(self, number: int) -> None:
        found = self.changes.row(number)
        if found is not None:
            self.selected.emit(found)

    def _filtered(self) -> None:
        table, lines = self.table, self.changes.lines
        table.clearSpans()
        plain = next((number for number, shown in enumerate(lines) if not isinstance(shown, str)), 0)
        if lines:
            table.verticalHeader().setDefaultSectionSize(self.painter.height(plain))
        for number, shown in enumerate(lines):
            if isinstance(shown, str):
                table.setRowHeight(number, self.painter.height(number))
                table.setSpan(number, 0, 1, self.changes.columnCount())
        self.refilled.emit()
