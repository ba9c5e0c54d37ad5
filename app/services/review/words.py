"""What happened to a record, in the words of an editor.

Owns: one short sentence for a side's change of a clip, transition, marker or track. Refuses: whose it is, and colours.
"""

from __future__ import annotations

from typing import Any

import msgspec

from editor_core.document import View
from editor_core.edits.wording import amount, called, length
from editor_core.schema import Clip, Marker, MediaReference, Record, Timeline, Track, Transition, typed
from editor_core.timing import format_timecode

SILENT = ("deleted", "link", "group", "anchor", "order", "id")
"""Fields that no sentence names, unless they are all there is."""
_PLAIN = {"label": "Colour label", "font": "Font", "font_weight": "Weight", "color": "Colour", "align": "Alignment",
          "blend_mode": "Blend", "stroke_color": "Outline colour", "shadow_color": "Shadow colour", "channel": "Channel", "stream": "Sound"}


def short(ticks: int, view: View) -> str:
    """A time without leading zeros: `1:30:10`, `0:04`."""
    parts = format_timecode(ticks, view.timeline.rate).split(":")
    while len(parts) > 2 and int(parts[0]) == 0:
        parts.pop(0)
    return ":".join([str(int(parts[0])), *parts[1:]])


def title(view: View, record: Record) -> str:
    """What a row calls a record."""
    if isinstance(record, Clip):
        return called(view, record)
    if isinstance(record, Transition):
        second = view.record(record.to_clip)
        return f"{record.kind.capitalize()} at {called(view, second)}" if isinstance(second, Clip) else record.kind.capitalize()
    if isinstance(record, Track):
        return f"Track {record.name or view.track_label(record)}"
    if isinstance(record, Marker):
        return f"Marker {record.text.split(chr(10), 1)[0][:40]}".strip()
    if isinstance(record, Timeline):
        return record.name
    return str(getattr(record, "name", "")) or record.kind_name.capitalize()


def sentence(was: Record | None, now: Record | None, before: View, view: View, *, carried: int = 0, fields: set[str] | None = None) -> str:
    """What a side did to a record; empty where it did nothing. `carried` is by how much it was only carried along (ticks)."""
    there, here = was is not None and not was.deleted, now is not None and not now.deleted
    if not there and not here:
        return ""
    if here and not there and now is not None:
        return _added(now, view)
    if there and not here:
        return "Removed"
    assert was is not None and now is not None
    names = [name for name in now.__struct_fields__ if (fields is None or name in fields) and getattr(was, name) != getattr(now, name)]
    parts = _parts(was, now, names, before, view, carried)
    if not parts and names:
        parts = ["Joined otherwise" if {"link", "group"} & set(names) else "Changed"]
    return ", ".join(parts[:3]) + (f" and {len(parts) - 3} more" if len(parts) > 3 else "")


def _added(now: Record, view: View) -> str:
    if isinstance(now, Clip):
        return f"Placed at {short(now.start, view)}, {short(now.duration, view)} long"
    if isinstance(now, Transition):
        return f"Added, {length(now.duration, view.timeline.rate)}"
    if isinstance(now, Marker):
        return f"Set at {short(now.start, view)}"
    return "Added"


def _parts(was: Record, now: Record, names: list[str], before: View, view: View, carried: int) -> list[str]:
    parts: list[str] = []
    rate = view.timeline.rate
    if "track" in names and isinstance(now, Clip):
        track = view.find(Track, now.track)
        parts.append(f"Moved to {view.track_label(track)}" if track is not None else "Moved to another track")
    if "source_range" in names and isinstance(was, Clip) and isinstance(now, Clip):
        parts.append(_trimmed(was, now, names, view))
    elif "start" in names:
        by = int(getattr(now, "start", 0)) - int(getattr(was, "start", 0)) - carried
        if by:
            far = abs(by) > 10 * rate.ticks_per_frame * round(rate.fps)
            parts.append(f"Moved to {short(int(getattr(now, 'start', 0)), view)}" if far else f"Moved {amount(by, rate)}")
    parts.extend(word for name in names if name not in ("track", "source_range", "start") and (word := field_word(name, was, now, view)))
    return parts


def _trimmed(was: Clip, now: Clip, names: list[str], view: View) -> str:
    by = now.duration - was.duration
    rate = view.timeline.rate
    if not by:
        return f"Slipped {amount(now.source_range.start - was.source_range.start, rate)}"
    which = "head" if now.source_range.start != was.source_range.start and now.source_range.end == was.source_range.end else "tail"
    return f"{'Longer' if by > 0 else 'Shorter'} at the {which}, {amount(by, rate)}"


def field_word(name: str, was: Record, now: Record, view: View) -> str:
    """One field's new value: `Gain −4 dB`, `Opacity 92 %`."""
    return "" if name in SILENT else value_word(name, getattr(now, name), view)


def value_word(name: str, value: Any, view: View, record: str = "") -> str:
    """A field's value in words, also of a plain value out of a change; `record` is the id of whose it is, where it is known."""
    if value is None:
        return f"{name.replace('_', ' ').capitalize()} as it comes"
    if name == "gain_db":
        return f"Gain {_number(value)} dB"
    if name == "opacity":
        return f"Opacity {_number(round(float(value) * 100, 1))} %"
    if name == "rotation":
        return f"Turned {_number(value)}°"
    if name in ("fade_in", "fade_out"):
        return f"Fade {name[5:]} {length(int(value), view.timeline.rate)}"
    if name == "text":
        return f"Text: {str(value).split(chr(10), 1)[0][:48]}"
    if name == "name":
        return f"Named {value}" if value else "Name taken away"
    if name == "enabled":
        return "Enabled" if value else "Disabled"
    if name in ("hidden", "muted", "locked", "solo"):
        return name.capitalize() if value else f"Not {name}"
    if name == "duration":
        return f"{length(int(value), view.timeline.rate)} long"
    if name == "start":
        return f"At {short(int(value), view)}"
    if name == "source_range":
        start, duration = (value.start, value.duration) if hasattr(value, "duration") else value
        return f"{short(int(duration), view)} long, from {short(max(0, int(start)), view)} of its media"
    if name == "track":
        track = view.find(Track, str(value))
        return f"On {view.track_label(track)}" if track is not None else "On a track that is gone"
    if name == "scale":
        pair = (value.x, value.y) if hasattr(value, "x") else value
        return f"Scale {_number(round(float(pair[0]) * 100, 1))} %"
    if name == "deleted":
        return "Removed" if value else "Kept"
    if name in ("link", "group"):
        return _joined(name, str(value), view, record)
    if name == "asset":
        media = view.find(MediaReference, str(value))
        return f"Shows {media.name}" if media is not None else "Shows media that is gone"
    if name == "rate":
        return f"{_number(typed(Timeline, name, value).fps)} frames a second"
    if name == "order":
        return _ordered(str(value), view, record)
    if name in _PLAIN:
        return f"{_PLAIN[name]} {value}" if value else f"No {_PLAIN[name].lower()}"
    return _plainly(name.replace("_", " ").capitalize(), value)


def _plainly(words: str, value: Any) -> str:
    """A value after the name of its field: numbers, pairs of numbers, yes and no, short texts."""
    if isinstance(value, bool):
        return words if value else f"Not {words[:1].lower()}{words[1:]}"
    if isinstance(value, int | float):
        return f"{words} {_number(value)}"
    if isinstance(value, msgspec.Struct):
        value = list(msgspec.structs.astuple(value))
    if isinstance(value, list | tuple) and value and all(isinstance(part, int | float) for part in value):
        return f"{words} {', '.join(_number(part) for part in value)}"
    return f"{words} {value}" if isinstance(value, str) and value and len(value) <= 48 else words


def _joined(name: str, value: str, view: View, record: str) -> str:
    """With which other clips a clip is linked or grouped."""
    if not value:
        return "Not linked" if name == "link" else "In no group"
    others = [called(view, clip) for clip in view.of_kind(Clip) if getattr(clip, name) == value and clip.id != record]
    with_whom = " and ".join(dict.fromkeys(others[:2])) + (f" and {len(others) - 2} more" if len(others) > 2 else "")
    return f"{'Linked' if name == 'link' else 'Grouped'}{f' with {with_whom}' if others else ' alone'}"


def _ordered(value: str, view: View, record: str) -> str:
    """Which place a track has among those of its kind."""
    track = view.find(Track, record)
    others = [one for one in view.tracks(track.kind) if one.id != record] if track is not None else []
    place = 1 + sum(one.order < value for one in others)
    return f"{place} of {len(others) + 1} {track.kind} tracks" if track is not None else "Order"


def _number(value: Any) -> str:
    text = f"{float(value):.3f}".rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "−")
