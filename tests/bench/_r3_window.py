"""The window of R3: opens a film as a person would, presses keys, and tells how long everything took.

Owns: looking into the running window. Refuses: changing what the program does; it only listens and presses keys.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import bootstrap
from app.desktop import start
from app.desktop.canvas.lanes import Lanes
from app.desktop.shell.main_window import MainWindow
from editor_core.schema import Clip

TRIMS, UNDOS, PAINTS, STEPS = 120, 80, 40, 200
CONTROL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class Watch:
    """When the timeline was painted last, and when a project began to open. `works`: processor milliseconds of each key press."""

    def __init__(self) -> None:
        self.painted = 0.0
        self.work = 0.0
        self.first = 0.0
        self.opening = 0.0
        self.works: list[float] = []
        paint, opening = Lanes.paintEvent, MainWindow.open_project

        def painted(lanes: Lanes, event: Any) -> None:
            paint(lanes, event)
            self.painted, self.work = time.perf_counter(), time.thread_time()
            if not self.first and lanes.state.end:
                self.first = self.painted

        def opened(window: MainWindow, path: Path | None = None) -> bool:
            self.opening = time.perf_counter()
            return opening(window, path)

        Lanes.paintEvent = painted  # type: ignore[method-assign]
        MainWindow.open_project = opened  # type: ignore[method-assign]

    def wait(self, since: float) -> float:
        """Milliseconds from `since` to the end of the next paint of the timeline."""
        until = since + 5
        while self.painted < since:
            QApplication.processEvents()
            if time.perf_counter() > until:
                raise TimeoutError("the timeline was not painted within five seconds of a key press")
        return (self.painted - since) * 1000


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def settle(seconds: float = 0.03) -> None:
    """Lets everything that waits happen."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        QApplication.processEvents()
        time.sleep(0.001)


def press(watch: Watch, lanes: Lanes, key: Qt.Key, keys: Any) -> float:
    begun, work = time.perf_counter(), time.thread_time()
    QTest.keyClick(lanes, key, keys)
    waited = watch.wait(begun)
    watch.works.append((watch.work - work) * 1000)
    return waited


def measure(window: MainWindow, watch: Watch) -> dict[str, float]:
    """Everything that is measured once the film is shown."""
    session = window.session
    assert session is not None
    bench = session.bench
    lanes: Lanes = bench.late["timeline"].lanes
    saved: dict[int, float] = {}
    session.project.file.on_saved(lambda revision, _at: saved.setdefault(revision, time.perf_counter()))
    settle(2.0)
    lanes.setFocus()
    trims, made = _trims(watch, lanes, bench)
    trim_work, watch.works = p95(watch.works), []
    settle(0.5)
    syncs = [(min(at for known, at in saved.items() if known >= revision) - begun) * 1000 for revision, begun in made.items()]
    undos = _undos(watch, lanes, bench)
    paints, paint_works = _paints(lanes)
    found = {"trim": trims, "sync": syncs, "undo": undos, "paint": paints, "step": _steps(lanes, bench)}
    memory = psutil.Process().memory_full_info()
    result = {name: p95(values) for name, values in found.items()}
    result |= {f"{name}_median": statistics.median(values) for name, values in found.items()}
    return {**result, "count": TRIMS, "trim_work": trim_work, "undo_work": p95(watch.works), "paint_work": p95(paint_works),
            "memory": memory.pss / 2**20, "resident": memory.rss / 2**20}


def _trims(watch: Watch, lanes: Lanes, bench: Any) -> tuple[list[float], dict[int, float]]:
    """Key press to repaint in milliseconds; and when each revision's key was pressed."""
    track = bench.snapshot.tracks("video")[0].id
    frame = bench.rate.ticks_per_frame
    times: list[float] = []
    made: dict[int, float] = {}
    for number in range(TRIMS):
        clip: Clip = bench.snapshot.clips_on(track)[number * 2]
        bench.transport.seek(clip.end - 5 * frame)
        lanes.state.reveal(clip.end)
        settle()
        revision = bench.snapshot.revision
        begun = time.perf_counter()
        times.append(press(watch, lanes, Qt.Key.Key_W, CONTROL_ALT))
        if bench.snapshot.revision != revision + 1:
            raise RuntimeError("the key did not trim")
        made[revision + 1] = begun
    return times, made


def _undos(watch: Watch, lanes: Lanes, bench: Any) -> list[float]:
    """Takes the trims back one by one, each in view; key press to repaint in milliseconds."""
    track = bench.snapshot.tracks("video")[0].id
    times: list[float] = []
    for number in reversed(range(TRIMS - UNDOS, TRIMS)):
        clip: Clip = bench.snapshot.clips_on(track)[number * 2]
        lanes.state.reveal(clip.end)
        settle()
        times.append(press(watch, lanes, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier))
    return times


def _paints(lanes: Lanes) -> tuple[list[float], list[float]]:
    """Full paints in milliseconds, by the clock and of the processor, at zooms from the whole film to a few shots."""
    times: list[float] = []
    works: list[float] = []
    for zoom in (0.3, 1.0, 3.0, 10.0):
        lanes.state.zoom_to(zoom, 0)
        settle(0.4)
        for _ in range(PAINTS // 4):
            work = time.thread_time()
            times.append(_timed(lambda: (lanes._layer.invalidate(), lanes.repaint())))
            works.append((time.thread_time() - work) * 1000)
    return times, works


def _steps(lanes: Lanes, bench: Any) -> list[float]:
    """Paints of the strip that a playhead step touches, in milliseconds."""
    lanes.state.zoom_to(10.0, 0)
    bench.transport.seek(bench.snapshot.end() // 2)
    lanes.state.reveal(bench.transport.ticks)
    settle(0.3)
    x = lanes.state.scale.x(bench.transport.ticks)
    return [_timed(lambda: lanes.repaint(QRect(QPoint(x - 1, 0), QPoint(x + 1, lanes.height())))) for _ in range(STEPS)]


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def main() -> int:
    film = Path(sys.argv[1])
    watch = Watch()
    application = start.application()
    outcome: dict[str, float] = {}

    def look() -> None:
        window = next((w for w in application.topLevelWidgets() if isinstance(w, MainWindow)), None)
        if window is None or not watch.first:
            return
        timer.stop()
        begun = psutil.Process().create_time()
        since_start = time.time() - begun - (time.perf_counter() - watch.first)
        try:
            outcome.update(measure(window, watch), open=watch.first - watch.opening, start=since_start)
        finally:
            window.quit()

    timer = QTimer(interval=50)
    timer.timeout.connect(look)
    timer.start()
    status = start.run(bootstrap.window_makers(bootstrap.parts()), film)
    print(json.dumps(outcome))
    return status or (0 if outcome else 1)


if __name__ == "__main__":
    sys.exit(main())
