"""The shape of a Yjs update (encoding 1), looked at before native code sees it.

Owns: that it cannot end the process, or keep it busy for minutes while nothing else runs. Measured with pycrdt 0.14.13: values nested
50,000 deep (100 kB) exhaust the stack, because native code calls itself for each level; 20,000 writes of one key that know nothing of
each other (156 kB) take 8.5 s, because each is compared with all; 100,000 deletions in falling order take 1.2 s; all of them by the square.
Refuses: what an update means, and damage that native code notices itself.

Short updates that cannot do harm are let through at once. The others are walked from end to end.
Form: github.com/yjs/yjs, `src/utils/encoding.js`, `src/structs`, and lib0's `encoding.writeAny`.
"""

from __future__ import annotations

import re

from editor_core.sync.errors import UpdateRefused

MAX_DEPTH = 64
"""Levels of values in values."""
SHALLOW = 1000
"""So many levels do no harm, also on a thread with half a megabyte of stack."""
SHORT = 16 * 1024
"""An update of so many bytes cannot hold enough to take long."""
FORKS = 1_000_000
"""Pairs of writes that are compared with each other, besides ten a write: 20 ms. Honest writes build on the one before."""
DELETIONS = 1000
"""Ranges of one client that may stand in any order."""
_PLAIN = re.compile(rb"\xa8((?:[\x80-\xff]{0,8}+[\x00-\x7f]){2})\x01w[\x00-\x7f](\[-?[0-9]{1,18}+,[0-9]{1,20}+,[0-9]{1,20}+\])")
"""A ripple's write of a clip's start: the write before it, and a text, whose length must be what the byte before it says."""
_FIXED = {127: 0, 126: 0, 124: 4, 123: 8, 122: 8, 121: 0, 120: 0}
"""Bytes after the tag of a value, for those that have always the same."""


def check_shape(update: bytes, *, forks: bool = True) -> None:
    """Raises UpdateRefused for an update that would do harm. A film of 20,000 clips, 16 MB, takes a second. Without `forks` writes that
    know nothing of each other are let through: text that others type at one place looks like that."""
    if len(update) > SHORT or update.count(b"\x75") + update.count(b"\x76") >= SHALLOW:
        walk(update, forks=forks)


def walk(update: bytes, *, forks: bool = True) -> None:
    """Raises UpdateRefused for an update that does not fit together, or would do harm."""
    try:
        builds_on: dict[bytes, int] = {}
        at = _structs(update, builds_on)
        if forks and sum(count * count for count in builds_on.values()) > FORKS + 10 * len(builds_on):
            raise UpdateRefused("an update holds too many writes that know nothing of each other")
        at = _deletions(update, at)
    except IndexError:
        raise UpdateRefused("an update ends too early") from None
    if at != len(update):
        raise UpdateRefused("an update has a length that is not its own")


def number(raw: bytes, at: int) -> tuple[int, int]:
    """An unsigned number and where it ends."""
    byte = raw[at]
    at += 1
    if byte < 0x80:
        return byte, at
    value, shift = byte & 0x7F, 7
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise UpdateRefused("an update holds a number that never ends")


def past(raw: bytes, at: int) -> int:
    """Where a string, or bytes, with their length before them end."""
    length = raw[at]
    if length < 0x80:
        at += length + 1
    else:
        length, at = number(raw, at)
        at += length
    if at > len(raw):
        raise IndexError
    return at


def _structs(raw: bytes, builds_on: dict[bytes, int]) -> int:
    """Where the writes end; counts those that follow the same one, or are the first of one key."""
    match = _PLAIN.match
    clients, at = number(raw, 0)
    for _ in range(clients):
        count, at = number(raw, at)
        _, at = number(raw, at)
        _, at = number(raw, at)
        for _ in range(count):
            plain = match(raw, at)
            if plain is not None and plain.end() - plain.start(2) == raw[plain.start(2) - 1]:
                at = plain.end()
                builds_on[plain[1]] = builds_on.get(plain[1], 0) + 1
                continue
            before, at = past_write(raw, at)
            if before is not None:
                builds_on[before] = builds_on.get(before, 0) + 1
    return at


def past_write(raw: bytes, at: int) -> tuple[bytes | None, int]:
    """What one write of any kind follows, as it is spelled there (the write before it, or the key that it is the first of; None for
    what only fills a gap), and where it ends."""
    info = raw[at]
    at += 1
    kind = info & 0x1F
    if kind in (0, 10):
        return None, number(raw, at)[1]
    first = at
    if info & 0x80:
        _, at = number(raw, at)
        _, at = number(raw, at)
    before = raw[first:at]
    if info & 0x40:
        _, at = number(raw, at)
        _, at = number(raw, at)
    if not info & 0xC0:
        root, at = number(raw, at)
        if root:
            at = past(raw, at)
        else:
            _, at = number(raw, at)
            _, at = number(raw, at)
        if info & 0x20:
            at = past(raw, at)
        before = raw[first:at]
    return before, _content(raw, at, kind)


def _content(raw: bytes, at: int, kind: int) -> int:
    """Where what a write holds ends."""
    if kind == 8:
        count, at = number(raw, at)
        for _ in range(count):
            at = past(raw, at + 1) if raw[at] in (119, 116) else _value(raw, at, 0)
        return at
    if kind in (3, 4, 5):
        return past(raw, at)
    if kind == 1:
        return number(raw, at)[1]
    if kind == 6:
        return past(raw, past(raw, at))
    if kind == 2:
        count, at = number(raw, at)
        for _ in range(count):
            at = past(raw, at)
        return at
    if kind == 7:
        sort, at = number(raw, at)
        if sort > 6:
            raise UpdateRefused("an update holds a type that is not known here")
        return past(raw, at) if sort in (3, 5) else at
    if kind == 9:
        return _value(raw, past(raw, at), 0)
    raise UpdateRefused("an update holds content that is not known here")


def _value(raw: bytes, at: int, depth: int) -> int:
    """Where one value ends."""
    tag = raw[at]
    at += 1
    if tag in (119, 116):
        return past(raw, at)
    if tag == 125:
        return number(raw, at)[1]
    if tag in _FIXED:
        at += _FIXED[tag]
        if at > len(raw):
            raise IndexError
        return at
    if tag not in (117, 118):
        raise UpdateRefused("an update holds a value that is none")
    if depth >= MAX_DEPTH:
        raise UpdateRefused(f"an update holds values nested more than {MAX_DEPTH} deep")
    count, at = number(raw, at)
    for _ in range(count):
        if tag == 118:
            at = past(raw, at)
        at = _value(raw, at, depth + 1)
    return at


def _deletions(raw: bytes, at: int) -> int:
    clients, at = number(raw, at)
    for _ in range(clients):
        _, at = number(raw, at)
        count, at = number(raw, at)
        last, falls = 0, False
        for _ in range(count):
            clock, at = number(raw, at)
            _, at = number(raw, at)
            falls, last = falls or clock < last, clock
        if falls and count > DELETIONS:
            raise UpdateRefused("an update lists what it deletes in disorder")
    return at
