"""The changes since people's work first went apart, field by field.

Owns: which change wrote which field over which value, and which of those writes nobody replaced. Refuses: choosing between them.

The earliest changes, which all later authors knew, are left out: a value that one of them wrote is the field's base.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from editor_core.document import CREATED, ChangeSet, Create, Entry, Put, Shift, Stamp
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
        self._rows: dict[int, tuple[list[Stamp], list[Stamp] | None]] = {}
        self._places: dict[int, dict[str, int]] = {}
        self._trails: dict[str, int] = {}
        self._trail_ends: list[tuple[int, ChangeSet | None, Shift | None]] = [(0, None, None)]
        self._placed: set[str] = set()
        self._over: dict[int, frozenset[Stamp]] = {}

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
        trails, ends = self._trails, self._trail_ends
        new: dict[int, int] = {}
        for clip in op.clips:
            before = trails.get(clip, 0)
            trail = new.get(before)
            if trail is None:
                trail = new[before] = len(ends)
                ends.append((before, change, op))
            trails[clip] = trail
        if change.kind != "do" or op.counts_as is not None:
            self._placed.update(op.clips)

    def replaced_by(self, op: Shift) -> frozenset[Stamp]:
        """Every stamp that a shift was made over, whichever the clip."""
        found = self._over.get(id(op))
        if found is None:
            found = self._over[id(op)] = frozenset(op.replaced)
        return found

    def trail(self, clip_id: str) -> int | None:
        """A number for the shifts that carried a clip along, the same for clips that went the same way; 0 without any. None for clips
        of which there is more to say: placed, or carried back by undo."""
        return None if clip_id in self._placed else self._trails.get(clip_id, 0)

    def shifts_on(self, trail: int) -> list[tuple[ChangeSet, Shift]]:
        """The shifts of a trail, latest first."""
        found: list[tuple[ChangeSet, Shift]] = []
        while trail:
            trail, change, op = self._trail_ends[trail]
            if change is not None and op is not None:
                found.append((change, op))
        return found

    @property
    def records(self) -> set[str]:
        """Ids of every record that was written or made."""
        return self._writes.keys() | self.created.keys() | self._trails.keys()

    def fields(self, record_id: str) -> Iterable[str]:
        """Fields of a record that were written after it was made."""
        fields = self._writes.get(record_id, {}).keys()
        return fields | {"start"} if record_id in self._trails else fields

    def writes(self, record_id: str, field: str) -> dict[Stamp, Write]:
        """Every write of a field but the record's making (unless two made it)."""
        written = self._writes.get(record_id, {}).get(field, {})
        if record_id in self._made_twice and field != "start":
            return {**self._made_twice[record_id], **written}
        if field != "start" or record_id not in self._trails:
            return written
        shifts = reversed(self.shifts_on(self._trails[record_id]))
        return {**written, **{change.stamp: Write(change, op, self._place(op, record_id)) for change, op in shifts}}

    def _place(self, op: Shift, clip_id: str) -> int:
        places = self._places.get(id(op))
        if places is None:
            places = self._places[id(op)] = {clip: place for place, clip in enumerate(op.clips)}
        return places[clip_id]

    def replaced(self, write: Write) -> tuple[Stamp, ...]:
        """The stamps of the values that a write was made over."""
        op = write.op
        if isinstance(op, Put):
            return (op.replaced, *op.replaced_also) if not op.replaced_also or not self._undone(op, write.stamp) else (op.replaced,)
        return (self._row(op)[0][write.place],) if isinstance(op, Shift) else ()

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
            row = self._row(op)[1]
            return row[write.place] if row is not None else write.stamp
        return write.stamp

    def counted_before(self, write: Write) -> Stamp:
        """What the value that a write was made over counted as."""
        op = write.op
        if isinstance(op, Put):
            return op.counted_as or op.replaced
        if isinstance(op, Shift):
            if op.counted_as is None:
                return self._row(op)[0][write.place]
            return next(stamp for place, stamp in enumerate(op.counted_as) if place == write.place)
        return write.stamp

    def _row(self, op: Shift) -> tuple[list[Stamp], list[Stamp] | None]:
        row = self._rows.get(id(op))  # operations live as long as the story, so an id names one of them
        if row is None:
            row = self._rows[id(op)] = (list(op.replaced), None if op.counts_as is None else list(op.counts_as))
        return row

    def counted(self, record_id: str, field: str, stamp: Stamp) -> Stamp:
        """What a field's value that was written with `stamp` counts as."""
        if field == "start" and self.trail(record_id) is not None:
            return stamp
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


def clip_made(write: Write | None) -> Clip | None:
    """The clip that a write made, if it made one."""
    record = write.op.record if write is not None and isinstance(write.op, Create) else None
    return record if isinstance(record, Clip) else None


__all__ = ["CREATED", "Story", "Write", "clip_made", "lines_in"]
