"""Parts that all panels are made of."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.desktop.panels.comments.mentions import MentionField
from app.desktop.widgets.basics import Words, clear, row
from app.desktop.widgets.one_line import OneLine
from editor_core.comments import Person
from tests.app.desktop.desk import Desk

pytestmark = pytest.mark.still


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


def test_a_name_stays_one_line_at_its_place_whatever_it_holds(desk: Desk) -> None:
    plain, odd = Words("Main cut"), Words("\u05e9\u05dc\u05d5\u05dd\nline two\r\n<b>3</b>")
    holder = QWidget()
    QVBoxLayout(holder).addWidget(odd)
    holder.resize(600, 60)
    holder.show()
    assert odd.sizeHint().height() == plain.sizeHint().height() and "\n" not in odd.text() and "<b>3</b>" in odd.text()
    shown = odd.grab().toImage()
    ground = shown.pixelColor(shown.width() - 1, 0)
    right = [shown.pixelColor(x, y) for x in range(300, shown.width(), 2) for y in range(shown.height())]
    assert all(colour == ground for colour in right), "it begins at the left"
    holder.deleteLater()
    plain.deleteLater()


def test_esc_in_a_field_of_one_line_has_the_old_words_back_and_pasted_breaks_are_spaces(desk: Desk) -> None:
    field = OneLine("Main cut")
    done: list[str] = []
    field.editingFinished.connect(lambda: done.append(field.words))
    field.show()
    field.activateWindow()
    field.setFocus()
    desk.wait(field.hasFocus)
    field.selectAll()
    QTest.keyClicks(field, "Other")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "Main cut" and set(done) <= {"Main cut"}
    field.setText("two\nlines")
    assert field.words == "two lines"
    field.setText("a long name " * 30)
    assert field.cursorPosition() == 0, "its beginning is what one reads"
    field.deleteLater()
