"""The sound of an exported film beside the timeline's own mix.

Owns: the task `verify_sound`. Refuses: limits and verdicts; it returns measures.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from editor_core.timing import sample_at
from render.audio.mix import mix
from render.export import hearing
from render.export.hearing import Sound
from render.export.whereabouts import sounds
from render.graph.sound import sound_plan
from render.media.read_back import samples
from render.tasks import Report

TASK = "verify_sound"

_WINDOW_SECONDS = 10
_LEAST_WINDOW_SECONDS = 2
_WINDOWS = 6
"""Places at which the shift is measured in films too short for windows of ten seconds."""
_REACH_SECONDS = 0.5
_QUIET_DB = -50.0
_POINTS = 600
"""Of a loudness curve, about as many as a graph has pixels."""
_ROUNDING_SECONDS = 0.001
"""Containers that count milliseconds place sound no better; blocks so near to each other follow without a hole."""


def run(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Compares the sound of `path`, which begins at `begin` ticks of the file, with that of `[start, end)` ticks of the timeline:
    `samples` samples at `rate`. `clips` says that the file cannot hold more than full scale.

    Returns `samples` in the file; `shifts` [[sample, shift in samples, likeness], …], one for each window that sounds; the worst
    `level` [sample, dB] and `likeness` [sample, -1 to 1] of any second that is not quiet; `hole` [sample, samples], the longest in
    which a channel of the file drops out; `loudness` and `peak` of [file, mix] in
    LUFS and dBFS (None for silence); `curve` [tenths of a second a point, short-term LUFS of the file, … of the mix].
    Reports `done`, 0 to 1. Raises MediaError.
    """
    rate, total = int(args["rate"]), int(args["samples"])
    view, pool = sounds(args)
    comparison = _Comparison(rate)
    try:
        plan = sound_plan(view, args["start"], args["end"])
        begin = sample_at(args["start"], rate)
        heard = _Heard(Path(args["path"]), int(args["begin"]))
        window = max(rate * _LEAST_WINDOW_SECONDS, min(rate * _WINDOW_SECONDS, total // _WINDOWS))
        for first in range(0, total, window):
            count = min(window, total - first)
            wanted = mix(plan, begin + first, count, rate, pool, lambda piece, error: None)
            comparison.add(first, heard.next(count), np.clip(wanted, -1, 1) if args["clips"] else wanted)
            report({"done": first / total})
        heard.finish()
    finally:
        pool.close()
    return {**comparison.result(), "samples": heard.length}


class _Heard:
    """The file's sound in order from its time 0 on, holes as silence. `begin` is the media time of its first sample in ticks."""

    def __init__(self, path: Path, begin: int) -> None:
        self.length = 0
        """Samples from time 0 to the end of what was read so far."""
        self._blocks = self._placed(path, begin)
        self._held = np.zeros((0, 2), np.float32)

    def next(self, count: int) -> Sound:
        """The next `count` samples, silence after the end."""
        parts, have = [self._held], len(self._held)
        while have < count and (block := next(self._blocks, None)) is not None:
            parts.append(block)
            have += len(block)
        if have < count:
            parts.append(np.zeros((count - have, 2), np.float32))
        whole = np.concatenate(parts)
        self._held = whole[count:]
        return whole[:count]

    def finish(self) -> None:
        """Reads to the end, so that `length` is whole."""
        for _ in self._blocks:
            pass

    def _placed(self, path: Path, begin: int) -> Iterator[Sound]:
        zero: int | None = None
        for ticks, block, rate in samples(path):
            zero = ticks - begin if zero is None else zero  # the container's clock may count the encoder's priming
            hole = sample_at(ticks - zero, rate) - self.length
            if abs(hole) <= rate * _ROUNDING_SECONDS:
                hole = 0
            if hole > 0:
                block = np.concatenate((np.zeros((hole, 2), np.float32), block))
            elif hole < 0:
                block = block[-hole:]
            self.length += len(block)
            yield block


class _Comparison:
    """Measures over all windows."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._reach = round(rate * _REACH_SECONDS)
        self._loudness = hearing.Loudness(rate), hearing.Loudness(rate)
        self._holes = hearing.Holes(rate)
        self._peaks = [0.0, 0.0]
        self._shifts: list[list[float]] = []
        self._level = [0.0, 0.0]
        self._likeness = [0.0, 1.0]

    def add(self, first: int, film: Sound, wanted: Sound) -> None:
        """The next window: samples of the file and of the mix from sample `first` on."""
        for number, sound in enumerate((film, wanted)):
            self._loudness[number].add(sound)
            self._peaks[number] = max(self._peaks[number], hearing.peak(sound))
        self._holes.add(film, wanted)
        found = hearing.shift(film, wanted, self._reach)
        if found is not None:
            self._shifts.append([first, found.samples, found.likeness])
        for offset in range(0, len(wanted), self._rate):
            self._second(first + offset, film[offset:offset + self._rate], wanted[offset:offset + self._rate])

    def _second(self, at: int, film: Sound, wanted: Sound) -> None:
        levels = [max(_QUIET_DB, hearing.decibels(hearing.level(sound))) for sound in (film, wanted)]
        if max(levels) <= _QUIET_DB:
            return
        if abs(levels[0] - levels[1]) > abs(self._level[1]):
            self._level = [at, levels[0] - levels[1]]
        likeness = hearing.likeness(film, wanted)
        if levels[1] > _QUIET_DB and likeness < self._likeness[1]:
            self._likeness = [at, likeness]

    def result(self) -> dict[str, Any]:
        peaks = [hearing.decibels(peak) if peak > 0 else None for peak in self._peaks]
        (every, film), (_, mixed) = (loudness.curve(_POINTS) for loudness in self._loudness)
        return {"curve": [every, film, mixed], "shifts": self._shifts, "level": self._level, "likeness": self._likeness, "peak": peaks,
                "hole": list(self._holes.longest()), "loudness": [loudness.integrated() for loudness in self._loudness]}
