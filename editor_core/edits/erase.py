"""Erase: clears a stretch of one track, cutting clips where they reach out of it.

    before  |---A---|---B---|---C---|      erase B's middle .. C's middle
    after   |---A---|-B-|       |-C-|

Owns: what an overwrite does to what was there. Refuses: other tracks; linked clips elsewhere stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection

from editor_core.document import Draft
from editor_core.edits.shape import set_edges
from editor_core.edits.split import split_clip


def erase(draft: Draft, track_id: str, start: int, end: int, besides: Collection[str] = ()) -> None:
    """Clears `[start, end)` ticks of a track but for the clips in `besides`."""
    for clip in draft.clips_between(track_id, start, end):
        if clip.id in besides:
            continue
        if clip.start < start and clip.end > end:
            right = split_clip(draft, clip, end)
            set_edges(draft, draft.get(type(clip), clip.id), clip.start, start)
            del right
        elif clip.start < start:
            set_edges(draft, clip, clip.start, start)
        elif clip.end > end:
            set_edges(draft, clip, end, clip.end)
        else:
            draft.delete(clip)
