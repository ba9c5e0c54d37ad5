"""A span of the timeline: everything between two times goes.

    lift      |---A---|---B---|   ->   |--A--|      |--B--|
    extract   |---A---|---B---|   ->   |--A--|--B--|

Owns: cutting at both ends on the tracks concerned, and closing over it. Refuses: locked tracks.
"""

from __future__ import annotations

from collections.abc import Sequence

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import open_tracks
from editor_core.edits.ripple import pull
from editor_core.edits.split import split
from editor_core.edits.wording import lane
from editor_core.schema import Clip, Track


def lift_span(draft: Draft, start: int, end: int, tracks: Sequence[Track] | None = None) -> list[Clip]:
    """Removes what lies in `[start, end)` ticks on the tracks (None: all unlocked ones), cutting clips that reach out of it."""
    if end <= start:
        raise EditError("The range has no length; `end` lies after `start`")
    for track in tracks or ():
        if track.locked:
            raise EditError(f"{lane(draft, track)} is locked; unlock it first")
    lanes = list(tracks) if tracks is not None else open_tracks(draft)
    for cut in (start, end):
        split(draft, [clip for track in lanes for clip in draft.clips_between(track.id, cut, cut + 1)], cut)
    gone = [clip for track in lanes for clip in draft.clips_between(track.id, start, end)]
    draft.put_all(gone, deleted=True)
    return gone


def extract_span(draft: Draft, start: int, end: int) -> list[Clip]:
    """Removes what lies in `[start, end)` ticks (on frames) on all unlocked tracks and closes the gap."""
    gone = lift_span(draft, start, end)
    pull(draft, end, end - start, {track.id for track in open_tracks(draft)})
    return gone
