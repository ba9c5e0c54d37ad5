"""The changes since people's work first went apart, field by field.

Owns: which change wrote which field over which value, and which of those writes nobody replaced. Refuses: choosing between them.

The earliest changes, which all later authors knew, are left out: a value that one of them wrote is the field's base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from typing import Any, NamedTuple

from editor_core.document import CREATED, NOBODY, ChangeSet, Create, Entry, Put, Shift, Stamp
from editor_core.document.change_set import StampRow
from editor_core.schema import Clip, Record, plain
from editor_core.sync.causality import Causality

TAKEN_OVER = "branch.pick"
"""The command of changes that take over what a copy made."""


class Write(NamedTuple):
    """One field written by one change; `place` is the clip's place in a Shift."""

    change: ChangeSet
    op: Create | Put | Shift
    place: int = 0

    @property
    def stamp(self) -> Stamp:
        return self.change.stamp


_Mark = tuple[int, int, int]


class Step(NamedTuple):
    """One shift of a way and the step `before` it. Writes go by numbers (see `Story.stamp`), 0 for what the clip had before people's
    work went apart: `number` is this one, `over` the one that it was made over, `counted` what that counted as, `counts` what this
    counts as. `plain` says that none of the way was by undo or redo."""

    before: int
    number: int
    op: Shift
    change: ChangeSet
    over: int
    counted: int
    counts: int
    plain: bool


def lines_in(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Every change behind lines of history, oldest first; a merge stands for what it brought."""
    for entry in entries:
        if entry.kind == "merge":
            yield from entry.merged
        else:
            yield entry


class Story:
    """Changes by stamp with their writes. Add changes oldest first."""

    def __init__(self, causality: Causality) -> None:
        self.causality = causality
        self.changes: dict[Stamp, ChangeSet] = {}
        self.created: dict[str, Write] = {}
        self._made_twice: dict[str, dict[Stamp, Write]] = {}
        self._writes: dict[str, dict[str, dict[Stamp, Write]]] = {}
        self._places: dict[int, dict[str, int]] = {}
        self._ways: dict[str, int] = {}
        self._steps: list[Step] = [_FIRST]
        self._numbers: dict[Stamp, int] = {}
        self._stamps: list[Stamp] = []
        self._placed: set[str] = set()
        self._bases: dict[str, Stamp] = {}

    @classmethod
    def of(cls, causality: Causality, load: Callable[[Stamp], ChangeSet], besides: Mapping[Stamp, ChangeSet] | None = None) -> Story:
        """The story that `causality` tells; `load` fetches changes that are not in `besides`."""
        story = cls(causality)
        given = besides or {}
        for stamp in causality.forked():
            story.add(given.get(stamp) or load(stamp))
        return story

    def add(self, change: ChangeSet) -> None:
        """Takes in a change that `causality` knows."""
        if change.stamp in self.changes:
            return
        self.changes[change.stamp] = change
        stamp = change.stamp
        for op in change.operations:
            if isinstance(op, Create):
                self._add_made(Write(change, op), op.record.id)
            elif isinstance(op, Put):
                self._writes.setdefault(op.id, {}).setdefault(op.field, {})[stamp] = Write(change, op)
                if op.field == "start":
                    self._placed.add(op.id)
            elif isinstance(op, Shift):
                self._add_shift(change, op)

    def _add_made(self, write: Write, record_id: str) -> None:
        """One record is made by two changes where one was taken over from a copy before all of the copy was merged; then each of them
        wrote every field. `created` is the one it was taken from: what moved the clip since is told from there."""
        first = self.created.get(record_id)
        if first is None:
            self.created[record_id] = write
            return
        both = self._made_twice.setdefault(record_id, {first.stamp: first})
        both[write.stamp] = write
        self.created[record_id] = min(both.values(), key=lambda one: (one.change.command == TAKEN_OVER, self.causality.rank(one.stamp)))

    def _add_shift(self, change: ChangeSet, op: Shift) -> None:
        """A ripple may carry thousands of clips; what each of them needs is made when it is asked for."""
        ways, steps = self._ways, self._steps
        plain = change.kind == "do" and op.counts_as is None
        number = self._number(change.stamp)
        marks = self._marks(op, number)
        kinds = list(dict.fromkeys(marks))
        for kind in kinds:
            new: dict[int, int] = {}
            for clip in op.clips if len(kinds) == 1 else [clip for clip, mark in zip(op.clips, marks, strict=True) if mark == kind]:
                before = ways.get(clip, 0)
                step = new.get(before)
                if step is None:
                    step = new[before] = len(steps)
                    steps.append(Step(before, number, op, change, *kind, steps[before].plain and plain))
                ways[clip] = step

    def _number(self, stamp: Stamp) -> int:
        return self._numbers.setdefault(stamp, len(self._numbers) + 1)

    def stamp(self, number: int) -> Stamp:
        """The stamp of a step's number, NOBODY of 0."""
        if len(self._stamps) <= number:
            self._stamps = [NOBODY, *self._numbers]
        return self._stamps[number]

    def _marks(self, op: Shift, own: int) -> list[_Mark]:
        """For each clip of a shift `over`, `counted` and `counts` of its step. One alone where they are the same for all."""
        over: list[int] = []
        for stamp, count in _runs(op.replaced):
            over += repeat(self._number(stamp) if stamp in self.changes else 0, count)
        if 0 in over:
            self._note_bases(op, over)
        if not over:
            return []
        if op.counted_as is None and op.counts_as is None:
            if over.count(over[0]) == len(over):
                return [(over[0], over[0], own)]
            marks = {one: (one, one, own) for one in set(over)}
            return list(map(marks.__getitem__, over))
        counted = over if op.counted_as is None else self._known(op.clips, op.counted_as)
        counts = [own] * len(over) if op.counts_as is None else self._known(op.clips, op.counts_as)
        return list(zip(over, counted, counts, strict=True))

    def _known(self, clips: Iterable[str], stamps: StampRow) -> list[int]:
        """The numbers of what some clips' values count as."""
        return [self._number(stamp) if stamp in self.changes or stamp != self._bases.get(clip) else 0
                for clip, stamp in zip(clips, stamps, strict=True)]

    def _note_bases(self, op: Shift, over: Iterable[int]) -> None:
        """Remembers what the values counted as from which people's work went apart."""
        for clip, mark, counted in zip(op.clips, over, op.replaced if op.counted_as is None else op.counted_as, strict=True):
            if not mark and self._bases.setdefault(clip, counted) != counted:
                self._placed.add(clip)  # one that is told two ways of its base is looked at by itself

    def way(self, clip_id: str) -> int | None:
        """A number for the shifts that carried a clip along, the same for clips with which all went the same way; 0 without any. None
        for clips of which there is more to say: somebody placed them."""
        return None if clip_id in self._placed else self._ways.get(clip_id, 0)

    def plain(self, clip_id: str) -> bool:
        """Whether nothing but ripples carried a clip, none of them by undo or redo."""
        way = self.way(clip_id)
        return way is not None and self._steps[way].plain

    def steps(self, way: int) -> list[Step]:
        """The shifts of a way, in the order they were added."""
        found: list[Step] = []
        while way:
            step = self._steps[way]
            found.append(step)
            way = step.before
        found.reverse()
        return found

    @property
    def records(self) -> set[str]:
        """Ids of every record that was written or made."""
        return self._writes.keys() | self.created.keys() | self._ways.keys()

    def fields(self, record_id: str) -> Iterable[str]:
        """Fields of a record that were written after it was made."""
        fields = self._writes.get(record_id, {}).keys()
        return fields | {"start"} if record_id in self._ways else fields

    def writes(self, record_id: str, field: str) -> dict[Stamp, Write]:
        """Every write of a field but the record's making (unless two made it)."""
        written = self._writes.get(record_id, {}).get(field, {})
        if record_id in self._made_twice and field != "start":
            return {**self._made_twice[record_id], **written}
        if field != "start" or record_id not in self._ways:
            return written
        steps = self.steps(self._ways[record_id])
        return {**written, **{one.change.stamp: Write(one.change, one.op, self._places_in(one.op)[record_id]) for one in steps}}

    def _shift(self, clip_id: str, stamp: Stamp) -> Write | None:
        """The shift by which a change carried a clip along."""
        change = self.changes.get(stamp)
        if change is None:
            return None
        shifts = [op for op in change.operations if isinstance(op, Shift) and op.counts_as is not None]
        return next((Write(change, op, places[clip_id]) for op in reversed(shifts) if clip_id in (places := self._places_in(op))), None)

    def _places_in(self, op: Shift) -> dict[str, int]:
        places = self._places.get(id(op))  # operations live as long as the story, so an id names one of them
        if places is None:
            places = self._places[id(op)] = {clip: place for place, clip in enumerate(op.clips)}
        return places

    def replaced(self, write: Write) -> tuple[Stamp, ...]:
        """The stamps of the values that a write was made over."""
        op = write.op
        if isinstance(op, Put):
            return (op.replaced, *op.replaced_also) if not op.replaced_also or not self._undone(op, write.stamp) else (op.replaced,)
        return (_at(op.replaced, write.place),) if isinstance(op, Shift) else ()

    def _undone(self, op: Put, stamp: Stamp) -> bool:
        """Whether a decision was undone and not done again; then what it did away with competes as before."""
        over = {w.op.replaced: w for w in self.writes(op.id, op.field).values() if isinstance(w.op, Put) and w.change.kind != "do"}
        last = None
        while stamp in over:
            last = over.pop(stamp)
            stamp = last.stamp
        return last is not None and last.change.kind == "undo"

    def counts_as(self, write: Write) -> Stamp:
        """The stamp that the written value counts as: another than its own after undo and redo."""
        op = write.op
        if isinstance(op, Put):
            return op.counts_as or write.stamp
        if isinstance(op, Shift):
            return _at(op.counts_as, write.place) if op.counts_as is not None else write.stamp
        return write.stamp

    def counted_before(self, write: Write) -> Stamp:
        """What the value that a write was made over counted as."""
        op = write.op
        if isinstance(op, Put):
            return op.counted_as or op.replaced
        if isinstance(op, Shift):
            return _at(op.replaced if op.counted_as is None else op.counted_as, write.place)
        return write.stamp

    def counted(self, record_id: str, field: str, stamp: Stamp) -> Stamp:
        """What a field's value that was written with `stamp` counts as."""
        if field == "start" and self.way(record_id) is not None:
            write = self._shift(record_id, stamp)
            return stamp if write is None else self.counts_as(write)
        write = self.writes(record_id, field).get(stamp)
        return stamp if write is None else self.counts_as(write)

    def unreplaced(self, record_id: str, field: str) -> list[Write]:
        """The writes of a field that no other write replaced, by rank."""
        writes = self.writes(record_id, field)
        if len(writes) <= 1:
            return list(writes.values())
        gone = {stamp for write in writes.values() for stamp in self.replaced(write)}
        return sorted((w for s, w in writes.items() if s not in gone), key=lambda w: self.causality.rank(w.stamp))

    def value_before_all(self, record_id: str, field: str, record: Record | None) -> Any:
        """The plain value of a field before any of the changes (or as the record was made)."""
        made = self.created.get(record_id)
        if made is not None and isinstance(made.op, Create):
            return plain(getattr(made.op.record, field))
        puts = [w for w in self.writes(record_id, field).values() if isinstance(w.op, Put)]
        if puts:
            first = min(puts, key=lambda w: self.causality.rank(w.stamp))
            return first.op.before if isinstance(first.op, Put) else None
        return plain(getattr(record, field)) if record is not None else None


def _runs(row: StampRow) -> Iterator[tuple[Stamp, int]]:
    """The stamps of a row and how often each stands in it, in order."""
    runs = iter(row.runs)
    for session, first, step, count in zip(runs, runs, runs, runs, strict=True):
        name = row.sessions[session]
        if step and count > 1:
            for counter in range(first, first + step * count, step):
                yield Stamp(name, counter), 1
        else:
            yield Stamp(name, first), count


def _at(row: StampRow, place: int) -> Stamp:
    """The stamp at a place of a row."""
    runs = iter(row.runs)
    for session, first, step, count in zip(runs, runs, runs, runs, strict=True):
        if place < count:
            return Stamp(row.sessions[session], first + step * place)
        place -= count
    raise IndexError(place)


def clip_made(write: Write | None) -> Clip | None:
    """The clip that a write made, if it made one."""
    record = write.op.record if write is not None and isinstance(write.op, Create) else None
    return record if isinstance(record, Clip) else None


_NOTHING = ChangeSet(stamp=NOBODY, actor="", command="", label="", time=0, operations=())
_FIRST = Step(0, 0, Shift((), 0, StampRow((), ())), _NOTHING, 0, 0, 0, True)
"""Where every way begins."""

__all__ = ["CREATED", "Step", "Story", "Write", "clip_made", "lines_in"]
