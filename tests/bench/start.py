"""Start: from the command to a painted window with an empty project.

Owns: starting the real program under Xvfb, again and again; the window counts as shown when the X server maps it. Refuses: what comes
after that.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from tests.bench.figure import Bench, Row
from tests.support.screen import Screen

FIGURE = "start"
TITLE = "start: window shown, empty project"
LIMIT = 2.0


def measure(bench: Bench) -> list[Row]:
    """Median seconds over the rounds; the first start, which fills caches, is not counted."""
    if not shutil.which("Xvfb") or not shutil.which("xdotool"):
        return [Row(figure=FIGURE, what="window shown", ours=0.0, note="not measured: xvfb and xdotool are not installed")]
    film = bench.folder / "empty.proedit"
    film.unlink(missing_ok=True)
    bench.command("new", film)
    with Screen() as screen:
        times = [_start(bench, film, screen.display) for _ in range(max(3, bench.pairs) + 1)][1:]
    return [Row(figure=FIGURE, what="command to window shown, empty project", ours=statistics.median(times), must=LIMIT,
                note=f"of {', '.join(f'{t:.2f}' for t in times)} s")]


def _start(bench: Bench, film: Path, display: str) -> float:
    environment = {**os.environ, "DISPLAY": display, "PROEDITOR_HOME": str(bench.folder / "home"), "QT_QPA_PLATFORM": "xcb"}
    begun = time.perf_counter()
    process = subprocess.Popen(bench.proeditor(film), env=environment)
    try:
        words = ["xdotool", "search", "--onlyvisible", "--pid", str(process.pid)]
        while not subprocess.run(words, env=environment, capture_output=True, timeout=60).stdout.strip():
            if process.poll() is not None or time.perf_counter() - begun > 60:
                raise RuntimeError(f"the window was not shown; status {process.returncode}")
            time.sleep(0.02)  # xdotool's own waiting looks only twice a second
        return time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(30)
