"""Work in turns of the event loop."""

from __future__ import annotations

import itertools
import time

from PySide6.QtCore import QObject
from shiboken6 import delete

from app.desktop.bridge.turns import Turns
from app.desktop.start import application


def test_each_turn_does_one_thing_and_what_belongs_to_something_that_is_gone_is_not_done() -> None:
    app, owner, gone, done = application(), QObject(), QObject(), []
    turns = Turns()
    calls = [lambda n=n: done.append(n) for n in range(3)]
    for call in (*calls, calls[0]):
        turns.add(call, owner)
    turns.add(lambda: done.append("gone"), gone)
    turns.add(lambda: (done.append("last"), turns.add(calls[1], owner)), owner)
    delete(gone)
    turns.ahead = lambda: True
    for _ in range(20):
        app.processEvents()
        time.sleep(0.001)
    assert done == [], "something else has the turns"
    turns.ahead = lambda: False
    growing, until = [0], time.monotonic() + 20
    while turns.busy and time.monotonic() < until:
        app.processEvents()
        growing.append(len(done))
    assert done == [0, 1, 2, "last", 1] and max(b - a for a, b in itertools.pairwise(growing)) == 1
    turns.add(calls[0], owner)
    turns.leave(owner)
    for _ in range(20):
        app.processEvents()
        time.sleep(0.001)
    assert len(done) == 5 and not turns.busy
