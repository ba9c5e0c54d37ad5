"""What the window says where there is little room: the top bar, tabs of panels, tooltips, the window's own place."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QRect

from app.desktop.shell.tab_words import docks_of
from app.desktop.widgets.basics import LiveIconButton, Words
from tests.app.desktop.desk import Desk

pytestmark = pytest.mark.still


@pytest.mark.parametrize("width", [1100, 1280, 1366, 1500, 1920])
def test_nothing_of_the_top_bar_lies_over_anything_else(film: Desk, width: int) -> None:
    film.bench.run("project.rename", {"name": "A film with quite a long name for such a narrow window"})
    film.window.resize(width, 700)
    film.settle()
    bar = film.page.top
    parts = [bar.menus, bar.name, bar.branch, bar.workspaces, bar.together, bar.export]
    spots = [QRect(part.geometry()) for part in parts]
    assert all(one.right() < other.left() for one, other in pairwise(spots)), spots
    assert spots[-1].right() < bar.width() and all(spot.width() > 20 for spot in spots)


def test_a_wide_window_says_the_branch_and_the_words_again(film: Desk) -> None:
    bar = film.page.top
    film.bench.run("project.rename", {"name": "A film with quite a long name for such a narrow window"})
    film.window.resize(1000, 700)
    film.settle()
    assert bar.export.text() == "" and bar.branch.text() == "" and bar.name.text().endswith("…")
    film.bench.run("project.rename", {"name": "Film"})
    film.window.resize(1920, 1080)
    film.settle()
    assert bar.export.text() == " Export" and bar.branch.text().strip() == "main"
    assert abs(bar.workspaces.geometry().center().x() - bar.width() // 2) < 3


@pytest.mark.parametrize("width", [1200, 1366, 1920])
def test_no_tab_of_a_panel_is_cut(film: Desk, width: int) -> None:
    film.window.resize(width, 760)
    film.page.space.reset()
    film.settle()
    headers = film.page.space._headers
    for bar in headers.bars():
        for index, dock in enumerate(docks_of(bar, film.page.space.docks.values())):
            assert dock is not None
            assert bar.tabRect(index).width() >= bar.fontMetrics().horizontalAdvance(bar.tabText(index)) + 10
            assert bar.tabText(index) or (not bar.tabIcon(index).isNull() and bar.tabToolTip(index) == dock.spec.title)
        assert bar.tabRect(bar.count() - 1).right() <= bar.width() and headers.dock_of(bar) is not None


def test_the_tab_of_attention_says_how_much_waits(film: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = film.panel("attention")
    monkeypatch.setattr(type(panel), "tab_count", lambda self: 3)
    dock = film.page.space.panels["attention"]
    dock.note()
    film.settle()
    bar = next(b for b in film.page.space._headers.bars() if dock in docks_of(b, film.page.space.docks.values()))
    index = docks_of(bar, film.page.space.docks.values()).index(dock)
    assert bar.accessibleTabName(index) == "Attention 3" and bar.tabText(index).endswith("3")


def test_a_name_with_markup_is_shown_as_it_is_written(film: Desk) -> None:
    cut = Words("", film.page)
    cut.resize(40, 20)
    cut.setText("<b>a name of somebody else</b> that is far too long")
    more = LiveIconButton(film.theme, "ellipsis-vertical", "More for <i>x</i>", parent=film.page)
    assert "<b>" not in cut.toolTip() and "&lt;b&gt;" in cut.toolTip()
    assert "<i>" not in more.toolTip() and more.accessibleName() == "More for <i>x</i>"


def test_a_window_without_a_frame_comes_back_where_it_was(film: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(film.window), "frameGeometry", lambda self: self.geometry())
    film.window.setGeometry(0, 0, 960, 620)
    kept = film.window.geometry()
    film.window.place.keep()
    film.window.setGeometry(30, 60, 970, 610)
    film.window.place.restore()
    assert film.window.geometry() == kept
    screen = film.app.primaryScreen().geometry()
    film.bench.settings.set("window/bare", [0, 0, screen.width() + 400, screen.height() + 300])
    film.window.place.restore()
    fits = QRect(screen.topLeft(), screen.size().expandedTo(film.window.minimumSize()))
    assert film.window.geometry() == fits, "a smaller screen than the last time"


def test_a_layout_of_a_wide_window_is_not_put_into_a_narrow_one(film: Desk) -> None:
    space = film.page.space
    space.remember()
    kept = film.bench.settings.get("layout/edit")
    film.bench.settings.set("layout/edit", {**kept, "narrow": not kept["narrow"]})
    said = []
    space.restoreState = lambda *_: said.append("restored") or True
    space._placed = False
    space.place()
    assert not said
    film.bench.settings.set("layout/edit", kept)
    space._placed = False
    space.place()
    assert said == ["restored"]
