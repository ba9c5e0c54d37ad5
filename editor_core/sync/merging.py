"""What others did, brought into a document.

Owns: from received changes to the one ChangeSet of kind `merge` that says what came of them here. Refuses: files, networks, and
deciding conflicts: where people competed, the replica's winner stands and the others are listed (see `conflicts`).
"""

from __future__ import annotations

import logging
from collections import ChainMap
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from editor_core.document import (
    CREATED,
    LISTED,
    NOBODY,
    ChangeSet,
    Create,
    Document,
    DocumentError,
    Entry,
    History,
    Put,
    Shift,
    Stamp,
    Take,
    entry_of,
)
from editor_core.document.staging import stage
from editor_core.schema import Clip, Record, SchemaError, replace, typed
from editor_core.sync.causality import Causality
from editor_core.sync.fields import parse_text, put_together, stamps_in
from editor_core.sync.replica import Replica, joined
from editor_core.sync.starts import Starts
from editor_core.sync.story import Story, clip_made, lines_in

log = logging.getLogger(__name__)

MERGE_COMMAND = "project.merge"
_ALL = "*"
_MOVING = frozenset(("start", "track", "deleted"))
Stamps = dict[str, tuple[Stamp, Stamp]]


def astray(change: ChangeSet) -> bool:
    """Whether clips may not be where the rule has them after a change made here, until `Merger.align`: an undo or redo of what moved
    clips, put them on tracks, or made or removed anything."""
    return change.kind in ("undo", "redo") and any(isinstance(op, Shift) or (isinstance(op, Put) and op.field in _MOVING)
                                                   for op in change.operations)


class Merged(msgspec.Struct, frozen=True):
    """A merge to be applied: `change` for the document, `parcel` what the replica was given, for the journal."""

    change: ChangeSet
    parcel: bytes


class Merger:
    """Merges into one document. Belongs to the document's thread. `load` fetches any known ChangeSet by stamp."""

    def __init__(self, document: Document, history: History, replica: Replica, load: Callable[[Stamp], ChangeSet]) -> None:
        self._document = document
        self._history = history
        self._replica = replica
        self._load = load
        self._order = Causality()
        self._seen = 0
        self._story: Story | None = None
        self._shared = 0
        self._bases: dict[str, int] = {}
        self._fresh: dict[Stamp, ChangeSet] = {}
        self._followed: dict[str, Record] = {}
        self._astray: set[str] = set()
        self._begun = False

    @property
    def order(self) -> Causality:
        """Every change known here."""
        lines = self._history.entries
        if self._seen < len(lines):
            for line in lines_in(lines[self._seen:]):
                self._order.add(line.stamp, line.after)
            self._seen = len(lines)
        return self._order

    def missing(self, changes: Iterable[ChangeSet]) -> set[Stamp]:
        """Stamps that changes say they come after and that are neither known nor among them: those must be had first."""
        given = list(changes)
        order, own = self.order, {change.stamp for change in given}
        return {stamp for change in given for stamp in change.after if stamp not in order and stamp not in own and stamp != NOBODY}

    def story(self) -> Story:
        """The changes since people's work first went apart."""
        self._begin()
        assert self._story is not None
        self._catch_up(self._story, ())
        return self._story

    def _begin(self) -> None:
        """A story that begins where it has to. Where it is another than before, `_begun` stays until a merge has noted where its clips
        started: whoever asks for the story in between does not."""
        shared = self.order.shared
        if self._story is None or shared != self._shared:
            self._story, self._shared, self._bases, self._begun = Story(self._order), shared, {}, True

    def merge(self, changes: Sequence[ChangeSet], parcels: Sequence[bytes], *, stamp: Stamp, actor: str, time: int,
              everything: bool = False, also: Mapping[str, Iterable[str]] | None = None) -> Merged | None:
        """Gives the parcels to the replica and works out what changes in the document; None where there is nothing new.

        `changes` are what the parcels bring, each after those it builds on. `everything` compares every record, for copies whose
        history has holes; `also` are fields by record that the parcels write without any change. The caller applies the change and stores
        it with the parcel; if it cannot, the project must be opened again.
        Raises UpdateRefused before anything has happened, ReplicaBroken.
        """
        order = self.order
        new = [change for change in changes if change.stamp not in order]
        if not new and not everything and not also:
            return None
        parcel = joined(parcels)
        self._fresh = {change.stamp: change for change in new}
        for change in new:
            order.add(change.stamp, change.after)
        starts, wanted = self._tell(new)
        self._replica.apply_update(parcel, checked=len(parcels) > 1)
        for record_id, fields in (also or {}).items():
            wanted.setdefault(record_id, set()).update(fields)
        if everything:
            for record_id in self._replica.ids():
                wanted.setdefault(record_id, set()).update(self._replica.texts(record_id).keys() - {"type"})
        operations = tuple(take for record_id in sorted(wanted) if (take := self._take(record_id, wanted[record_id], starts)) is not None)
        one = new[0] if len(new) == 1 else None
        actors = {change.actor for change in new}
        label = one.label if one else f"Merged {len(new)} changes"
        return Merged(ChangeSet(
            stamp=stamp, actor=actors.pop() if len(actors) == 1 else actor, command=one.command if one else MERGE_COMMAND, label=label,
            time=one.time if one else time, operations=operations, kind="merge", after=order.heads,
            merged=tuple(msgspec.structs.replace(entry_of(change), records=()) for change in new), edge=tuple(sorted(starts.edge))), parcel)

    def align(self, *, stamp: Stamp, actor: str, time: int) -> ChangeSet | None:
        """After an undo or redo: the merge that brings clips to where the rule has them, or None where they are there, as a rule.

        A ripple that was undone may have shared what it took out with somebody else's, and then that stays out.
        """
        if len(self.order.heads) == 0 or self.order.shared == len(self.order):
            return None
        self._fresh = {}
        starts, wanted = self._tell(())
        takes = tuple(take for record_id in sorted(wanted) if (take := self._take(record_id, wanted[record_id], starts)) is not None)
        if not takes and starts.edge <= self._history.edge:
            return None
        return ChangeSet(stamp=stamp, actor=actor, command=MERGE_COMMAND, label="Moved clips along", time=time, operations=takes,
                         kind="merge", after=self.order.heads, edge=tuple(sorted(starts.edge)))

    def _tell(self, new: Sequence[ChangeSet]) -> tuple[Starts, dict[str, set[str]]]:
        """Adds changes to the story; the rule for starts by it, and the fields by record that may be another now."""
        wanted: dict[str, set[str]] = {}
        story, again = self._before(new, wanted)
        for change in new:
            if self._order.is_forked(change.stamp):
                story.add(change)
            for op in change.operations:
                if isinstance(op, Create):
                    wanted.setdefault(op.record.id, set()).add(_ALL)
                elif isinstance(op, Put):
                    wanted.setdefault(op.id, set()).add(op.field)
                elif isinstance(op, Shift):
                    for clip in op.clips:
                        wanted.setdefault(clip, set()).add("start")
        starts = Starts(story, self._record, self._bases)
        if again or any(change.stamp in starts.ripples.switched for change in new):
            for record_id in story.records:
                moved = (again or not story.plain(record_id)) and isinstance(self._record(record_id), Clip)
                if moved or clip_made(story.created.get(record_id)) is not None:
                    wanted.setdefault(record_id, set()).add("start")
        return starts, wanted

    def _before(self, new: Sequence[ChangeSet], wanted: dict[str, set[str]]) -> tuple[Story, bool]:
        """The story without `new`, and whether it begins earlier than it did. Notes where the clips that `new` moves started before it,
        and what was undone or redone here since."""
        order = self._order
        self._followed = {}
        self._begin()
        assert self._story is not None
        again, self._begun = self._begun, False
        self._catch_up(self._story, self._fresh)
        for clip in self._astray:
            wanted.setdefault(clip, set()).add("start")
        self._astray.clear()
        self._follow(new)
        before = Starts(self._story, self._record, self._bases)
        moved = set(self._story.records) if again else set()
        for change in new:
            for op in change.operations if order.is_forked(change.stamp) else ():
                moved.update(op.clips if isinstance(op, Shift) else (op.id,) if isinstance(op, Put) and op.field == "start" else ())
        self._note_starts(moved, before)
        return self._story, again

    def _catch_up(self, story: Story, besides: Container[Stamp]) -> None:
        """Adds what is known and not in the story yet. Notes the clips that an undo or redo here moved since the last merge, and where
        they started before it: until `align` they may not be where the rule has them."""
        lacking = [stamp for stamp in self._order.forked() if stamp not in story.changes and stamp not in besides]
        undone = self._from_undo_on(set(lacking))
        for stamp in lacking:
            if undone and stamp == undone[0].stamp:
                self._note_bases(story, undone)
            story.add(self._fresh.get(stamp) or self._load(stamp))

    def _from_undo_on(self, lacking: set[Stamp]) -> list[ChangeSet]:
        """What was done here since the last merge, from the first undo or redo on, as far as it is lacking; nothing where nobody else's
        changes are known."""
        lines: list[Entry] = []
        for line in reversed(self._history.entries):
            if line.kind == "merge":
                lines.reverse()
                first = next((n for n, one in enumerate(lines) if one.kind != "do"), len(lines))
                return [self._load(one.stamp) for one in lines[first:]]
            if line.stamp in lacking:
                lines.append(line)
        return []

    def _note_bases(self, story: Story, undone: Sequence[ChangeSet]) -> None:
        """Where clips started before the story; they are now as `undone` leaves them."""
        moved = {clip for change in undone if change.kind != "do" for op in change.operations if isinstance(op, Shift) for clip in op.clips}
        if not moved:
            return
        were: dict[str, Record] = {}
        for change in reversed(undone):
            for op in reversed(change.operations):
                if isinstance(op, Shift):
                    for clip in moved.intersection(op.clips):
                        now = were.get(clip) or self._document.snapshot.record(clip)
                        if isinstance(now, Clip):
                            were[clip] = msgspec.structs.replace(now, start=now.start - op.delta)
                elif isinstance(op, Put) and op.id in moved and op.field in ("start", "track"):
                    now = were.get(op.id) or self._document.snapshot.record(op.id)
                    if now is not None:
                        were[op.id] = msgspec.structs.replace(now, **{op.field: op.before})
        before = Starts(story, lambda i: were.get(i) or self._record(i), self._bases)
        self._note_starts(moved, before)
        self._astray.update(moved)

    def _note_starts(self, clips: set[str], before: Starts) -> None:
        """Where clips started before the story: read from where they are, but for those that were left at the timeline's edge."""
        assert self._story is not None
        self._bases.update(self._as_begun((clips & self._history.edge) - self._bases.keys() - self._story.created.keys()))
        for clip in clips:
            before.note_base(clip)

    def _as_begun(self, clips: set[str]) -> dict[str, int]:
        """Where clips started before the story, by the changes before it, which follow one another. Clips that those do not make are
        left out."""
        found: dict[str, int] = {}
        later = dict.fromkeys(clips, 0)
        for line in reversed(list(lines_in(self._history.entries))) if clips else ():
            if not later:
                break
            if self._order.is_forked(line.stamp) or (0 < len(line.records) < LISTED and later.keys().isdisjoint(line.records)):
                continue
            for op in reversed(self._load(line.stamp).operations):
                if isinstance(op, Shift):
                    for clip in later.keys() & set(op.clips):
                        later[clip] += op.delta
                elif isinstance(op, Create) and isinstance(op.record, Clip) and op.record.id in later:
                    found[op.record.id] = op.record.start + later.pop(op.record.id)
                elif isinstance(op, Put) and op.field == "start" and op.id in later:
                    found[op.id] = op.after + later.pop(op.id)
        return found

    def _follow(self, new: Iterable[ChangeSet]) -> None:
        """Records as those of the new changes leave them that all others build on; the document has not seen these yet."""
        self._followed = {}
        seen: ChainMap[str, Record] = ChainMap(self._followed, cast("dict[str, Record]", self._document.snapshot.records))
        for change in new:
            if not self._order.is_forked(change.stamp):
                try:
                    self._followed.update(stage(change, seen))
                except (DocumentError, SchemaError) as error:
                    log.warning("%s cannot be followed: %s", change.label, error)

    def _record(self, record_id: str) -> Record | None:
        return self._followed.get(record_id) or self._document.snapshot.record(record_id)

    def _take(self, record_id: str, fields: set[str], starts: Starts) -> Take | None:
        """The operation that brings a record to where the merge leaves it, or None where it is there already."""
        old = self._document.snapshot.record(record_id)
        if old is None:
            return self._new(record_id, starts)
        values: dict[str, Any] = {}
        stamps: Stamps = {}
        if _ALL in fields:  # somebody else made it too
            fields = fields | (self._replica.texts(record_id).keys() & set(old.__struct_fields__))
        for field in sorted(fields - {_ALL}):
            if not (field == "start" and isinstance(old, Clip)):
                self._read(old, field, values, stamps)
        if isinstance(old, Clip) and not fields.isdisjoint(("start", "track", _ALL)):
            self._place(old, starts, values, stamps)
        try:
            only_moved = values.keys() == {"start"} and isinstance(old, Clip)
            made = msgspec.structs.replace(old, **values) if only_moved else replace(old, **values) if values else old
        except SchemaError as error:
            log.warning("%s cannot be merged: %s", record_id, error)
            return None
        return Take(made, stamps) if stamps or made != old else None  # type: ignore[arg-type]

    def _read(self, old: Record, field: str, values: dict[str, Any], stamps: Stamps) -> None:
        """One field as the replica has it, if it is another one now."""
        try:
            text = parse_text(self._replica.text(old.id, field))
            value = typed(type(old), field, text.value)
        except (ValueError, SchemaError) as error:
            log.warning("%s of %s cannot be merged: %s", field, old.id, error)
            return
        stamp = Stamp(text.session, text.counter)
        if self._document.stamp_of(old.id, field)[0] != stamp and field in old.__struct_fields__:
            stamps[field] = (stamp, self._counted(old.id, field, stamp))
            if value != getattr(old, field):
                values[field] = value

    def _place(self, old: Clip, starts: Starts, values: dict[str, Any], stamps: Stamps) -> None:
        written = self._document.stamp_of(old.id, "start")
        found = starts.start(old.id, written[0])
        if found is None:
            self._read(old, "start", values, stamps)
            return
        start, stamp = found
        if start != old.start:
            values["start"] = start
        if stamp not in (NOBODY, written[0]):
            stamps["start"] = (stamp, self._counted(old.id, "start", stamp))

    def _new(self, record_id: str, starts: Starts) -> Take | None:
        texts = self._replica.texts(record_id)
        record, bad = put_together(record_id, texts)
        for one in bad:
            log.warning("%s of a merge cannot be read: %s", record_id, one.reason)
        if record is None:
            return None
        written = dict(stamps_in(texts))
        made = written.get("type", NOBODY)
        stamps: Stamps = {CREATED: (made, made)}
        for field, stamp in written.items():
            if field != "type" and stamp != made:
                stamps[field] = (stamp, self._counted(record_id, field, stamp))
        if isinstance(record, Clip) and (found := starts.start(record_id)) is not None:
            start, stamp = found
            record = msgspec.structs.replace(record, start=start)
            stamps.pop("start", None)
            if stamp not in (NOBODY, made):
                stamps["start"] = (stamp, self._counted(record_id, "start", stamp))
        return Take(record, stamps)  # type: ignore[arg-type]

    def _counted(self, record_id: str, field: str, stamp: Stamp) -> Stamp:
        return stamp if self._story is None else self._story.counted(record_id, field, stamp)
