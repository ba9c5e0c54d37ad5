"""Running risky work in forked children that may crash, hang or eat memory.

Owns: a child per batch, its results line by line, a watchdog, limits. Refuses: threads in the parent, which a fork would break.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MEMORY = 2 * 2**30
"""Address space of a child beyond which allocation fails, in bytes."""


def quick_folder() -> Path:
    """A new folder in memory where there is one: killing a process proves the same there, and the disk is left alone."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="proedit-fuzz-", dir=memory if memory.is_dir() else None))


STANDSTILL = 12
"""A child that uses no processor is given up after so many times its patience: it waits, or the machine has no time for it."""


def in_children(seeds: list[int], work: Callable[[int], Any], *, batch: int = 25, patience: float = 10.0) -> Iterator[tuple[int, Any]]:
    """(seed, result) of each; a result is what `work` returned as JSON, or {"died": …} for a crash, a hang or an exception.

    `patience`: seconds of processor time for one seed, so that a busy machine is not taken for a hang.
    """
    position = 0
    while position < len(seeds):
        group = seeds[position:position + batch]
        done = 0
        for seed, result in _one_child(group, work, patience):
            yield seed, result
            done += 1
        position += max(1, done)


def _one_child(seeds: list[int], work: Callable[[int], Any], patience: float) -> Iterator[tuple[int, Any]]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_child(seeds, work, writing)
    os.close(writing)
    buffer, done = b"", 0
    try:
        while done < len(seeds):
            ready = _answered(reading, child, patience)
            more = os.read(reading, 1 << 16) if ready else b""
            if not more:
                os.kill(child, signal.SIGKILL)
                _, status = os.waitpid(child, 0)
                child = 0
                what = f"status {status}" if ready else f"nothing for {patience} s"
                yield seeds[done], {"died": what}
                return
            buffer += more
            *lines, buffer = buffer.split(b"\n")
            for line in lines:
                yield seeds[done], json.loads(line)
                done += 1
    finally:
        os.close(reading)
        if child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _answered(reading: int, child: int, patience: float) -> bool:
    """Whether something came before the child had used up its patience."""
    used, since = _processor_time(child), time.monotonic()
    while not select.select([reading], [], [], min(1.0, patience))[0]:
        if _processor_time(child) - used >= patience or time.monotonic() - since >= STANDSTILL * patience:
            return False
    return True


def _processor_time(child: int) -> float:
    """Seconds, of user and system, from /proc/PID/stat (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{child}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _be_child(seeds: list[int], work: Callable[[int], Any], writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        for seed in seeds:
            try:
                result = work(seed)
            except Exception:
                result = {"died": traceback.format_exc()[-1500:]}
            os.write(writing, json.dumps(result).encode() + b"\n")
    finally:
        os._exit(0)


def peak_memory() -> int:
    """Most resident memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() - self._start
