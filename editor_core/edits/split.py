"""Split: one clip becomes two that meet where it was cut.

    before  V1 |--------A--------|        after  V1 |---A---|---A'----|
            A1 |--------a--------|               A1 |---a---|---a'----|

Owns: cutting, the new links of the right halves. Refuses: choosing the clips (see the command).
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from editor_core.document import Draft
from editor_core.edits.lanes import is_locked
from editor_core.edits.shape import fitted_fades, hand_over_tail, set_edges
from editor_core.edits.source import before
from editor_core.schema import Clip
from editor_core.timing import TimeRange


def split_clip(draft: Draft, clip: Clip, at: int) -> Clip:
    """Cuts one clip at `at` ticks, strictly inside it; returns the right half, a new clip that keeps link and group."""
    moved = 0 if before(draft, clip) is None else at - clip.start
    _, fade_out = fitted_fades(clip.end - at, 0, clip.fade_out)
    right = draft.create(msgspec.structs.replace(
        clip, id=draft.new_id("c"), start=at, source_range=TimeRange(clip.source_range.start + moved, clip.end - at),
        fade_in=0, fade_out=fade_out))
    left = set_edges(draft, clip, clip.start, at)
    if left.fade_out:
        draft.put(left, fade_out=0)
    hand_over_tail(draft, clip, right)
    return right


def split(draft: Draft, clips: Iterable[Clip], at: int) -> list[Clip]:
    """Cuts every clip that covers `at` (ticks) and gives what lies right of the cut links of its own; returns the right halves.

    Of a link whose other members were not all cut, or cannot be written (a locked track), all keep the old link: they still belong
    together.
    """
    made: list[Clip] = []
    links: dict[str, None] = {}
    for clip in clips:
        if clip.start < at < clip.end:
            made.append(split_clip(draft, clip, at))
            if clip.link:
                links[clip.link] = None
    for link in links:
        _relink_right(draft, link, at)
    return [draft.get(Clip, clip.id) for clip in made]


def _relink_right(draft: Draft, link: str, at: int) -> None:
    members = draft.clips_linked(link)
    if any(clip.start < at < clip.end or is_locked(draft, clip) for clip in members):
        return
    right = [clip for clip in members if clip.start >= at]
    fresh = draft.new_id("l") if len(right) > 1 else ""
    for clip in right:
        draft.put(clip, link=fresh)
    left = [clip for clip in members if clip.end <= at]
    if len(left) == 1:
        draft.put(left[0], link="")
