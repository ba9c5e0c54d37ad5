"""Clip properties that a person sets: units, ranges, forms a value may have.

Owns: turning a given value into the stored one, with refusals that name unit and range. Refuses: drawing and mixing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from editor_core.document import Draft
from editor_core.edits.colours import FORMS, colour_of
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import require_open
from editor_core.edits.wording import called, counted, length
from editor_core.schema import Clip, MediaReference, SchemaError, typed
from editor_core.timing import TimingError, parse_time


class Property(msgspec.Struct, frozen=True):
    """What `clip.set` may write. `meaning` is one sentence with unit and range; `of` says which clips have it."""

    name: str
    meaning: str
    of: str = "all"


_ALL = (
    Property("position", "[x, y] in project pixels from the frame's top left to the clip's anchor, or null for the middle of the frame",
             "picture"),
    Property("anchor", "[x, y] as fractions of the clip's picture; [0.5, 0.5] is its middle", "picture"),
    Property("scale", "a number, or [x, y]; 1 is fitted inside the frame with its shape kept; 0.001 to 1000", "picture"),
    Property("rotation", "degrees clockwise about the anchor, -36000 to 36000", "picture"),
    Property("crop", "fractions of the picture cut away as [left, top, right, bottom] or {left, top, right, bottom}, each 0 to 1; "
             "opposite sides stay below 1 together; what is left stays where and as large as it was, and the anchor too", "picture"),
    Property("opacity", "0 (clear) to 1 (solid)", "picture"),
    Property("blend_mode", "normal, multiply, screen, overlay, darken, lighten, add, difference, soft_light or hard_light", "picture"),
    Property("gain_db", "decibels, -96 to 24; on a picture it is its linked sound's", "sound"),
    Property("pan", "-1 (left) to 1 (right); equal power, 0 dB in the middle and +3 dB on one side alone; each channel of stereo keeps "
             "its side; on a picture it is its linked sound's", "sound"),
    Property("fade_in", "a time from the clip's start in which a picture's opacity, or a sound's amplitude, rises evenly from 0; with "
             "fade_out at most the clip's length; a picture's is not its linked sound's"),
    Property("fade_out", "a time before the clip's end in which it falls to 0 again; with fade_in at most the clip's length"),
    Property("stream", "which of the file's sound streams is heard, 1 is the first; on a picture it is its linked sound's", "sound"),
    Property("channel", "0 for all channels of that stream, mixed down to stereo, or the number of the one that is heard alone on both "
             "sides, 1 is the first; on a picture it is its linked sound's", "sound"),
    Property("color", f"{FORMS}: a solid's, or of a title's letters", "colour"),
    Property("enabled", "true or false; a clip that is off is neither seen nor heard; linked sound has its own"),
    Property("label", "a colour label's name, up to 64 characters"),
    Property("name", "up to 500 characters"),
)
PROPERTIES: dict[str, Property] = {p.name: p for p in _ALL}
"""What `clip.set` may write, by name."""


def explain() -> str:
    """All properties with their units, as one paragraph for help texts."""
    return "; ".join(f"{p.name}: {p.meaning}" for p in _ALL)


def set_property(draft: Draft, clip: Clip, name: str, value: Any) -> list[Clip]:
    """Writes one property; returns the clips written (for a picture's gain, its sound too).

    Raises EditError naming property, unit and range, or that the clip does not have it.
    """
    require_open(draft, (clip,))
    declared = PROPERTIES.get(name)
    if declared is None:
        raise EditError(f"A clip has no property {name!r} to set; it has {', '.join(PROPERTIES)}")
    targets = _targets(draft, clip, declared)
    stored = _stored(draft, clip, declared, value)
    if name in ("stream", "channel"):
        return [_choose_sound(draft, target, name, stored) for target in targets if target.is_sound]
    if name == "color" and clip.name == f"Solid {clip.color}":
        return [draft.put(clip, color=stored, name=f"Solid {stored}")]
    return [draft.put(target, **{name: stored}) for target in targets]


def _targets(draft: Draft, clip: Clip, declared: Property) -> list[Clip]:
    name = called(draft, clip)
    if declared.of == "picture" and clip.is_sound:
        raise EditError(f"{declared.name} belongs to pictures, and {name} is sound")
    if declared.of == "colour" and clip.kind not in ("solid", "title"):
        raise EditError(f"{declared.name} belongs to solids and titles, and {name} is {clip.kind}")
    if declared.of == "sound" and not clip.is_sound:
        sounds = [c for c in draft.linked(clip) if c.is_sound]
        if not sounds:
            raise EditError(f"{declared.name} belongs to sound, and {name} has no linked sound")
        require_open(draft, sounds, ", which is linked to it,")
        return [clip, *sounds]
    return [clip]


def _choose_sound(draft: Draft, clip: Clip, name: str, number: int) -> Clip:
    """Another stream or channel of the clip's file. A channel that the other stream does not have becomes all of its channels."""
    media = draft.find(MediaReference, clip.asset)
    streams = media.audio if media is not None else ()
    chosen = number if name == "stream" else clip.stream
    if name == "stream" and number > len(streams):
        raise EditError(f"{called(draft, clip)} has {counted(len(streams), 'sound stream')}, so there is no stream {number}")
    channels = streams[chosen - 1].channels if chosen <= len(streams) else 0
    if name == "channel" and number > channels:
        raise EditError(f"Sound stream {chosen} of {called(draft, clip)} has {counted(channels, 'channel')}, so there is no channel "
                        f"{number}; 0 is all of them")
    if name == "channel":
        return draft.put(clip, channel=number)
    return draft.put(clip, stream=number, channel=clip.channel if clip.channel <= channels else 0)


def _stored(draft: Draft, clip: Clip, declared: Property, value: Any) -> Any:
    form = _FORMS.get(declared.name)
    if declared.name in ("fade_in", "fade_out"):
        return _fade(draft, clip, declared, value)
    if declared.name == "color":
        return colour_of(value)
    try:
        stored = typed(Clip, declared.name, value if form is None else form(value))
    except (SchemaError, TypeError) as error:
        raise EditError(f"{declared.name} is {declared.meaning}; {_short(value)} is not") from error
    if declared.name == "crop" and (stored.left + stored.right >= 1 or stored.top + stored.bottom >= 1):
        raise EditError(f"crop would leave no picture of {called(draft, clip)}: {declared.meaning}")
    return stored


def _fade(draft: Draft, clip: Clip, declared: Property, value: Any) -> int:
    rate = draft.timeline.rate
    try:
        ticks = parse_time(value, rate)
    except TimingError as error:
        raise EditError(f"{declared.name}: {error}") from error
    other = clip.fade_out if declared.name == "fade_in" else clip.fade_in
    if not 0 <= ticks <= clip.duration - other:
        raise EditError(f"{declared.name} of {called(draft, clip)} can be 0 to {length(clip.duration - other, rate)}: "
                        f"the clip is {length(clip.duration, rate)} long" + (f" and its other fade {length(other, rate)}" if other else ""))
    return ticks


def as_scale(value: Any) -> Any:
    return [value, value] if isinstance(value, (int, float)) and not isinstance(value, bool) else _pair(value)


def _pair(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"x", "y"}:
        return [value["x"], value["y"]]
    return value


def as_pair(value: Any) -> Any:
    value = _pair(value)
    if value is not None and not (isinstance(value, (list, tuple)) and len(value) == 2):
        raise TypeError("a pair is wanted")
    return value


def _crop(value: Any) -> Any:
    if isinstance(value, dict):
        if not set(value) <= {"left", "top", "right", "bottom"}:
            raise TypeError("unknown side")
        return [value.get(side, 0) for side in ("left", "top", "right", "bottom")]
    if not (isinstance(value, (list, tuple)) and len(value) == 4):
        raise TypeError("four sides are wanted")
    return value


_FORMS: dict[str, Callable[[Any], Any]] = {
    "position": as_pair, "anchor": as_pair, "scale": lambda v: as_pair(as_scale(v)), "crop": _crop,
}


def _short(value: Any) -> str:
    """As it is written in JSON, which is how it was given."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
