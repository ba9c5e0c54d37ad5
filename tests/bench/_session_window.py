"""The window of the working session: does what a person does in it, and tells the longest turn of the event loop at each step.

Owns: looking into the running window. Refuses: judging (see `session`).

A turn is what the window's thread does from one look at events to the next. Its work is measured in processor time, which other work
on the machine does not lengthen much. What a long turn was about is told by looking at the thread's stack each millisecond.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.app.desktop.desk import Desk
from tests.bench.figure import ROOT

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Watch:
    """`step(name, call, seconds)` does something and lets the window run; `found` has for each name the longest turn: processor
    milliseconds, milliseconds by the clock, and where it was spent."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._name = ""
        self._seen: list[tuple[str, ...]] = []
        self._live = True
        self.found: dict[str, tuple[float, float, str]] = {}
        main = threading.get_ident()
        threading.Thread(target=self._look, args=(main,), daemon=True).start()

    def _look(self, main: int) -> None:
        while self._live:
            frame, stack = sys._current_frames().get(main), []
            while frame is not None:
                place = frame.f_code.co_filename
                if place.startswith(str(ROOT)) and "/tests/" not in place and ".venv" not in place:
                    stack.append(f"{Path(place).stem}.{frame.f_code.co_name}")
                frame = frame.f_back
            self._seen.append(tuple(stack[::-1]))
            time.sleep(0.001)

    def close(self) -> None:
        self._live = False

    def _turn(self, call: Callable[[], Any]) -> Any:
        self._seen.clear()
        clock, own = time.perf_counter(), time.thread_time()
        result = call()
        own, clock = (time.thread_time() - own) * 1000, (time.perf_counter() - clock) * 1000
        if own > self.found.get(self._name, (0.0,))[0]:
            calls = Counter(name for stack in self._seen for name in dict.fromkeys(stack[-6:]))
            self.found[self._name] = own, clock, ", ".join(f"{name} {100 * n // len(self._seen)} %" for name, n in calls.most_common(3))
        return result

    def run(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            self._turn(self._desk.app.processEvents)
            time.sleep(0.0005)

    def step(self, name: str, call: Callable[[], Any], seconds: float = 1.0) -> Any:
        self._name = name
        result = self._turn(call)
        self.run(seconds)
        return result

    def until(self, ready: Callable[[], Any], seconds: float = 60.0) -> None:
        end = time.perf_counter() + seconds
        while not ready():
            self.run(0.02)
            if time.perf_counter() > end:
                raise TimeoutError(f"{self._name} did not get on")


def look_around(watch: Watch, desk: Desk) -> None:
    act, state = desk.bench.actions.trigger, desk.bench.late["timeline"].state
    watch.step("select all", lambda: act("edit.select_all"), 1.5)
    watch.step("select nothing", desk.bench.selection.clear)
    watch.step("zoom to fit", lambda: act("timeline.fit"))
    for _ in range(9):
        watch.step("zoom in", lambda: act("timeline.zoom_in"), 0.25)
    for _ in range(10):
        watch.step("scroll", lambda: state.scroll_by(300, 0), 0.12)
    watch.step("seek", lambda: desk.bench.transport.seek(desk.bench.snapshot.end() // 2), 0.5)


def edit(watch: Watch, desk: Desk) -> None:
    bench, act = desk.bench, desk.bench.actions.trigger
    row = bench.snapshot.clips_on(bench.snapshot.tracks("video")[1].id)
    watch.step("one clip's property", lambda: bench.run("clip.set", {"clip": row[5].id, "property": "opacity", "value": 0.31}))
    watch.step("its undo", lambda: act("edit.undo"))
    cut = {"clip": row[3].id, "edge": "tail", "to": row[3].end - 5 * bench.rate.ticks_per_frame, "ripple": True}
    watch.step("ripple", lambda: bench.run("clip.trim", cut), 1.5)
    watch.step("undo of the ripple", lambda: act("edit.undo"), 1.5)
    drag(watch, desk)
    watch.step("delete 500", lambda: act("clip.lift"))
    watch.step("undo of delete 500", lambda: act("edit.undo"))
    act("edit.select_all")
    watch.step("delete all", lambda: act("clip.lift"), 2.5)
    watch.step("undo of delete all", lambda: act("edit.undo"), 2.5)
    watch.step("select nothing", bench.selection.clear)


def drag(watch: Watch, desk: Desk) -> None:
    bench, panel = desk.bench, desk.bench.late["timeline"]
    track = bench.snapshot.tracks("video")[-1].id
    clips = bench.snapshot.clips_on(track)[100:350]
    chosen = [one.id for clip in clips for one in bench.snapshot.linked(clip)]
    watch.step("select 500", lambda: bench.selection.set(chosen))
    watch.step("show them", lambda: panel.state.show_stretch(clips[0].start, clips[40].end))
    row = panel.state.rows.of(track)
    spot = QPoint(panel.state.scale.x((clips[9].start + clips[9].end) // 2), row.top + row.height // 2 - panel.state.scroll_y)
    watch.step("drag 500: press", lambda: QTest.mousePress(panel.lanes, LEFT, NONE, spot), 0.1)
    for number in range(1, 12):
        watch.step("drag 500: move", lambda by=number * 9: QTest.mouseMove(panel.lanes, spot + QPoint(by, 0)), 0.08)
    watch.step("drag 500: release", lambda: QTest.mouseRelease(panel.lanes, LEFT, NONE, spot + QPoint(99, 0)))
    watch.step("its undo", lambda: bench.actions.trigger("edit.undo"))


def around_the_window(watch: Watch, desk: Desk) -> None:
    for first in (True, False):
        for name in ("deliver", "edit", "review", "edit"):
            words = "a workspace for the first time" if first else "a workspace again"
            watch.step(words, lambda n=name: desk.page.visit_workspace(n), 1.2)
    watch.step("palette", desk.page.palette)
    for letter in "shot 512":
        watch.step("a letter in the palette", lambda t=letter: QTest.keyClicks(desk.page._palette.field, t), 0.15)
    watch.step("palette", desk.page._palette.close_palette)
    watch.step("save a version", lambda: desk.bench.versions.save("One", desk.bench.transport.ticks), 2)


def review(watch: Watch, desk: Desk, copy: Path) -> None:
    watch.step("open the review", lambda: desk.window.merge_copy(copy), 0)
    page = desk.page.page
    watch.until(lambda: page.reviewer.merged is not None)
    watch.run(3)
    for number in range(8):
        watch.step("step through changes", lambda: page.step(1), 0.4)
        watch.step("tick a change", lambda n=number: page.reviewer.tick(page.list.rows[n * 7]), 0.3)
    watch.step("choose all", lambda: page.choose_all("mine"), 1.5)
    watch.step("choose all", lambda: page.choose_all("merged"), 1.5)
    watch.step("Apply", page.apply, 0)
    watch.until(lambda: desk.page.page is None)
    watch.run(3)


def main(folder: Path, film: Path, copy: Path) -> None:
    desk = Desk(folder)
    desk.open(film)
    watch = Watch(desk)
    try:
        watch.step("after opening", lambda: None, 12)
        watch.found.clear()
        look_around(watch, desk)
        edit(watch, desk)
        around_the_window(watch, desk)
        review(watch, desk, copy)
        for theme in ("light", "dark"):
            watch.step("theme", lambda t=theme: desk.settings.set("look/theme", t), 4)
        print(json.dumps(watch.found))
    finally:
        watch.close()
        desk.close()


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
