"""The window of the merge review's figures: opens a film and a copy of it, chooses, applies, and tells how long the window was held up.

Owns: looking into the running window. Refuses: judging (see `collab`).

Held up is measured twice: by the clock, from one look at the event loop to the next, and by the processor time that the window's thread
spent in between, which other work on the machine does not lengthen much.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from tests.app.desktop.desk import Desk

TICKS = 30


class Heart:
    """Beats once a millisecond where the window's thread lets it. `take` gives the longest pauses since it was last asked, in
    milliseconds: by the clock, and of the thread's own work."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self.take()

    def _beat(self) -> None:
        now, spent = time.perf_counter(), time.thread_time()
        self._clock, self._own = max(self._clock, now - self._at), max(self._own, spent - self._spent)
        self._at, self._spent = now, spent

    def take(self) -> tuple[float, float]:
        found = (getattr(self, "_clock", 0.0) * 1000, getattr(self, "_own", 0.0) * 1000)
        self._clock = self._own = 0.0
        self._at, self._spent = time.perf_counter(), time.thread_time()
        return found


def measure(desk: Desk, other: Path) -> dict[str, Any]:
    heart = Heart()

    def until(ready: Callable[[], Any], seconds: float = 60.0) -> None:
        end = time.perf_counter() + seconds
        while not ready():
            desk.app.processEvents()
            time.sleep(0.0005)
            if time.perf_counter() > end:
                raise TimeoutError("the merge review did not get on")

    def rest(seconds: float) -> None:
        at = time.perf_counter()
        until(lambda: time.perf_counter() - at > seconds)

    rest(6)
    heart.take()

    def opened() -> dict[str, float]:
        """When what was there, in milliseconds after a copy was named."""
        seen: dict[str, float] = {}
        began = time.perf_counter()

        def note(name: str) -> None:
            seen.setdefault(name, (time.perf_counter() - began) * 1000)

        desk.window.merge_copy(other)
        note("page")
        page = desk.page.page
        page.reviewer.went.connect(lambda side, change, cut: note(f"{side} known"))
        page.reviewer.looked.connect(lambda: note("rows"))
        until(lambda: hasattr(page, "sides"))
        for side in ("theirs", "merged"):
            page.sides.feeds[side].arrived.connect(lambda *_, s=side: f"{s} known" in seen and note(f"{s} playable"))
        until(lambda: {"merged playable", "theirs playable"} <= seen.keys() and page.reviewer.merged is not None)
        rest(2)
        return seen

    seen, held_up = opened(), heart.take()
    desk.page.page.not_now()
    until(lambda: desk.page.page is None)
    desk.page.look_ahead()  # as while the file is asked for
    rest(3)
    asked = opened()
    heart.take()
    page = desk.page.page
    found: dict[str, Any] = {"seen": seen, "asked": asked, "open": held_up, "rows": len(page.list.rows)}
    rows = page.list.rows
    for number in range(TICKS):
        page.reviewer.tick(rows[number * 7 % len(rows)])
        rest(0.12)
    found["tick"] = heart.take()
    page.choose_all("mine")
    rest(1.5)
    page.choose_all("merged")
    rest(1.5)
    found["all"] = heart.take()
    for _ in range(5):
        page.step(1)
        rest(0.3)
    QTest.mouseClick(page.strips, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(page.strips.width() // 2, 5))
    page.toggle()
    rest(2)
    page.toggle()
    rest(0.3)
    found["look"] = heart.take()
    page.apply()
    until(lambda: desk.page.page is None)
    rest(2)
    found["apply"] = heart.take()
    return found


def main(folder: Path, film: Path, other: Path) -> None:
    desk = Desk(folder)
    try:
        desk.open(film)
        print(json.dumps(measure(desk, other)))
    finally:
        desk.close()


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
