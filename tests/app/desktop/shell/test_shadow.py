"""Shadows under what floats."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QFrame, QWidget

from app.desktop.start import application
from app.desktop.widgets.shadow import Shadow, soft_edge


@pytest.fixture
def window() -> QWidget:
    application()
    made = QWidget()
    made.setStyleSheet("background: white")
    made.resize(400, 300)
    return made


def shade(window: QWidget, x: int, y: int) -> int:
    return window.grab().toImage().pixelColor(x, y).red()


def test_a_shadow_lies_around_what_floats_and_fades_outwards(window: QWidget) -> None:
    card = QFrame(window)
    card.setGeometry(QRect(100, 80, 200, 100))
    Shadow(card, 20, 8, 120)
    window.show()
    below = [shade(window, 200, y) for y in range(181, 210, 4)]
    assert below == sorted(below) and below[0] < 220 and below[-1] > 245
    assert shade(window, 200, 182) < shade(window, 200, 78), "it falls downwards"
    assert shade(window, 98, 130) == shade(window, 301, 130) < 250
    assert shade(window, 20, 20) == 255
    assert window.childAt(QPoint(200, 190)) is None, "it takes no clicks"
    window.close()


def test_a_shadow_goes_where_its_widget_goes_and_ends_with_it(window: QWidget) -> None:
    app = application()
    card, other = QFrame(window), QFrame(window)
    other.setGeometry(0, 0, 400, 300)
    shadow = Shadow(card, 20, 8, 120)
    window.show()
    card.setGeometry(10, 20, 50, 60)
    card.raise_()
    assert shadow.geometry() == QRect(-10, 8, 90, 100) and shadow.isVisible()
    order = [child for child in window.children() if child in (card, other, shadow)]
    assert order == [other, shadow, card], "right under it, over the rest"
    card.hide()
    assert shadow.isHidden()
    card.show()
    assert shadow.isVisible()
    card.setParent(None)
    card.deleteLater()
    app.sendPostedEvents(None, 52)
    app.sendPostedEvents(None, 52)
    assert window.children() == [other]
    window.close()


def test_the_picture_of_a_shadow_is_made_once() -> None:
    application()
    assert soft_edge(24, 120) is soft_edge(24, 120)
    alphas = [soft_edge(24, 120).toImage().pixelColor(48, y).alpha() for y in range(49)]
    assert alphas == sorted(alphas) and alphas[0] < 6 and alphas[-1] == 120
