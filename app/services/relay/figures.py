"""What a relay tells of itself: counts, delays, memory and processor time.

Owns: the Prometheus text form. Refuses: deciding anything by it, and naming rooms or people.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path

PREFIX = "proeditor_relay_"
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)
"""Upper bounds of the delays' groups in seconds."""


class Delays:
    """How long envelopes stood between coming and being handed on, the disk included."""

    def __init__(self) -> None:
        self._groups = [0] * (len(STEPS) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        """One envelope."""
        self._sum += seconds
        self._groups[next((index for index, step in enumerate(STEPS) if seconds <= step), len(STEPS))] += 1

    def lines(self, name: str) -> list[str]:
        """A Prometheus histogram."""
        found, total = [], 0
        for step, count in zip((*map(str, STEPS), "+Inf"), self._groups, strict=True):
            total += count
            found.append(f'{PREFIX}{name}_bucket{{le="{step}"}} {total}')
        return [*found, f"{PREFIX}{name}_sum {self._sum:.6f}", f"{PREFIX}{name}_count {total}"]


def page(values: Mapping[str, float], delays: Delays) -> str:
    """The text of /metrics."""
    own = {"processor_seconds_total": round(time.process_time(), 3), "resident_bytes": _resident()}
    return "\n".join([*(f"{PREFIX}{name} {value}" for name, value in {**values, **own}.items()), *delays.lines("handing_on_seconds")])


def _resident() -> int:
    """Bytes of memory in use; 0 where the system does not tell it as Linux does."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    return 0
