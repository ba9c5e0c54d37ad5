"""The list of what needs attention, when much does."""

from __future__ import annotations

import itertools
from dataclasses import replace

import msgspec
import pytest
from PySide6.QtWidgets import QLabel

from app.desktop.panels.attention import AHEAD, LEAST, MOST
from app.services.attending import Matter
from app.services.collab.membership import may_do
from editor_core.sync.members import Member
from editor_core.timeline.attention import Fix
from tests.app.desktop.desk import Desk, S


def test_cards_are_made_one_in_a_turn_and_only_as_far_as_somebody_looks(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.new()
    desk.bench.shell.show_panel("attention")
    panel, attention = desk.panel("attention"), desk.bench.attention
    monkeypatch.setattr(attention, "_done", lambda done: None)  # its own first look at the new film finds nothing, a little later
    attention.rows = tuple(Matter(id=f"m{n}", kind="overlap", title=f"Matter {n}", message="words", at=n * S, clips=(), actors=())
                           for n in range(MOST + 5))
    made = [0]
    desk.bench.turns._timer.timeout.connect(lambda: made.append(len(panel._shown)))
    attention.changed.emit()
    while desk.bench.turns.waits(panel._fill, panel):
        desk.app.processEvents()
    assert max(after - before for before, after in itertools.pairwise(made)) == 1
    enough = AHEAD + panel._area.height() // desk.bench.theme.px(LEAST) + 2
    assert 3 < len(panel.cards()) <= enough < MOST
    bar = panel._area.verticalScrollBar()
    for _ in range(MOST):
        bar.setValue(bar.maximum())
        desk.settle(0.01)
        if len(panel.cards()) == MOST:
            break
    assert [card.matter.id for card in panel.cards()] == [f"m{n}" for n in range(MOST)]
    attention.rows = attention.rows[2:7]
    attention.changed.emit()
    desk.wait(lambda: [card.matter.id for card in panel.cards()] == [f"m{n}" for n in range(2, 7)])
    attention.rows = ()


def test_a_card_that_was_there_before_the_room_names_people_once_they_are_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.new()
    desk.bench.shell.show_panel("attention")
    panel, attention, together = desk.panel("attention"), desk.bench.attention, desk.bench.together
    monkeypatch.setattr(attention, "_done", lambda done: None)
    attention.rows = (Matter(id="m", kind="overlap", title="Matter", message="uAna was here", at=S, clips=(), actors=("uAna",)),)
    attention.changed.emit()
    desk.wait(panel.cards)
    assert "somebody else" in panel.cards()[0]._words()
    together._now = replace(together.now, members=(Member(key=b"k" * 32, role="editor", actor="uAna", person="Ana"),))
    together.changed.emit()
    desk.wait(lambda: panel.cards() and any(words.text() == "Ana" for words in panel.cards()[0].findChildren(QLabel)))
    assert panel.cards()[0]._words() == "Ana was here"
    attention.rows = (msgspec.structs.replace(attention.rows[0], fixes=(Fix("Close it", "clip.close_gap", {}),)),)
    attention.changed.emit()
    desk.wait(lambda: panel.cards() and panel.cards()[0].buttons and panel.cards()[0].buttons[0].isEnabled())
    desk.bench.door.restrict(may_do("viewer", "Ana"))
    together.changed.emit()
    desk.wait(lambda: panel.cards() and not panel.cards()[0].buttons[0].isEnabled())
    assert "ask Ana to make you an editor" in panel.cards()[0].buttons[0].toolTip()
    attention.rows = ()
