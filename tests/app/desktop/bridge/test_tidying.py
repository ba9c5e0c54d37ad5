"""Searches for cycles wait for a quiet moment."""

from __future__ import annotations

import gc
import time
from types import SimpleNamespace

import pytest

from app.desktop.bridge import tidying
from app.desktop.bridge.tidying import LONG_QUIET, QUIET, SELDOM, Tidying
from app.desktop.start import application


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(gc, "collect", lambda *_: done.append("search"))
    monkeypatch.setattr(gc, "unfreeze", lambda: done.append("everything"))
    monkeypatch.setattr(gc, "get_objects", lambda _generation: range(10**6))
    return done


def test_what_is_new_is_searched_when_nobody_did_anything_for_a_while_and_everything_seldom(monkeypatch, searched: list[str]) -> None:
    application()
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    keys = SimpleNamespace(heard=0)
    bench = SimpleNamespace(document=SimpleNamespace(snapshot=SimpleNamespace(revision=1)), selection=SimpleNamespace(clips=()),
                            transport=SimpleNamespace(ticks=0, playing=False), late={"shell": SimpleNamespace(keys=keys)})
    before = gc.get_threshold()
    one = Tidying(bench)

    def later(seconds: float) -> list[str]:
        clock.now += seconds
        searched.clear()
        one.look()
        return list(searched)

    later(1)
    assert later(QUIET - 1) == []
    assert later(2) == ["search"]
    bench.document.snapshot.revision = 2
    assert later(QUIET + 1) == [] and later(QUIET - 1) == [] and later(2) == ["search"]
    keys.heard = 1
    assert later(QUIET + 1) == []
    bench.transport.playing = True
    assert later(QUIET + 1) == [] and later(QUIET + 1) == []
    bench.transport.playing = False
    assert later(SELDOM + LONG_QUIET) == ["everything", "search"]
    assert later(1) == ["search"], "once in a long while"
    monkeypatch.setattr(gc, "get_objects", lambda _generation: range(100))
    assert later(1) == []
    one.close()
    assert gc.get_threshold() == before


def test_while_a_film_is_open_no_large_search_runs_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    app = application()
    before = gc.get_threshold()
    one = Tidying(SimpleNamespace())
    app.processEvents()
    assert gc.get_threshold() == tidying._YOUNG and gc.get_freeze_count() > 0
    one.close()
    assert gc.get_threshold() == before and gc.get_freeze_count() == 0
