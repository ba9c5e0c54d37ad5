"""What a ChangeSet makes of records and stamps, without a document around it.

Owns: the meaning of every operation, shared by the document, the journal's replay and the journal's own stamps.
Refuses: deciding whether a change may happen, and telling anyone about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from editor_core.document.change_set import ChangeSet, Create, Put, Stamp, Take
from editor_core.document.view import DocumentError
from editor_core.schema import Clip, Record, SchemaError, replace
from editor_core.timing import MAX_TICKS

CREATED = "*"
"""Pseudo-field whose stamp is that of the record's creation; it stands for every field never written since."""

Stamps = dict[str, dict[str, tuple[Stamp, Stamp]]]
"""Per record and field: the stamp a value was written with and the stamp it counts as (another one after undo)."""


def stage(change: ChangeSet, records: Mapping[str, Record]) -> dict[str, Record]:
    """The records that a ChangeSet writes, as they will be. Raises DocumentError or SchemaError; nothing is modified."""
    staged: dict[str, Record] = {}

    def current(record_id: str) -> Record:
        found = staged.get(record_id) or records.get(record_id)
        if found is None:
            raise DocumentError(f"{change.label}: there is no record {record_id!r}")
        return found

    for op in change.operations:
        if isinstance(op, Create):
            if op.record.id in records or op.record.id in staged:
                raise DocumentError(f"{change.label}: there is already a record {op.record.id!r}")
            staged[op.record.id] = op.record
        elif isinstance(op, Put):
            staged[op.id] = replace(current(op.id), **{op.field: op.after})
        elif isinstance(op, Take):
            staged[op.id] = op.record
        else:
            for clip_id in op.clips:
                clip = current(clip_id)
                if not isinstance(clip, Clip):
                    raise DocumentError(f"{change.label}: {clip_id!r} is not a clip")
                staged[clip_id] = shifted(clip, op.delta)
    return staged


def shifted(clip: Clip, delta: int) -> Clip:
    """The clip `delta` ticks later. Raises SchemaError for a start before the timeline's or beyond 147 days."""
    start = clip.start + delta
    if not 0 <= start <= MAX_TICKS - clip.source_range.duration:
        what = "start before the timeline does" if start < 0 else "end after more than 147 days"
        raise SchemaError(f"{clip.name or clip.id} would {what}")
    return msgspec.structs.replace(clip, start=start)


def write_stamps(change: ChangeSet, stamps: Stamps) -> None:
    """Writes into `stamps` what a ChangeSet leaves there."""
    mine = change.stamp
    for op in change.operations:
        if isinstance(op, Create):
            stamps[op.record.id] = {CREATED: (mine, mine)}
        elif isinstance(op, Put):
            stamps.setdefault(op.id, {})[op.field] = (mine, op.counts_as or mine)
        elif isinstance(op, Take):
            stamps.setdefault(op.id, {}).update(op.stamps)
        else:
            counts: Iterable[Stamp] = op.counts_as if op.counts_as is not None else (mine,) * len(op.clips)
            pair = mine, mine
            for clip_id, counted in zip(op.clips, counts, strict=True):
                stamps.setdefault(clip_id, {})["start"] = pair if counted is mine else (mine, counted)
