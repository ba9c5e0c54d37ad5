"""Overwrite: new material replaces what lies under it on its track; nothing moves.

    before  V1 |----A----|--B--|       after  V1 |--A--|-new-|B|

Owns: erasing and placing. Refuses: erasing on any track that it does not write to.
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.edits.erase import erase
from editor_core.edits.place import Placed, place, require_kind
from editor_core.schema import MediaReference, Track
from editor_core.timing import TimeRange


def overwrite(draft: Draft, asset: MediaReference, track: Track, at: int, source: TimeRange) -> Placed:
    """Places an asset at `at` ticks, over what is there on the track. Its sound goes to a free audio track."""
    require_kind(draft, asset, track)
    erase(draft, track.id, at, at + source.duration)
    return place(draft, asset, track, at, source)
