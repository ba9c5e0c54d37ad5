"""What a verification found, as values that windows, terminals and scripts show.

Owns: the report, its checks, their JSON form and the lines a person reads. Refuses: examining anything.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was compared. `measured` and `limit` are in `unit`; `message` is one sentence.

    `ticks` and `timecode` are the timeline's time of the worst place, None and empty where there is no such place.
    """

    name: str
    title: str
    ok: bool
    measured: float | int | str
    limit: float | int | str
    unit: str = ""
    message: str = ""
    ticks: int | None = None
    timecode: str = ""

    def line(self) -> str:
        """For a terminal: mark, title, measured value, and for a failure the sentence and where."""
        unit = f" {self.unit}" if self.unit else ""
        text = f"{'ok  ' if self.ok else 'FAIL'} {self.title}: {_short(self.measured)}{unit}"
        if self.ok:
            return text if self.limit == "" else f"{text} (limit {_short(self.limit)}{unit})"
        return f"{text}, limit {_short(self.limit)}{unit}{f', at {self.timecode}' if self.timecode else ''}. {self.message}"


class LoudnessCurve(msgspec.Struct, frozen=True, kw_only=True):
    """Short-term loudness in LUFS, of the file and of the timeline's mix: a point every `step` ticks, the first after one `step`."""

    step: int
    file: tuple[float, ...]
    mix: tuple[float, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole verification of one file (or of numbered pictures). `start` is the timeline's time of its beginning in ticks."""

    ok: bool
    file: str
    preset: str
    frames: int
    seconds: float
    checks: tuple[Check, ...]
    elapsed: float = 0.0
    start: int = 0
    loudness: LoudnessCurve | None = None

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    def plain(self) -> dict[str, Any]:
        """JSON values: `{"ok": …, "checks": [{"name": …, "ok": …, "measured": …, "limit": …, "timecode": …, …}], …}`."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def lines(self) -> list[str]:
        """For a terminal, the verdict last."""
        bad = len(self.failures)
        verdict = "The file is what the timeline says" if self.ok else f"{bad} of {len(self.checks)} checks failed"
        return [*(check.line() for check in self.checks), f"{verdict}."]


def _short(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
