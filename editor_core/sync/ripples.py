"""Ripples of people who did not know each other's, on one scale of time.

Owns: where a ripple of one author stands in the time that all of them started from, and what a set of ripples does to a time there.
Refuses: single clips (see `starts`).

Every author's times are his own: after an insert of 50 at 100, what others call 200 he calls 250. So ripples are taken back to the
time before any of them (the base), where they can be compared and put together in any order. Stretches that two authors took out
count once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise

from editor_core.document import Put, Stamp
from editor_core.schema import Record, Ripple
from editor_core.sync.story import Story

Stretch = tuple[int, int]
"""Start and end of a stretch of base time in ticks, end exclusive."""
Knows = Callable[[Stamp], bool]
"""Whether a change is among those considered."""


class Shape:
    """What some ripples do to base times: where pushes stand and which stretches are gone. All in ticks."""

    def __init__(self, pushes: Iterable[tuple[int, int]], pulls: Iterable[Stretch]) -> None:
        """`pushes` are (base time, length), `pulls` stretches of base time that are taken out, overlapping or not."""
        jumps: dict[int, int] = {}
        for at, length in pushes:
            jumps[at] = jumps.get(at, 0) + length
        gone: list[list[int]] = []
        for start, end in sorted(pulls):
            if gone and start <= gone[-1][1]:
                gone[-1][1] = max(gone[-1][1], end)
            elif end > start:
                gone.append([start, end])
        self.gone = [(start, end) for start, end in gone]
        marks = sorted({0, *jumps, *(edge for stretch in gone for edge in stretch)})
        self._marks: list[int] = []
        self._there: list[int] = []
        self._moves: list[bool] = []
        shift, last, lost = 0, 0, iter([*gone, [2**62, 2**62]])
        stretch = next(lost)
        for mark in marks:
            if mark >= stretch[1]:
                stretch = next(lost)
            if self._marks:
                shift -= 0 if self._moves[-1] else mark - self._marks[-1]
            shift += jumps.get(mark, 0)
            last = max(last, mark + shift)
            self._marks.append(mark)
            self._there.append(last)
            self._moves.append(not stretch[0] <= mark < stretch[1])

    def forward(self, base: int) -> int:
        """The time that a base time becomes."""
        i = max(0, bisect_right(self._marks, base) - 1)
        return self._there[i] + (base - self._marks[i] if self._moves[i] else 0)

    def back(self, time: int) -> int:
        """The base time of a time; of times inside what was put in, the place where it was put."""
        i = max(0, bisect_right(self._there, time) - 1)
        base = self._marks[i] + (time - self._there[i] if self._moves[i] else 0)
        if i + 1 < len(self._marks) and (base > self._marks[i + 1] or (not self._moves[i] and time > self._there[i])):
            return self._marks[i + 1]
        return base


class Ripples:
    """All ripples of a story, with every time they were undone and done again."""

    def __init__(self, story: Story, record: Callable[[str], Record | None]) -> None:
        self._story = story
        self._order = story.causality
        self._ripples: dict[str, Ripple] = {}
        self._switches: dict[str, list[tuple[Stamp, bool]]] = {}
        self._outside: dict[str, bool] = {}
        self._reaches: dict[tuple[str, str], tuple[int, int, tuple[Stretch, ...]]] = {}
        self._shapes: dict[tuple[str, frozenset[str]], Shape] = {}
        for ripple_id in story.records:
            made = story.created.get(ripple_id)
            found = made.op.record if made is not None else record(ripple_id)  # type: ignore[union-attr]
            if isinstance(found, Ripple):
                self._take_in(ripple_id, found, made.stamp if made is not None else None)
        self.by_change = {made.stamp: i for i, made in story.created.items() if i in self._ripples}
        self.switched = {stamp for switches in self._switches.values() for stamp, _ in switches}

    def _take_in(self, ripple_id: str, ripple: Ripple, made: Stamp | None) -> None:
        writes = self._story.writes(ripple_id, "deleted")
        switches = [(stamp, not write.op.after) for stamp, write in writes.items() if isinstance(write.op, Put)]
        if made is not None:
            switches.append((made, True))
        if switches:
            self._ripples[ripple_id] = ripple
            self._switches[ripple_id] = sorted(switches, key=lambda one: self._order.rank(one[0]))
            if made is None:
                self._outside[ripple_id] = not self._switches[ripple_id][0][1]

    def _acts(self, ripple_id: str, knows: Knows) -> bool:
        """Whether a ripple does something to the base, as far as `knows` goes: one from before the base does when it is no longer as
        it was there."""
        known = {stamp: on for stamp, on in self._switches[ripple_id] if knows(stamp)}
        if not known:
            return False
        on = all(known[stamp] for stamp in (self._order.newest(known) if len(known) > 1 else known))
        return on != self._outside.get(ripple_id, False)

    def acting(self, track: str, knows: Knows) -> frozenset[str]:
        """The ripples of a track that do something, as far as `knows` goes."""
        return frozenset(i for i, ripple in self._ripples.items() if track in ripple.tracks and self._acts(i, knows))

    def shape(self, track: str, acting: frozenset[str]) -> Shape:
        """What some ripples do together on a track."""
        shape = self._shapes.get((track, acting))
        if shape is None:
            pushes: list[tuple[int, int]] = []
            pulls: list[Stretch] = []
            for ripple_id in acting:
                end, length, taken = self.reach(ripple_id, track)
                pushes.append((end, length))
                pulls.extend(taken)
            shape = self._shapes[track, acting] = Shape(pushes, pulls)
        return shape

    def _delta(self, ripple_id: str) -> int:
        delta = self._ripples[ripple_id].delta
        return -delta if self._outside.get(ripple_id) else delta

    def reach(self, ripple_id: str, track: str) -> tuple[int, int, tuple[Stretch, ...]]:
        """Base time of a ripple, by how much it moves what is later, and the stretches that it takes out besides: base time that its
        author still saw. What he took out of what had been put in has no base time and counts as moving."""
        found = self._reaches.get((ripple_id, track))
        if found is None:
            ripple, first = self._ripples[ripple_id], self._switches[ripple_id][0][0]
            shape = self.shape(track, self.acting(track, lambda stamp: self._order.before(stamp, first)))
            at, delta = ripple.at, self._delta(ripple_id)
            if self._outside.get(ripple_id):
                at += ripple.delta
            end = shape.back(at)
            taken = _without((shape.back(max(0, at + delta)), end), shape.gone) if delta < 0 else ()
            found = self._reaches[ripple_id, track] = (end, delta + sum(b - a for a, b in taken), taken)
        return found

    def moved(self, track: str, placed: Stamp, start: int) -> int:
        """How far a clip that `placed` put at `start` on a track is moved by ripples whose authors did not know, nor were known."""
        order = self._order
        if not any(order.apart(placed, stamp) for stamp in self.switched):
            return 0
        known = self.acting(track, lambda stamp: stamp == placed or order.before(stamp, placed))
        now = self.acting(track, lambda stamp: not order.before(placed, stamp))
        if known == now:
            return 0
        before, after = self.shape(track, known), self.shape(track, now)
        base = before.back(start)
        return after.forward(base) - before.forward(base)

    def together(self, track: str, shifts: Iterable[tuple[Stamp, int]]) -> int:
        """What shifts (change, delta) of one clip come to; stretches that several authors took out count once."""
        given = list(shifts)
        total = sum(delta for _, delta in given)
        pulls = sorted((one for one in given if one[1] < 0), key=lambda one: self._order.rank(one[0]))
        if all(self._order.before(a[0], b[0]) for a, b in pairwise(pulls)):
            return total
        taken: list[Stretch] = []
        for stamp, delta in pulls:
            ripple = self.by_change.get(stamp)
            if ripple is not None and self._ripples[ripple].delta == delta:
                taken.extend(self.reach(ripple, track)[2])
        return total + _counted_twice(taken)


def _without(stretch: Stretch, gone: Iterable[Stretch]) -> tuple[Stretch, ...]:
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


def _counted_twice(stretches: list[Stretch]) -> int:
    """By how much the lengths of stretches exceed what they cover together."""
    covered, end = 0, -1
    for start, stop in sorted(stretches):
        covered += max(0, stop - max(start, end))
        end = max(end, stop)
    return sum(stop - start for start, stop in stretches) - covered
