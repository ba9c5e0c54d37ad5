"""A draft: a snapshot plus the writes of one transaction, before anything is decided.

Owns: the overlay that edits read and write, and the operations that it amounts to. Refuses: the document; a draft that is
dropped has changed nothing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol, TypeVar, cast

from msgspec import structs

from editor_core.document.change_set import Create, Operation, Put, Shift, Stamp, Take, stamp_rows
from editor_core.document.staging import all_shifted
from editor_core.document.view import TIMELINE_ORDER, DocumentError, Snapshot, UnknownRecord, View, in_order
from editor_core.schema import AnyRecord, Clip, IdSource, Record, new_id, plain, replace, typed, validated

R = TypeVar("R", bound=Record)
FEW = 32
"""Clips that wait to be entered into their track's row up to which they are put in one by one."""
_ONLY_START: dict[str, None] = {"start": None}
"""The fields of every clip that was only carried along."""


class Stamped(Protocol):
    """Knows the stamp that a value was written with and the stamp it counts as: a document."""

    def stamp_of(self, record_id: str, field: str) -> tuple[Stamp, Stamp]: ...

    def stamps_of(self, record_ids: Iterable[str], field: str) -> list[tuple[Stamp, Stamp]]: ...


class Draft(View):
    """Reads see the draft's own writes. Every value written is checked against its declaration (SchemaError).

    Clips that were written wait until somebody looks at their track: an edit that writes thousands of clips would otherwise move a
    track's row about for each of them.
    """

    def __init__(self, base: Snapshot, ids: IdSource = new_id) -> None:
        self.base = base
        self._ids = ids
        self._written: dict[str, Record] = {}
        self._added: dict[type[Record], list[str]] = {}
        self._fields: dict[str, dict[str, None]] = {}
        self._fresh: set[str] = set()
        self._shifted: set[str] = set()
        self._placed: set[str] = set()
        self._decided: dict[tuple[str, str], tuple[Stamp, ...]] = {}
        self._only_start: set[str] = set()
        self._tracks: dict[str, list[Clip]] = {}
        self._tuples: dict[str, tuple[Clip, ...]] = {}
        self._waiting: dict[str, dict[str, Clip | None]] = {}  # by track and id, as the clip stands in the row; None: not there
        self._links: dict[str, dict[str, None]] = {}

    def record(self, record_id: str) -> Record | None:
        return self._written.get(record_id) or self.base.record(record_id)

    def of_kind(self, kind: type[R]) -> list[R]:
        if not self._written:
            return self.base.of_kind(kind)
        kept = [current for r in self.base.of_kind(kind) if isinstance(current := self._written.get(r.id, r), kind)]
        added = [r for r in map(self._written.__getitem__, self._added.get(kind, ())) if isinstance(r, kind)]
        return [r for r in [*kept, *added] if not r.deleted]

    def clips_on(self, track_id: str) -> tuple[Clip, ...]:
        row = self.line(track_id)
        if isinstance(row, tuple):
            return row
        known = self._tuples.get(track_id)
        if known is None:
            known = self._tuples[track_id] = tuple(row)
        return known

    def line(self, track_id: str) -> Sequence[Clip]:
        if track_id in self._waiting:
            return self._row(track_id)
        own = self._tracks.get(track_id)
        return self.base.clips_on(track_id) if own is None else own

    def clips_linked(self, link: str) -> list[Clip]:
        if not self._written:
            return self.base.clips_linked(link)
        before = [self._written.get(clip.id, clip) for clip in self.base.clips_linked(link)]
        joined = [clip for clip_id in self._links.get(link, ()) if (clip := self._written[clip_id]) not in before]
        return [c for c in [*before, *joined] if isinstance(c, Clip) and c.link == link and not c.deleted]

    @property
    def touched(self) -> set[str]:
        """Ids of all records written so far."""
        return set(self._written)

    def new_id(self, prefix: str) -> str:
        return self._ids(prefix)

    def create(self, record: R) -> R:
        """Adds a record, its fields checked. Raises SchemaError, or DocumentError if the id is taken."""
        if self.record(record.id) is not None:
            raise DocumentError(f"There is already a record {record.id!r}")
        checked = validated(record)
        self._store(None, checked, {})
        return checked

    def put(self, record: R, **fields: Any) -> R:
        """Writes fields of a record (plain or typed values) and returns it as it now is. Raises SchemaError, UnknownRecord."""
        current = self.record(record.id)
        if current is None:
            raise UnknownRecord(f"There is no record {record.id!r}")
        made = replace(current, **fields)
        self._store(current, made, dict.fromkeys(fields))
        return made  # type: ignore[return-value]

    def put_all(self, records: Iterable[Record], **fields: Any) -> None:
        """Writes the same values into each of some records, of which there may be thousands. Raises as `put` does."""
        names = dict.fromkeys(fields)
        values: dict[type[Record], dict[str, Any]] = {}
        for record in records:
            current = self.record(record.id)
            if current is None:
                raise UnknownRecord(f"There is no record {record.id!r}")
            kind = type(current)
            if kind not in values:
                values[kind] = {name: typed(kind, name, plain(value)) for name, value in fields.items()}
            self._store(current, structs.replace(current, **values[kind]), names)

    def decide(self, record: R, field: str, value: Any, replaces: Iterable[Stamp]) -> R:
        """Writes a field, also if it has that value already, over all the stamps of the values that compete for it. Raises as `put`."""
        made = self.put(record, **{field: value})
        self._decided[record.id, field] = tuple(replaces)
        return made

    def delete(self, record: Record) -> None:
        """Sets the record's deleted flag."""
        self.put(record, deleted=True)

    def shift(self, clips: Iterable[Clip], delta: int, *, placing: bool = False) -> None:
        """Moves starts by `delta` ticks; becomes one Shift operation: the clips are carried along, and in a merge that adds to where
        others put them. With `placing` a person says where the clips shall be, and their starts are written. Raises SchemaError for a
        start before the timeline's."""
        by_track: defaultdict[str, dict[str, Clip]] = defaultdict(dict)
        for made in all_shifted(clips, delta):
            by_track[made.track][made.id] = made
        for track, moved in by_track.items():
            self._let_wait(track, moved)
            self._written.update(moved)
            self._fresh.update(moved)
            self._note_starts(moved)
            (self._placed if placing else self._shifted).update(moved)

    def _let_wait(self, track: str, clips: Mapping[str, Clip]) -> None:
        """Clips of a track are about to be written, in another place of it."""
        waiting = self._waiting.setdefault(track, {})
        if len(clips) > FEW:  # the row is put together again: where they stand in it does not matter
            fresh: Mapping[str, Clip | None] = clips if not waiting else {i: clip for i, clip in clips.items() if i not in waiting}
            waiting.update(fresh)
            return
        for clip_id in clips:
            there = self.record(clip_id)
            if isinstance(there, Clip) and not there.deleted and there.track == track:
                waiting.setdefault(clip_id, there)

    def _note_starts(self, clips: Mapping[str, Clip]) -> None:
        """Remembers that the starts of clips were written."""
        fields, only = self._fields, self._only_start
        if fields.keys().isdisjoint(clips):
            fields.update(dict.fromkeys(clips, _ONLY_START))
            only.update(clips)
            return
        for clip_id in clips:
            known = fields.get(clip_id)
            if known is None:
                fields[clip_id] = _ONLY_START
                only.add(clip_id)
            elif "start" not in known:
                fields[clip_id] = {**known, "start": None}

    def perform(self, operation: Operation) -> None:
        """Writes what an operation says. Raises as `create`, `put` and `shift` do, and DocumentError for what a merge wrote."""
        if isinstance(operation, Create):
            self.create(operation.record)
        elif isinstance(operation, Put):
            self.put(self._known(operation.id), **{operation.field: operation.after})
        elif isinstance(operation, Take):
            raise DocumentError(f"What a merge left of {operation.id!r} cannot be done again")
        else:
            clips = [self._known(clip_id) for clip_id in operation.clips]
            self.shift((clip for clip in clips if isinstance(clip, Clip) and not clip.deleted), operation.delta)
            for clip in clips:
                if clip.deleted:
                    self.put(clip, start=getattr(clip, "start", 0) + operation.delta)

    def _known(self, record_id: str) -> Record:
        record = self.record(record_id)
        if record is None:
            raise UnknownRecord(f"There is no record {record_id!r}")
        return record

    def take_fresh(self) -> set[str]:
        """Ids of records written since this was last asked; for checks after each command of a batch."""
        fresh, self._fresh = self._fresh, set()
        return fresh

    def only_shifted(self, among: AbstractSet[str]) -> tuple[AbstractSet[str], set[str]]:
        found = self._only_start & among
        tracks = {*self._tracks, *self._waiting} if found else ()  # going through rows is faster than through a set of strings
        return found, {track for track in tracks if not found.isdisjoint(clip.id for clip in self.line(track))}

    def has_written(self, record_id: str) -> bool:
        """Whether a record was written so far."""
        return record_id in self._written

    def wrote(self, record_id: str, field: str) -> bool:
        """Whether a field was written, or the record made, in this draft."""
        fields = self._fields.get(record_id)
        return record_id in self._written and (fields is None or field in fields)

    def _store(self, old: Record | None, new: Record, fields: dict[str, None]) -> None:
        """`fields` are the names of those that were written; not to be changed, many records may share them."""
        record_id = new.id
        there = self.base.record(record_id)
        if (there is None or there.deleted) and record_id not in self._written:
            self._added.setdefault(type(new), []).append(record_id)
        self._written[record_id] = new
        self._fresh.add(record_id)
        if there is not None:
            known = self._fields.get(record_id)
            self._fields[record_id] = known = {**known, **fields} if known else fields
            if "start" not in fields:
                self._only_start.discard(record_id)
            else:
                self._placed.add(record_id)
                (self._only_start.add if len(known) == 1 else self._only_start.discard)(record_id)
        if isinstance(old, Clip) and not old.deleted:
            self._waiting.setdefault(old.track, {}).setdefault(old.id, old)
        if isinstance(new, Clip) and not new.deleted:
            if new.link and (not isinstance(old, Clip) or old.link != new.link):
                self._links.setdefault(new.link, {})[new.id] = None
            self._waiting.setdefault(new.track, {}).setdefault(new.id, None)

    def _row(self, track_id: str) -> list[Clip]:
        """A track's clips in order, with those that waited."""
        row = self._tracks.get(track_id)
        if row is None:
            row = self._tracks[track_id] = list(self.base.clips_on(track_id))
        waiting = self._waiting.pop(track_id, None)
        if waiting is None:
            return row
        self._tuples.pop(track_id, None)
        if len(waiting) > FEW:
            take = cast(dict[str, Clip], self._written).get
            staying = [now for clip in row if not (now := take(clip.id, clip)).deleted and now.track == track_id]
            row = self._tracks[track_id] = in_order([*staying, *self._now_on(track_id, (i for i, t in waiting.items() if t is None))])
            return row
        for there in waiting.values():
            if there is not None:
                del row[bisect_left(row, TIMELINE_ORDER(there), key=TIMELINE_ORDER)]
        for new in self._now_on(track_id, waiting):
            insort(row, new, key=TIMELINE_ORDER)
        return row

    def _now_on(self, track_id: str, clips: Iterable[str]) -> list[Clip]:
        return [clip for i in clips if isinstance(clip := self._written[i], Clip) and not clip.deleted and clip.track == track_id]

    def outcome(self, operations: Iterable[Operation]) -> Snapshot:
        """The snapshot that `operations` of this draft make of its base."""
        written = self._written
        staged: dict[str, Record] = {}
        for op in operations:
            if isinstance(op, Shift):
                staged.update(zip(op.clips, map(written.__getitem__, op.clips), strict=True))
            else:
                changed = op.record.id if isinstance(op, Create) else op.id
                staged[changed] = written[changed]
        whole = len(staged) == len(written)  # else something was written and taken back, and the rows have it as it was written
        return self.base.changed(staged, {track: self.clips_on(track) for track in {*self._tracks, *self._waiting}} if whole else None)

    def operations(self, stamps: Stamped, edge: Container[str] = ()) -> tuple[Operation, ...]:
        """What the draft changes, creations first; empty when every value is as it was. Clips at the `edge` (see `ChangeSet`) are said to
        be where they come to: carried along from beyond the edge, where only a merge has them, they would be elsewhere."""
        creates: list[Operation] = []
        puts: list[Operation] = []
        shifts: defaultdict[int, list[str]] = defaultdict(list)
        carried = self._shifted - self._placed
        only_carried = carried & self._only_start
        known = self.base.records.whole() if len(carried) > FEW else self.base.records
        for record_id, new in self._written.items():
            old = known.get(record_id)
            if old is None:
                if not new.deleted:
                    creates.append(Create(cast(AnyRecord, new)))
                continue
            if record_id in only_carried and record_id not in edge:
                if new.start != old.start:  # type: ignore[attr-defined]
                    shifts[new.start - old.start].append(record_id)  # type: ignore[attr-defined]
                continue
            for name in self._fields.get(record_id, ()):
                before, after = getattr(old, name), getattr(new, name)
                decided = self._decided.get((record_id, name)) if self._decided else None
                if before == after and decided is None:
                    continue
                if name == "start" and record_id in carried and record_id not in edge:
                    shifts[after - before].append(record_id)
                else:
                    written, counted = stamps.stamp_of(record_id, name)
                    also = tuple(stamp for stamp in decided or () if stamp != written)
                    puts.append(Put(record_id, name, plain(before), plain(after), written, None if counted == written else counted,
                                    replaced_also=also))
        moved = [Shift(tuple(clips), delta, *stamp_rows(stamps.stamps_of(clips, "start"))) for delta, clips in shifts.items()]
        return (*creates, *moved, *puts)
