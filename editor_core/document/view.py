"""Reading records: what a snapshot and a draft have in common.

Owns: look-ups that every edit, command and panel needs. Refuses: writing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from operator import add, attrgetter, lt
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

    def line(self, track_id: str) -> Sequence[Clip]:
        """As `clips_on`, to be looked at there and then: in a draft it is the row itself, which the next write changes."""
        return self.clips_on(track_id)

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
        clips = self.line(track_id)
        position = bisect_right(clips, ticks, key=_START) - 1
        return clips[position] if position >= 0 and clips[position].end > ticks else None

    def clips_between(self, track_id: str, start: int, end: int) -> list[Clip]:
        """Live clips of a track that cover any of `[start, end)` ticks, by start."""
        clips = self.line(track_id)
        first = last = bisect_left(clips, end, key=_START)
        while first > 0 and (clips[first - 1].end > start or (first > 1 and clips[first - 2].end > start)):
            first -= 1
        return [clip for clip in clips[first:last] if clip.end > start]

    def clips_from(self, track_id: str, ticks: int) -> Sequence[Clip]:
        """Live clips of a track that start at `ticks` or later, by start."""
        clips = self.line(track_id)
        return clips[bisect_left(clips, ticks, key=_START):]

    def linked(self, clip: Clip) -> list[Clip]:
        """The clip and those linked to it, itself first."""
        if not clip.link:
            return [clip]
        return [clip, *(c for c in self.clips_linked(clip.link) if c.id != clip.id)]

    def clips_linked(self, link: str) -> list[Clip]:
        """Live clips that bear a link."""
        return [c for c in self.of_kind(Clip) if c.link == link] if link else []

    def with_linked(self, clips: Iterable[Clip]) -> dict[str, Clip]:
        """The clips by id, each once, and behind them those that are linked to them."""
        found = {clip.id: clip for clip in clips}
        for link in dict.fromkeys([clip.link for clip in found.values() if clip.link]):
            for partner in self.clips_linked(link):
                found.setdefault(partner.id, partner)
        return found

    def only_shifted(self, among: AbstractSet[str]) -> tuple[AbstractSet[str], set[str]]:
        """Which of some records are clips that differ from what was checked before by their start alone (in a draft; none in a snapshot),
        and the tracks that they lie on."""
        return frozenset(), set()

    def end(self, timeline: str | None = None) -> int:
        """Where the last clip of a timeline ends, in ticks; 0 when it has none."""
        ends = [clip.end for track in self.tracks(timeline=timeline) for clip in self.clips_on(track.id)]
        return max(ends, default=0)


FEW = 64
"""Changed records up to which rows are kept in order clip by clip: sorting thousands of clips again takes longer than a frame."""


def in_order(row: list[Clip]) -> list[Clip]:
    """A row in timeline order: itself, sorted only where it is not in order, as rows seldom are after clips moved along together."""
    starts = list(map(_START, row))
    if not all(map(lt, starts, islice(starts, 1, None))):
        row.sort(key=TIMELINE_ORDER)
    return row


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
        upper, lower = self.records.upper.get, self.records.lower.get
        found = (upper(i) or lower(i) for i in self._by_link.get(link, ()))
        return [clip for clip in found if isinstance(clip, Clip)]

    def at(self, revision: int) -> Snapshot:
        """The same records, called another revision."""
        return Snapshot(self.records, revision, self._by_kind, self._by_track, self._by_link, self._ends)

    def changed(self, written: Mapping[str, Record], rows: Mapping[str, Sequence[Clip]] | None = None) -> Snapshot:
        """The snapshot one revision on, with these records as they are now; it shares all that did not change. `rows` are the tracks' clips
        in order, for all tracks that the change touches, where somebody has them already."""
        by_kind: dict[type[Record], dict[str, Record]] = {}
        for kind in set(map(type, written.values())):
            by_kind[kind] = {record_id: new for record_id, new in written.items() if type(new) is kind}
        clips: dict[str, Clip] = by_kind.get(Clip, {})  # type: ignore[assignment]
        staying, others = self._staying(clips)
        if rows is None:
            rows = self._rows_one_by_one(clips) if len(written) <= FEW else self._rows_anew(clips, staying, others)
        links = self._links_of(others)
        sorted_rows = {track: tuple(row) for track, row in rows.items()}
        kinds = {kind: _alive(self._by_kind.get(kind, {}), some) for kind, some in by_kind.items()}
        return Snapshot(self.records.written(written), self.revision + 1, {**self._by_kind, **kinds}, {**self._by_track, **sorted_rows},
                        {**self._by_link, **links} if links else self._by_link,
                        {track: end for track, end in self._ends.items() if track not in rows})

    def _staying(self, clips: Mapping[str, Clip]) -> tuple[set[str], dict[str, Clip]]:
        """The tracks of clips that stay on their track and in their link, and the clips that do not."""
        known = self.records.get if len(clips) <= FEW else self.records.whole().get
        tracks: set[str] = set()
        others: dict[str, Clip] = {}
        for clip_id, new in clips.items():
            old = known(clip_id)
            if isinstance(old, Clip) and old.track == new.track and old.link == new.link and not (old.deleted or new.deleted):
                tracks.add(new.track)
            else:
                others[clip_id] = new
        return tracks, others

    def _links_of(self, clips: Mapping[str, Clip]) -> dict[str, tuple[str, ...]]:
        """The clips of every link that a change touches."""
        links: dict[str, tuple[str, ...]] = {}
        for clip_id, new in clips.items():
            old = self.records.get(clip_id)
            before = old.link if isinstance(old, Clip) and not old.deleted else ""
            after = "" if new.deleted else new.link
            if before == after:
                continue
            for link in filter(None, (before, after)):
                ids = tuple(i for i in links.get(link, self._by_link.get(link, ())) if i != clip_id)
                links[link] = (*ids, clip_id) if link == after else ids
        return links

    def _rows_one_by_one(self, clips: Mapping[str, Clip]) -> dict[str, list[Clip]]:
        """The rows that a change of few clips touches, each clip put where it belongs."""
        rows: dict[str, list[Clip]] = {}
        for clip_id, new in clips.items():
            old = self.records.get(clip_id)
            if isinstance(old, Clip) and not old.deleted:
                row = self._row(rows, old.track)
                del row[bisect_left(row, TIMELINE_ORDER(old), key=TIMELINE_ORDER)]
            if not new.deleted:
                insort(self._row(rows, new.track), new, key=TIMELINE_ORDER)
        return rows

    def _row(self, rows: dict[str, list[Clip]], track: str) -> list[Clip]:
        row = rows.get(track)
        if row is None:
            row = rows[track] = list(self._by_track.get(track, ()))
        return row

    def _rows_anew(self, clips: Mapping[str, Clip], staying: set[str], others: Mapping[str, Clip]) -> dict[str, list[Clip]]:
        """The rows that a change of many clips touches, put in order again; see `_staying`."""
        staying = set(staying)
        come: dict[str, list[Clip]] = {}
        take = clips.get
        for clip_id, new in others.items():
            old = self.records.get(clip_id)
            was = old.track if isinstance(old, Clip) and not old.deleted else ""
            now = "" if new.deleted else new.track
            if was == now:
                staying.add(now)
                continue
            if was:
                come.setdefault(was, [])
            if now:
                come.setdefault(now, []).append(new)
        staying.discard("")
        found: dict[str, list[Clip]] = {}
        for track in staying.difference(come):
            found[track] = in_order([take(c.id, c) for c in self._by_track.get(track, ())])
        for track, some in come.items():
            row = [one for c in self._by_track.get(track, ()) if not (one := take(c.id, c)).deleted and one.track == track]
            found[track] = in_order([*row, *some])
        return found
