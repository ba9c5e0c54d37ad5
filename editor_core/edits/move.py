"""Move: clips change time, track or both, with their linked sound.

    before  V1 |--A--|--B--|            move A to where B ends
    after   V1 |     |--B--|--A--|

Owns: what happens to clips that are in the way, and which track linked sound takes. Refuses: changing what a clip shows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Literal

from editor_core.document import Draft
from editor_core.edits.erase import erase
from editor_core.edits.errors import EditError
from editor_core.edits.landing import lane_after, lanes_by
from editor_core.edits.lanes import in_the_way, lane_kind, new_track, require_free
from editor_core.edits.partners import with_linked
from editor_core.edits.ripple import open_gap
from editor_core.edits.wording import called, length
from editor_core.schema import Clip, Track
from editor_core.timing import ceil_to_frame

Mode = Literal["refuse", "overwrite", "insert"]
"""What happens to clips in the way: `refuse` the edit, `overwrite` them, or `insert` and push all that is later."""

Landing = dict[str, tuple[str, int]]
"""Clip id to track id and start in ticks."""


def move(draft: Draft, clips: Sequence[Clip], by: int, track: Track | str | None = None, *, mode: Mode = "refuse",
         linked: bool = True) -> list[Clip]:
    """Moves clips and their linked ones by ticks, the given ones of the track's kind to `track` (or NEW).

    From several tracks, clips keep their distance in tracks; new tracks are made past the last one. Linked sound keeps its track
    if that is free there (or what lies there is overwritten), else goes to the first free one. Raises EditError naming what is in
    the way.
    """
    moving = with_linked(draft, clips, linked)
    for clip in moving:
        if clip.start + by < 0:
            raise EditError(f"{called(draft, clip)} would start before the timeline does; it can move "
                            f"{length(clip.start, draft.timeline.rate)} to the left")
    landing = _landing(draft, clips, moving, by, track, mode)
    if mode == "insert":
        return _insert(draft, moving, landing)
    ids = {clip.id for clip in moving}
    for clip in _meeting_others(draft, moving, landing, ids):
        track_id, start = landing[clip.id]
        if mode == "overwrite":
            erase(draft, track_id, start, start + clip.duration, ids)
        else:
            require_free(draft, draft.get(Track, track_id), start, start + clip.duration, ids)
    return _put(draft, moving, landing, by)


def _meeting_others(draft: Draft, moving: Sequence[Clip], landing: Landing, ids: set[str]) -> list[Clip]:
    """The clips that land on a track between clips that stay: only they can be in anything's way."""
    spans: dict[str, tuple[int, int]] = {}
    for clip in moving:
        track, start = landing[clip.id]
        low, high = spans.get(track, (start, start))
        spans[track] = (min(low, start), max(high, start + clip.duration))
    busy = {track for track, (low, high) in spans.items() if in_the_way(draft, track, low, high, ids) is not None}
    return [clip for clip in moving if landing[clip.id][0] in busy]


def _put(draft: Draft, moving: Sequence[Clip], landing: Landing, by: int) -> list[Clip]:
    """Writes the landing: clips that stay on their track all at once."""
    shifting = [clip for clip in moving if landing[clip.id][0] == clip.track]
    if by and len(shifting) > 1:
        draft.shift(shifting, by, placing=True)
    else:
        shifting = []
    for clip in moving if not shifting else [clip for clip in moving if landing[clip.id][0] != clip.track]:
        draft.put(clip, track=landing[clip.id][0], start=landing[clip.id][1])
    return [draft.get(Clip, clip.id) for clip in moving]


def _landing(draft: Draft, given: Sequence[Clip], moving: Sequence[Clip], by: int, track: Track | str | None, mode: Mode) -> Landing:
    ids = {clip.id for clip in moving}
    explicit = {clip.id for clip in given}
    lanes = lanes_by(draft, given, track)
    landing: Landing = {}
    goals: dict[str, str] = {}
    peers: dict[str, list[Track]] = {}
    taken = _Taken()
    for clip in moving:
        if clip.id in explicit:
            target = clip.track
            if lanes is not None and lane_kind(clip) == lanes[0]:
                target = goals.get(clip.track) or goals.setdefault(clip.track, lane_after(draft, clip, lanes[1]).id)
            landing[clip.id] = (target, clip.start + by)
            taken.add(target, clip.start + by, clip.end + by)
    for clip in moving:
        if clip.id not in landing:
            start = clip.start + by
            target = clip.track if mode != "refuse" or not by else _free(draft, clip, start, ids, taken, peers)
            landing[clip.id] = (target, start)
            taken.add(target, start, start + clip.duration)
    return landing


class _Taken:
    """The stretches of tracks where something is landing, those that meet as one, so that one look tells: thousands land."""

    def __init__(self) -> None:
        self._spans: dict[str, tuple[list[int], list[int]]] = {}

    def add(self, track: str, start: int, end: int) -> None:
        """Takes `[start, end)` ticks."""
        starts, ends = self._spans.setdefault(track, ([], []))
        first, last = bisect_left(ends, start), bisect_right(starts, end)
        if first < last:
            start, end = min(start, starts[first]), max(end, ends[last - 1])
        starts[first:last], ends[first:last] = [start], [end]

    def overlaps(self, track: str, start: int, end: int) -> bool:
        """Whether any of `[start, end)` ticks is taken."""
        starts, ends = self._spans.get(track, ([], []))
        place = bisect_right(ends, start)
        return place < len(starts) and starts[place] < end


def _free(draft: Draft, clip: Clip, start: int, besides: set[str], taken: _Taken, peers: dict[str, list[Track]]) -> str:
    """The clip's own track or the first unlocked one that is free from `start` on, also of what else is landing there. `peers` are the
    tracks of each kind as they are now, gathered when first needed."""
    end, kind = start + clip.duration, lane_kind(clip)
    if kind not in peers:
        peers[kind] = [track for track in draft.tracks(kind) if not track.locked]
    for track in sorted(peers[kind], key=lambda t: t.id != clip.track):
        if not taken.overlaps(track.id, start, end) and in_the_way(draft, track.id, start, end, besides) is None:
            return track.id
    del peers[kind]
    return new_track(draft, kind).id


def _insert(draft: Draft, moving: Sequence[Clip], landing: Landing) -> list[Clip]:
    """Takes the clips out (leaving gaps), opens room for all of them at the earliest landing, and puts them there."""
    first = min(start for _, start in landing.values())
    last = max(landing[clip.id][1] + clip.duration for clip in moving)
    draft.put_all(moving, deleted=True)
    open_gap(draft, first, ceil_to_frame(last - first, draft.timeline.rate))
    return [draft.put(clip, deleted=False, track=landing[clip.id][0], start=landing[clip.id][1]) for clip in moving]
