"""Undo and redo, per actor and per gesture.

Owns: which gestures can be undone or redone, and the operations that take a gesture back. Refuses: applying them.

Undo touches a value only while it still counts as written by that gesture, so nobody's undo removes another's later value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice, repeat

from editor_core.document.change_set import ChangeSet, Create, Entry, Operation, Put, Shift, Stamp, StampRow, stamp_rows
from editor_core.document.document import Document
from editor_core.document.staging import CREATED
from editor_core.document.view import DocumentError
from editor_core.schema import Clip, plain


class UndoRefused(DocumentError):
    """Nothing to undo or redo, or others have built on it; the message says which."""


class History:
    """Every ChangeSet in the order it was applied, and for each actor the stacks of gestures done and undone.

    `load` fetches a whole ChangeSet by stamp (from the journal), so that memory holds only the lines. `heads` are the newest
    changes: all others came before one of them. What a merge brought is nobody's to undo here: its authors can. `edge` are the clips
    that some merge left at the timeline's edge (see `ChangeSet`).
    """

    def __init__(self, load: Callable[[Stamp], ChangeSet], entries: Iterable[Entry] = ()) -> None:
        self._load = load
        self.entries: list[Entry] = []
        self._lines: dict[Stamp, Entry] = {}
        self._done: dict[str, list[list[Stamp]]] = {}
        self._undone: dict[str, list[list[Stamp]]] = {}
        self._last_gesture: dict[str, str] = {}
        self.heads: tuple[Stamp, ...] = ()
        self.edge: set[str] = set()
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Takes in a line, in order of application."""
        self.entries.append(entry)
        self._lines[entry.stamp] = entry
        if entry.kind == "merge":
            self.heads = entry.after
            self.edge.update(entry.edge)
            return
        self.heads = (entry.stamp,)
        done, undone = self._done.setdefault(entry.actor, []), self._undone.setdefault(entry.actor, [])
        if entry.kind == "do":
            if entry.gesture and done and self._last_gesture.get(entry.actor) == entry.gesture:
                done[-1].append(entry.stamp)
            else:
                done.append([entry.stamp])
            undone.clear()
            self._last_gesture[entry.actor] = entry.gesture
            return
        self._last_gesture[entry.actor] = ""
        here, there = (done, undone) if entry.kind == "undo" else (undone, done)
        for position in range(len(here) - 1, -1, -1):
            if entry.target in here[position]:
                there.append(here.pop(position))
                return

    def can_undo(self, actor: str) -> bool:
        return bool(self._done.get(actor))

    def can_redo(self, actor: str) -> bool:
        return bool(self._undone.get(actor))

    def depth(self, kind: str, actor: str) -> int:
        """How many gestures of an actor can be taken back, `kind` `undo`, or done again, `redo`."""
        return len((self._done if kind == "undo" else self._undone).get(actor, ()))

    def next_undo(self, actor: str) -> Entry | None:
        """The line that `undo` would take back."""
        stack = self._done.get(actor)
        return self.entry(stack[-1][-1]) if stack else None

    def next_redo(self, actor: str) -> Entry | None:
        stack = self._undone.get(actor)
        return self.entry(stack[-1][-1]) if stack else None

    def undone_stamps(self, actor: str) -> set[Stamp]:
        """Stamps of gestures that are undone now and could be redone."""
        return {stamp for gesture in self._undone.get(actor, []) for stamp in gesture}

    def alone_since(self, stamp: Stamp, actor: str) -> bool:
        """Whether only this actor did anything from that change on, so that taking it back leads to a state that was there before: also
        to one that a merge had left with clips over one another."""
        for entry in reversed(self.entries):
            if entry.kind == "merge" or entry.actor != actor:
                return False
            if entry.stamp == stamp:
                return True
        return False

    def entry(self, stamp: Stamp) -> Entry | None:
        """The line of a ChangeSet."""
        return self._lines.get(stamp)

    def undo(self, actor: str, document: Document) -> tuple[list[ChangeSet], tuple[Operation, ...], int]:
        """What takes back the actor's last gesture: its ChangeSets newest first, the operations, how many values stay.

        Raises UndoRefused when there is none, or when every value has been changed by others since.
        """
        stack = self._done.get(actor)
        if not stack:
            raise UndoRefused("There is nothing to undo")
        changes = [self._load(stamp) for stamp in reversed(stack[-1])]
        return _take_back(changes, document, "undo")

    def redo(self, actor: str, document: Document) -> tuple[list[ChangeSet], tuple[Operation, ...], int]:
        """The counterpart of `undo` for the gesture undone last."""
        stack = self._undone.get(actor)
        if not stack:
            raise UndoRefused("There is nothing to redo")
        changes = [self._load(stamp) for stamp in stack[-1]]
        return _take_back(changes, document, "redo")


def _take_back(changes: list[ChangeSet], document: Document, kind: str) -> tuple[list[ChangeSet], tuple[Operation, ...], int]:
    writes = _Writes(document, alone=len(changes) == 1)
    for change in changes:
        for op in change.operations[::-1 if kind == "undo" else 1]:
            if kind == "undo":
                writes.revert(op, change.stamp)
            else:
                writes.repeat(op, change.stamp)
    operations = writes.operations()
    if not operations:
        label = changes[-1].label
        if writes.kept:
            raise UndoRefused(f"Cannot {kind} “{label}”: others have changed the same things since")
        raise UndoRefused(f"Cannot {kind} “{label}”: it changed nothing that is still there")
    return changes, operations, writes.kept


class _Writes:
    """Values to write and what they count as, gathered over the ChangeSets of one gesture."""

    def __init__(self, document: Document, *, alone: bool = False) -> None:
        """`alone` says that all comes from one ChangeSet."""
        self._document = document
        self._alone = alone
        self._together: list[tuple[tuple[str, ...], int, list[Stamp]]] = []
        self._told: set[str] = set()
        self._values: dict[tuple[str, str], tuple[object, Stamp]] = {}
        self._bears: dict[tuple[str, str], Stamp] = {}
        self._absolute: set[tuple[str, str]] = set()
        self._decided: set[tuple[str, str]] = set()
        self.kept = 0

    def _counts(self, record_id: str, field: str) -> Stamp:
        return self._bears.get((record_id, field)) or self._document.stamp_of(record_id, field)[1]

    def _write(self, record_id: str, field: str, value: object, counts_as: Stamp) -> None:
        self._values[record_id, field] = (value, counts_as)
        self._bears[record_id, field] = counts_as

    def _put(self, record_id: str, field: str, expected: Stamp, value: object, counts_as: Stamp) -> None:
        if self._counts(record_id, field) == expected:
            self._write(record_id, field, value, counts_as)
            self._absolute.add((record_id, field))
        else:
            self.kept += 1

    def _moved_along(self, op: Put, value: object, was: object) -> object:
        """`value` for a field that `op` left at `was`: a clip that a merged ripple moved since goes back by as much as `op` moved it."""
        if op.field != "start" or not isinstance(self._document.snapshot.record(op.id), Clip):
            return value
        self._one_by_one(op.id)
        return value + self._start(op.id) - was if isinstance(value, int) and isinstance(was, int) else value

    def _start_now(self, clip_id: str) -> int:
        clip = self._document.snapshot.record(clip_id)
        if not isinstance(clip, Clip):
            raise DocumentError(f"There is no clip {clip_id!r}")
        return clip.start

    def _start(self, clip_id: str) -> int:
        staged = self._values.get((clip_id, "start"))
        return staged[0] if staged is not None and isinstance(staged[0], int) else self._start_now(clip_id)

    def revert(self, op: Operation, stamp: Stamp) -> None:
        if isinstance(op, Create):
            self._one_by_one(op.record.id)
            others = [f for f, (_, counts) in self._document.stamps.get(op.record.id, {}).items()
                      if f not in (CREATED, "deleted") and self._counts(op.record.id, f) != stamp and counts != stamp]
            if others or self._counts(op.record.id, "deleted") != stamp:
                self.kept += 1
            else:
                self._write(op.record.id, "deleted", True, stamp)
        elif isinstance(op, Put):
            if op.replaced_also or op.before == op.after:  # a decision, also one for what stands already
                self._decided.add((op.id, op.field))
            self._put(op.id, op.field, stamp, self._moved_along(op, op.before, op.after), op.counted_as or op.replaced)
        elif isinstance(op, Shift):
            self._shift(op, -op.delta, repeat(stamp), op.counted_as or op.replaced)

    def repeat(self, op: Operation, stamp: Stamp) -> None:
        if isinstance(op, Create):
            self._put(op.record.id, "deleted", stamp, False, stamp)
        elif isinstance(op, Put):
            if op.replaced_also or op.before == op.after:  # a decision, also one for what stands already
                self._decided.add((op.id, op.field))
            self._put(op.id, op.field, op.counted_as or op.replaced, self._moved_along(op, op.after, op.before), stamp)
        elif isinstance(op, Shift):
            self._shift(op, op.delta, op.counted_as or op.replaced, repeat(stamp))

    def _shift(self, op: Shift, delta: int, expected: Iterable[Stamp], counts_as: Iterable[Stamp]) -> None:
        number = len(op.clips)
        wanted_of, counts_of = list(islice(expected, number)), list(islice(counts_as, number))
        if self._alone and self._goes_together(op.clips, wanted_of):
            self._together.append((op.clips, delta, counts_of))
            self._told.update(op.clips)
        else:
            self._one_by_one()
            self._shift_each(op.clips, delta, wanted_of, counts_of)

    def _goes_together(self, clips: tuple[str, ...], expected: list[Stamp]) -> bool:
        """Whether a ripple stands as it was made, and its clips were moved by nothing else of the gesture: then it goes back all at once,
        for it may have thousands of clips."""
        if not self._told.isdisjoint(clips) or len(set(clips)) < len(clips):
            return False
        here, known = set(clips), self._document.snapshot.records.whole()
        if any(field == "start" and record_id in here for record_id, field in self._values):
            return False
        if not all(isinstance(known.get(clip_id), Clip) for clip_id in clips):
            return False
        return [counts for _, counts in self._document.stamps_of(clips, "start")] == expected

    def _one_by_one(self, *records: str) -> None:
        """What was to go together is written clip by clip: something else is about one of these `records` (none: about any)."""
        if self._alone and (not records or not self._told.isdisjoint(records)):
            together, self._together, self._alone = self._together, [], False
            self._told.clear()
            for clips, delta, counts_as in together:
                for clip_id, counts in zip(clips, counts_as, strict=True):
                    self._write(clip_id, "start", self._start(clip_id) + delta, counts)

    def _shift_each(self, clips: tuple[str, ...], delta: int, expected: Iterable[Stamp], counts_as: Iterable[Stamp]) -> None:
        values, bears, stamp_of = self._values, self._bears, self._document.stamp_of
        for clip_id, wanted, counts in zip(clips, expected, counts_as, strict=False):
            key = clip_id, "start"
            if (bears.get(key) or stamp_of(clip_id, "start")[1]) == wanted:
                values[key] = (self._start(clip_id) + delta, counts)
                bears[key] = counts
            else:
                self.kept += 1

    def operations(self) -> tuple[Operation, ...]:
        snapshot = self._document.snapshot
        made: list[Operation] = []
        shifts: dict[int, tuple[list[str], list[Stamp]]] = {}
        for (record_id, field), (value, counts) in self._values.items():
            record = snapshot.record(record_id)
            if record is None:
                continue
            before = record.start if field == "start" and isinstance(record, Clip) else plain(getattr(record, field))
            if before == value and (record_id, field) not in self._decided:
                continue
            relative = field == "start" and (record_id, field) not in self._absolute
            if relative and isinstance(value, int) and isinstance(before, int):
                clips, stamps = shifts.setdefault(value - before, ([], []))
                clips.append(record_id)
                stamps.append(counts)
                continue
            made.append(self._as_put(record_id, field, before, value, counts))
        for together, delta, counts_as in self._together:
            if delta:
                clips, stamps = shifts.setdefault(delta, ([], []))
                clips.extend(together)
                stamps.extend(counts_as)
        for delta, (clips, stamps) in shifts.items():
            written, counted = stamp_rows(self._document.stamps_of(clips, "start"))
            made.append(Shift(tuple(clips), delta, written, counted, StampRow.of(stamps)))
        return tuple(made)

    def _as_put(self, record_id: str, field: str, before: object, value: object, counts: Stamp) -> Put:
        written, counted = self._document.stamp_of(record_id, field)
        return Put(record_id, field, before, value, written, None if counted == written else counted, counts)
