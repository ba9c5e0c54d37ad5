"""Conform: a timeline gets another frame rate, and everything on it lies on frames again.

Owns: rounding clips, transitions and markers to the new frames. Refuses: changing what a clip shows.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import NamedTuple

from editor_core.document import Draft
from editor_core.edits.shape import reshape
from editor_core.edits.source import after, picture_after
from editor_core.schema import Clip, Marker, Timeline, Transition
from editor_core.timing import MAX_TICKS, Rate, floor_to_frame, round_to_frame


class Conformed(NamedTuple):
    """How many clips of picture got other edges, and how many of them end earlier than the nearest frame."""

    moved: int
    shortened: int


def conform(draft: Draft, timeline: Timeline, rate: Rate) -> Conformed:
    """Gives the timeline a rate. Picture starts and ends go to the nearest new frame, sound linked to them with them.

    Where the media ends before that frame, the clip ends a frame earlier, and gets it back with a rate that has room for it.
    """
    old = timeline.rate
    draft.put(timeline, rate=rate)
    if rate == old:
        return Conformed(0, 0)
    moved = shortened = 0
    for track in draft.tracks(timeline=timeline.id):
        if track.kind != "audio":
            free = 0
            clips = draft.clips_on(track.id)
            for clip, following in zip_longest(clips, clips[1:]):
                room = round_to_frame(following.start, rate) if following is not None else MAX_TICKS
                free = _conform(draft, clip, old, rate, free, room)
                now = draft.get(Clip, clip.id)
                moved += (now.start, now.end) != (clip.start, clip.end)
                shortened += now.end < round_to_frame(clip.end, rate)
    for transition in draft.of_kind(Transition):
        draft.put(transition, duration=max(round_to_frame(transition.duration, rate), rate.ticks_per_frame))
    for marker in draft.of_kind(Marker):
        draft.put(marker, start=round_to_frame(marker.start, rate), duration=round_to_frame(marker.duration, rate))
    return Conformed(moved, shortened)


def _conform(draft: Draft, clip: Clip, old: Rate, rate: Rate, free: int, room: int) -> int:
    """Rounds one clip, not before `free`, and returns its end in ticks. What showed all whole frames of its media at the old rate
    does so at the new one, up to `room`."""
    start = max(free, round_to_frame(clip.start, rate))
    end = max(round_to_frame(clip.end, rate), start + rate.ticks_per_frame)
    handle, pictures = after(draft, clip), picture_after(draft, clip)
    if handle is not None and end - start > clip.duration + handle:
        end = start + max(floor_to_frame(clip.duration + handle, rate), rate.ticks_per_frame)
    elif pictures is not None and pictures < old.ticks_per_frame:
        end = max(end, min(start + floor_to_frame(clip.duration + pictures, rate), room))
    for partner in draft.linked(clip):
        if partner.id == clip.id or (partner.is_sound and (partner.start, partner.end) == (clip.start, clip.end)):
            reshape(draft, partner, start, end - start, 0)
    return end
