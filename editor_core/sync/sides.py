"""The two sides of a merge, each as it is without the other.

Owns: which of the changes known here the others did not know, the state that both sides began from, theirs alone, and what each side
wrote. Refuses: the merge itself (see `merging`), choosing, and words.

A side's state is worked out from its changes, so it needs no second file: what came over a network has sides as well. A record that
one side has not got stands there as deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from editor_core.document import ChangeSet, Create, Put, Shift, Snapshot, Stamp
from editor_core.schema import Clip, Record, Ripple, SchemaError, replace
from editor_core.sync.causality import Causality

log = logging.getLogger(__name__)


class Move(NamedTuple):
    """Clips that one edit carried along: how far each in ticks, by the edit's words and author. `anchors` are the records it wrote
    besides; `ripples` are the records that stand for it, `tracks` those that it acted on and `at` (ticks) where it began."""

    label: str
    actor: str
    deltas: dict[str, int]
    anchors: set[str]
    ripples: set[str]
    tracks: set[str]
    at: int = 0


class Work:
    """What the changes of one side wrote. `fields` has the fields that were written by name, by record; `authors` who wrote a record;
    `moves` the ripples by the stamp of the edit; `carried` their stamps by clip."""

    def __init__(self, changes: Sequence[ChangeSet]) -> None:
        self.changes = changes
        self.fields: dict[str, set[str]] = {}
        self.created: set[str] = set()
        self.authors: dict[str, dict[str, None]] = {}
        self.when: dict[str, int] = {}
        self.moves: dict[Stamp, Move] = {}
        self.carried: dict[str, dict[Stamp, int]] = {}
        for change in changes:
            self._take(change)
        for key, move in list(self.moves.items()):
            deltas = {clip: delta for clip, delta in move.deltas.items() if delta}
            if deltas:
                self.moves[key] = move._replace(deltas=deltas)
            else:
                del self.moves[key]
        for key, move in self.moves.items():
            for clip, delta in move.deltas.items():
                self.carried.setdefault(clip, {})[key] = delta

    @classmethod
    def restored(cls, fields: Mapping[str, set[str]], created: Iterable[str], moves: Iterable[tuple[Stamp, Move]]) -> Work:
        """What a side wrote, without its changes: as it came from where they were looked at."""
        work = cls(())
        work.fields, work.created, work.moves = dict(fields), set(created), dict(moves)
        for key, move in work.moves.items():
            for clip, delta in move.deltas.items():
                work.carried.setdefault(clip, {})[key] = delta
        return work

    def _take(self, change: ChangeSet) -> None:
        key = change.target if change.kind != "do" and change.target is not None else change.stamp
        shifts = [op for op in change.operations if isinstance(op, Shift)]
        direct: set[str] = set()
        ripples: list[Ripple] = []
        for op in change.operations:
            if isinstance(op, Create):
                if isinstance(op.record, Ripple):
                    ripples.append(op.record)
                else:
                    direct.add(op.record.id)
                self.created.add(op.record.id)
            elif isinstance(op, Put):
                direct.add(op.id)
                self.fields.setdefault(op.id, set()).add(op.field)
        for record in direct:
            self.authors.setdefault(record, {})[change.actor] = None
            self.when[record] = max(change.time, self.when.get(record, 0))
        if not shifts:
            return
        move = self.moves.get(key)
        if move is None:
            move = self.moves[key] = Move(change.label, change.actor, {}, set(), set(), set(), min((one.at for one in ripples), default=0))
        move.anchors.update(direct)
        move.ripples.update(one.id for one in ripples)
        move.tracks.update(track for one in ripples for track in one.tracks)
        for op in shifts:
            for clip in op.clips:
                move.deltas[clip] = move.deltas.get(clip, 0) + op.delta


class Sides(NamedTuple):
    """The four states of a merge, and what each side did since they went apart."""

    base: Snapshot
    mine: Snapshot
    theirs: Snapshot
    merged: Snapshot
    my_work: Work
    their_work: Work


def unknown_to(order: Causality, coming: Iterable[Stamp]) -> list[Stamp]:
    """The changes known here that the authors of what is coming did not know, in the order they were added."""
    new = set(coming)
    heads = order.newest(new)
    return [stamp for stamp in order.forked() if stamp not in new and not any(order.before(stamp, head) for head in heads)]


def base_of(mine: Snapshot, changes: Sequence[ChangeSet]) -> Snapshot:
    """The state before some changes, oldest first, that led to `mine`."""
    return _rebuilt(mine, reversed(changes), _undone)


def after(base: Snapshot, changes: Iterable[ChangeSet]) -> Snapshot:
    """The state that some changes, oldest first, make of a base."""
    return _rebuilt(base, changes, _done)


def _rebuilt(view: Snapshot, changes: Iterable[ChangeSet], step: Any) -> Snapshot:
    records: dict[str, Record] = {}
    moved: dict[str, int] = {}

    def current(record_id: str) -> Record | None:
        """The record as it is so far, with what carried it along taken in."""
        record = records.get(record_id) or view.record(record_id)
        by = moved.pop(record_id, 0)
        if by and isinstance(record, Clip):
            record = records[record_id] = msgspec.structs.replace(record, start=max(0, record.start + by))
        return record

    for change in changes:
        step(change, current, records, moved)
    for record_id in list(moved):
        current(record_id)
    return view.changed(records)


def _done(change: ChangeSet, current: Any, records: dict[str, Record], moved: dict[str, int]) -> None:
    for op in change.operations:
        if isinstance(op, Create):
            records[op.record.id] = op.record
        elif isinstance(op, Put):
            _write(records, current(op.id), op.field, op.after)
        elif isinstance(op, Shift):
            for clip in op.clips:
                moved[clip] = moved.get(clip, 0) + op.delta


def _undone(change: ChangeSet, current: Any, records: dict[str, Record], moved: dict[str, int]) -> None:
    for op in reversed(change.operations):
        if isinstance(op, Create):
            record = current(op.record.id)
            if record is not None and not record.deleted:
                records[record.id] = replace(record, deleted=True)
        elif isinstance(op, Put):
            _write(records, current(op.id), op.field, op.before)
        elif isinstance(op, Shift):
            for clip in op.clips:
                moved[clip] = moved.get(clip, 0) - op.delta


def _write(records: dict[str, Record], record: Record | None, field: str, value: Any) -> None:
    if record is None:
        return
    try:
        records[record.id] = replace(record, **{field: value})
    except SchemaError as error:
        log.warning("%s of %s cannot be shown: %s", field, record.id, error)


def moved_only(work: Work, clip: str) -> bool:
    """Whether a side did nothing to a clip but carry it along."""
    return clip in work.carried and clip not in work.fields and clip not in work.created


def changed_records(sides: Sides) -> Iterator[str]:
    """Records that either side wrote, and that are another on one of them now, besides having been carried along."""
    for record_id in dict.fromkeys((*sides.my_work.fields, *sides.my_work.created, *sides.their_work.fields, *sides.their_work.created)):
        was = sides.base.record(record_id)
        for view in (sides.mine, sides.theirs):
            now = view.record(record_id)
            if now is None and was is None:
                continue
            if was is None or now is None:
                if not (was or now).deleted:  # type: ignore[union-attr]
                    yield record_id
                    break
                continue
            if (was.deleted and now.deleted) or was == now:
                continue
            yield record_id
            break
