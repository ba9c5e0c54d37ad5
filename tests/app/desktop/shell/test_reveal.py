"""Panels of a workspace appear one after the other."""

from __future__ import annotations

import itertools
import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.desktop.shell.reveal import Reveal
from app.desktop.start import application
from tests.app.desktop.desk import Desk


class Painted(QWidget):
    def __init__(self, seen: list[str], name: str) -> None:
        super().__init__()
        self.seen, self.name = seen, name

    def paintEvent(self, event: object) -> None:
        self.seen.append(self.name)


@pytest.fixture
def space() -> tuple[QWidget, list[Painted], list[str]]:
    application()
    window, seen = QWidget(), []
    parts = [Painted(seen, name) for name in "abc"]
    layout = QHBoxLayout(window)
    for part in parts:
        layout.addWidget(part)
    window.resize(300, 100)
    return window, parts, seen


def test_each_turn_of_the_event_loop_paints_one_panel_and_what_is_not_painted_takes_no_clicks(space) -> None:
    app, (window, parts, seen) = application(), space
    reveal = Reveal(window)
    reveal.hold(parts)
    window.show()
    for _ in range(20):
        app.processEvents()
    assert seen == []
    reveal.begin(lambda part: "cab".index(part.name))
    spot = {part.name: part.mapTo(window, QPoint(5, 5)) for part in parts}
    assert all(window.childAt(at) is None for at in spot.values())
    growing: list[str] = []

    def look() -> None:
        growing.append("".join(dict.fromkeys(seen)))
        assert {part.name for part in parts if window.childAt(spot[part.name]) is part} == set(seen)

    reveal._turns.timeout.connect(look)
    while reveal.busy:
        app.processEvents()
    assert growing == ["", "c", "ca", "cab"], "the first turn has the showing itself to do"
    window.close()


def test_a_panel_that_went_or_was_hidden_meanwhile_keeps_the_others_from_nothing(space) -> None:
    app, (window, parts, seen) = application(), space
    reveal = Reveal(window)
    reveal.hold(parts)
    window.show()
    parts[1].hide()
    reveal.begin(lambda part: part.name)
    parts[0].setParent(None)
    parts[0].deleteLater()
    until = time.monotonic() + 20
    while (reveal.busy or "c" not in seen) and time.monotonic() < until:
        app.processEvents()
    assert not reveal.busy and parts[2].updatesEnabled() and "c" in seen
    parts[1].show()
    app.processEvents()
    assert "b" in seen
    window.close()


def test_going_to_another_workspace_and_back_ends_with_all_panels_painted_and_clickable(desk: Desk) -> None:
    desk.new()
    desk.page.show_workspace("deliver")
    desk.page.show_workspace("edit")
    space = desk.page.space
    assert not desk.panel("timeline").lanes.updatesEnabled(), "not painted yet"
    desk.wait(lambda: not space._reveal.busy)
    for dock in space.panels.values():
        assert dock.updatesEnabled() and not dock.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


@pytest.mark.still
def test_a_workspace_that_is_visited_first_is_made_panel_by_panel_while_the_one_before_stands(desk: Desk) -> None:
    desk.new()
    page, begun, made = desk.page, desk.page._workspaces.begun, [0]
    page.visit_workspace("review")
    until = time.monotonic() + 40
    while page.workspace() != "review" and time.monotonic() < until:
        desk.app.processEvents()
        made.append(len(begun["review"].panels) if "review" in begun else made[-1])
    assert page.workspace() == "review" and page.top.workspaces.value == "review"
    assert max(after - before for before, after in itertools.pairwise(made)) == 1 and made[-1] > 5
    page.show_workspace("edit")
    page.visit_workspace("deliver")
    desk.app.processEvents()
    assert page.top.workspaces.value == "deliver"
    page.show_workspace("edit")
    desk.settle(0.3)
    assert page.workspace() == page.top.workspaces.value == "edit", "whoever goes elsewhere meanwhile stays there"
    page.show_workspace("deliver")
    assert set(page.space.panels) == {"presets", "export", "queue", "verification"}, "what was begun is finished"
