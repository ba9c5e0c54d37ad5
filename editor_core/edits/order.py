"""Fractional indexes: keys between keys, so that two people can reorder without writing each other's records.

Owns: making a key between two others. Refuses: ties (equal keys are ordered by id, by the reader).

Keys are digits of base 62 after an imagined point, compared as text; a key never ends in `0`, so there is always one below it.
"""

from __future__ import annotations

from collections.abc import Sequence

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def between(low: str, high: str | None) -> str:
    """A key above `low` and below `high`; `""` is below everything, None above. `low` < `high` is required (ValueError)."""
    if high is not None and low >= high:
        raise ValueError(f"no key lies between {low!r} and {high!r}")
    made = ""
    position = 0
    while True:
        floor = _digit(low, position, 0)
        top = len(_DIGITS) if high is None else _digit(high, position, 0)
        if top - floor > 1:
            return made + _DIGITS[(floor + top) // 2]
        made += _DIGITS[floor]
        if top > floor:
            high = None
        position += 1


def _digit(key: str, position: int, default: int) -> int:
    return max(0, _DIGITS.find(key[position])) if position < len(key) else default


def key_at(keys: Sequence[str], index: int) -> str:
    """A key that puts a new thing at `index` among things with these ascending keys (0 first, len(keys) last).

    Where two neighbours have the same key (made by two people at once), the new one goes above both.
    """
    low = keys[index - 1] if index > 0 else ""
    high = next((key for key in keys[index:] if key > low), None)
    return between(low, high)
