"""Keeping the attention list and the open conflicts up to date beside the editing.

Owns: working both out on a thread of its own from what it is handed: lines of history, changes, a snapshot. Refuses: touching document,
file or replica; whoever owns them hands over what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from app.services.deciding import choices, edit_in_deleted
from editor_core.document import CREATED, NOBODY, ChangeSet, Entry, Snapshot, Stamp
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Record, Track, Transition
from editor_core.sync.causality import Causality
from editor_core.sync.conflicts import Conflict, conflicts
from editor_core.sync.differences import name_of
from editor_core.sync.speech import off_speech
from editor_core.sync.story import Story, lines_in
from editor_core.timeline.attention import Fix, Item, attention

TITLES = {
    "overlap": "Two clips in one place", "orphan": "On a track that is gone", "media": "Its media is gone", "range": "Cannot be shown",
    "fades": "Fades too long", "transition": "Transition without a neighbour", "sync": "Picture and sound out of step",
    "deleted": "Changed and deleted", "caption": "Caption off its words", "conflict": "Changed in two places",
}
RELEVANT = frozenset({"start", "track", "source_range", "deleted", "asset", "link", "fade_in", "fade_out", "duration", "from_clip",
                      "to_clip", "kind", "audio", "video", "hash"})
"""Fields that the attention list depends on; a change of others needs no second look."""


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list: a finding with its fixes, or an open conflict. `clips` can be shown, the first stands for it; `actors` are those
    who brought it about."""

    id: str
    kind: str
    title: str
    message: str
    at: int
    clips: tuple[str, ...]
    actors: tuple[str, ...]
    fixes: tuple[Fix, ...] = ()
    conflict: Conflict | None = None
    options: tuple[str, ...] = ()


class Need(msgspec.Struct, frozen=True):
    """Changes that have to be handed over before conflicts can be worked out."""

    stamps: tuple[Stamp, ...]


class Attending:
    """One project's list. Belongs to one thread, whichever. `told` is how many lines of history it has been handed."""

    def __init__(self) -> None:
        self._order = Causality()
        self._changes: dict[Stamp, ChangeSet] = {}
        self._actors: dict[int, str] = {}
        self._story: Story | None = None
        self._shared = -1

    def tell(self, lines: Iterable[Entry], changes: Mapping[Stamp, ChangeSet]) -> Need | None:
        """Takes in new lines of history (in order) and changes that were asked for; what is lacking, if anything."""
        for line in lines_in(lines):
            self._order.add(line.stamp, line.after)
            self._actors[line.stamp.session] = line.actor
        self._changes.update(changes)
        shared = self._order.shared
        if shared == len(self._order):
            self._story, self._shared, self._changes = None, shared, {}
            return None
        forked = self._order.forked()
        lacking = tuple(stamp for stamp in forked if stamp not in self._changes)
        if lacking:
            return Need(lacking)
        if self._story is None or shared != self._shared:
            self._story, self._shared = Story(self._order), shared
        for stamp in forked:
            self._story.add(self._changes[stamp])
        return None

    def actor_of(self, stamp: Stamp) -> str:
        """Who made a change, by its session; empty where that is not known."""
        return self._actors.get(stamp.session, "")

    def look(self, view: Snapshot, stamps: Mapping[str, Mapping[str, tuple[Stamp, Stamp]]]) -> list[Matter]:
        """The list for a snapshot, by time. `stamps` as `Document.stamps`, to say who."""
        items = attention(view)
        found: list[Conflict] = []
        if self._story is not None:
            items.extend(off_speech(self._story, view))
            found = conflicts(self._story, view)
        matters = [self._of_item(view, item, stamps) for item in items]
        matters.extend(self._of_conflict(view, one) for one in found)
        return sorted(matters, key=lambda one: (one.at, one.kind, one.id))

    def _of_item(self, view: Snapshot, item: Item, stamps: Mapping[str, Mapping[str, tuple[Stamp, Stamp]]]) -> Matter:
        wrote = [max((pair[0] for name, pair in stamps.get(i, {}).items() if name in RELEVANT or name == CREATED),
                     key=self._order.rank, default=NOBODY) for i in item.records]
        if item.kind == "sync":  # one of the two was changed last
            wrote = [max(wrote, key=self._order.rank)]
        actors = dict.fromkeys(actor for stamp in wrote if (actor := self.actor_of(stamp)))
        return Matter(id=f"{item.kind} {' '.join(item.records)}", kind=item.kind, title=TITLES.get(item.kind, "Look at this"),
                      message=item.message, at=item.at, clips=_clips(view, item.records), actors=tuple(actors), fixes=item.fixes)

    def _of_conflict(self, view: Snapshot, one: Conflict) -> Matter:
        record = view.record(one.record)
        name = called(view, record) if isinstance(record, Clip) else name_of(record) if record is not None else one.record
        actors = tuple(dict.fromkeys(side.actor for side in one.sides))
        at = int(getattr(record, "start", 0) or 0)
        if one.kind == "deleted":
            item = edit_in_deleted(view, one)
            return Matter(id=one.id, kind="deleted", title=TITLES["deleted"], message=item.message, at=at,
                          clips=_clips(view, (one.record,)), actors=actors, conflict=one, options=tuple(choices(one, record)))
        return Matter(id=one.id, kind="conflict", title=TITLES["conflict"], at=at, clips=_clips(view, (one.record,)), actors=actors,
                      message=f"{one.field.replace('_', ' ').capitalize()} of {name}{_where(view, record)}", conflict=one,
                      options=tuple(choices(one, record)))


def _where(view: Snapshot, record: Record | None) -> str:
    track = view.find(Track, record.track) if isinstance(record, Clip) else None
    return f" on {lane(view, track)}" if track is not None else ""


def _clips(view: Snapshot, records: Iterable[str]) -> tuple[str, ...]:
    """The clips among records, those of transitions included."""
    found: dict[str, None] = {}
    for i in records:
        record: Any = view.record(i)
        if isinstance(record, Clip):
            found[i] = None
        elif isinstance(record, Transition):
            found.update({record.from_clip: None, record.to_clip: None})
    return tuple(found)
