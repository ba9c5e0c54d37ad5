"""Swap: two clips change places, with their linked sound.

    before  |--A--|-B-|---C---|    swap A and C    after  |---C---|-B-|--A--|

Owns: where both go, and that clips between them stay between them. Refuses: running over other clips.

On one track the stretch that the two enclose keeps its length, so nothing outside it moves. From one track to another each takes the
place where the other began.
"""

from __future__ import annotations

from itertools import pairwise

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import first_free, lane_kind, require_free, require_open
from editor_core.edits.partners import with_linked
from editor_core.edits.wording import called
from editor_core.schema import Clip, Track

Landing = dict[str, tuple[str, int]]
"""Clip id to track id and start in ticks."""


def swap(draft: Draft, one: Clip, other: Clip, *, linked: bool = True) -> None:
    """Puts two clips of one kind of track in each other's place. Raises EditError naming what is in the way, or locked."""
    if one.id == other.id:
        raise EditError(f"{called(draft, one)} cannot change places with itself")
    if lane_kind(one) != lane_kind(other):
        raise EditError(f"{called(draft, one)} and {called(draft, other)} lie on different kinds of tracks and cannot change places")
    first, second = sorted((one, other), key=lambda clip: (clip.start, clip.id))
    mine, theirs = with_linked(draft, [first], linked), with_linked(draft, [second], linked)
    if {clip.id for clip in mine} & {clip.id for clip in theirs}:
        raise EditError(f"{called(draft, first)} and {called(draft, second)} are linked to each other; unlink them first")
    if first.track == second.track:
        landing = _along(draft, first, second, mine, theirs, linked)
    else:
        landing = _across(first, second, mine, theirs)
        for clip in (*mine, *theirs):
            if clip.id not in (first.id, second.id):
                track, start = landing[clip.id]
                landing[clip.id] = first_free(draft, lane_kind(clip), start, start + clip.duration, landing, prefer=track).id, start
    _land(draft, landing)


def _along(draft: Draft, first: Clip, second: Clip, mine: list[Clip], theirs: list[Clip], linked: bool) -> Landing:
    """On one track: the later one to the start of the earlier one, which goes to the end of the later one."""
    landing = {clip.id: (clip.track, clip.start + second.end - first.end) for clip in mine}
    landing |= {clip.id: (clip.track, clip.start + first.start - second.start) for clip in theirs}
    between = [clip for clip in draft.clips_between(first.track, first.end, second.start) if clip.id not in landing]
    for clip in with_linked(draft, between, linked):
        if clip.id not in landing:
            landing[clip.id] = (clip.track, clip.start + second.duration - first.duration)
    return landing


def _across(first: Clip, second: Clip, mine: list[Clip], theirs: list[Clip]) -> Landing:
    """From track to track: each to where the other begins; linked sound takes the other's track where the other has some, and the
    first free one where that has no room."""
    landing: Landing = {}
    for clip, group, goal, others in ((first, mine, second, theirs), (second, theirs, first, mine)):
        tracks = {lane_kind(member): member.track for member in others if member.id != goal.id}
        for member in group:
            track = goal.track if member.id == clip.id else tracks.get(lane_kind(member), member.track)
            landing[member.id] = (track, member.start + goal.start - clip.start)
    return landing


def _land(draft: Draft, landing: Landing) -> None:
    """Writes the places, when they are free of other clips and of each other."""
    moving = [draft.get(Clip, clip) for clip in landing]
    require_open(draft, moving)
    ends: dict[str, list[tuple[int, int, Clip]]] = {}
    for clip in moving:
        track, start = landing[clip.id]
        if start < 0:
            raise EditError(f"{called(draft, clip)} would start before the timeline does")
        require_free(draft, draft.get(Track, track), start, start + clip.duration, landing)
        ends.setdefault(track, []).append((start, start + clip.duration, clip))
    for spans in ends.values():
        spans.sort(key=lambda span: span[:2])
        for (_, end, before), (start, _, after) in pairwise(spans):
            if start < end:
                raise EditError(f"{called(draft, before)} and {called(draft, after)} would lie over each other")
    for clip in moving:
        track, start = landing[clip.id]
        draft.put(clip, track=track, start=start)
