"""Trim: an edge of a clip moves, and its media does not.

    tail to t      |------A------|  ->  |----A----|
    ripple tail    |------A------|--B--|  ->  |----A----|--B--|
    ripple head    |------A------|--B--|  ->  |----A----|--B--|   (the first frames go)

Owns: limits (media, neighbours, least length), the linked clips that share the edge, and the ripple of a ripple trim.
Refuses: moving a cut between two clips (see `roll`).
"""

from __future__ import annotations

from typing import Literal

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import in_the_way, require_open
from editor_core.edits.partners import sharing_edge
from editor_core.edits.ripple import pull, push
from editor_core.edits.shape import reshape, set_edges
from editor_core.edits.source import allowed_end, allowed_start, shortest
from editor_core.edits.wording import at, called, lane, length
from editor_core.schema import Clip, MediaReference, Track
from editor_core.timing import round_to_frame

Edge = Literal["head", "tail"]


def trim(draft: Draft, clip: Clip, edge: Edge, to: int, *, linked: bool = True) -> None:
    """Moves an edge to `to` ticks, with the linked clips that share it. Raises EditError where media or a neighbour ends it."""
    clips = sharing_edge(draft, clip, edge) if linked else [clip]
    require_open(draft, clips)
    for one in clips:
        start, end = (to, one.end) if edge == "head" else (one.start, to)
        check_edges(draft, one, start, end)
        longer = (start, one.start) if edge == "head" else (one.end, end)  # a merge may have left clips over it; becoming shorter is well
        blocker = in_the_way(draft, one.track, *longer, {one.id}) if longer[0] < longer[1] else None
        if blocker is not None:
            track = draft.get(Track, one.track)
            limit = blocker.end if edge == "head" else blocker.start
            raise EditError(f"{called(draft, blocker)} is in the way on {lane(draft, track)}; {called(draft, one)} can reach "
                            f"{at(limit, draft.timeline.rate)}. Roll the cut, or trim with ripple")
    for one in clips:
        start, end = (to, one.end) if edge == "head" else (one.start, to)
        set_edges(draft, one, start, end)


def ripple_trim(draft: Draft, clip: Clip, edge: Edge, to: int, *, linked: bool = True) -> list[Track]:
    """Moves an edge by the way to `to` ticks and everything later with it; a head stays where it is on the timeline.

    Returns the tracks that could not follow (see `pull`). Raises EditError as `trim` does.
    """
    clips = sharing_edge(draft, clip, edge) if linked else [clip]
    require_open(draft, clips)
    grow = round_to_frame(clip.start - to if edge == "head" else to - clip.end, draft.timeline.rate)
    for one in clips:
        start, end = (one.start - grow, one.end) if edge == "head" else (one.start, one.end + grow)
        check_edges(draft, one, start, end, ripple=True)
    ids = {one.id for one in clips}
    pivot = clip.end
    if grow > 0:
        push(draft, pivot, grow, ids)
    for one in clips:
        reshape(draft, one, one.start, one.duration + grow, -grow if edge == "head" else 0)
    held = pull(draft, pivot, -grow, {one.track for one in clips}) if grow < 0 else []
    for one in clips:
        now = draft.get(Clip, one.id)
        blocker = in_the_way(draft, now.track, now.start, now.end, {now.id})
        if blocker is not None:
            raise EditError(f"{called(draft, blocker)} is in the way on {lane(draft, draft.get(Track, now.track))}")
    return held


def check_edges(draft: Draft, clip: Clip, start: int, end: int, *, ripple: bool = False) -> None:
    """Raises EditError unless a clip may have these edges: its media reaches so far, and something is left of it."""
    rate = draft.timeline.rate
    name = called(draft, clip)
    if end - start < shortest(clip, rate):
        raise EditError(f"{name} would have nothing left; it is {length(clip.duration, rate)} long. Lift it to remove it")
    if start < 0 and not ripple:
        raise EditError(f"{name} would start before the timeline does")
    asset = draft.find(MediaReference, clip.asset) if clip.asset else None
    if asset is None or asset.still:
        return
    first, last = allowed_start(draft, clip, rate), allowed_end(draft, clip, rate)
    if start < first and start < clip.start:
        if clip.start <= first:
            raise EditError(f"{name} begins where its media begins: there is nothing before it to show")
        raise EditError(f"{asset.name} has only {length(clip.start - first, rate)} before the start of {name}")
    if last is not None and end > last and end > clip.end:
        if clip.end >= last:
            raise EditError(f"{name} ends where its media ends: there is nothing after it to show")
        raise EditError(f"{asset.name} has only {length(last - clip.end, rate)} after the end of {name}")
