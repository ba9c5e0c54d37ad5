"""Who made a record what it is.

Owns: every change that wrote to a record, with the values it wrote, from the changes of everybody; how the record was after each of them.
Refuses: names of people (callers know them) and judging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from editor_core.document import ChangeSet, Create, Entry, Put, Shift, Stamp
from editor_core.schema import Record, plain
from editor_core.sync.story import lines_in


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    """One change to a record. `fields` has (before, after) as plain values; a record that was made has before None. For clips that a
    ripple carried, `start` has (None, by how many ticks). `time` is Unix milliseconds. `target` is the change that an undo took back."""

    stamp: Stamp
    actor: str
    command: str
    label: str
    time: int
    kind: str
    made: bool
    fields: dict[str, tuple[Any, Any]]
    target: Stamp | None = None

    @property
    def carried(self) -> bool:
        """Whether the record was only moved along with others."""
        return not self.made and self.fields.keys() == {"start"} and self.fields["start"][0] is None


def touches(record_id: str, entries: Iterable[Entry], load: Callable[[Stamp], ChangeSet]) -> list[Touch]:
    """Every change to a record, oldest first by when it was made."""
    found = [touch for touch in looking(record_id, list(entries), load) if touch is not None]
    return sorted(found, key=lambda touch: (touch.time, touch.stamp))


def looking(record_id: str, entries: Sequence[Entry], load: Callable[[Stamp], ChangeSet]) -> Iterator[Touch | None]:
    """The same newest first as it is found, with None for each change that had nothing to do with it: for callers that cannot wait."""
    for line in reversed(list(lines_in(entries))):
        if line.records and len(line.records) < 64 and record_id not in line.records:
            yield None
            continue
        change = load(line.stamp)
        fields, made = _written(record_id, change)
        yield None if not fields and not made else Touch(
            stamp=line.stamp, actor=line.actor, command=line.command, label=line.label, time=line.time, kind=change.kind, made=made,
            fields=fields, target=change.target)


def state_after(record: Record, touched: Sequence[Touch], stamp: Stamp) -> dict[str, Any]:
    """The plain values that fields of `record` had after the change `stamp`, where they are others now. `touched` is oldest first.

    A clip that ripples carried along since stays with them: only where people put it is taken back. Raises KeyError where no such
    change is in `touched`.
    """
    place = next((n for n, touch in enumerate(touched) if touch.stamp == stamp), None)
    if place is None:
        raise KeyError(str(stamp))
    values: dict[str, Any] = {}
    for touch in reversed(touched[place + 1:]):
        for field, (before, after) in touch.fields.items():
            if field == "start":
                if before is not None:
                    values[field] = values.get(field, getattr(record, "start", 0)) + before - after
            elif not touch.made:
                values[field] = before
    wrote = touched[place].fields  # also where it lost to somebody else's: this is what its author saw
    values.update({field: after for field, (_, after) in wrote.items() if field != "start"})
    now = {field: plain(getattr(record, field)) for field in values if field in record.__struct_fields__}
    return {field: value for field, value in values.items() if field in now and now[field] != value}


def _written(record_id: str, change: ChangeSet) -> tuple[dict[str, tuple[Any, Any]], bool]:
    fields: dict[str, tuple[Any, Any]] = {}
    made = False
    for op in change.operations:
        if isinstance(op, Create) and op.record.id == record_id:
            made = True
            fields.update({name: (None, value) for name, value in plain(op.record).items() if name not in ("id", "type")})
        elif isinstance(op, Put) and op.id == record_id:
            fields[op.field] = (op.before, op.after)
        elif isinstance(op, Shift) and record_id in op.clips:
            fields["start"] = (None, op.delta)
    return fields, made
