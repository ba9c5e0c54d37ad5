"""Where clips start when several people moved them, or moved time itself, without knowing of each other.

Owns: the one rule for a clip's start after a merge, the same on every machine. Refuses: writing anything back.

A clip's start is what the last one said who put it somewhere, plus every ripple that carried it along since, plus those ripples that
neither knew of that placing nor were known to it. Ripples add up; they never compete with a placing. Of placings that compete, the
one of the greatest rank stands until somebody decides. A ripple that was undone does not count. What several take out of the same time
counts as `ripples` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from editor_core.document import NOBODY, Put, Shift, Stamp
from editor_core.schema import Clip, Record
from editor_core.sync.branches import held, kept, lost, path
from editor_core.sync.ripples import Lost, Moved, Ripples
from editor_core.sync.story import Step, Story, Write, clip_made
from editor_core.timing import MAX_TICKS

_START = "start"


class Graph(NamedTuple):
    """The writes of one clip's start. `roots` says for each write which placing it builds on (NOBODY: the base), `states` which
    write's value it stands at (another than its own after undo), `earlier` which state a state was made from, `deltas` by how many
    ticks it differs and `makers` by which change, the first of those by which it came about."""

    writes: dict[Stamp, Write]
    roots: dict[Stamp, Stamp]
    states: dict[Stamp, Stamp]
    earlier: dict[Stamp, Stamp]
    deltas: dict[Stamp, int]
    makers: dict[Stamp, Stamp]
    ends: list[Stamp]
    placings: list[Stamp]


class Way(NamedTuple):
    """What shifts that many clips went through come to: by how many ticks they carry them along, each of those that carry them left
    (and right, where they undid or redid what was before the story), what was `lost` (see `Ripples.twice`), the `ends` that no other
    shift was made over, and the greatest of them."""

    total: int
    pulls: list[Moved]
    pushes: list[Moved]
    lost: list[Lost]
    ends: frozenset[Stamp]
    last: Stamp


class Starts:
    """Starts of clips by a story. `record` finds a record as it is before the merge. `edge` gathers the clips that would start before
    the timeline does, or beyond where it can end, and were left at that edge."""

    def __init__(self, story: Story, record: Callable[[str], Record | None], bases: dict[str, int] | None = None) -> None:
        self._story = story
        self._order = story.causality
        self._record = record
        self._bases = bases if bases is not None else {}
        self.ripples = Ripples(story, record)
        self.edge: set[str] = set()
        self._ways: dict[int, Way | None] = {}
        self._way_sums: dict[tuple[int, str], int] = {}
        self._sums: dict[tuple[str, tuple[Moved, ...], frozenset[Lost]], int] = {}

    def graph(self, clip_id: str, among: Callable[[Stamp], bool] | None = None) -> Graph:
        """How a clip's start came about, by the changes that `among` lets through."""
        story = self._story
        writes = story.writes(clip_id, _START)
        if among is not None:
            writes = {stamp: write for stamp, write in writes.items() if among(stamp)}
        roots: dict[Stamp, Stamp] = {}
        states: dict[Stamp, Stamp] = {}
        earlier: dict[Stamp, Stamp] = {}
        deltas: dict[Stamp, int] = {}
        makers: dict[Stamp, Stamp] = {}
        lines: dict[Stamp, Stamp] = {}
        shown: set[Stamp] = set()
        gone: set[Stamp] = set()
        under: dict[Stamp, set[Stamp]] = {}
        for stamp in sorted(writes, key=self._order.rank) if len(writes) > 1 else writes:
            write = writes[stamp]
            over = story.replaced(write)
            gone.update(over)
            if isinstance(write.op, Put):
                roots[stamp] = states[stamp] = stamp
                under[stamp] = {roots.get(one, NOBODY) for one in over}
                continue
            root = roots[stamp] = roots.get(over[0], NOBODY)
            lines[stamp] = over[0]
            state, before = story.counts_as(write), states.get(over[0], NOBODY)
            if over[0] not in writes:
                shown.add(story.counted_before(write))
            if state in roots and state != stamp and roots[state] == root:
                states[stamp] = states[state]
            elif root == NOBODY and state in shown:
                states[stamp] = NOBODY
            elif root == NOBODY and any(states[one] == state for one in path(over[0], lines, states)):
                states[stamp] = state
            else:
                own = state if state not in writes and before == NOBODY else stamp
                states[stamp] = own
                earlier[own] = before
                deltas[own] = write.op.delta if isinstance(write.op, Shift) else 0
                makers.setdefault(own, stamp)
        ends = [stamp for stamp in writes if stamp not in gone]
        placings = {roots[end] for end in ends}
        for root in list(placings):
            todo = [root]
            while todo:
                for one in under.get(todo.pop(), ()):
                    placings.discard(one)
                    todo.append(one)
        return Graph(writes, roots, states, earlier, deltas, makers, ends, sorted(placings, key=self._order.rank))

    def carried(self, graph: Graph, placing: Stamp) -> frozenset[Stamp]:
        """The shifts that carry a clip along from a placing: all that some branch made and no branch that had it gave up."""
        ends = [end for end in graph.ends if graph.roots[end] == placing]
        if len(ends) == 1:
            return frozenset(held(graph.states[ends[0]], graph.earlier))
        lines = {stamp: self._story.replaced(write)[0] for stamp, write in graph.writes.items() if stamp != placing}
        return frozenset(kept(ends, lines, graph.states, graph.earlier, self._order.before))

    def _sum(self, graph: Graph, carried: frozenset[Stamp], track: str) -> int:
        shifts = _shifts(graph, carried)
        gone = lost(carried, graph.earlier, graph.deltas) if len(graph.ends) > 1 else []
        missing = [(shifts[pull], (graph.makers[push], graph.deltas[push])) for pull, push in gone]
        key = (track, tuple(sorted(shifts.values())), frozenset(missing))
        if key not in self._sums:
            self._sums[key] = self.ripples.together(track, shifts.values(), missing)
        return self._sums[key]

    def _way(self, clip_id: str) -> int | None:
        """The number of a clip's way, None where the clip must be looked at by itself."""
        way = self._story.way(clip_id)
        if way is not None and way not in self._ways:
            self._ways[way] = self._way_of(self._story.steps(way))
        return way if way is None or self._ways[way] is not None else None

    def _carry(self, way: int, track: str) -> int:
        """How far a clip of some way was carried on a track."""
        found = self._way_sums.get((way, track))
        if found is None:
            gone = self._ways[way]
            twice = self.ripples.twice(track, gone.pulls, gone.pushes, gone.lost) if gone is not None else 0
            found = self._way_sums[way, track] = gone.total + twice if gone is not None else 0
        return found

    def note_base(self, clip_id: str) -> None:
        """Remembers where a clip started before the story. To be called before changes are added that the records have not seen."""
        if clip_id in self._bases or clip_id in self._story.created:
            return
        way = self._way(clip_id)
        if way is not None:
            record = self._record(clip_id)
            if isinstance(record, Clip):
                self._bases[clip_id] = record.start - (self._carry(way, self.track(clip_id, None)) if way else 0)
            return
        placings = [s for s, w in self._story.writes(clip_id, _START).items() if isinstance(w.op, Put)]
        if placings:
            first = min(placings, key=self._order.rank)
            shown = self._story.writes(clip_id, _START)[first].op.before  # type: ignore[union-attr]
            graph = self.graph(clip_id, lambda stamp: self._order.before(stamp, first))
        else:
            record = self._record(clip_id)
            if not isinstance(record, Clip):
                return
            shown, graph = record.start, self.graph(clip_id)
        if isinstance(shown, int):
            self._bases[clip_id] = shown - (self._sum(graph, self.carried(graph, NOBODY), self.track(clip_id, None)) if graph.ends else 0)

    def track(self, clip_id: str, placing: Stamp | None) -> str:
        """The track that a clip was on when it was placed."""
        writes = self._story.writes(clip_id, "track")
        known = [s for s in writes if placing is not None and (s == placing or self._order.before(s, placing))]
        if known:
            op = writes[max(known, key=self._order.rank)].op
            return str(op.after) if isinstance(op, Put) else ""
        return str(self._story.value_before_all(clip_id, "track", self._record(clip_id)))

    def start(self, clip_id: str, prefer: Stamp = NOBODY) -> tuple[int, Stamp] | None:
        """Where a clip starts in ticks, and the stamp of the write to name as replaced by the next one: `prefer` if it is one of those
        that count. None where the story says nothing of it."""
        way = self._way(clip_id)
        if way is not None:
            return self._carried_start(clip_id, way, prefer)
        graph = self.graph(clip_id)
        made = self._story.created.get(clip_id)
        if not graph.ends and made is None:
            return None
        placing = graph.placings[-1] if graph.placings else NOBODY
        if placing != NOBODY:
            op = graph.writes[placing].op
            value, who = (op.after if isinstance(op, Put) else 0), placing
        else:
            value, who = self._first(clip_id)
        if not isinstance(value, int):
            return None
        track = self.track(clip_id, who if who != NOBODY else None)
        start = value
        ends = [end for end in graph.ends if graph.roots[end] == placing]
        carried = self.carried(graph, placing) if ends else frozenset()
        if ends:
            start += self._sum(graph, carried, track)
        if who != NOBODY:
            start += self.ripples.moved(track, who, value, [one for one in _shifts(graph, carried).values() if one[1] < 0])
        stamp = prefer if prefer in ends else max(ends, key=self._order.rank, default=who)
        return self._inside(clip_id, start), stamp

    def _carried_start(self, clip_id: str, way: int, prefer: Stamp) -> tuple[int, Stamp] | None:
        """As `start`, for a clip that only ripples carried."""
        value, who = self._first(clip_id)
        if value is None or (who == NOBODY and not way):
            return None
        track = self.track(clip_id, who if who != NOBODY else None)
        gone = self._ways[way]
        start = value + (self.ripples.moved(track, who, value, gone.pulls if gone is not None else ()) if who != NOBODY else 0)
        if gone is None or not gone.ends:
            return self._inside(clip_id, start), who
        return self._inside(clip_id, start + self._carry(way, track)), prefer if prefer in gone.ends else gone.last

    def _inside(self, clip_id: str, start: int) -> int:
        if not 0 <= start <= MAX_TICKS:
            self.edge.add(clip_id)
        return min(MAX_TICKS, max(0, start))

    def _first(self, clip_id: str) -> tuple[int | None, Stamp]:
        """Where a clip that nobody placed started, and who made it."""
        made = self._story.created.get(clip_id)
        clip = clip_made(made)
        return (clip.start, made.stamp) if clip is not None and made is not None else (self._bases.get(clip_id), NOBODY)

    def _way_of(self, steps: Sequence[Step]) -> Way | None:
        found = _carried(steps, lambda one, other: self._order.before(self._story.stamp(one), self._story.stamp(other)))
        if found is None:
            return None
        stamp, rank = self._story.stamp, self._order.rank
        gone = {step.over for step in steps}
        ends = sorted((stamp(step.number) for step in steps if step.number not in gone), key=rank)
        made = {own: min(map(stamp, by), key=rank) for own, by in found.makers.items()}
        carried = [(made[one] if one in made else stamp(one), found.deltas[one]) for one in found.carried]
        missing = [((made.get(pull) or stamp(pull), found.deltas[pull]), (made.get(push) or stamp(push), found.deltas[push]))
                   for pull, push in found.lost]
        again = self.ripples.again
        return Way(sum([delta for _, delta in carried]), [one for one in carried if one[1] < 0],
                   [one for one in carried if one[1] > 0 and one[0] in again] if again else [], missing,
                   frozenset(ends), ends[-1] if ends else NOBODY)


def _shifts(graph: Graph, carried: Iterable[Stamp]) -> dict[Stamp, Moved]:
    """By which change and how far shifts move a clip."""
    return {one: (graph.makers[one], graph.deltas[one]) for one in carried}


class _Carried(NamedTuple):
    """The shifts of a way that carry its clips along, all its shifts with by how much, and what was lost; by their numbers. `makers` are
    the changes by which one came about, where that is another than its own."""

    carried: Iterable[int]
    deltas: dict[int, int]
    makers: dict[int, list[int]]
    lost: list[tuple[int, int]]


def _carried(steps: Sequence[Step], knew: Callable[[int, int], bool]) -> _Carried | None:
    """What carries the clips of a way along; None where that is not the same for all of them. As `graph` and `carried`, for shifts
    alone and by their numbers."""
    if steps and steps[-1].plain:
        plain = {step.number: step.op.delta for step in steps}
        return _Carried(plain, plain, {}, [])
    states: dict[int, int] = {}
    earlier: dict[int, int] = {}
    deltas: dict[int, int] = {}
    makers: dict[int, list[int]] = {}
    shown: set[int] = set()
    overs = {step.number: step.over for step in steps}
    for _, number, op, _, over, counted, counts, _ in steps:
        before = states.get(over)
        if before is None:
            shown.add(counted)
            before = 0
        if counts == number:
            states[number], earlier[number], deltas[number] = number, before, op.delta
        elif counts in states:
            states[number] = states[counts]
        elif counts in shown:
            states[number] = 0
        elif not counts:
            return None
        elif before and any(states[one] == counts for one in path(over, overs, states)):
            states[number] = counts
        else:
            own = states[number] = number if before else counts
            earlier[own], deltas[own] = before, op.delta
            makers.setdefault(own, []).append(number)
    gone = set(overs.values())
    ends = [number for number in overs if number not in gone]
    carried = kept(ends, overs, states, earlier, knew)
    return _Carried(carried, deltas, makers, lost(carried, earlier, deltas) if len(ends) > 1 else [])
