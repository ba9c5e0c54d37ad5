"""Closed pages go piece by piece."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QComboBox, QFrame, QLabel, QScrollArea, QTableView, QVBoxLayout, QWidget

from app.desktop.shell.put_away import PIECE, put_away
from app.desktop.start import application


class Under(QWidget):
    painted = 0

    def paintEvent(self, event: object) -> None:
        self.painted += 1


def page(window: QWidget, gone: list[str]) -> QWidget:
    made = QFrame(window)
    layout = QVBoxLayout(made)
    area, inner = QScrollArea(), QWidget()
    cards = QVBoxLayout(inner)
    for number in range(40):
        card = QFrame()
        rows = QVBoxLayout(card)
        for word in range(5):
            rows.addWidget(QLabel(f"{number} {word}"))
        card.destroyed.connect(lambda _=None, n=number: gone.append(f"card {n}"))
        cards.addWidget(card)
    area.setWidget(inner)
    layout.addWidget(area)
    for name, part in (("table", QTableView()), ("combo", QComboBox()), ("foot", QLabel("foot"))):
        part.destroyed.connect(lambda _=None, name=name: gone.append(name))
        layout.addWidget(part)
    made.destroyed.connect(lambda: gone.append("page"))
    return made


def test_a_large_page_goes_over_many_turns_and_at_last_all_of_it_is_gone() -> None:
    app, gone = application(), []
    window = Under()
    made = page(window, gone)
    made.resize(300, 200)
    window.show()
    made.hide()
    for _ in range(6):
        app.processEvents()
    window.painted = 0
    put_away(made, 1)
    seen = [len(window.findChildren(QObject))]
    for _ in range(400):
        app.processEvents()
        seen.append(len(window.findChildren(QWidget)))
        if not seen[-1]:
            break
    app.processEvents()
    assert window.painted == 0, "what stands under it is painted already"
    assert seen[-1] == 0 and gone[-1] == "page" and len(gone) == 44
    assert max(before - after for before, after in itertools.pairwise(seen[1:])) <= PIECE
    window.close()


def test_a_page_that_goes_with_its_window_meanwhile_is_no_trouble() -> None:
    app, gone = application(), []
    window = QWidget()
    made = page(window, gone)
    made.hide()
    put_away(made, 1)
    for _ in range(6):
        app.processEvents()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    for _ in range(6):
        app.processEvents()
    assert "page" in gone and len(gone) == 44
