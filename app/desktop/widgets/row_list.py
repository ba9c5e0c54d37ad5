"""A list of rows that scrolls, or a word about why there are none.

Owns: scroll area, column, divider lines, the empty state. Refuses: what a row is; lists of thousands want a model and a view instead.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.widgets.basics import clear, line
from app.desktop.widgets.empty import Empty


class RowList(QStackedWidget):
    """`rows` is the column; its last item is a stretch, so that rows are inserted before it. `empty` shows while there are none."""

    def __init__(self, empty: Empty) -> None:
        super().__init__()
        self.empty = empty
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self.rows = QVBoxLayout(inner)
        self.rows.setContentsMargins(0, 0, 0, 0)
        self.rows.setSpacing(0)
        self.rows.addStretch(1)
        area.setWidget(inner)
        self.addWidget(area)
        self.addWidget(empty)

    def fill(self, rows: Iterable[QWidget], *, ruled: bool = True) -> None:
        """Replaces all rows; `ruled` puts a line under each."""
        clear(self.rows)
        some = False
        for row in rows:
            some = True
            self.rows.addWidget(row)
            if ruled:
                self.rows.addWidget(line())
        self.rows.addStretch(1)
        self.show_rows(some)

    def show_rows(self, some: bool) -> None:
        """The rows, or why there are none."""
        self.setCurrentIndex(0 if some else 1)
