"""What a ChangeSet makes of records and stamps, without a document around it.

Owns: the meaning of every operation, shared by the document, the journal's replay and the journal's own stamps.
Refuses: deciding whether a change may happen, and telling anyone about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from editor_core.document.change_set import ChangeSet, Create, Put, Shift, Stamp, Take
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
            _stage_shift(op, change.label, current, staged)
    return staged


def _stage_shift(op: Shift, label: str, current: Callable[[str], Record], staged: dict[str, Record]) -> None:
    clips: list[Clip] = []
    for clip_id in op.clips:
        clip = current(clip_id)
        if not isinstance(clip, Clip):
            raise DocumentError(f"{label}: {clip_id!r} is not a clip")
        clips.append(clip)
    if len(set(op.clips)) == len(op.clips):
        staged.update(zip(op.clips, all_shifted(clips, op.delta), strict=True))
        return
    for clip_id in op.clips:  # no edit names a clip twice, but a file might
        staged[clip_id] = shifted(current(clip_id), op.delta)  # type: ignore[arg-type]


def shifted(clip: Clip, delta: int) -> Clip:
    """The clip `delta` ticks later. Raises SchemaError for a start before the timeline's or beyond 147 days."""
    return all_shifted((clip,), delta)[0]


def all_shifted(clips: Iterable[Clip], delta: int) -> list[Clip]:
    """Every clip `delta` ticks later; a ripple has thousands. Raises as `shifted` does, for the first that cannot be there."""
    made: list[Clip] = []
    replaced, most = msgspec.structs.replace, MAX_TICKS
    for clip in clips:
        start = clip.start + delta
        if not 0 <= start <= most - clip.source_range.duration:
            what = "start before the timeline does" if start < 0 else "end after more than 147 days"
            raise SchemaError(f"{clip.name or clip.id} would {what}")
        made.append(replaced(clip, start=start))
    return made


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
            known, last = mine, pair  # stamps repeat in runs, and what is equal need not be there thousands of times
            for clip_id, counted in zip(op.clips, counts, strict=True):
                if counted is not known:
                    known, last = counted, (pair if counted is mine else (mine, counted))
                fields = stamps.get(clip_id)
                if fields is None:
                    stamps[clip_id] = {"start": last}
                else:
                    fields["start"] = last
