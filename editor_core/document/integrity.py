"""What must hold in a document after every local edit.

Owns: the rules between records, checked for what an edit touched or for everything. Refuses: mending; a local edit that breaks
a rule is refused whole, a merge that breaks one puts the clips on the attention list.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from itertools import islice, pairwise
from operator import gt

import msgspec

from editor_core.document.view import DocumentError, View
from editor_core.schema import Clip, Marker, MediaReference, Record, Timeline, Track, Transition
from editor_core.timing import MAX_TICKS

_AN = {"video": "a video", "audio": "an audio", "caption": "a caption"}


class IntegrityError(DocumentError):
    """An edit would leave the document inconsistent; the message names the clips and what would do."""


class Breach(msgspec.Struct, frozen=True):
    """A rule that does not hold: `rule` is its short name, `records` the ids concerned, `message` for people."""

    rule: str
    records: tuple[str, ...]
    message: str


def check(view: View, touched: Iterable[str], base: View | None = None) -> None:
    """Raises IntegrityError for the first rule that the touched records break, unless it was broken just so in `base` already.

    A merge may have left clips over one another; that must not stand in the way of putting it right.
    """
    ids = touched if isinstance(touched, AbstractSet) else list(touched)
    for breach in breaches(view, ids, base):
        if base is None or not any((old.rule, old.records) == (breach.rule, breach.records) for old in breaches(base, ids)):
            raise IntegrityError(breach.message)


def breaches(view: View, touched: Iterable[str] | None = None, base: View | None = None) -> Iterable[Breach]:
    """Every rule broken by the touched records, or in the whole document. With `base` tracks are left out on which the touched clips lie
    just as they did there: nothing overlaps on them that did not before."""
    ids: AbstractSet[str] = touched if isinstance(touched, AbstractSet) else dict.fromkeys(touched or ()).keys()
    carried, tracks = view.only_shifted(ids)
    rest = ids - carried if carried else ids
    records = _all(view) if touched is None else (r for i in rest if (r := view.record(i)) is not None)
    known = _Known(view)
    for record in records:
        if isinstance(record, Clip):
            if record.track not in tracks and (base is None or not _lies_as_before(record, base.record(record.id))):
                tracks.add(record.track)
            if not record.deleted:
                yield from _clip(known, record)
        elif record.deleted:
            yield from _left_behind(view, record)
        else:
            yield from _one(view, record)
    for transition in view.of_kind(Transition) if ids else ():
        if any(end in ids and isinstance(view.record(end), Clip) for end in (transition.from_clip, transition.to_clip)):
            yield from _transition(view, transition)
    for track in sorted(tracks):
        yield from _overlaps(view, track)


class _Known:
    """Tracks and media by id: thousands of clips name the same few."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._tracks: dict[str, Track | None] = {}
        self._media: dict[str, MediaReference | None] = {}

    def track(self, track_id: str) -> Track | None:
        if track_id not in self._tracks:
            self._tracks[track_id] = self._view.find(Track, track_id)
        return self._tracks[track_id]

    def media(self, asset: str) -> MediaReference | None:
        if asset not in self._media:
            self._media[asset] = self._view.find(MediaReference, asset)
        return self._media[asset]


def _all(view: View) -> Iterable[Record]:
    for kind in (Timeline, Track, Clip, Transition, Marker, MediaReference):
        yield from view.of_kind(kind)


def _left_behind(view: View, gone: Record) -> Iterable[Breach]:
    """What a removed record leaves without a home."""
    if isinstance(gone, Track):
        for clip in view.clips_on(gone.id):
            yield Breach("orphan", (clip.id,), f"{_name(clip)} still lies on track {gone.name or gone.id}")
    elif isinstance(gone, MediaReference):
        for clip in view.of_kind(Clip):
            if clip.asset == gone.id:
                yield Breach("orphan", (clip.id,), f"{_name(clip)} still uses {gone.name}")
    elif isinstance(gone, Timeline):
        for track in view.tracks(timeline=gone.id):
            yield Breach("orphan", (track.id,), f"Track {track.name or track.id} still belongs to {gone.name}")


def _name(clip: Clip) -> str:
    return clip.name or clip.text.split("\n", 1)[0][:40] or clip.id


def _one(view: View, record: Record) -> Iterable[Breach]:
    if isinstance(record, Track):
        if view.find(Timeline, record.timeline) is None:
            yield Breach("orphan", (record.id,), f"Track {record.name or record.id} belongs to no timeline")
    elif isinstance(record, Transition):
        yield from _transition(view, record)
    elif isinstance(record, Marker) and view.find(Timeline, record.timeline) is None:
        yield Breach("orphan", (record.id,), f"Marker {record.text or record.id} belongs to no timeline")


def _clip(known: _Known, clip: Clip) -> Iterable[Breach]:
    name = _name(clip)
    track = known.track(clip.track)
    if track is None:
        yield Breach("orphan", (clip.id,), f"Clip {name} is on a track that is not there")
    elif not fits(clip, track):
        yield Breach("kind", (clip.id, track.id), f"Clip {name} ({clip.kind}) cannot lie on {_AN[track.kind]} track")
    if clip.duration <= 0:
        yield Breach("empty", (clip.id,), f"Clip {name} would have no length; delete it instead")
    if clip.start < 0:
        yield Breach("range", (clip.id,), f"Clip {name} would start before the timeline")
    if clip.end > MAX_TICKS or abs(clip.source_range.start) > MAX_TICKS:
        yield Breach("range", (clip.id,), f"Clip {name} would end after more than 147 days; a timeline can be no longer")
    if clip.kind in ("video", "audio"):
        yield from _source(known, clip, name)
    if clip.crop.left + clip.crop.right >= 1 or clip.crop.top + clip.crop.bottom >= 1:
        yield Breach("crop", (clip.id,), f"The crop of {name} leaves no picture; opposite sides must stay below 1 together")


def _source(known: _Known, clip: Clip, name: str) -> Iterable[Breach]:
    asset = known.media(clip.asset)
    if asset is None:
        yield Breach("orphan", (clip.id,), f"Clip {name} uses media that is not in the project")
    elif clip.source_range.start < 0:
        yield Breach("source", (clip.id,), f"Clip {name} would start before its media does")


def fits(clip: Clip, track: Track) -> bool:
    """Whether a clip of its kind may lie on a track of its kind."""
    if clip.kind == "audio":
        return track.kind == "audio"
    if clip.kind == "caption":
        return track.kind == "caption"
    return track.kind == "video"


def _transition(view: View, transition: Transition) -> Iterable[Breach]:
    ends = [view.find(Clip, i) for i in (transition.from_clip, transition.to_clip)]
    first, second = ends
    if first is None or second is None or first.track != second.track or first.end != second.start:
        yield Breach("transition", (transition.id,), "A transition would join clips that do not touch; remove it first")
    elif transition.track != first.track:
        yield Breach("transition", (transition.id,), "A transition would lie on another track than the clips that it joins")


def _lies_as_before(clip: Clip, before: Record | None) -> bool:
    return isinstance(before, Clip) and (before.track, before.start, before.duration, before.deleted) == (
        clip.track, clip.start, clip.duration, clip.deleted)


def _overlaps(view: View, track: str) -> Iterable[Breach]:
    row = view.clips_on(track)
    ends = [clip.start + clip.source_range.duration for clip in row]
    if not any(map(gt, ends, [clip.start for clip in islice(row, 1, None)])):
        return
    for left, right in pairwise(row):
        if left.start + left.source_range.duration > right.start:
            yield Breach("overlap", (left.id, right.id),
                         f"{_name(left)} and {_name(right)} would overlap on one track")
