"""What a person types into a timecode field.

Owns: reading digits from the right, relative times, points for two zeros. Refuses: widgets.
"""

from __future__ import annotations

import re

from editor_core.timing import MAX_TICKS, Rate, TimingError, parse_time

_SEPARATORS = re.compile(r"[:;,\s]+")


def read_entry(text: str, current: int, rate: Rate) -> int:
    """Ticks for what was typed, at least 0.

    `12` is frame 12, `1:05` one second five frames, `10500` one minute five seconds, `1.` one second, `+12` or `-1:05`
    relative to `current`; `5.2s` and `150f` as everywhere. Raises TimingError naming the text.
    """
    words = text.strip()
    sign, rest = (words[0], words[1:].strip()) if words[:1] in ("+", "-", "−") else ("", words)
    if not rest or len(rest) > 30:
        raise TimingError(f"{text.strip()!r} is not a time")
    ticks = parse_time(rest, rate) if rest[-1] in "sf" else _frames(rest, text, rate) * rate.ticks_per_frame
    if sign:
        ticks = current + ticks if sign == "+" else current - ticks
    return min(max(0, ticks), MAX_TICKS)


def _frames(rest: str, text: str, rate: Rate) -> int:
    digits = rest.replace(".", "00")
    if _SEPARATORS.search(digits):
        parts = [p or "0" for p in _SEPARATORS.split(digits)]
    else:
        parts = [digits[max(0, i - 2):i] for i in range(len(digits), 0, -2)][::-1]
        if len(parts) > 4:  # more than eight digits: hours take the rest
            parts = ["".join(parts[:-3]), *parts[-3:]]
    if not all(p.isascii() and p.isdigit() for p in parts) or len(parts) > 4:
        raise TimingError(f"{text.strip()!r} is not a time; type digits from the right, or +12, 1:05, 5.2s")
    hours, minutes, seconds, frames = ([0] * (4 - len(parts))) + [int(p) for p in parts]
    return ((hours * 60 + minutes) * 60 + seconds) * rate.nominal + frames


def spoken(ticks: int, rate: Rate) -> str:
    """A time in words for a screen reader: `1 minute 24 seconds 8 frames`."""
    frames = ticks // rate.ticks_per_frame
    seconds, rest = divmod(frames, rate.nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "hour"), (minutes, "minute"), (seconds, "second"), (rest, "frame")]
    words = [f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts if count]
    return " ".join(words) or "start"
