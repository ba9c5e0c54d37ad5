"""Slip: a clip shows another part of its media; its place on the timeline stays.

    before  media [....|=====|.........]      after  media [........|=====|.....]

Owns: source ranges of clips and their linked ones. Refuses: going beyond the media.
"""

from __future__ import annotations

from collections.abc import Iterable

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.partners import with_linked
from editor_core.edits.source import after, before
from editor_core.edits.wording import called, length
from editor_core.schema import Clip
from editor_core.timing import TimeRange


def slip(draft: Draft, clips: Iterable[Clip], by: int, *, linked: bool = True) -> list[Clip]:
    """Begins `by` ticks later in the media (earlier when negative). Raises EditError naming how far it can go."""
    rate = draft.timeline.rate
    made = []
    for clip in with_linked(draft, clips, linked):
        head, tail = before(draft, clip), after(draft, clip)
        if head is None or tail is None:
            raise EditError(f"{called(draft, clip)} is a {clip.kind if clip.asset == '' else 'still'} and looks the same at any time, "
                            "so there is nothing to slip")
        if not -head <= by <= tail:
            raise EditError(f"{called(draft, clip)} has {length(head, rate)} of media before it and {length(tail, rate)} after it, "
                            "so it cannot slip so far")
        made.append(draft.put(clip, source_range=TimeRange(clip.source_range.start + by, clip.duration)))
    return made
