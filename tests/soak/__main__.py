"""`dev.py soak [--minutes N] [--seed S]`: one long session without a window: edits, undo, pictures, imports, exports.

Owns: the random session and what must hold throughout: memory, files and processes come back to where they were, the film stays
whole, everything is on disk at the end. Refuses: short answers; the normal test run has a one-minute cut of it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.soak.session import Session, slope


def main(argv: list[str] | None = None) -> int:
    """Exit status 0 when nothing grew and nothing broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    given = parser.parse_args(argv)
    print(f"seed {given.seed}: repeat with dev.py soak --minutes {given.minutes:g} --seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="proeditor-soak-") as folder:
        return soak(Path(folder), given.minutes * 60, given.seed)


def soak(folder: Path, seconds: float, seed: int) -> int:
    process = psutil.Process()
    session = Session(folder, random.Random(seed))
    samples: list[tuple[float, float]] = []
    began = time.monotonic()
    told = began
    try:
        while time.monotonic() - began < seconds:
            session.step()
            now = time.monotonic() - began
            samples.append((now, process.memory_info().rss / 2**20))
            if time.monotonic() - told > 15:
                told = time.monotonic()
                print(f"{now:6.0f} s  {session.commands} commands, {session.pictures} pictures, {samples[-1][1]:.0f} MiB", flush=True)
        session.check()
    finally:
        session.close()
    settled = [s for s in samples if s[0] > seconds * 0.4]
    growth = slope(settled) * 3600
    peak = max(memory for _, memory in samples)
    print(f"{session.commands} commands, {session.pictures} pictures, {session.refused} refused; "
          f"peak {peak:.0f} MiB, growth {growth:+.1f} MiB/h over the last {len(settled)} samples")
    left = [child.name() for child in process.children(recursive=True)]
    failures = []
    if peak > 600:
        failures.append(f"peak memory {peak:.0f} MiB is over 600")
    if seconds >= 600 and growth > 60:
        failures.append(f"memory grows by {growth:.0f} MiB an hour")
    if left:
        failures.append(f"processes left behind: {left}")
    for failure in failures:
        print("FAILED:", failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
