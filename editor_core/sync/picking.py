"""Taking some of a copy's changes and leaving the rest for later.

Owns: what a copy changed that a film has not taken, record by record; which others a chosen one needs; the edit that takes the chosen
ones. Refuses: histories: the chosen values become ordinary edits of the film, and a whole merge later finds the same values there.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from editor_core.document import CREATED, NOBODY, Draft, Snapshot, Stamp
from editor_core.schema import Clip, MediaReference, Record, Track, Transition
from editor_core.sync.differences import Difference, differences

Written = Mapping[str, Mapping[str, tuple[Stamp, Stamp]]]
"""Per record and field the stamp written with and the one it counts as (see `Document.stamps`)."""
_ORDER: dict[type[Record], int] = {MediaReference: 0, Track: 1, Clip: 2, Transition: 3}
_LIES = frozenset({"start", "track", "source_range", "deleted"})


class Offers:
    """What a copy has that the film does not. `changes` are differences from the film to the copy, only in fields that the copy wrote
    in changes of its own (`news`, that the film neither knows nor has taken); `both` names the fields of each that the film changed too,
    in changes that the copy does not know (`mine`, found in `film_written`)."""

    def __init__(self, film: Snapshot, copy: Snapshot, written: Written, news: Container[Stamp], *,
                 film_written: Written | None = None, mine: Container[Stamp] = ()) -> None:
        self._film, self._copy = film, copy
        self.changes: list[Difference] = []
        self.both: dict[str, tuple[str, ...]] = {}
        self._fields: dict[str, tuple[str, ...]] = {}
        for one in differences(film, copy):
            fields = self._theirs(one, news, written)
            if fields is None:
                continue
            self._fields[one.id] = fields
            self.changes.append(_only(one, fields))
            own = film_written.get(one.id, {}) if film_written is not None else {}
            self.both[one.id] = tuple(f for f in fields if f in own and own[f][0] in mine)

    def _theirs(self, one: Difference, news: Container[Stamp], written: Written) -> tuple[str, ...] | None:
        """The fields of a record that the copy wrote and that differ; None where the difference is the film's doing."""
        stamps = written.get(one.id, {})
        made = stamps.get(CREATED, (NOBODY, NOBODY))[0]
        here, there = self._film.record(one.id), self._copy.record(one.id)
        if there is None:
            return None
        if here is None:
            return () if made in news and not there.deleted else None
        names = [name for name in there.__struct_fields__ if name != "id" and getattr(here, name) != getattr(there, name)]
        fields = tuple(name for name in names if stamps.get(name, (made, made))[0] in news)
        return fields or None

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.changes]

    def with_needs(self, chosen: Iterable[str]) -> list[str]:
        """The chosen ids and all that they cannot be without: track, media, the sound of a picture, what has to make room for them."""
        wanted = dict.fromkeys(i for i in chosen if i in self._fields)
        while True:
            more = [need for one in wanted for need in self._needs(one) if need in self._fields and need not in wanted]
            if not more:
                return [one.id for one in self.changes if one.id in wanted]
            wanted.update(dict.fromkeys(more))

    def _needs(self, record_id: str) -> Iterable[str]:
        there = self._copy.record(record_id)
        here = self._film.record(record_id)
        if isinstance(there, Clip):
            made = self._as_taken(record_id)
            if not made.deleted:
                yield from (made.track, made.asset)
                yield from (clip.id for clip in self._film.clips_between(made.track, made.start, made.end) if clip.id != made.id)
            if here is None or _LIES.intersection(self._fields.get(record_id, ())):
                whole = self._copy if not there.deleted else self._film
                yield from (c.id for c in whole.clips_linked(there.link) if c.id in self._fields and self._lies_anew(c.id))
        elif isinstance(there, Transition):
            yield from (there.from_clip, there.to_clip, there.track)
        elif isinstance(there, Track) and there.deleted:
            yield from (clip.id for clip in self._film.clips_on(there.id))
        elif isinstance(there, MediaReference) and there.deleted:
            yield from (clip.id for clip in self._film.of_kind(Clip) if clip.asset == there.id)

    def _lies_anew(self, clip_id: str) -> bool:
        return self._film.record(clip_id) is None or bool(_LIES.intersection(self._fields[clip_id]))

    def _as_taken(self, record_id: str) -> Any:
        """The record as it would be in the film."""
        here, there = self._film.record(record_id), self._copy.record(record_id)
        if here is None or there is None:
            return there
        return replace(here, **{name: getattr(there, name) for name in self._fields[record_id]})

    def draft(self, chosen: Iterable[str]) -> Draft:
        """The edit that takes exactly these. Raises SchemaError."""
        draft = Draft(self._film)
        records = [there for i in dict.fromkeys(chosen) if i in self._fields and (there := self._copy.record(i)) is not None]
        for there in sorted(records, key=lambda one: (one.deleted, _ORDER.get(type(one), 4))):
            here = self._film.record(there.id)
            if here is None:
                draft.create(there)
            else:
                draft.put(here, **{name: getattr(there, name) for name in self._fields[there.id]})
        return draft

    def stamps(self, chosen: Iterable[str], written: Written) -> list[str]:
        """The stamps of the values that `draft` takes, as texts: what counts as taken from then on."""
        found: dict[str, None] = {}
        for record_id in chosen:
            own = written.get(record_id, {})
            made = own.get(CREATED, (NOBODY, NOBODY))
            fields = self._fields.get(record_id, ())
            stamps = [own.get(name, made)[0] for name in fields] if fields else [made[0], *(pair[0] for pair in own.values())]
            found.update(dict.fromkeys(str(stamp) for stamp in stamps))
        return list(found)


def _only(one: Difference, fields: tuple[str, ...]) -> Difference:
    """A difference with nothing but these fields."""
    kept = {name: pair for name, pair in one.fields.items() if name in fields}
    if one.kind == "changed" and kept and kept.keys() <= {"start", "track"}:
        return replace(one, kind="moved", fields=kept)
    return replace(one, fields=kept)
