"""A draft: a snapshot plus the writes of one transaction, before anything is decided.

Owns: the overlay that edits read and write, and the operations that it amounts to. Refuses: the document; a draft that is
dropped has changed nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from operator import attrgetter
from typing import Any, TypeVar, cast

from editor_core.document.change_set import Create, Operation, Put, Shift, Stamp, StampRow, Take
from editor_core.document.staging import shifted
from editor_core.document.view import TIMELINE_ORDER, DocumentError, Snapshot, UnknownRecord, View
from editor_core.schema import AnyRecord, Clip, IdSource, Record, field_types, new_id, plain, replace

R = TypeVar("R", bound=Record)
StampOf = Callable[[str, str], tuple[Stamp, Stamp]]
"""(record id, field) to the stamp it was written with and the stamp it counts as."""


_START = attrgetter("start")


class Draft(View):
    """Reads see the draft's own writes. Every value written is checked against its declaration (SchemaError)."""

    def __init__(self, base: Snapshot, ids: IdSource = new_id) -> None:
        self.base = base
        self._ids = ids
        self._written: dict[str, Record] = {}
        self._added: list[str] = []
        self._fields: dict[str, dict[str, None]] = {}
        self._fresh: set[str] = set()
        self._shifted: set[str] = set()
        self._placed: set[str] = set()
        self._decided: dict[tuple[str, str], tuple[Stamp, ...]] = {}
        self._tracks: dict[str, list[Clip]] = {}
        self._links: dict[str, dict[str, None]] = {}

    def record(self, record_id: str) -> Record | None:
        return self._written.get(record_id) or self.base.record(record_id)

    def of_kind(self, kind: type[R]) -> list[R]:
        if not self._written:
            return self.base.of_kind(kind)
        kept = [current for r in self.base.of_kind(kind) if isinstance(current := self._written.get(r.id, r), kind)]
        added = [r for r in map(self._written.__getitem__, self._added) if isinstance(r, kind)]
        return [r for r in [*kept, *added] if not r.deleted]

    def clips_on(self, track_id: str) -> tuple[Clip, ...]:
        own = self._tracks.get(track_id)
        return self.base.clips_on(track_id) if own is None else tuple(own)

    def clips_linked(self, link: str) -> list[Clip]:
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
        checked = replace(record, **{name: getattr(record, name) for name in field_types(type(record))})
        self._store(None, checked)
        return checked

    def put(self, record: R, **fields: Any) -> R:
        """Writes fields of a record (plain or typed values) and returns it as it now is. Raises SchemaError, UnknownRecord."""
        current = self.record(record.id)
        if current is None:
            raise UnknownRecord(f"There is no record {record.id!r}")
        made = replace(current, **fields)
        self._store(current, made, fields)
        return made  # type: ignore[return-value]

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
        for clip in clips:
            by_track[clip.track][clip.id] = shifted(clip, delta)
        for track, moved in by_track.items():
            row = [moved.get(clip.id, clip) for clip in self._row(track)]
            row.sort(key=TIMELINE_ORDER)
            self._tracks[track] = row
            self._written.update(moved)
            self._fresh.update(moved)
            fields = self._fields
            for clip_id in moved:
                if clip_id in fields:
                    fields[clip_id]["start"] = None
                else:
                    fields[clip_id] = {"start": None}
            (self._placed if placing else self._shifted).update(moved)

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

    def only_shifted(self, record_id: str) -> bool:
        """Whether nothing but a clip's start was written."""
        fields = self._fields.get(record_id)
        return fields is not None and len(fields) == 1 and "start" in fields

    def wrote(self, record_id: str, field: str) -> bool:
        """Whether a field was written, or the record made, in this draft."""
        fields = self._fields.get(record_id)
        return record_id in self._written and (fields is None or field in fields)

    def _store(self, old: Record | None, new: Record, fields: Iterable[str] = ()) -> None:
        there = self.base.record(new.id)
        if new.id not in self._written and (there is None or there.deleted):
            self._added.append(new.id)
        self._written[new.id] = new
        self._fresh.add(new.id)
        if there is not None:
            self._fields.setdefault(new.id, {}).update((name, None) for name in fields)
            if "start" in fields:
                self._placed.add(new.id)
        if isinstance(old, Clip) and not old.deleted:
            row = self._row(old.track)
            row.pop(next(i for i in range(bisect_left(row, old.start, key=_START), len(row)) if row[i].id == old.id))
        if isinstance(new, Clip) and not new.deleted:
            if new.link and (not isinstance(old, Clip) or old.link != new.link):
                self._links.setdefault(new.link, {})[new.id] = None
            row = self._row(new.track)
            row.insert(bisect_left(row, (new.start, new.id), key=TIMELINE_ORDER), new)

    def _row(self, track_id: str) -> list[Clip]:
        row = self._tracks.get(track_id)
        if row is None:
            row = self._tracks[track_id] = list(self.base.clips_on(track_id))
        return row

    def operations(self, stamp_of: StampOf, edge: Container[str] = ()) -> tuple[Operation, ...]:
        """What the draft changes, creations first; empty when every value is as it was. Clips at the `edge` (see `ChangeSet`) are said to
        be where they come to: carried along from beyond the edge, where only a merge has them, they would be elsewhere."""
        creates: list[Operation] = []
        puts: list[Operation] = []
        shifts: defaultdict[int, list[str]] = defaultdict(list)
        for record_id, new in self._written.items():
            old = self.base.record(record_id)
            if old is None:
                if not new.deleted:
                    creates.append(Create(cast(AnyRecord, new)))
                continue
            for name in self._fields.get(record_id, ()):
                before, after = getattr(old, name), getattr(new, name)
                decided = self._decided.get((record_id, name)) if self._decided else None
                if before == after and decided is None:
                    continue
                if name == "start" and record_id in self._shifted and record_id not in self._placed and record_id not in edge:
                    shifts[after - before].append(record_id)
                else:
                    written, counted = stamp_of(record_id, name)
                    also = tuple(stamp for stamp in decided or () if stamp != written)
                    puts.append(Put(record_id, name, plain(before), plain(after), written, None if counted == written else counted,
                                    replaced_also=also))
        moved = [_shift(clips, delta, stamp_of) for delta, clips in shifts.items()]
        return (*creates, *moved, *puts)


def _shift(clips: list[str], delta: int, stamp_of: StampOf) -> Shift:
    stamps = [stamp_of(clip, "start") for clip in clips]
    written = StampRow.of([w for w, _ in stamps])
    counted = None if all(w == c for w, c in stamps) else StampRow.of([c for _, c in stamps])
    return Shift(tuple(clips), delta, written, counted)
