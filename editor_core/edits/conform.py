"""Conform: a timeline gets another frame rate, and everything on it lies on frames again.

Owns: rounding clips, transitions and markers to the new frames. Refuses: changing what a clip shows.
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.edits.shape import reshape
from editor_core.edits.source import after
from editor_core.schema import Clip, Marker, Timeline, Transition
from editor_core.timing import Rate, floor_to_frame, round_to_frame


def conform(draft: Draft, timeline: Timeline, rate: Rate) -> None:
    """Gives the timeline a rate. Picture starts and ends go to the nearest new frame, sound linked to them with them."""
    old = timeline.rate
    draft.put(timeline, rate=rate)
    if rate == old:
        return
    for track in draft.tracks(timeline=timeline.id):
        if track.kind != "audio":
            free = 0
            for clip in draft.clips_on(track.id):
                free = _conform(draft, clip, rate, free)
    for transition in draft.of_kind(Transition):
        draft.put(transition, duration=max(round_to_frame(transition.duration, rate), rate.ticks_per_frame))
    for marker in draft.of_kind(Marker):
        draft.put(marker, start=round_to_frame(marker.start, rate), duration=round_to_frame(marker.duration, rate))


def _conform(draft: Draft, clip: Clip, rate: Rate, free: int) -> int:
    """Rounds one clip, not before `free`, and returns its end in ticks."""
    start = max(free, round_to_frame(clip.start, rate))
    end = max(round_to_frame(clip.end, rate), start + rate.ticks_per_frame)
    handle = after(draft, clip)
    if handle is not None and end - start > clip.duration + handle:
        end = start + max(floor_to_frame(clip.duration + handle, rate), rate.ticks_per_frame)
    for partner in draft.linked(clip):
        if partner.id == clip.id or (partner.is_sound and (partner.start, partner.end) == (clip.start, clip.end)):
            reshape(draft, partner, start, end - start, 0)
    return end
