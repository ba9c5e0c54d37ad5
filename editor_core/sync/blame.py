"""Who made a record what it is.

Owns: every change that wrote to a record, with the values it wrote, from the changes of everybody. Refuses: names of people (callers
know them) and judging.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from editor_core.document import ChangeSet, Create, Entry, Put, Shift, Stamp
from editor_core.schema import plain
from editor_core.sync.story import lines_in


class Touch(msgspec.Struct, frozen=True, kw_only=True):
    """One change to a record. `fields` has (before, after) as plain values; a record that was made has before None. For clips that a
    ripple carried, `start` has (None, by how many ticks). `time` is Unix milliseconds."""

    stamp: Stamp
    actor: str
    command: str
    label: str
    time: int
    kind: str
    made: bool
    fields: dict[str, tuple[Any, Any]]


def touches(record_id: str, entries: Iterable[Entry], load: Callable[[Stamp], ChangeSet]) -> list[Touch]:
    """Every change to a record, oldest first by when it was made."""
    found: list[Touch] = []
    for line in lines_in(entries):
        if line.records and len(line.records) < 64 and record_id not in line.records:
            continue
        change = load(line.stamp)
        fields, made = _written(record_id, change)
        if fields or made:
            found.append(Touch(stamp=line.stamp, actor=line.actor, command=line.command, label=line.label, time=line.time, kind=change.kind,
                               made=made, fields=fields))
    return sorted(found, key=lambda touch: (touch.time, touch.stamp))


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
