"""Move: clips change time, track or both, with their linked sound.

    before  V1 |--A--|--B--|            move A to where B ends
    after   V1 |     |--B--|--A--|

Owns: where each clip lands, new tracks past the last one, what happens to a clip that is in the way.
Refuses: changing what a clip shows of its media.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from editor_core.document import Draft
from editor_core.edits.erase import erase
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import first_free, lane_kind, new_track, require_free
from editor_core.edits.partners import with_linked
from editor_core.edits.ripple import open_gap
from editor_core.edits.wording import at, called, lane
from editor_core.schema import Clip, Track
from editor_core.timing import ceil_to_frame

Mode = Literal["refuse", "overwrite", "insert"]
"""What happens to clips in the way: `refuse` the move, `overwrite` them, or `insert` and push all that is later."""

Landing = dict[str, tuple[str, int]]
"""Clip id to track id and start in ticks."""


def move(draft: Draft, clips: Sequence[Clip], by: int, track: Track | None = None, *, mode: Mode = "refuse",
         linked: bool = True) -> list[Clip]:
    """Moves clips and their linked ones by ticks, the given ones of the track's kind to `track`.

    From several tracks, clips keep their distance in tracks; new tracks are made past the last one. Linked sound keeps its track
    if that is free there, else goes to the first free one. Raises EditError naming what is in the way.
    """
    moving = with_linked(draft, clips, linked)
    for clip in moving:
        if clip.start + by < 0:
            raise EditError(f"{called(draft, clip)} would start before the timeline does; it can move "
                            f"{at(clip.start, draft.timeline.rate)} to the left")
    landing = _landing(draft, clips, moving, by, track, mode)
    if mode == "insert":
        return _insert(draft, moving, landing)
    ids = {clip.id for clip in moving}
    for clip in moving:
        track_id, start = landing[clip.id]
        if mode == "overwrite":
            erase(draft, track_id, start, start + clip.duration, ids)
        else:
            require_free(draft, draft.get(Track, track_id), start, start + clip.duration, ids)
    return [draft.put(clip, track=landing[clip.id][0], start=landing[clip.id][1]) for clip in moving]


def _landing(draft: Draft, given: Sequence[Clip], moving: Sequence[Clip], by: int, track: Track | None, mode: Mode) -> Landing:
    ids = {clip.id for clip in moving}
    landing: Landing = {}
    explicit = {clip.id for clip in given}
    lanes_by = _lanes_by(draft, given, track)
    for clip in moving:
        goes = clip.id in explicit and track is not None and lane_kind(clip) == track.kind
        if goes and lanes_by is not None:
            landing[clip.id] = (_lane_after(draft, clip, lanes_by).id, clip.start + by)
    for clip in moving:
        if clip.id in landing:
            continue
        start, target = clip.start + by, draft.get(Track, clip.track)
        if clip.id not in explicit and mode == "refuse":
            target = first_free(draft, lane_kind(clip), start, start + clip.duration, ids, prefer=clip.track)
        landing[clip.id] = (target.id, start)
    for track_id, _ in landing.values():
        target = draft.get(Track, track_id)
        if target.locked:
            raise EditError(f"{lane(draft, target)} is locked; unlock it first")
    return landing


def _lanes_by(draft: Draft, given: Sequence[Clip], track: Track | None) -> int | None:
    """By how many tracks the given clips of the track's kind go up the list, measured on the first of them."""
    if track is None:
        return None
    first = next((clip for clip in given if lane_kind(clip) == track.kind), None)
    if first is None:
        raise EditError(f"None of these clips can lie on {lane(draft, track)}, which is a {track.kind} track")
    peers = [t.id for t in draft.tracks(track.kind)]
    return peers.index(track.id) - peers.index(first.track)


def _lane_after(draft: Draft, clip: Clip, lanes_by: int) -> Track:
    kind = lane_kind(clip)
    peers = draft.tracks(kind)
    index = [t.id for t in peers].index(clip.track) + lanes_by
    if index < 0:
        raise EditError(f"{called(draft, clip)} cannot go beyond {lane(draft, peers[0])}")
    while index >= len(peers):
        new_track(draft, kind)
        peers = draft.tracks(kind)
    return peers[index]


def _insert(draft: Draft, moving: Sequence[Clip], landing: Landing) -> list[Clip]:
    """Takes the clips out (leaving gaps), opens room for all of them at the earliest landing, and puts them there."""
    first = min(start for _, start in landing.values())
    last = max(landing[clip.id][1] + clip.duration for clip in moving)
    for clip in moving:
        draft.delete(clip)
    rate = draft.timeline.rate
    open_gap(draft, first, ceil_to_frame(last - first, rate))
    return [draft.put(clip, deleted=False, track=landing[clip.id][0], start=landing[clip.id][1]) for clip in moving]
