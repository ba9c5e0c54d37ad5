"""Times and looks of a track's clips as arrays, for painting thousands at once.

Owns: keeping the arrays in step with the clips, reading only clips that differ, a bounded number at a time. Refuses: what is at a
time or under a pixel: the clips themselves answer that, which are never behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from operator import add, attrgetter, is_not

import numpy as np
from numpy.typing import NDArray

from editor_core.schema import Clip
from editor_core.timing import MAX_TICKS

KINDS = ("video", "audio", "title", "solid", "caption")
KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}
SOME = 200
"""Clips up to which the end of a stretch that changed is worked out; beyond, everything after its start counts as changed."""

Times = NDArray[np.int64]
Looks = NDArray[np.int8]
_START = attrgetter("start")
_LENGTH = attrgetter("source_range.duration")
_LOOK = attrgetter("kind", "enabled", "asset")


class _LookTable(dict[tuple[str, bool, str], int]):
    """Numbers of looks by kind, whether enabled, and asset: the kind number, +8 when disabled, +16 when offline."""

    def __init__(self, offline: frozenset[str]) -> None:
        super().__init__()
        self._offline = offline

    def __missing__(self, key: tuple[str, bool, str]) -> int:
        kind, enabled, asset = key
        found = self[key] = KIND_NUMBER[kind] + 8 * (not enabled) + 16 * (asset in self._offline)
        return found


class Columns:
    """`take` what clips (sorted by start) there are from now on; `step` until `ready`. `reads` counts clips that were read."""

    def __init__(self) -> None:
        self.clips: tuple[Clip, ...] = ()
        self.reads = 0
        self._offline: frozenset[str] = frozenset()
        self._of: tuple[tuple[Clip, ...], frozenset[str]] = ((), frozenset())
        self._arrays: tuple[Times, Times, Looks] = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.int8))
        self._next = self._arrays
        self._holes: Sequence[int] = ()
        self._table = _LookTable(frozenset())

    @property
    def ready(self) -> bool:
        """Whether the arrays are those of `clips`."""
        return not self._holes

    @property
    def left(self) -> int:
        """Clips that have to be read until the arrays are those of `clips`."""
        return len(self._holes)

    def take(self, clips: tuple[Clip, ...], offline: frozenset[str]) -> tuple[int, int] | None:
        """Takes the clips over. The stretch of time [start, end) in which they look different; None where they do not."""
        if offline != self._offline:
            self._offline, self._table = offline, _LookTable(offline)
            span: tuple[int, int] | None = (0, MAX_TICKS)
        elif clips is self.clips:
            return None
        else:
            span = _stretch(self.clips, clips)
        self.clips = clips
        known, looked = self._of
        if looked != offline:
            self._next, self._holes = _empty(len(clips)), range(len(clips))
        else:
            self._next, self._holes = _carried(known, clips, self._arrays)
        if not self._holes:
            self.step(0)
        return span

    def step(self, most: int) -> int:
        """Reads the next clips, `most` at most; how many it was."""
        some = self._holes[:most]
        if len(some):
            picked = self.clips[some[0]:some[-1] + 1] if isinstance(some, range) else [self.clips[number] for number in some]
            place = slice(some[0], some[-1] + 1) if isinstance(some, range) else np.array(some)
            for array, values in zip(self._next, self._read(picked), strict=True):
                array[place] = values
            self._holes = self._holes[len(some):]
        if not self._holes:
            self._arrays, self._of = self._next, (self.clips, self._offline)
        return len(some)

    def all(self) -> tuple[Times, Times, Looks]:
        """Starts, ends and looks of all clips; what was not read yet is read now."""
        while self._holes:
            self.step(len(self._holes))
        return self._arrays

    def part(self, first: int, last: int) -> tuple[Times, Times, Looks]:
        """Starts, ends and looks of `clips[first:last]`, read for this where they are not known yet."""
        if self._holes:
            return self._read(self.clips[first:last])
        starts, ends, looks = self._arrays
        return starts[first:last], ends[first:last], looks[first:last]

    def _read(self, clips: Sequence[Clip]) -> tuple[Times, Times, Looks]:
        count = len(clips)
        self.reads += count
        starts = np.fromiter(map(_START, clips), np.int64, count)
        looks = np.fromiter(map(self._table.__getitem__, map(_LOOK, clips)), np.int8, count)
        return starts, starts + np.fromiter(map(_LENGTH, clips), np.int64, count), looks


def _empty(count: int) -> tuple[Times, Times, Looks]:
    return np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.int8)


def _common(old: Sequence[Clip], new: Sequence[Clip]) -> int:
    """How many clips both begin with."""
    least = min(len(old), len(new))
    return next(compress(range(least), map(is_not, old, new)), least)


def _edges(old: tuple[Clip, ...], new: tuple[Clip, ...]) -> tuple[int, int]:
    """How many clips both begin with, and how many of the rest both end with."""
    first = _common(old, new)
    least = min(len(old), len(new)) - first
    last = next(compress(range(least), map(is_not, reversed(old), reversed(new))), least)
    return first, last


def _stretch(old: tuple[Clip, ...], new: tuple[Clip, ...]) -> tuple[int, int] | None:
    """From the first clip that differs to the end of the last one."""
    first, last = _edges(old, new)
    gone, come = old[first:len(old) - last], new[first:len(new) - last]
    if not gone and not come:
        return None
    start = min(clips[0].start for clips in (gone, come) if clips)
    if len(gone) + len(come) > SOME:
        return start, MAX_TICKS
    return start, max(map(add, map(_START, (*gone, *come)), map(_LENGTH, (*gone, *come))))


def _carried(old: tuple[Clip, ...], new: tuple[Clip, ...],
             arrays: tuple[Times, Times, Looks]) -> tuple[tuple[Times, Times, Looks], Sequence[int]]:
    """Arrays for the new clips with what is known of the old ones, and which clips have to be read."""
    if len(old) == len(new):
        starts, ends, looks = arrays
        return (starts.copy(), ends.copy(), looks.copy()), list(compress(range(len(new)), map(is_not, old, new)))
    first, last = _edges(old, new)
    made = _empty(len(new))
    for array, known in zip(made, arrays, strict=True):
        array[:first] = known[:first]
        array[len(new) - last:] = known[len(old) - last:]
    return made, range(first, len(new) - last)
