"""Reading records: what a snapshot and a draft have in common.

Owns: look-ups that every edit, command and panel needs. Refuses: writing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from operator import add, attrgetter
from typing import TypeVar

from editor_core.document.layers import Layers
from editor_core.schema import Clip, MediaReference, Project, Record, Timeline, Track, TrackKind, Transition

R = TypeVar("R", bound=Record)


class DocumentError(Exception):
    """The root of what `editor_core.document` raises; the message is for people."""


class UnknownRecord(DocumentError):
    """An id that no live record of the wanted kind has."""


TIMELINE_ORDER = attrgetter("start", "id")
"""Sort key of clips on a track."""
_START = attrgetter("start")
_LENGTH = attrgetter("source_range.duration")
_LETTER = {"video": "V", "audio": "A", "caption": "C"}


class View:
    """Records by id, deleted ones included, with live look-ups on top. Subclasses say where records come from."""

    def record(self, record_id: str) -> Record | None:
        """The record with that id, deleted or not, or None."""
        raise NotImplementedError

    def of_kind(self, kind: type[R]) -> list[R]:
        """All live records of a kind, in the order they were made."""
        raise NotImplementedError

    def clips_on(self, track_id: str) -> tuple[Clip, ...]:
        """Live clips of a track by start (then id)."""
        raise NotImplementedError

    def transitions_on(self, track_id: str) -> tuple[Transition, ...]:
        """Live transitions of a track."""
        return tuple(t for t in self.of_kind(Transition) if t.track == track_id)

    def get(self, kind: type[R], record_id: str) -> R:
        """The live record of a kind. Raises UnknownRecord naming the id."""
        found = self.record(record_id)
        if not isinstance(found, kind) or found.deleted:
            name = "asset" if kind is MediaReference else kind.__name__.lower()
            raise UnknownRecord(f"There is no {name} {record_id!r} in this project")
        return found

    def find(self, kind: type[R], record_id: str) -> R | None:
        """The live record of a kind, or None."""
        found = self.record(record_id)
        return found if isinstance(found, kind) and not found.deleted else None

    @property
    def project(self) -> Project:
        return self.get(Project, "project")

    @property
    def timeline(self) -> Timeline:
        """The main timeline."""
        return self.get(Timeline, self.project.main_timeline)

    def tracks(self, kind: TrackKind | None = None, timeline: str | None = None) -> list[Track]:
        """Live tracks of a timeline (the main one) from V1 up or A1 down; all kinds: video, then audio, then caption."""
        wanted = timeline or self.project.main_timeline
        found = [t for t in self.of_kind(Track) if t.timeline == wanted and (kind is None or t.kind == kind)]
        return sorted(found, key=lambda t: ("vac".index(t.kind[0]), t.order, t.id))

    def track_label(self, track: Track) -> str:
        """Position label: V1, A2, C1."""
        peers = [t.id for t in self.tracks(track.kind, track.timeline)]
        return f"{_LETTER[track.kind]}{peers.index(track.id) + 1}" if track.id in peers else _LETTER[track.kind]

    def clip_at(self, track_id: str, ticks: int) -> Clip | None:
        """The live clip that covers a time on a track."""
        clips = self.clips_on(track_id)
        position = bisect_right(clips, ticks, key=_START) - 1
        return clips[position] if position >= 0 and clips[position].end > ticks else None

    def clips_between(self, track_id: str, start: int, end: int) -> list[Clip]:
        """Live clips of a track that cover any of `[start, end)` ticks, by start."""
        clips = self.clips_on(track_id)
        last = bisect_left(clips, end, key=_START)
        first = last
        while first > 0 and (clips[first - 1].end > start or (first > 1 and clips[first - 2].end > start)):
            first -= 1
        return [clip for clip in clips[first:last] if clip.end > start]

    def clips_from(self, track_id: str, ticks: int) -> tuple[Clip, ...]:
        """Live clips of a track that start at `ticks` or later, by start."""
        clips = self.clips_on(track_id)
        return clips[bisect_left(clips, ticks, key=_START):]

    def linked(self, clip: Clip) -> list[Clip]:
        """The clip and those linked to it, itself first."""
        if not clip.link:
            return [clip]
        return [clip, *(c for c in self.clips_linked(clip.link) if c.id != clip.id)]

    def clips_linked(self, link: str) -> list[Clip]:
        """Live clips that bear a link."""
        return [c for c in self.of_kind(Clip) if c.link == link] if link else []

    def only_shifted(self, record_id: str) -> bool:
        """Whether a record differs from what was checked before by its start alone (in a draft; never in a snapshot)."""
        return False

    def end(self, timeline: str | None = None) -> int:
        """Where the last clip of a timeline ends, in ticks; 0 when it has none."""
        ends = [clip.end for track in self.tracks(timeline=timeline) for clip in self.clips_on(track.id)]
        return max(ends, default=0)


FEW = 64
"""Changed records up to which rows are kept in order clip by clip: sorting thousands of clips again takes longer than a frame."""


def by_start(clips: Iterable[Clip]) -> tuple[Clip, ...]:
    """Clips in timeline order."""
    return tuple(sorted(clips, key=TIMELINE_ORDER))


def _alive(before: Mapping[str, Record], written: Mapping[str, Record]) -> Mapping[str, Record]:
    """The live records of a kind after some were written; those that come to life come last."""
    table = before if isinstance(before, Layers) else Layers(before)
    if not any(new.deleted for new in written.values()):
        return table.written(written)
    made = table.copy()
    for record_id, new in written.items():
        if new.deleted:
            made.pop(record_id, None)
        else:
            made[record_id] = new
    return made


class Snapshot(View):
    """The records at one revision; never changes. Cheap to hold: it shares everything with its neighbours."""

    def __init__(self, records: Mapping[str, Record], revision: int, by_kind: Mapping[type[Record], Mapping[str, Record]],
                 by_track: Mapping[str, tuple[Clip, ...]], by_link: Mapping[str, tuple[str, ...]],
                 ends: Mapping[str, int] | None = None) -> None:
        """`ends` tells where the last clip of a track ends, for tracks where that is known already."""
        self.records = records if isinstance(records, Layers) else Layers(records)
        self.revision = revision
        self._by_kind = by_kind
        self._by_track = by_track
        self._by_link = by_link
        self._ends = dict(ends or {})
        self._end: int | None = None

    @classmethod
    def of(cls, records: Iterable[Record], revision: int = 0) -> Snapshot:
        """A snapshot of any records, indexed."""
        all_records = {record.id: record for record in records}
        kinds: dict[type[Record], dict[str, Record]] = {}
        rows: dict[str, list[Clip]] = {}
        links: dict[str, list[str]] = {}
        for record in all_records.values():
            if record.deleted:
                continue
            kinds.setdefault(type(record), {})[record.id] = record
            if isinstance(record, Clip):
                rows.setdefault(record.track, []).append(record)
                if record.link:
                    links.setdefault(record.link, []).append(record.id)
        return cls(all_records, revision, kinds, {track: by_start(row) for track, row in rows.items()},
                   {link: tuple(ids) for link, ids in links.items()})

    def record(self, record_id: str) -> Record | None:
        records = self.records
        return records.upper.get(record_id) or records.lower.get(record_id)

    def of_kind(self, kind: type[R]) -> list[R]:
        return list(self._by_kind.get(kind, {}).values())  # type: ignore[arg-type]

    def clips_on(self, track_id: str) -> tuple[Clip, ...]:
        return self._by_track.get(track_id, ())

    def shares(self, other: Snapshot, *kinds: type[Record]) -> bool:
        """Whether both have the very same live records of these kinds, told at a glance: a change of clips leaves the table of markers as
        it was. False may also be said of equal ones that were put together apart."""
        return all(self._by_kind.get(kind) is other._by_kind.get(kind) for kind in kinds)

    def end(self, timeline: str | None = None) -> int:
        if timeline is not None:
            return super().end(timeline)
        if self._end is None:  # a snapshot never changes, and its end is asked for many times
            self._end = max((self._end_of(track.id) for track in self.tracks()), default=0)
        return self._end

    def _end_of(self, track_id: str) -> int:
        """Where the last clip of a track ends; handed on to the next snapshot unless the track changes."""
        found = self._ends.get(track_id)
        if found is None:
            clips = self._by_track.get(track_id, ())
            found = self._ends[track_id] = max(map(add, map(_START, clips), map(_LENGTH, clips)), default=0)
        return found

    def clips_linked(self, link: str) -> list[Clip]:
        found = (self.records[i] for i in self._by_link.get(link, ()))
        return [clip for clip in found if isinstance(clip, Clip)]

    def at(self, revision: int) -> Snapshot:
        """The same records, called another revision."""
        return Snapshot(self.records, revision, self._by_kind, self._by_track, self._by_link, self._ends)

    def changed(self, written: Mapping[str, Record]) -> Snapshot:
        """The snapshot one revision on, with these records as they are now; it shares all that did not change."""
        by_kind: dict[type[Record], dict[str, Record]] = {}
        rows: dict[str, list[Clip]] = {}
        links: dict[str, tuple[str, ...]] = {}
        few = len(written) <= FEW
        known = self.records if few else self.records.whole()
        for record_id, new in written.items():
            kind = type(new)
            if kind in by_kind:
                by_kind[kind][record_id] = new
            else:
                by_kind[kind] = {record_id: new}
            if isinstance(new, Clip) and (few or new.link or new.deleted or getattr(known.get(record_id), "link", "")):
                self._change_clip(rows if few else None, links, new)
        if not few:
            rows = self._rows_anew(written)
        sorted_rows = {track: tuple(clips) for track, clips in rows.items()}
        kinds = {kind: _alive(self._by_kind.get(kind, {}), some) for kind, some in by_kind.items()}
        return Snapshot(self.records.written(written), self.revision + 1, {**self._by_kind, **kinds}, {**self._by_track, **sorted_rows},
                        {**self._by_link, **links} if links else self._by_link,
                        {track: end for track, end in self._ends.items() if track not in rows})

    def _change_clip(self, rows: dict[str, list[Clip]] | None, links: dict[str, tuple[str, ...]], new: Clip) -> None:
        """Enters a clip into the rows (where they are kept in order one by one) and links of a change."""
        old = self.records.get(new.id)
        was = old if isinstance(old, Clip) and not old.deleted else None
        if rows is not None and was is not None:
            row = self._row(rows, was.track)
            del row[bisect_left(row, TIMELINE_ORDER(was), key=TIMELINE_ORDER)]
        if rows is not None and not new.deleted:
            insort(self._row(rows, new.track), new, key=TIMELINE_ORDER)
        before, after = "" if was is None else was.link, "" if new.deleted else new.link
        if before == after:
            return
        for link in filter(None, (before, after)):
            ids = tuple(i for i in links.get(link, self._by_link.get(link, ())) if i != new.id)
            links[link] = (*ids, new.id) if link == after else ids

    def _row(self, rows: dict[str, list[Clip]], track: str) -> list[Clip]:
        row = rows.get(track)
        if row is None:
            row = rows[track] = list(self._by_track.get(track, ()))
        return row

    def _rows_anew(self, written: Mapping[str, Record]) -> dict[str, list[Clip]]:
        """The rows that a change of many clips touches, sorted again."""
        touched: dict[str, list[Clip]] = {}
        moved: set[str] = set()
        known = self.records.whole()
        for record_id, new in written.items():
            if not isinstance(new, Clip):
                continue
            old = known.get(record_id)
            alive = isinstance(old, Clip) and not old.deleted
            was = old.track if alive else ""  # type: ignore[union-attr]
            now = "" if new.deleted else new.track
            if was != now or (alive and new.start != old.start):  # type: ignore[union-attr]
                moved.update((was, now))
            if was and was not in touched:
                touched[was] = []
            if now and now != was:
                touched.setdefault(now, []).append(new)
        found: dict[str, list[Clip]] = {}
        take = written.get
        for track, come in touched.items():
            if track not in moved:
                found[track] = [take(c.id, c) for c in self._by_track.get(track, ())]  # type: ignore[misc]
                continue
            row = [one for c in self._by_track.get(track, ()) if isinstance(one := written.get(c.id, c), Clip) and not one.deleted
                   and one.track == track]
            found[track] = sorted([*row, *come], key=TIMELINE_ORDER)
        return found
