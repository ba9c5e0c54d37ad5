"""R3: an hour of 2,000 clips on 8 tracks in the real window: opening, a trim by key, its journal sync, undo, memory.

Owns: the film, starting the window on a display of its own, the rows. Refuses: measuring inside the window (see `_r3_window`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench import footage
from tests.bench.figure import ROOT, Bench, Row

FIGURE = "R3"
TITLE = "long: 1 h, 2,000 clips on 8 tracks, in the window"
TRACKS, SHOTS, LENGTH, APART = 4, 250, 14, 14.4
"""Picture tracks, shots on each, seconds of a shot, seconds from one to the next. Each shot has its linked sound."""


def measure(bench: Bench) -> list[Row]:
    film = make_film(bench, footage.short(bench))
    with display() as (environment, where):
        runs = [_window(bench, film, environment, number) for number in range(max(1, min(3, bench.pairs)))]

    def middle(name: str) -> float:
        return statistics.median(float(run[name]) for run in runs)

    def note(name: str) -> str:
        work = f"; processor time of the main thread {middle(name + '_work'):.1f} ms" if f"{name}_work" in runs[0] else ""
        return f"median {middle(name + '_median'):.1f} ms{work}"

    return [
        Row(figure=FIGURE, what="open project to first paint", ours=middle("open"), must=1.0,
            note=f"{where}; process start to first paint {middle('start'):.2f} s"),
        Row(figure=FIGURE, what="trim, key press to repaint, p95", ours=middle("trim"), unit="ms", must=16.0, note=note("trim")),
        Row(figure=FIGURE, what="its journal sync, p95", ours=middle("sync"), unit="ms", must=50.0, note=note("sync")),
        Row(figure=FIGURE, what="undo, key press to repaint, p95", ours=middle("undo"), unit="ms", must=16.0, note=note("undo")),
        Row(figure=FIGURE, what="full paint of the timeline, p95", ours=middle("paint"), unit="ms", must=8.0, note=note("paint")),
        Row(figure=FIGURE, what="playhead step, p95", ours=middle("step"), unit="ms", must=0.3, note=note("step")),
        Row(figure=FIGURE, what="memory of the desktop process", ours=max(float(run["memory"]) for run in runs), unit="MiB", must=400.0,
            note=f"proportional set; resident {max(float(run['resident']) for run in runs):.0f} MiB"),
    ]


def make_film(bench: Bench, files: list[Path]) -> Path:
    """The project file: shots of three files on V1 to V4 with their sound on A1 to A4."""
    film = bench.folder / "r3.proedit"
    for old in bench.folder.glob("r3.proedit*"):
        old.unlink()
    bench.command("new", film, "--rate", "30")
    assets = [asset["asset"] for asset in json.loads(bench.command("import", film, *files, "--json"))["assets"]]
    lines = [{"command": "track.add", "args": {"kind": "video"}} for _ in range(TRACKS - 1)]
    lines += [{"command": "clip.overwrite", "args": {
        "asset": assets[(shot + track) % len(assets)], "track": f"V{track + 1}", "at": f"{round(shot * APART * 30)}f",
        "source_start": f"{(shot * 7 + track) % 9}s", "source_duration": f"{LENGTH}s"}}
        for track in range(TRACKS) for shot in range(SHOTS)]
    script = bench.folder / "r3.jsonl"
    script.write_text("".join(json.dumps(line) + "\n" for line in lines))
    bench.say(f"Cutting {TRACKS * SHOTS * 2} clips …")
    bench.command("run", film, "--script", script, "--atomic")
    return film


@contextlib.contextmanager
def display() -> Iterator[tuple[dict[str, str], str]]:
    """Environment for a window 1920 x 1080: a display of its own where Xvfb is installed, else Qt's offscreen one."""
    server = shutil.which("Xvfb")
    if server is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}, "offscreen"
        return
    read, write = os.pipe()
    process = subprocess.Popen([server, "-displayfd", str(write), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"], pass_fds=[write],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}, "Xvfb 1920x1080"
    finally:
        process.terminate()
        process.wait(10)


def _window(bench: Bench, film: Path, environment: dict[str, str], number: int) -> dict[str, float]:
    """One run of the window; what it measured about itself."""
    copy = bench.folder / f"r3-{number}.proedit"
    for old in bench.folder.glob(f"r3-{number}.proedit*"):
        old.unlink()
    shutil.copy(film, copy)
    done = subprocess.run([sys.executable, "-m", "tests.bench._r3_window", copy], capture_output=True, text=True, timeout=300, cwd=ROOT,
                          env={**bench._environment(), **environment})
    if done.returncode:
        raise RuntimeError(f"the window: {done.stderr.strip()[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    bench.say(f"  open {found['open']:.2f} s, trim {found['trim']:.1f} ms, sync {found['sync']:.1f} ms, undo {found['undo']:.1f} ms, "
              f"{found['memory']:.0f} MiB")
    return found
