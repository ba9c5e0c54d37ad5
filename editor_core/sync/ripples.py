"""Ripples of people who did not know each other's, on one scale of time.

Owns: where a ripple of one author stands in the time that all of them started from, and what a set of ripples does to a time there.
Refuses: single clips (see `starts`).

Every author's times are his own: after an insert of 50 at 100, what others call 200 he calls 250. So ripples are taken back to the
time before any of them (the base), where they can be compared and put together in any order. Stretches that two authors took out
count once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import accumulate, chain, pairwise, repeat
from operator import add, mul, sub

from editor_core.document import Put, Stamp
from editor_core.schema import Record, Ripple
from editor_core.sync.story import Story

Stretch = tuple[int, int]
"""Start and end of a stretch of base time in ticks, end exclusive."""
Knows = Callable[[Stamp], bool]
"""Whether a change is among those considered."""
Acting = frozenset[str]
"""Ids of ripples that do something."""
_FEW = 4
"""Ripples that are put onto a known shape at most."""
_RECENT = 8
"""Shapes that are looked at for that: those made last, of each chain one as a rule."""
_Chains = dict[int, tuple[list[int], list[str]]]
"""Positions and ids of ripples, by the chain of causality that they stand in."""
_Row = tuple[int, list[str], _Chains]
"""Of a track: which tracks are like it, ripples that are asked one by one, the others."""


class Shape:
    """What some ripples do to base times: where pushes stand and which stretches are gone. All in ticks."""

    def __init__(self, pushes: Iterable[tuple[int, int]], pulls: Iterable[Stretch], onto: Shape | None = None) -> None:
        """`pushes` are (base time, length), `pulls` stretches of base time that are taken out, overlapping or not; `onto` what is done
        besides."""
        self._jumps: dict[int, int] = dict(onto._jumps) if onto is not None else {}
        for at, length in pushes:
            self._jumps[at] = self._jumps.get(at, 0) + length
        self.gone: list[Stretch] = _merged(chain(onto.gone if onto is not None else (), pulls))
        marks = sorted({0, *self._jumps, *chain.from_iterable(self.gone)})
        self._marks = marks
        turns = dict(chain.from_iterable(((start, 1), (end, -1)) for start, end in self.gone))
        self._inside = list(accumulate(map(turns.get, marks, repeat(0))))
        lost = accumulate(map(mul, self._inside, map(sub, marks[1:], marks)), initial=0)
        shifts = accumulate(map(self._jumps.get, marks, repeat(0)))
        self._there: list[int] = list(accumulate(map(add, map(sub, marks, lost), shifts), max, initial=0))[1:]

    def forward(self, base: int) -> int:
        """The time that a base time becomes."""
        i = max(0, bisect_right(self._marks, base) - 1)
        return self._there[i] + (0 if self._inside[i] else base - self._marks[i])

    def back(self, time: int) -> int:
        """The base time of a time; of times inside what was put in, the place where it was put."""
        i = max(0, bisect_right(self._there, time) - 1)
        base = self._marks[i] + (0 if self._inside[i] else max(0, time - self._there[i]))  # before the first: put in at the beginning
        if i + 1 < len(self._marks) and (base > self._marks[i + 1] or (self._inside[i] and time > self._there[i])):
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
        self._reaches: dict[int, dict[str, tuple[int, int, tuple[Stretch, ...]]]] = {}
        self._touching: dict[int, dict[Stamp, tuple[int, tuple[Stretch, ...]]]] = {}
        self._shapes: dict[tuple[int, Acting], Shape] = {}
        self._recent: dict[int, list[tuple[Acting, Shape]]] = {}
        for ripple_id in story.records:
            made = story.created.get(ripple_id)
            found = made.op.record if made is not None else record(ripple_id)  # type: ignore[union-attr]
            if isinstance(found, Ripple):
                self._take_in(ripple_id, found, made.stamp if made is not None else None)
        self._rows = _Rows(self)
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

    def acting(self, track: str, knows: Knows) -> Acting:
        """The ripples of a track that do something, as far as `knows` goes."""
        return frozenset(i for i, ripple in self._ripples.items() if track in ripple.tracks and self._acts(i, knows))

    def acting_before(self, track: str, stamp: Stamp, *, itself: bool = False) -> Acting:
        """As `acting`, for what the author of a change knew, with the change `itself` or without it."""
        return self._rows.known_to(track, stamp, itself)

    def acting_beside(self, track: str, stamp: Stamp) -> Acting:
        """As `acting`, for everything but what was made in knowledge of a change."""
        return self._rows.not_after(track, stamp)

    def shape(self, track: str, acting: Acting) -> Shape:
        """What some ripples do together on a track."""
        key = (self._rows.alike(track), acting)
        shape = self._shapes.get(key)
        if shape is None:
            known = self._reaches.setdefault(key[0], {})
            if not known.keys() >= acting:
                for ripple_id in sorted(acting - known.keys(), key=lambda one: self._order.rank(self._switches[one][0][0])):
                    self.reach(ripple_id, track)  # oldest first, so that each finds those it builds on
            recent = self._recent.setdefault(key[0], [])
            near = next((one for one in recent if 0 < len(acting) - len(one[0]) <= _FEW and one[0] < acting), None)
            new = list(map(known.__getitem__, acting if near is None else acting - near[0]))
            shape = self._shapes[key] = Shape([(end, length) for end, length, _ in new], [one for _, _, taken in new for one in taken],
                                              None if near is None else near[1])
            if near is not None:
                recent.remove(near)
            recent.insert(0, (acting, shape))
            del recent[_RECENT:]
        return shape

    def _delta(self, ripple_id: str) -> int:
        delta = self._ripples[ripple_id].delta
        return -delta if self._outside.get(ripple_id) else delta

    def reach(self, ripple_id: str, track: str) -> tuple[int, int, tuple[Stretch, ...]]:
        """Base time of a ripple, by how much it moves what is later, and the stretches that it takes out besides: base time that its
        author still saw. What he took out of what had been put in has no base time and counts as moving."""
        known = self._reaches.setdefault(self._rows.alike(track), {})
        found = known.get(ripple_id)
        if found is None:
            ripple, first = self._ripples[ripple_id], self._switches[ripple_id][0][0]
            shape = self.shape(track, self.acting_before(track, first))
            at, delta = ripple.at, self._delta(ripple_id)
            if self._outside.get(ripple_id):
                at += ripple.delta
            end = shape.back(at)
            taken = _without((shape.back(max(0, at + delta)), end), shape.gone) if delta < 0 else ()
            found = known[ripple_id] = (end, delta + sum(b - a for a, b in taken), taken)
        return found

    def moved(self, track: str, placed: Stamp, start: int) -> int:
        """How far a clip that `placed` put at `start` on a track is moved by ripples whose authors did not know, nor were known."""
        order = self._order
        if not any(order.apart(placed, stamp) for stamp in self.switched):
            return 0
        known = self.acting_before(track, placed, itself=True)
        now = self.acting_beside(track, placed)
        if known == now:
            return 0
        before, after = self.shape(track, known), self.shape(track, now)
        base = before.back(start)
        return after.forward(base) - before.forward(base)

    def together(self, track: str, shifts: Iterable[tuple[Stamp, int]]) -> int:
        """What shifts (change, delta) of one clip come to; stretches that several authors took out count once."""
        given = list(shifts)
        return sum(delta for _, delta in given) + self.twice(track, [one for one in given if one[1] < 0])

    def twice(self, track: str, pulls: Iterable[tuple[Stamp, int]]) -> int:
        """By how much shifts to the left (change, delta < 0) of one clip take out more than what they cover together."""
        taken: list[Stretch] = []
        contested: list[Stamp] = []
        touching = self._touching_on(track)
        for stamp, delta in pulls:
            found = touching.get(stamp)
            if found is None:
                if stamp in self.by_change:
                    return self._all_twice(track, pulls)
            elif found[0] == delta and found[1]:
                taken += found[1]
                contested.append(stamp)
        counted = _counted_twice(taken)
        if not counted or any(self._order.apart(a, b) for a, b in pairwise(contested)):
            return counted
        return 0 if self._one_after_another(pulls) else counted

    def _all_twice(self, track: str, pulls: Iterable[tuple[Stamp, int]]) -> int:
        """As `twice`, for shifts of which some are no ripples of the track."""
        taken: list[Stretch] = []
        for stamp, delta in pulls:
            ripple = self.by_change.get(stamp)
            if ripple is not None and self._ripples[ripple].delta == delta:
                taken.extend(self.reach(ripple, track)[2])
        found = _counted_twice(taken)
        return 0 if not found or self._one_after_another(pulls) else found

    def _one_after_another(self, shifts: Iterable[tuple[Stamp, int]]) -> bool:
        order = sorted((stamp for stamp, _ in shifts), key=self._order.rank)
        return all(self._order.before(a, b) for a, b in pairwise(order))

    def _touching_on(self, track: str) -> dict[Stamp, tuple[int, tuple[Stretch, ...]]]:
        """By change, of the ripples of a track: the delta, and the stretches it takes out of which others take out something too."""
        row = self._rows.alike(track)
        found = self._touching.get(row)
        if found is None:
            mine = [(stamp, i) for stamp, i in self.by_change.items() if track in self._ripples[i].tracks]
            mine.sort(key=lambda one: self._order.rank(one[0]))  # oldest first, so that each finds those it builds on
            taken = {stamp: self.reach(i, track)[2] for stamp, i in mine}
            alone = _touched_by_none(chain.from_iterable(taken.values()))
            found = self._touching[row] = {stamp: (self._ripples[i].delta, tuple(one for one in taken[stamp] if one not in alone))
                                           for stamp, i in mine}
        return found


class _Rows:
    """The ripples of each track by the chains of causality, so that what somebody knew of them is a few numbers.

    Most ripples were made once and never undone: they act for all who know them, and whoever knows one of a chain knows those before
    it. The others are asked one by one.
    """

    def __init__(self, ripples: Ripples) -> None:
        self._ripples = ripples
        self._order = ripples._order
        self._tracks: dict[str, _Row] = {}
        self._alike: dict[tuple[str, ...], int] = {}
        self._sets: dict[tuple[int, tuple[int, ...], Acting], Acting] = {}

    def alike(self, track: str) -> int:
        """A number that tracks have in common on which the same ripples act."""
        return self._row(track)[0]

    def _row(self, track: str) -> _Row:
        row = self._tracks.get(track)
        if row is None:
            ripples = self._ripples
            ids = tuple(i for i, ripple in ripples._ripples.items() if track in ripple.tracks)
            placed: dict[int, list[tuple[int, str]]] = {}
            others: list[str] = []
            for i in ids:
                switches = ripples._switches[i]
                place = self._order.place(switches[0][0]) if len(switches) == 1 and switches[0][1] and i not in ripples._outside else None
                if place is None:
                    others.append(i)
                else:
                    placed.setdefault(place[0], []).append((place[1], i))
            chains = {number: ([at for at, _ in sorted(some)], [i for _, i in sorted(some)]) for number, some in sorted(placed.items())}
            row = self._tracks[track] = (self._alike.setdefault(ids, len(self._alike)), others, chains)
        return row

    def known_to(self, track: str, stamp: Stamp, itself: bool) -> Acting:
        order = self._order
        own = order.place(stamp)
        if own is None:
            return self._ripples.acting(track, lambda one: itself and one == stamp)
        number, others, chains = self._row(track)
        counts = tuple(bisect_left(positions, order.reach_into(stamp, chain) + (itself and own[0] == chain))
                       for chain, (positions, _) in chains.items())
        more = self._of(others, lambda one: (itself and one == stamp) or order.before(one, stamp)) if others else _NONE
        return self._set(number, chains, counts, more)

    def not_after(self, track: str, stamp: Stamp) -> Acting:
        order = self._order
        own = order.place(stamp)
        if own is None:
            return self._ripples.acting(track, lambda one: True)
        number, others, chains = self._row(track)
        counts = tuple(self._first_after(chain, positions, *own) for chain, (positions, _) in chains.items())
        more = self._of(others, lambda one: not order.before(stamp, one)) if others else _NONE
        return self._set(number, chains, counts, more)

    def _first_after(self, chain: int, positions: list[int], own: int, position: int) -> int:
        """How many ripples of a chain stand before the first that knows a change at `position` of chain `own`."""
        if chain == own:
            return bisect_right(positions, position)
        order = self._order
        return bisect_left(positions, True, key=lambda place: order.knows_of(chain, place, own) > position)

    def _of(self, ids: list[str], knows: Knows) -> Acting:
        return frozenset(i for i in ids if self._ripples._acts(i, knows))

    def _set(self, number: int, chains: _Chains, counts: tuple[int, ...], more: Acting) -> Acting:
        key = (number, counts, more)
        found = self._sets.get(key)
        if found is None:
            ids = [i for count, (_, some) in zip(counts, chains.values(), strict=True) for i in some[:count]]
            found = self._sets[key] = frozenset(ids) | more
        return found


_NONE: Acting = frozenset()


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
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


def _touched_by_none(stretches: Iterable[Stretch]) -> set[Stretch]:
    """Those of some stretches that none of the others overlaps."""
    every = sorted(stretches)
    alone: set[Stretch] = set()
    end = -1
    for place, (start, stop) in enumerate(every):
        if start >= end and (place + 1 == len(every) or every[place + 1][0] >= stop):
            alone.add((start, stop))
        end = max(end, stop)
    return alone
