"""Where ripples of people who did not know each other's stand, on one scale of time.

Owns: what each ripple does to the time that all of them started from (the base), by what its author still saw. Refuses: putting together
what several do to one clip (see `ripples`).

Every author's times are his own: after an insert of 50 at 100, what others call 200 he calls 250. So ripples are taken back to the base,
where they can be compared and put together in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from editor_core.document import Put, Stamp
from editor_core.schema import Record, Ripple
from editor_core.sync.base_time import Shape, Stretch, merged, without
from editor_core.sync.inserted import Inserted, cut, point
from editor_core.sync.rows import Acting, Knows, Rows, Switches
from editor_core.sync.story import Story

_FEW = 4
"""Ripples that are put onto a known shape at most."""
_RECENT = 8
"""Shapes that are looked at for that: those made last, of each chain one as a rule."""


class Reach(NamedTuple):
    """What a ripple does: its base time, and by how much it moves what is later, besides the stretches that it takes out: of base time,
    and of what others put `inside` (see `inserted`)."""

    end: int
    moves: int
    taken: tuple[Stretch, ...] = ()
    inside: tuple[Stretch, ...] = ()


class Reaches:
    """All ripples of a story, with every time they were undone and done again."""

    def __init__(self, story: Story, record: Callable[[str], Record | None]) -> None:
        self._story = story
        self._order = story.causality
        self._ripples: dict[str, Ripple] = {}
        self._switches: Switches = {}
        self._outside: dict[str, bool] = {}
        self._reaches: dict[int, dict[str, Reach]] = {}
        self._inserted: dict[int, Inserted] = {}
        self._cutting: dict[int, dict[str, tuple[Stretch, ...]]] = {}
        self._shapes: dict[tuple[int, Acting], Shape] = {}
        self._recent: dict[int, list[tuple[Acting, Shape]]] = {}
        for ripple_id in story.records:
            made = story.created.get(ripple_id)
            found = made.op.record if made is not None else record(ripple_id)  # type: ignore[union-attr]
            if isinstance(found, Ripple):
                self._take_in(ripple_id, found, made.stamp if made is not None else None)
        self._rows = Rows(self._order, self._ripples, self._switches, self._outside, self._acts)
        self.by_change: dict[Stamp, list[str]] = {}
        for i in sorted(self._ripples):
            made = story.created.get(i)
            for stamp in (made.stamp,) if made is not None else dict(self._switches[i]):
                self.by_change.setdefault(stamp, []).append(i)
        self.again = {stamp for i, switches in self._switches.items() if i not in story.created for stamp, _ in switches}
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
        return self._rows.acting(track, knows)

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
            if not known.keys() >= acting:  # all of the track's, oldest first, so that each finds those it builds on
                mine = {i for i, ripple in self._ripples.items() if track in ripple.tracks} | acting
                for ripple_id in sorted(mine - known.keys(), key=lambda one: self._order.rank(self._switches[one][0][0])):
                    self.reach(ripple_id, track)
            recent = self._recent.setdefault(key[0], [])
            near = next((one for one in recent if 0 < len(acting) - len(one[0]) <= _FEW and one[0] < acting), None)
            new = list(map(known.__getitem__, acting if near is None else acting - near[0]))
            shape = self._shapes[key] = Shape([(one.end, one.moves) for one in new], [part for one in new for part in one.taken],
                                              None if near is None else near[1], self._shorter(key[0], acting))
            if near is not None:
                recent.remove(near)
            recent.insert(0, (acting, shape))
            del recent[_RECENT:]
        return shape

    def _gone_inside(self, row: int, acting: Acting) -> list[Stretch]:
        """What some ripples take out of what others put in."""
        cutting = self._cutting.get(row)
        return merged(chain.from_iterable(parts for i, parts in cutting.items() if i in acting)) if cutting else []

    def _shorter(self, row: int, acting: Acting) -> dict[int, int]:
        """By base time, how much of what some ripples put in is taken out by others of them."""
        found: dict[int, int] = {}
        for start, stop in self._gone_inside(row, acting):
            ripple_id, base = self._inserted[row].insert(start)
            if ripple_id in acting:
                found[base] = found.get(base, 0) + stop - start
        return found

    def _delta(self, ripple_id: str) -> int:
        delta = self._ripples[ripple_id].delta
        return -delta if self._outside.get(ripple_id) else delta

    def reach(self, ripple_id: str, track: str) -> Reach:
        """What a ripple does, by what its author still saw."""
        row = self._rows.alike(track)
        known = self._reaches.setdefault(row, {})
        found = known.get(ripple_id)
        if found is None:
            ripple, delta = self._ripples[ripple_id], self._delta(ripple_id)
            at = ripple.at
            if self._outside.get(ripple_id):
                at += ripple.delta
                if delta < 0:  # an insert that the base has, as it is there
                    known[ripple_id] = Reach(at, 0, ((at + delta, at),))
                    return known[ripple_id]
            first = self._switches[ripple_id][0][0]
            acting = self.acting_before(track, first)
            shape = self.shape(track, acting)
            found = known[ripple_id] = self._pull(row, acting, shape, at, delta) if delta < 0 else Reach(shape.back(at), delta)
            if delta > 0:
                self._inserted.setdefault(row, Inserted()).put(ripple_id, found.end, delta, self._after(row, acting, shape, found.end, at),
                                                               self._order.rank(first))
            elif found.inside:
                self._cutting.setdefault(row, {})[ripple_id] = found.inside
        return found

    def _pull(self, row: int, acting: Acting, shape: Shape, at: int, delta: int) -> Reach:
        """What taking out the time before `at` does for somebody who knew some ripples."""
        start, end = shape.back(max(0, at + delta)), shape.back(at)
        taken = without((start, end), shape.gone)
        rest = -delta - sum(b - a for a, b in taken)
        inserted = self._inserted.get(row)
        inside: list[Stretch] = []
        if rest > 0 and inserted is not None:
            for base in (one for one in shape.marks(start, end) if one in inserted):
                left, low = self._there(row, acting, shape, base)
                inside += cut(left, at + delta - low, at - low)
        found = sum(b - a for a, b in inside)
        return Reach(end, found - rest, taken, tuple(inside)) if found <= rest else Reach(end, -rest, taken)

    def _there(self, row: int, acting: Acting, shape: Shape, base: int) -> tuple[list[Stretch], int]:
        """What is left of what was put in at a base time, for somebody who knew some ripples, and where it begins for him."""
        left = self._inserted[row].left(base, acting, self._gone_inside(row, acting))
        return left, shape.forward(base) - sum(b - a for a, b in left)

    def _after(self, row: int, acting: Acting, shape: Shape, base: int, at: int) -> int | None:
        """The point up to which what was put in at a base time was before `at`, for somebody who knew some ripples."""
        if row not in self._inserted or base not in self._inserted[row]:
            return None
        left, low = self._there(row, acting, shape, base)
        return point(left, at - low)
