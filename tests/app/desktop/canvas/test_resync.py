"""The badge of being out of step: where it is, and what a click on it offers, by real events."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QMenu

from app.desktop.canvas.lane_layer import clip_box
from app.desktop.canvas.resync import apart, resync_menu
from tests.app.desktop.canvas.hands import FRAME, Hands, S


@pytest.fixture
def parted(hands: Hands) -> Hands:
    """Clip c runs three frames behind its sound."""
    hands.bench.run("clip.move", {"clips": ["c"], "by": 3 * FRAME, "linked": False})
    hands.noting.ran.clear()
    return hands


def choose(hands: Hands, clip: str, words: str) -> None:
    menu = resync_menu(hands.lanes, hands.bench, hands.clip(clip))
    action = next(a for a in menu.actions() if words in a.text())
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def test_a_click_on_the_badge_opens_its_menu_and_drags_nothing(parted: Hands) -> None:
    row = parted.state.rows.of("k2")
    assert row is not None
    box = parted.lanes.drift_box(parted.clip("c"), clip_box(parted.state, row, parted.clip("c")))
    assert not box.isEmpty()
    picture = parted.lanes.grab().toImage()
    assert picture.pixelColor(box.left() + 1, box.center().y()).name() == parted.bench.theme.color("warn-fill").name()
    parted.click(box.center())
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [a.text() for a in menu.actions()] == ["Move this picture by −3 f", "Slip this picture by +3 f",
                                                  "Leave it so: unlink picture and sound"]
    menu.close()
    assert parted.ran == [] and not parted.panel.pointer.busy
    a = clip_box(parted.state, row, parted.clip("a"))
    assert parted.lanes.drift_box(parted.clip("a"), a).isEmpty()


def test_each_way_brings_picture_and_sound_in_step_or_leaves_them(parted: Hands) -> None:
    assert apart(parted.bench.snapshot, parted.clip("c")) == 3 * FRAME == -apart(parted.bench.snapshot, parted.clip("sc"))
    choose(parted, "c", "Move")
    assert parted.clip("c").start == 15 * S and apart(parted.bench.snapshot, parted.clip("c")) == 0
    parted.bench.run("edit.undo")
    choose(parted, "sc", "Slip this sound by −3 f")
    assert parted.clip("sc").start == 15 * S and apart(parted.bench.snapshot, parted.clip("c")) == 0
    parted.bench.run("edit.undo")
    choose(parted, "c", "Leave")
    assert not parted.clip("c").link and not parted.clip("sc").link and parted.clip("c").start == 15 * S + 3 * FRAME


def test_what_cannot_be_done_is_greyed_with_the_reason(hands: Hands) -> None:
    hands.bench.run("clip.move", {"clips": ["sa"], "by": 20 * S, "linked": False})
    hands.bench.run("track.set", {"track": "k2", "locked": True})
    menu = resync_menu(hands.lanes, hands.bench, hands.clip("a"))
    first = menu.actions()[0]
    assert not first.isEnabled() and "locked" in first.toolTip()
