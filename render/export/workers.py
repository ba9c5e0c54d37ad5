"""The pool of workers that an export or a verification wants.

Owns: how many processes, how much memory each may take, having them loaded by the time there is work. Refuses: the work.
"""

from __future__ import annotations

import os

from render.confine import Limits
from render.nursery import Nursery, possible
from render.pool import TaskPool

_LIMITS = Limits(memory_mib=6144)
"""Encoders of 4K HEVC hold 1.5 GiB; a worker that takes four times that is not encoding any more."""
_TASKS = ("export_segment", "export_sound", "export_join")
_KEEP_MIB = 3072
_MOST_WORKERS = 4


def default_workers() -> int:
    """Picture workers unless somebody says otherwise: one for each core, at most four (each holds 0.3 GiB at 1080p)."""
    return max(1, min(_MOST_WORKERS, os.cpu_count() or 1))


def export_nursery() -> Nursery:
    """A process that begins to load what an export needs; make it as soon as one is wanted, and close it or give it to a pool."""
    return Nursery(_TASKS, _LIMITS)


def export_pool(workers: int, nursery: Nursery | None = None) -> TaskPool:
    """`workers` processes for pictures and one for sound, loading at once: make it before the project is opened. Close it."""
    if not possible():
        return _loading_each(workers)
    return TaskPool(workers + 1, limits=_LIMITS, recycle_mib=_KEEP_MIB, nursery=nursery or export_nursery())


def _loading_each(workers: int) -> TaskPool:
    pool = TaskPool(workers + 1, limits=_LIMITS, recycle_mib=_KEEP_MIB)
    for _ in range(workers):
        pool.submit("prepare", {"tasks": ["export_segment"]})
    pool.submit("prepare", {"tasks": ["export_sound", "export_join"]})
    return pool
