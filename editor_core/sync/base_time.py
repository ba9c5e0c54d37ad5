"""The time that everybody started from (the base), and what has become of it.

Owns: stretches of base time, and what putting in and taking out do to a time. Refuses: knowing who did it (see `ripples`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate, chain, repeat
from operator import add, mul, sub

Stretch = tuple[int, int]
"""Start and end of a stretch of base time in ticks, end exclusive."""


class Shape:
    """What some ripples do to base times: where pushes stand and which stretches are gone. All in ticks."""

    def __init__(self, pushes: Iterable[tuple[int, int]], pulls: Iterable[Stretch], onto: Shape | None = None,
                 shorter: Mapping[int, int] | None = None) -> None:
        """`pushes` are (base time, length), `pulls` stretches of base time that are taken out, overlapping or not; `onto` what is done
        besides. `shorter` says by base time how much of what all of these put in there is gone again."""
        self._jumps: dict[int, int] = dict(onto._jumps) if onto is not None else {}
        for at, length in pushes:
            self._jumps[at] = self._jumps.get(at, 0) + length
        jumps = self._jumps if not shorter else {**self._jumps, **{at: self._jumps.get(at, 0) - lost for at, lost in shorter.items()}}
        self.gone: list[Stretch] = merged(chain(onto.gone if onto is not None else (), pulls))
        marks = sorted({0, *jumps, *chain.from_iterable(self.gone)})
        self._marks = marks
        turns = dict(chain.from_iterable(((start, 1), (end, -1)) for start, end in self.gone))
        self._inside = list(accumulate(map(turns.get, marks, repeat(0))))
        lost = accumulate(map(mul, self._inside, map(sub, marks[1:], marks)), initial=0)
        shifts = accumulate(map(jumps.get, marks, repeat(0)))
        self._there: list[int] = list(accumulate(map(add, map(sub, marks, lost), shifts), max, initial=0))[1:]

    def forward(self, base: int) -> int:
        """The time that a base time becomes."""
        i = max(0, bisect_right(self._marks, base) - 1)
        return self._there[i] + (0 if self._inside[i] else base - self._marks[i])

    def marks(self, first: int, last: int) -> list[int]:
        """The base times from `first` to `last`, both included, where something changes."""
        return self._marks[bisect_left(self._marks, first):bisect_right(self._marks, last)]

    def back(self, time: int) -> int:
        """The base time of a time; of times inside what was put in, the place where it was put."""
        i = max(0, bisect_right(self._there, time) - 1)
        base = self._marks[i] + (0 if self._inside[i] else max(0, time - self._there[i]))  # before the first: put in at the beginning
        if i + 1 < len(self._marks) and (base > self._marks[i + 1] or (self._inside[i] and time > self._there[i])):
            return self._marks[i + 1]
        return base


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches that touch made one, sorted."""
    found: list[Stretch] = []
    first = last = -1
    for start, end in sorted(stretches):
        if start > last:
            if last > first:
                found.append((first, last))
            first, last = start, end
        elif end > last:
            last = end
    if last > first:
        found.append((first, last))
    return found


def without(stretch: Stretch, gone: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """The parts of a stretch that are in none of some others, which are sorted and do not touch."""
    start, end = stretch
    left: list[Stretch] = []
    for first, last in gone:
        if last > start and first < end:
            if first > start:
                left.append((start, first))
            start = max(start, last)
    if start < end:
        left.append((start, end))
    return tuple(left)


def counted_twice(stretches: list[Stretch]) -> int:
    """By how much the lengths of stretches exceed what they cover together."""
    covered, end = 0, -1
    for start, stop in sorted(stretches):
        covered += max(0, stop - max(start, end))
        end = max(end, stop)
    return sum(stop - start for start, stop in stretches) - covered


def touched_by_none(stretches: Iterable[Stretch]) -> set[Stretch]:
    """Those of some stretches that none of the others overlaps."""
    every = sorted(stretches)
    alone: set[Stretch] = set()
    end = -1
    for place, (start, stop) in enumerate(every):
        if start >= end and (place + 1 == len(every) or every[place + 1][0] >= stop):
            alone.add((start, stop))
        end = max(end, stop)
    return alone
