"""Which part of its media a clip shows.

Owns: default source ranges, and the refusal of times that the media does not have. Refuses: the timeline.
"""

from __future__ import annotations

from editor_core.document import View
from editor_core.edits.errors import EditError
from editor_core.edits.wording import long
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TICKS_PER_SECOND, Rate, TimeRange, floor_to_frame, round_to_frame

STILL = 5 * TICKS_PER_SECOND
"""Length of a still unless another is asked for."""
_PADDING = TICKS_PER_SECOND
"""Sound that runs on less than this beyond the picture is an encoder's padding, not a reason for a frozen last frame."""


def available(asset: MediaReference) -> int | None:
    """Ticks of media there are, or None for a still, which can be any length."""
    return None if asset.still else asset.duration


def after(view: View, clip: Clip) -> int | None:
    """The tail handle: ticks of media after a clip's end, or None where there is no limit (stills, titles, solids)."""
    asset = view.find(MediaReference, clip.asset) if clip.asset else None
    if asset is None or asset.still:
        return None
    return max(0, asset.duration - clip.source_range.end)


def picture_after(view: View, clip: Clip) -> int | None:
    """As `after`, but of picture alone where its sound runs on for less than a second; 0 where the picture has ended."""
    asset = view.find(MediaReference, clip.asset) if clip.asset else None
    if asset is None or asset.still:
        return None
    return max(0, _whole(asset, asset.duration) - clip.source_range.end)


def before(view: View, clip: Clip) -> int | None:
    """The head handle: ticks of media before a clip's start, or None where there is no limit."""
    asset = view.find(MediaReference, clip.asset) if clip.asset else None
    return None if asset is None or asset.still else clip.source_range.start


def source_range(asset: MediaReference, start: int | None, duration: int | None, rate: Rate) -> TimeRange:
    """The stretch of media for a new clip, from exact arguments in ticks (None: all there is).

    With picture the duration is whole frames of `rate`: rounded half up, but down where the media would end before, and at
    least one frame. Raises EditError where the media does not have what is asked for.
    """
    limit = available(asset)
    begin = 0 if start is None else start
    if limit == 0:
        raise EditError(f"{asset.name} has no length, so there is nothing to put on the timeline")
    if begin < 0 or (limit is not None and begin >= limit):
        raise EditError(f"source_start lies outside {asset.name}, which has {long(limit or 0, rate)} from its start")
    if duration is not None and duration <= 0:
        raise EditError(f"source_duration must be more than nothing; leave it out for all of {asset.name}")
    if limit is not None and duration is not None and begin + duration > limit:
        raise EditError(f"{asset.name} has {long(limit - begin, rate)} from there on, and source_duration asks for {long(duration, rate)}")
    if duration is None:
        duration = STILL if limit is None else _whole(asset, limit) - begin
        if duration <= 0 and limit is not None:
            duration = limit - begin
        wanted = floor_to_frame(duration, rate)
    else:
        wanted = round_to_frame(duration, rate)
        if limit is not None and begin + wanted > limit:
            wanted = floor_to_frame(limit - begin, rate)
    if asset.video is None and not asset.still:
        return TimeRange(begin, duration)
    return TimeRange(begin, max(wanted, rate.ticks_per_frame))


def _whole(asset: MediaReference, limit: int) -> int:
    if asset.video is None or not asset.video.duration:
        return limit
    end = asset.video.start + asset.video.duration
    return end if 0 <= limit - end < _PADDING else limit


def allowed_start(view: View, clip: Clip, rate: Rate) -> int:
    """The earliest start (ticks) that a head trim may give a clip: where its media begins, on a frame for pictures."""
    handle = before(view, clip)
    if handle is None:
        return 0
    return clip.start - (handle if clip.is_sound else floor_to_frame(handle, rate))


def allowed_end(view: View, clip: Clip, rate: Rate) -> int | None:
    """The latest end (ticks) that a tail trim may give a clip, or None where there is no limit."""
    handle = after(view, clip)
    if handle is None:
        return None
    return clip.end + (handle if clip.is_sound else floor_to_frame(handle, rate))


def shortest(clip: Clip, rate: Rate) -> int:
    """The least length of a clip: one frame for pictures; sound may be as short as a 48 kHz sample."""
    return TICKS_PER_SECOND // 48000 if clip.is_sound else rate.ticks_per_frame


__all__ = [
    "STILL", "after", "allowed_end", "allowed_start", "available", "before", "shortest", "source_range",
]
