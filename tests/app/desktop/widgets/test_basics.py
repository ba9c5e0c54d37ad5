"""Parts that all panels are made of."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desktop.panels.comments.mentions import MentionField
from app.desktop.widgets.basics import clear, row
from editor_core.comments import Person
from tests.app.desktop.desk import Desk


def test_a_layout_that_is_cleared_leaves_nothing_of_its_rows_behind(desk: Desk) -> None:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    inside, own = QLabel("in a row"), QLabel("by itself")
    layout.addLayout(row(inside, None))
    layout.addWidget(own)
    holder.show()
    clear(layout)
    assert layout.count() == 0 and not inside.isVisible() and not own.isVisible()
    holder.deleteLater()
    desk.settle()


def test_a_name_is_offered_also_where_somebody_is_called_as_its_beginning(desk: Desk) -> None:
    field = MentionField(desk.theme, "Comment", "", lambda: [Person("", "B"), Person("u1", "Ben Berg")])
    field.show()
    field.activateWindow()
    field.setFocus()
    desk.settle()
    desk.type("@B", field)
    assert field._names.isVisible() and [field._names.item(n).text() for n in range(field._names.count())] == ["B", "Ben Berg"]
    desk.type("en Berg", field)
    assert not field._names.isVisible(), "the whole name stands there"
    field.hide()
    field.deleteLater()
    desk.settle()
