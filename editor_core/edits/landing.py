"""Landing: on which track and when each of several clips comes to lie.

Owns: keeping distances in tracks and time, new tracks past the last one. Refuses: making room (see `move`, `duplicate`).
"""

from __future__ import annotations

from collections.abc import Sequence

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import lane_kind, new_track
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Track

NEW = "new"
"""Stands for a track past the last one of the clips' kind."""


def lanes_by(draft: Draft, clips: Sequence[Clip], track: Track | str | None) -> tuple[str, int] | None:
    """The kind of track that is changed, and by how many tracks of it the clips go, measured on the first clip of that kind.

    `track` may be NEW. Raises EditError when no clip can lie there, or the first one's track is not there any more.
    """
    if track is None:
        return None
    if track == NEW:
        first = clips[0]
        peers = [t.id for t in draft.tracks(lane_kind(first))]
        return lane_kind(first), len(peers) - peers.index(first.track)
    assert isinstance(track, Track)
    found = next((clip for clip in clips if lane_kind(clip) == track.kind), None)
    if found is None:
        raise EditError(f"None of these clips can lie on {lane(draft, track)}, which is for {track.kind}")
    peers = [t.id for t in draft.tracks(track.kind)]
    if found.track not in peers:
        raise EditError(f"{called(draft, found)} lies on a track that was removed; move it by itself first")
    return track.kind, peers.index(track.id) - peers.index(found.track)


def lane_after(draft: Draft, clip: Clip, by: int) -> Track:
    """The track `by` places on from a clip's own, made where there is none so far up. Raises EditError below the first, or locked."""
    kind = lane_kind(clip)
    peers = draft.tracks(kind)
    own = next((place for place, track in enumerate(peers) if track.id == clip.track), None)
    if own is None:
        raise EditError(f"{called(draft, clip)} lies on a track that was removed; move it to another one first")
    index = own + by
    if index < 0:
        raise EditError(f"{called(draft, clip)} cannot go beyond {lane(draft, peers[0])}")
    while index >= len(peers):
        new_track(draft, kind)
        peers = draft.tracks(kind)
    if peers[index].locked:
        raise EditError(f"{lane(draft, peers[index])} is locked; unlock it first")
    return peers[index]
