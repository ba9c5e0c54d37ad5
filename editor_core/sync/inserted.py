"""Time that ripples put in, tick by tick, so that what somebody takes out of it can be told from what others take out.

Owns: an axis for it, and the order of what several put in at one base time. Refuses: base time (see `base_time`).

What was put in has no base time of its own: all of it stands at one. So each insert gets a stretch of an axis far beyond any base
time, where stretches compare as base time does. Where several stand at one base time they are in the order that their authors saw:
each knew after which tick he put his; of those after the same tick the newest comes first. The order among some is the same whatever
others are there besides.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Sequence
from operator import itemgetter

from editor_core.sync.base_time import Stretch, without

FAR = 1 << 80
"""More than any time: how far the stretches of two inserts are apart."""
Rank = tuple[int, object]
_start, _end = itemgetter(0), itemgetter(1)


class Inserted:
    """What ripples put in on tracks on which the same ripples act."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._base: list[int] = []
        self._told: dict[int, list[tuple[Rank, int | None, Stretch]]] = {}
        self._rows: dict[int, list[Stretch]] = {}

    def __contains__(self, base: object) -> bool:
        """Whether something was put in at a base time."""
        return base in self._told

    def put(self, ripple_id: str, base: int, length: int, after: int | None, rank: Rank) -> None:
        """Takes in an insert at a base time, behind all but `after` (on the axis, exclusive end) of what its author saw there."""
        if ripple_id in self._numbers:
            return
        number = self._numbers[ripple_id] = len(self._ids)
        self._ids.append(ripple_id)
        self._base.append(base)
        start = (number + 1) * FAR
        told = self._told.setdefault(base, [])
        told.append((rank, after, (start, start + length)))
        row = self._rows.setdefault(base, [])
        if len(told) > 1 and rank < told[-2][0]:
            told.sort(key=lambda one: one[0])
            row = self._rows[base] = []
            for _, behind, stretch in told:
                _place(row, behind, stretch)
        else:
            _place(row, after, told[-1][2])

    def insert(self, point: int) -> tuple[str, int]:
        """The ripple that put in a point of the axis, and its base time."""
        number = point // FAR - 1
        return self._ids[number], self._base[number]

    def stretch(self, ripple_id: str, length: int) -> Stretch | None:
        """An insert's place on the axis."""
        number = self._numbers.get(ripple_id)
        return None if number is None else ((number + 1) * FAR, (number + 1) * FAR + length)

    def left(self, base: int, acting: Container[str], gone: Sequence[Stretch]) -> list[Stretch]:
        """What is there, in order, of what was put in at a base time by ripples that act, where `gone` was taken out of it (sorted)."""
        ids = self._ids
        found: list[Stretch] = []
        for stretch in self._rows.get(base, ()):
            if ids[stretch[0] // FAR - 1] in acting:
                first = bisect_right(gone, stretch[0], key=_end) if gone else 0
                if first < len(gone) and gone[first][0] < stretch[1]:
                    found += without(stretch, gone[first:bisect_left(gone, stretch[1], first, key=_start)])
                else:
                    found.append(stretch)
        return found


def _place(row: list[Stretch], after: int | None, stretch: Stretch) -> None:
    """Puts a stretch behind a point of a row, or first."""
    if after is None:
        row.insert(0, stretch)
        return
    for i, (start, end) in enumerate(row):
        if start < after <= end:
            row[i:i + 1] = [one for one in ((start, after), stretch, (after, end)) if one[0] < one[1]]
            return
    row.append(stretch)


def cut(row: Iterable[Stretch], start: int, stop: int) -> list[Stretch]:
    """The part of a row of stretches from `start` to `stop`, counted from its beginning."""
    found: list[Stretch] = []
    passed = 0
    for first, last in row:
        a, b = max(start - passed, 0), min(stop - passed, last - first)
        if a < b:
            found.append((first + a, first + b))
        passed += last - first
    return found


def point(row: Iterable[Stretch], offset: int) -> int | None:
    """The point of the axis up to which `offset` ticks of a row go; None for none of it."""
    last = None
    for first, end in row:
        if offset <= 0:
            break
        last = first + min(offset, end - first)
        offset -= end - first
    return last
