"""What a figure of the benchmark is measured with, and what it gives back.

Owns: rows, timing of whole processes with their processor time and memory, alternating pairs. Refuses: any one figure.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import psutil

ROOT = Path(__file__).resolve().parents[2]

_SAMPLE_SECONDS = 0.5
"""Adding up the memory of a large process takes milliseconds of the machine that is being measured."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. `ours` and `peer` are medians in `unit`; `must` bounds `ours` (or `ratio` where `by_ratio`)."""

    figure: str
    what: str
    ours: float
    unit: str = "s"
    peer: float | None = None
    peer_name: str = ""
    must: float | None = None
    by_ratio: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if not self.peer else self.ours / self.peer

    @property
    def ok(self) -> bool | None:
        """None where nothing is promised or the peer is missing."""
        value = self.ratio if self.by_ratio else self.ours
        return None if self.must is None or value is None else value <= self.must


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process tree: seconds by the clock, processor seconds, most memory at once in MiB (proportional set size)."""

    wall: float
    cpu: float
    peak: float


@dataclass
class Bench:
    """Handed to every figure: where footage is kept, how many pairs to run, who is told what happens."""

    folder: Path
    pairs: int = 5
    full: bool = False
    """Whether figures that have a quick share measure everything."""
    only: frozenset[str] = frozenset()
    """Parts of figures that have parts; all of them where it is empty."""
    extra: dict[str, str] = field(default_factory=dict)
    """Environment variables for the programs that are run."""
    say: Callable[[str], None] = field(default=lambda text: print(text, file=sys.stderr, flush=True))

    def proeditor(self, *words: str | Path) -> list[str]:
        """The command line of this program, as installed beside the interpreter."""
        program = Path(sys.executable).with_name("proeditor")
        start = [str(program)] if program.exists() else [sys.executable, "-m", "app.cli"]
        return [*start, *map(str, words)]

    def command(self, *words: str | Path) -> str:
        """Runs proeditor to make something; what it prints. Raises RuntimeError with its last words."""
        done = subprocess.run(self.proeditor(*words), capture_output=True, text=True, cwd=ROOT, timeout=600, env=self._environment())
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def timed(self, words: Sequence[str | Path]) -> Run:
        """Runs a program to its end. Raises RuntimeError with its last words."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.monotonic()
        process = subprocess.Popen(list(map(str, words)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                   cwd=ROOT, env=self._environment())
        watch = _Memory(process.pid)
        _, error = process.communicate(timeout=3600)
        wall = time.monotonic() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if process.returncode:
            raise RuntimeError(f"{words[0]}: {error.decode(errors='replace').strip()[-2000:]}")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Run(wall, max(cpu, watch.cpu), watch.stop())

    def alternating(self, programs: dict[str, Sequence[str | Path]]) -> dict[str, list[Run]]:
        """`pairs` rounds of all programs in turn, the order reversed each round, so that none profits from a quiet machine."""
        runs: dict[str, list[Run]] = {name: [] for name in programs}
        names = list(programs)
        for number in range(self.pairs):
            for name in names if number % 2 == 0 else reversed(names):
                run = self.timed(programs[name])
                runs[name].append(run)
                self.say(f"  {name}: {run.wall:.2f} s, {run.cpu:.2f} s of processor, {run.peak:.0f} MiB")
        return runs

    def _environment(self) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        return {**os.environ, "PROEDITOR_HOME": str(home), "PYTHONPATH": str(ROOT), **self.extra}


def median(runs: Sequence[Run], what: str = "wall") -> float:
    return statistics.median(getattr(run, what) for run in runs)


def best_ratio_of_pairs(ours: Sequence[Run], peer: Sequence[Run]) -> float:
    """The median of the ratios of runs that followed each other: a busy machine slows both of a pair."""
    return statistics.median(a.wall / b.wall for a, b in zip(ours, peer, strict=True))


def program(name: str) -> str | None:
    """Where a peer is, or None."""
    return shutil.which(name)


class _Memory:
    """Samples the memory of a process and its children, and the processor time of children that outlive their reaping."""

    def __init__(self, pid: int) -> None:
        self.cpu = 0.0
        self._peak = 0
        self._seen: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self) -> float:
        self._ended.set()
        self._thread.join()
        return self._peak / 2**20

    def _watch(self, pid: int) -> None:
        while not self._ended.wait(_SAMPLE_SECONDS):
            with contextlib.suppress(psutil.Error):
                parent = psutil.Process(pid)
                total = 0
                for process in (parent, *parent.children(recursive=True)):
                    with contextlib.suppress(psutil.Error, OSError):
                        total += process.memory_full_info().pss
                        times = process.cpu_times()
                        self._seen[process.pid] = times.user + times.system
                self._peak = max(self._peak, total)
                self.cpu = sum(self._seen.values())
