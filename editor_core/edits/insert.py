"""Insert: new material goes in and everything later moves along.

    before  V1 |----A----|--B--|       after  V1 |--A--|-new-|-A'-|--B--|
            A1 |----a----|--b--|              A1 |--a--|-new-|-a'-|--b--|

Owns: opening the gap on all unlocked tracks and filling it. Refuses: locked target tracks (see the command).
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.edits.place import Placed, place
from editor_core.edits.ripple import open_gap
from editor_core.schema import MediaReference, Track
from editor_core.timing import TimeRange, ceil_to_frame


def insert(draft: Draft, asset: MediaReference, track: Track, at: int, source: TimeRange) -> Placed:
    """Inserts at `at` ticks (on a frame). The gap is whole frames, so sound of another length leaves less than a frame free."""
    open_gap(draft, at, ceil_to_frame(source.duration, draft.timeline.rate))
    return place(draft, asset, track, at, source)
