"""Where people competed without knowing of each other, and nobody has decided yet.

Owns: finding conflicts from causality: a field whose value has more than one end, a record that one deleted and another changed.
Refuses: clocks, hiding the one that lost, and deciding.

A write names the stamps it replaced. Writes that no other replaced are ends; several ends of different value are a conflict. Ripples
that carried a clip along do not compete with where it was placed. An end does not count when a later author saw its value and wrote
over it, which he may have done over another end of the same value.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Literal

import msgspec

from editor_core.document import Create, Put, Shift, Snapshot, Stamp
from editor_core.schema import Record, plain
from editor_core.sync.starts import Starts
from editor_core.sync.story import Story, Write

ConflictKind = Literal["field", "deleted"]
DECIDE = "conflict.decide"
"""The command that decides; who decides one thing about a record has said nothing of another."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One competing value: who wrote it, when (Unix milliseconds), by which command. `shown` is set on the one that stands now. `stamp` is
    to be named as replaced; `made` is that of who chose the value, another one where an undo brought it back."""

    value: Any
    stamp: Stamp
    made: Stamp
    actor: str
    time: int
    command: str
    label: str
    shown: bool = False


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """`field` of `record` has several values; or, with kind `deleted`, one deleted the record that others changed: then the first side
    is the deletion, the others are the changes (`fields` names what they changed, in the same order). `stamps` are all ends."""

    id: str
    kind: ConflictKind
    record: str
    field: str
    sides: tuple[Side, ...]
    fields: tuple[str, ...] = ()

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        return tuple(side.stamp for side in self.sides)


def conflicts(story: Story, view: Snapshot) -> list[Conflict]:
    """Every open conflict, by record and field: the same list on every machine that knows the same changes, but for `shown`."""
    starts = Starts(story, view.record)
    found: list[Conflict] = []
    for record_id in sorted(story.records):
        record = view.record(record_id)
        if record is None or record.kind_name == "ripple":
            continue
        ends = {field: _ends(story, starts, record_id, field) for field in sorted(story.fields(record_id))}
        for field, writes in ends.items():
            if field == "deleted":
                writes = [write for write in writes if not _only_made(write)]
            if len({_key(_value(_origin(story, write, field), field)) for write in writes}) > 1:
                found.append(_of_field(story, record, field, writes))
        gone = _deleted(story, record, ends)
        if gone is not None and all(one.id != gone.id for one in reversed(found[-len(ends):])):  # else deciding that settles this too
            found.append(gone)
    return found


def _ends(story: Story, starts: Starts, record_id: str, field: str) -> list[Write]:
    """The writes of a field that stand against each other, by rank; none or one as a rule."""
    if field == "start" and story.way(record_id) is not None:
        return []
    writes = story.writes(record_id, field)
    if len(writes) < 2:
        return list(writes.values())
    if field == "start" and any(isinstance(write.op, Shift) for write in writes.values()):
        graph = starts.graph(record_id)
        ends = [writes[stamp] for stamp in graph.placings if stamp in writes]
    else:
        ends = story.unreplaced(record_id, field)
    if len(ends) < 2:
        return ends
    return [end for end in ends if not _written_over(story, end, list(writes.values()))]


def _written_over(story: Story, end: Write, writes: Collection[Write]) -> bool:
    """Whether a later author saw the value of an end and wrote over it, and has not taken that back."""
    return not isinstance(end.op, Shift) and any(
        isinstance(other.op, Put) and other.op.before == _value(end, other.op.field) and other.change.kind == "do"
        and story.causality.before(end.stamp, other.stamp) and _stands(story, other, writes) for other in writes)


def _stands(story: Story, write: Write, writes: Collection[Write]) -> bool:
    """Whether what a write did was not undone, or was done again."""
    steps = {stamp: one for one in writes if one.change.kind in ("undo", "redo") for stamp in story.replaced(one)}
    last, seen = write, set[Stamp]()
    while last.stamp in steps and last.stamp not in seen:  # what a peer says it replaced may lead in a circle
        seen.add(last.stamp)
        last = steps[last.stamp]
    return last.change.kind != "undo"


def _only_made(write: Write) -> bool:
    return not isinstance(write.op, Put)


def _value(write: Write, field: str) -> Any:
    if isinstance(write.op, Create):
        return plain(getattr(write.op.record, field, None))
    return write.op.after if isinstance(write.op, Put) else None


def _key(value: Any) -> bytes:
    return msgspec.msgpack.encode(value, order="sorted")


def _side(write: Write, value: Any, shown: bool, origin: Write | None = None) -> Side:
    change = (origin or write).change
    return Side(value=value, stamp=write.stamp, made=change.stamp, actor=change.actor, time=change.time, command=change.command,
                label=change.label, shown=shown)


def _origin(story: Story, write: Write, field: str) -> Write:
    """The write behind one that an undo or redo made: that which it brought back, where it is known."""
    if write.change.kind == "do" or not isinstance(write.op, Put):
        return write
    back = story.writes(write.op.id, field).get(story.counts_as(write))
    if back is None or (field == "start" and isinstance(back.op, Shift)):
        return write
    # where a clip lies may be another time by then: it is carried along by ripples
    return back if field == "start" or _key(_value(back, field)) == _key(_value(write, field)) else write


def _sources(story: Story, write: Write, field: str) -> list[Write]:
    """The edits behind a write: what an undo brought back, what a decision about the field chose between."""
    found: dict[Stamp, Write] = {}
    todo, seen = [write], set[Stamp]()
    while todo:
        one = todo.pop()
        origin = _origin(story, one, field)
        writes = story.writes(origin.op.id, field) if origin.change.command == DECIDE and isinstance(origin.op, Put) else {}
        chosen = [writes[stamp] for stamp in story.replaced(origin) if stamp in writes and stamp != one.stamp] if writes else []
        if not chosen:
            found[origin.stamp] = origin
        todo += [other for other in chosen if other.stamp not in seen]  # what a peer says he replaced may lead in a circle
        seen.update(other.stamp for other in chosen)
    return list(found.values())


def _of_field(story: Story, record: Record, field: str, writes: list[Write]) -> Conflict:
    now = plain(getattr(record, field, None))
    values = [_value(_origin(story, write, field), field) for write in writes]
    if field == "start":
        standing = [place == len(writes) - 1 for place in range(len(writes))]
    else:
        standing = [value == now for value in values]
    every = zip(writes, values, standing, strict=True)
    sides = tuple(_side(write, value, shown, _origin(story, write, field)) for write, value, shown in every)
    return Conflict(id=f"{record.id}.{field}", kind="field", record=record.id, field=field, sides=sides)


def _deletion(story: Story, write: Write) -> Write:
    """The deletion behind a write of `deleted`: undo of what was done over one brings that one back, not knowing more than it did."""
    if write.change.kind != "undo":
        return write
    counted, writes = story.counts_as(write), story.writes(write.op.id, "deleted") if isinstance(write.op, Put) else {}
    back = writes.get(counted)
    if back is not None and isinstance(back.op, Put) and back.op.after:
        return back
    alike = [one for one in writes.values() if isinstance(one.op, Put) and one.op.after and story.counts_as(one) == counted]
    return min(alike, key=lambda one: story.causality.rank(one.stamp), default=write)  # removed by an undo itself


def _deleted(story: Story, record: Record, ends: dict[str, list[Write]]) -> Conflict | None:
    """One deleted it, another changed it, and neither knew. Where a decision about that was undone, the deletion that stands again is
    the one there was before."""
    gone = [(write, _deletion(story, write)) for write in ends.get("deleted", []) if isinstance(write.op, Put) and write.op.after]
    if not gone:
        return None
    others = [(field, write) for field, writes in ends.items() if field != "deleted" for write in writes
              if not isinstance(write.op, Shift) and any(all(story.causality.apart(source.stamp, one.stamp) for _, one in gone)
                                                         for source in _sources(story, write, field))]
    if not others:
        return None
    last, deletion = max(gone, key=lambda both: story.causality.rank(both[0].stamp))
    kept = not record.deleted
    sides = (_side(last, True, record.deleted, deletion),
             *(_side(w, w.op.after if isinstance(w.op, Put) else None, kept, _origin(story, w, field)) for field, w in others))
    return Conflict(id=f"{record.id}.deleted", kind="deleted", record=record.id, field="deleted", sides=sides,
                    fields=tuple(field for field, _ in others))
