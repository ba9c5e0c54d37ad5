"""Tracks: their order, and what goes when one goes.

Owns: moving a track among its kind, removing it with its clips. Refuses: locked tracks.
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import is_locked
from editor_core.edits.order import key_at
from editor_core.edits.wording import lane
from editor_core.schema import Track


def move_track(draft: Draft, track: Track, index: int) -> Track:
    """Puts a track at `index` among those of its kind (0 is V1 or A1), beyond the end at the end."""
    peers = [t for t in draft.tracks(track.kind) if t.id != track.id]
    place = max(0, min(index, len(peers)))
    if [t.id for t in draft.tracks(track.kind)].index(track.id) == place:
        return track
    return draft.put(track, order=key_at([t.order for t in peers], place))


def remove_track(draft: Draft, track: Track) -> int:
    """Removes a track and the clips on it; returns how many. Linked clips on other tracks stay. Raises EditError when locked."""
    if track.locked:
        raise EditError(f"{lane(draft, track)} is locked; unlock it first")
    clips = draft.clips_on(track.id)
    for clip in clips:
        draft.delete(clip)
        partners = [c for c in draft.linked(clip) if c.id != clip.id] if clip.link else []
        if len(partners) == 1 and not is_locked(draft, partners[0]):
            draft.put(partners[0], link="")
    draft.delete(track)
    return len(clips)
