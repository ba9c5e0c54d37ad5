"""What ripples of people who did not know each other's do to one clip.

Owns: the rule for what several took out. Refuses: where ripples stand (see `reaches`), and placing the clip (see `starts`).

**Every tick of time is put in once and goes once.** A ripple to the right puts ticks in, a ripple to the left takes certain ticks out:
some that everybody had from the beginning, some that another ripple had put in. Undo of a ripple to the right takes out the ticks that it
had put in, undo of one to the left puts back those that it took. A clip stands as many ticks later as were put in before it, less those
that are gone; so

- what several take out who did not know each other is gone once: an extract beside an extract, an undo of an insert beside an extract,
  a trim or another undo of what was inserted, also where one of them takes out more besides;
- who takes out ticks that a redo, or an undo, brought back takes them out again: those he knew of do not count as the same;
- what somebody takes out of an insert that somebody else undid counts for nothing where the insert itself does not count any more;
- what a person undoes in two copies of a file is undone once.

It is the same whether what is undone was made before people's work went apart or since: it is then part of the base, or stands on the axis
of what was put in (see `inserted`). For who adds a change in full knowledge of the others nothing else moves but what his change moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from editor_core.document import Stamp
from editor_core.schema import Record
from editor_core.sync.base_time import Stretch, counted_twice, merged, touched_by_none, without
from editor_core.sync.inserted import FAR
from editor_core.sync.reaches import Reaches
from editor_core.sync.rows import Acting
from editor_core.sync.story import Story

Moved = tuple[Stamp, int]
"""By which change a clip was moved, and by how many ticks."""
Lost = tuple[Moved, Moved]
"""A shift to the left that was made when an earlier one to the right still counted for the clip, and that one, which somebody who did
not know of it took back."""
Part = tuple[int, int, Stamp]
"""A stretch and which change takes it out."""


class Ripples(Reaches):
    """Ripples of a story, and what several of them come to for one clip."""

    def __init__(self, story: Story, record: Callable[[str], Record | None]) -> None:
        super().__init__(story, record)
        self._touching: dict[int, dict[Moved, tuple[Part, ...]]] = {}
        self._pairs: dict[tuple[Stamp, Stamp], bool] = {}

    def moved(self, track: str, placed: Stamp, start: int, pulls: Iterable[Moved] = ()) -> int:
        """How far a clip that `placed` put at `start` on a track is moved by ripples whose authors did not know, nor were known; besides
        shifts to the left that it went through since."""
        known = self.acting_before(track, placed, itself=True)
        now = self.acting_beside(track, placed)
        if known == now:
            return 0
        before, after = self.shape(track, known), self.shape(track, now)
        base = before.back(start)
        return after.forward(base) - before.forward(base) + self._also_pulled(track, placed, now, now - known, pulls)

    def _also_pulled(self, track: str, placed: Stamp, now: Acting, new: Acting, pulls: Iterable[Moved]) -> int:
        """By how much shifts to the left that a clip went through since it was placed take out what is not there: because some `new`
        ripples of those that act `now` take it out too, or because it was put in and taken away beside."""
        touching, row = self._touching_on(track), self._rows.alike(track)
        theirs = [one for one in pulls if one in touching]
        mine = [part for one in theirs for part in touching[one]]
        found = 0
        if mine:
            others = [(*part, self._switches[i][0][0]) for i in new if self._delta(i) < 0 for part in self._parts(i, track)
                      if part[0] < FAR or self._inserted[row].insert(part[0])[0] in now]
            found = self._twice(mine + others) - self._twice(mine) - self._twice(others) if others else 0
        if row in self._cutting:
            found += self._out_of_lost(track, theirs, lambda _, made: made not in now and not self._order.before(
                placed, self._switches[made][0][0]))
        return found

    def together(self, track: str, shifts: Iterable[Moved], lost: Iterable[Lost] = ()) -> int:
        """What shifts of one clip come to; `lost` as in `twice`."""
        given = list(shifts)
        pushes = [one for one in given if one[1] > 0 and one[0] in self.again]
        return sum(delta for _, delta in given) + self.twice(track, [one for one in given if one[1] < 0], pushes, lost)

    def twice(self, track: str, pulls: Iterable[Moved], pushes: Iterable[Moved] = (), lost: Iterable[Lost] = ()) -> int:
        """By how much shifts to the left of one clip take out more than what they cover together, of what is there for it. `pushes` are
        its shifts to the right by changes that undid or redid what was made before the story, `lost` what is not there for it."""
        found = self._pulled_twice(track, pulls)
        if pushes:
            found -= self._pushed_twice(track, pushes)
        if lost:
            away = {(pull, ripple) for pull, push in lost for ripple in self._did(track, push)}
            found += self._out_of_lost(track, [pull for pull, _ in lost], lambda pull, made: (pull, made) in away)
        return found

    def _pulled_twice(self, track: str, pulls: Iterable[Moved]) -> int:
        parts: list[Part] = []
        touching = self._touching_on(track)
        for one in pulls:
            found = touching.get(one)
            if found:
                parts += found
            elif found is None and one[0] in self.by_change and not self._of_track(one[0], track):
                return self._all_twice(track, pulls)
        return self._twice(parts) if len(parts) > 1 else 0

    def _of_track(self, change: Stamp, track: str) -> bool:
        """Whether a change made, undid or redid a ripple of a track."""
        return any(track in self._ripples[i].tracks for i in self.by_change.get(change, ()))

    def _all_twice(self, track: str, pulls: Iterable[Moved]) -> int:
        """As `_pulled_twice`, for shifts of which some are no ripples of the track."""
        return self._twice([(*part, one[0]) for one in pulls for ripple in self._did(track, one) for part in self._parts(ripple, track)])

    def _twice(self, parts: list[Part]) -> int:
        """By how much stretches that changes take out exceed what they cover. What somebody takes out although he knew that another had
        is no matter of both: then it was there again."""
        parts.sort()
        pairs = set(_overlapping(parts))
        if all(self._beside(*pair) for pair in pairs):
            return counted_twice([part[:2] for part in parts]) if pairs else 0
        found = 0
        before: list[Part] = []
        for part in sorted(parts, key=lambda one: (self._order.rank(one[2]), one)):
            others = merged(one[:2] for one in before if self._beside(one[2], part[2]))
            found += part[1] - part[0] - sum(b - a for a, b in without(part[:2], others))
            before.append(part)
        return found

    def _beside(self, one: Stamp, other: Stamp) -> bool:
        """Whether what two changes both take out was taken out at the same time: they did not know each other, or the later one only
        undid or redid something from before the story, which takes out as much whatever others have done since."""
        found = self._pairs.get((one, other))
        if found is None:
            first, second = sorted((one, other), key=self._order.rank)
            found = first != second and (second in self.again or self._order.apart(first, second))
            self._pairs[one, other] = found
        return found

    def _pushed_twice(self, track: str, pushes: Iterable[Moved]) -> int:
        """By how much the same ripple that several undid, or redid, moves a clip more than once."""
        seen: set[str] = set()
        found = 0
        for one in pushes:
            for ripple in self._did(track, one):
                found += self._delta(ripple) if ripple in seen else 0
                seen.add(ripple)
        return found

    def _out_of_lost(self, track: str, pulls: Iterable[Moved], gone: Callable[[Moved, str], bool]) -> int:
        """How much shifts to the left take out of what was put in by ripples that are `gone` for them, unless they knew that."""
        row = self._rows.alike(track)
        found: set[Stretch] = set()
        for one in pulls:
            for part in (part for ripple in self._did(track, one) for part in self.reach(ripple, track).inside):
                made, _ = self._inserted[row].insert(part[0])
                if gone(one, made) and not any(self._order.before(stamp, one[0]) for stamp, on in self._switches[made] if not on):
                    found.add(part)
        return sum(b - a for a, b in merged(found))

    def _did(self, track: str, moved: Moved) -> list[str]:
        """The ripples by which a change moved a clip on a track by so much: of those that it made, the first ones."""
        stamp, delta = moved
        every = self.by_change.get(stamp, [])
        if len(every) == 1:
            return every if self._delta(every[0]) == delta else []
        mine = [i for i in every if track in self._ripples[i].tracks]
        return self._sums(track, mine).get(delta) or self._sums(track, every).get(delta, [])

    def _sums(self, track: str, every: Iterable[str]) -> dict[int, list[str]]:
        """Of one change's ripples, by how much the first one, the first two and so on move what is later."""
        found: dict[int, list[str]] = {}
        total = 0
        so_far: list[str] = []
        for ripple in sorted(every, key=lambda one: (self.reach(one, track).end, one)):
            total, so_far = total + self._delta(ripple), [*so_far, ripple]
            found.setdefault(total, so_far)
        return found

    def _parts(self, ripple_id: str, track: str) -> tuple[Stretch, ...]:
        reach = self.reach(ripple_id, track)
        return reach.taken + reach.inside

    def _touching_on(self, track: str) -> dict[Moved, tuple[Part, ...]]:
        """By change and by how much it moves what is later, for the ripples of a track: the stretches it takes out of which others take
        out something too."""
        row = self._rows.alike(track)
        found = self._touching.get(row)
        if found is None:
            mine = [(stamp, [i for i in some if track in self._ripples[i].tracks]) for stamp, some in self.by_change.items()]
            mine = sorted((one for one in mine if one[1]), key=lambda one: self._order.rank(one[0]))
            every = {i: self._parts(i, track) for _, some in mine for i in some}  # oldest first, so that each finds those it builds on
            alone = touched_by_none(part for _, some in mine for i in some for part in every[i])
            found = self._touching[row] = {
                (stamp, delta): tuple((*part, stamp) for i in did for part in every[i] if part not in alone)
                for stamp, some in mine
                for delta, did in (self._sums(track, some).items() if len(some) > 1 else ((self._delta(some[0]), some),))}
        return found


def _overlapping(parts: list[Part]) -> Iterator[tuple[Stamp, Stamp]]:
    """By which changes stretches that overlap are taken out; they are sorted."""
    for i, (_, end, one) in enumerate(parts):
        for start, _, other in islice(parts, i + 1, None):
            if start >= end:
                break
            yield one, other
