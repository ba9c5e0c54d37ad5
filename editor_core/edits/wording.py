"""How edits name things: clips, stretches of time, amounts.

Owns: the words in history labels and refusals that more than one edit uses. Refuses: decisions.
"""

from __future__ import annotations

from collections.abc import Sequence

from editor_core.document import View
from editor_core.schema import Clip, MediaReference, Track
from editor_core.timing import TICKS_PER_SECOND, Rate, format_timecode

_KEPT = frozenset("\u200c\u200d\u200e\u200f")
"""Characters without a picture of their own that scripts and emoji need: joiners and direction marks."""


def one_line(text: str) -> str:
    """A name as it may stand in a line of a terminal or a list: what would end the line, or steer the terminal, is a space."""
    return text if text.isprintable() else "".join(c if c.isprintable() or c in _KEPT else " " for c in text)


def called(view: View, clip: Clip) -> str:
    """What a person calls a clip, in one line: its name, else its text, its media's name, its kind."""
    if clip.name:
        return one_line(clip.name)
    if clip.text:
        return one_line(clip.text.split("\n", 1)[0][:40])
    asset = view.find(MediaReference, clip.asset) if clip.asset else None
    return one_line(asset.name) if asset is not None else clip.kind


def several(view: View, clips: Sequence[Clip]) -> str:
    """One clip by name, more as a number: `Harbour dawn`, `4 clips`. Sound linked to a picture among them does not count."""
    pictures = {clip.link for clip in clips if clip.link and not clip.is_sound}
    counted = [clip for clip in clips if not (clip.is_sound and clip.link in pictures)]
    return called(view, counted[0]) if len(counted) == 1 else f"{len(counted)} clips"


def counted(number: int, noun: str) -> str:
    """`no channels`, `1 channel`, `2 channels`."""
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def lane(view: View, track: Track) -> str:
    """A track as `V1`, or `V1 (Titles)` when it has a name."""
    label = view.track_label(track)
    return f"{label} ({one_line(track.name)})" if track.name and track.name != label else label


def at(ticks: int, rate: Rate) -> str:
    """A point in time, as timecode."""
    return format_timecode(ticks, rate)


def amount(ticks: int, rate: Rate) -> str:
    """A signed distance: `+8 f`, `−12 f`, or milliseconds where it is not whole frames."""
    sign = "−" if ticks < 0 else "+"
    return sign + length(abs(ticks), rate)


def length(ticks: int, rate: Rate) -> str:
    """A length: frames where it is whole frames, else milliseconds."""
    frames, rest = divmod(ticks, rate.ticks_per_frame)
    if rest:
        return f"{ticks * 1000 / TICKS_PER_SECOND:.3f}".rstrip("0").rstrip(".") + " ms"
    return f"{frames} f"


def long(ticks: int, rate: Rate) -> str:
    """A length with both units: `00:00:05:00 (5.000 s)`."""
    return f"{format_timecode(ticks, rate)} ({ticks / TICKS_PER_SECOND:.3f} s)"
