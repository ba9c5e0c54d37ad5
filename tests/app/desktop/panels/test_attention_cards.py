"""The list of what needs attention, when much does."""

from __future__ import annotations

import itertools

import pytest

from app.desktop.panels.attention import AHEAD, LEAST, MOST
from app.services.attending import Matter
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
