"""The timeline for somebody who may not edit: what cannot be done says so at once, not after it was tried."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from app.desktop.canvas.menus import header_menu, lanes_menu, ruler_menu
from app.services.collab.membership import may_do
from tests.app.desktop.canvas.hands import Hands

WHY = "Viewers cannot edit this film; ask Ana to make you an editor"


@pytest.fixture
def viewer(hands: Hands) -> Hands:
    hands.bench.door.restrict(may_do("viewer", "Ana"))
    return hands


def test_a_drag_by_a_viewer_shows_no_clip_elsewhere_and_says_why(viewer: Hands) -> None:
    start = viewer.at("c")
    viewer.press(start)
    viewer.move(viewer.by(start, 1))
    viewer.move(viewer.by(start, 2))
    note = viewer.lanes.pointer.note
    assert (note.words, note.bad, viewer.lanes.overlay.ghosts) == (WHY, True, ())
    viewer.release(viewer.by(start, 2))
    assert viewer.ran == []


def test_a_header_is_not_picked_up_nor_its_level_dragged_nor_its_name_typed_by_a_viewer(viewer: Hands) -> None:
    headers = viewer.panel.headers
    places = {part.name: part.box.center() for part in headers.parts(viewer.state.rows.of("k3"))}
    for name in ("level", "name"):
        viewer.press(places[name], on=headers)
        viewer.move(places[name] + QPoint(30, 40), on=headers)
        assert (headers._level, headers._insert_at) == (None, None)
        viewer.release(places[name] + QPoint(30, 40), on=headers)
    headers.rename("k3")
    assert headers._edit is None
    assert viewer.ran == []


def test_menus_of_the_timeline_grey_what_a_viewer_may_not_and_leave_the_rest(viewer: Hands) -> None:
    panel = viewer.panel
    found = lanes_menu(viewer.lanes.pointer, viewer.lanes.pointer.hit_at(viewer.at("c").toPointF()))
    for menu, off, on in ((found, "Rename …", "Open in Source"), (header_menu(panel, "k3"), "Mute A1", "Select all clips on it"),
                          (ruler_menu(panel, "", 0), "Add marker here", "Mark in here")):
        assert (_entry(menu, off).isEnabled(), _entry(menu, on).isEnabled()) == (False, True)
        assert WHY in _entry(menu, off).toolTip()
        assert menu.toolTipsVisible()


def _entry(menu: QMenu, words: str) -> object:
    return next(one for one in menu.actions() if one.text() == words)
