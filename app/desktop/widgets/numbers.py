"""What a person may type into a number field.

Owns: reading `12`, `+12`, `-3`, `*1.5`, `/2`, `50%`, `1:05` against the value that is there. Refuses: Qt.
"""

from __future__ import annotations

import math
import re

from editor_core.timing import Rate, TimingError, format_timecode, parse_time, round_to_frame

_NUMBER = re.compile(r"^([+*/]|--?)?\s*(-?\d+(?:[.,]\d*)?|[.,]\d+)\s*(%|[a-zA-Z°]+)?$")


class NotANumber(ValueError):
    """Typed words that are no number; the message says what would do."""


def read_number(text: str, now: float | None, *, percent_of: float = 100.0) -> float:
    """A number typed for a field that holds `now` (None: mixed values).

    `+5` and `--5` add and take away, `*1.5` and `/2` multiply and divide, `50%` is half of `percent_of`; a unit is ignored.
    `-5` alone is minus five. Raises NotANumber.
    """
    words = text.strip().replace("−", "-")
    match = _NUMBER.match(words)
    if match is None:
        raise NotANumber(f"“{text.strip()}” is not a number; write 12, +12, *1.5 or 50%")
    verb, digits, unit = match[1] or "", match[2].replace(",", "."), match[3] or ""
    value = float(digits)
    if not math.isfinite(value):
        raise NotANumber("That number is too large")
    if verb == "-":
        value, verb = -value, ""
    if unit == "%" and percent_of != 100.0:
        value = value * percent_of / 100
    if not verb:
        return value
    if now is None:
        raise NotANumber("The values differ, so there is nothing to add to; write the value itself")
    if verb == "/" and value == 0:
        raise NotANumber("Nothing can be divided by 0")
    return {"+": now + value, "--": now - value, "*": now * value, "/": now / value if value else now}[verb]


def read_time(text: str, now: int | None, rate: Rate) -> int:
    """A length typed for a field that holds `now` ticks: `12` or `12f` frames, `1:05` seconds and frames, `2s`, `00:00:02:00`.

    A leading `+` or `-` moves from what is there. Raises NotANumber.
    """
    words = text.strip().replace("−", "-")
    sign = words[:1] if words[:1] in "+-" else ""
    body = words.removeprefix(sign).strip()
    try:
        ticks = _plain_time(body, rate)
    except TimingError as error:
        raise NotANumber(str(error)) from None
    if not sign:
        return round_to_frame(ticks, rate)
    if now is None:
        raise NotANumber("The values differ, so there is nothing to add to; write the value itself")
    return round_to_frame(now + (ticks if sign == "+" else -ticks), rate)


def _plain_time(body: str, rate: Rate) -> int:
    if re.fullmatch(r"\d+", body):
        return int(body) * rate.ticks_per_frame
    parts = body.split(":")
    if 1 < len(parts) < 4 and all(p.isdigit() for p in parts):
        padded = ["0"] * (4 - len(parts)) + parts
        return parse_time(":".join(f"{int(p):02d}" for p in padded), rate)
    return parse_time(body, rate)


def short_time(ticks: int, rate: Rate) -> str:
    """A length as seconds and frames, with minutes and hours only where needed: `0:12`, `8:05`, `1:23:00`."""
    parts = format_timecode(ticks, rate).split(":")
    while len(parts) > 2 and int(parts[0]) == 0:
        parts.pop(0)
    parts[0] = str(int(parts[0]))
    return ":".join(parts)


def spoken_number(value: float, decimals: int) -> str:
    """With a true minus sign and without `-0`."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")
