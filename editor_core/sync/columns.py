"""An update of the `timeline` document taken apart, so that what a ripple writes over and over is said once.

Owns: a Yjs update (encoding 1) as columns and back, byte for byte. Refuses: compressing the columns, and updates that it would not
give back exactly: those stay whole.

A ripple over 2,000 clips is 2,000 writes of whole numbers, each naming the write before it of the same field (client and clock), and a
list of those, once more, as deleted. A run of such writes becomes one column of clocks and one of numbers, each as the difference
from the one above, cut into planes of bytes: all lowest bytes, all second bytes, … The list of what is deleted is made again from the
clocks.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from math import gcd
from typing import Annotated

import msgspec

from editor_core.sync.errors import UpdateRefused
from editor_core.sync.shape import number, past_write

LEAST = 8
"""Writes of a run at least; fewer are no shorter in columns."""
MOST = 200_000
"""Writes of all runs of an update at most, and ranges of what is deleted: some 50 MB while they are made."""
_RUNS = 1000
_LONGEST = 4 * 2**20
"""Bytes of an update that is taken apart at most: longer ones are whole films, which have no more runs than others."""
_TAIL = 64
"""Longest end of a text in bytes: two numbers."""
_FAR = 2**62
_WRITE = re.compile(rb"\xa8([\x80-\xff]{0,8}+[\x00-\x7f])([\x80-\xff]{0,8}+[\x00-\x7f])\x01w[\x00-\x7f]"
                    rb"\[(-?[0-9]{1,18}+)(,[0-9]{1,20}+,[0-9]{1,20}+\])")
"""A write over another one of one field's text `[number, session, counter]`: client and clock of the other, the number, the rest."""

_Ranges = list[tuple[int, int]]
"""Clocks as (first, one past the last), sorted, not touching."""


class Run(msgspec.Struct, frozen=True, array_like=True):
    """`count` writes that stood `at` a place in the rest of the update.

    `clients` are those whose writes they replace, `which` says for each write which of them (empty: all the first). The numbers are
    `first` and from then on `unit` times what `values` gives; every text ends in `tail`.
    """

    at: int
    count: int
    clients: tuple[int, ...]
    which: bytes
    clocks: bytes
    first: int
    unit: int
    values: bytes
    tail: bytes


class Columns(msgspec.Struct, frozen=True, array_like=True):
    """`rest` is the update without its runs; where there are runs, also without its list of what is deleted. `gone` has that, in the
    form that it has in an update, without what follows from the runs."""

    rest: bytes
    runs: Annotated[tuple[Run, ...], msgspec.Meta(max_length=_RUNS)] = ()
    gone: bytes = b""


def apart(update: bytes) -> Columns:
    """The columns of an update; one without runs is all `rest`. The caller sees whether it comes back as it was: what another program
    wrote may be spelled in ways that are not known here."""
    if len(update) > _LONGEST or update.count(b"\xa8") < LEAST:
        return Columns(update)
    try:
        return _taken_apart(update) or Columns(update)
    except (UpdateRefused, IndexError, OverflowError):
        return Columns(update)


def together(columns: Columns) -> bytes:
    """The update that the columns were. Raises UpdateRefused for columns that are none, before much memory is taken."""
    if not columns.runs:
        return columns.rest
    if sum(max(0, run.count) for run in columns.runs) > MOST:
        raise UpdateRefused("an update claims too many writes")
    pieces: list[bytes] = []
    done = 0
    points: dict[int, list[int]] = {}
    for run in columns.runs:
        if not done <= run.at <= len(columns.rest):
            raise UpdateRefused("an update has writes out of place")
        pieces.append(columns.rest[done:run.at])
        pieces.extend(_writes(run, points))
        done = run.at
    pieces += (columns.rest[done:], _deletions(columns.gone, points))
    return b"".join(pieces)


def _taken_apart(update: bytes) -> Columns | None:
    """Columns that may be right; None where there are no runs."""
    rest: list[bytes] = []
    length = kept = 0
    runs: list[Run] = []
    points: dict[int, list[int]] = {}
    clients, at = number(update, 0)
    for _ in range(clients):
        count, at = number(update, at)
        _, at = number(update, at)
        _, at = number(update, at)
        while count > 0:
            found = _run_at(update, at, count)
            if len(found) < LEAST:
                for _ in range(max(1, len(found))):
                    _, at = past_write(update, at)
                    count -= 1
                continue
            rest.append(update[kept:at])
            length += at - kept
            kept = at = found[-1].end()
            count -= len(found)
            runs.append(_columns(found, length, points))
    if not runs or len(runs) > _RUNS or sum(run.count for run in runs) > MOST:
        return None
    gone = [(client, _without(ranges, _ranges(points.get(client, ())))) for client, ranges in _deleted(update, at)]
    return Columns(b"".join((*rest, update[kept:at])), tuple(runs), _listed(gone))


def _run_at(update: bytes, at: int, most: int) -> list[re.Match[bytes]]:
    """The writes from a place on that are of the one kind and end alike."""
    found: list[re.Match[bytes]] = []
    match = _WRITE.match
    tail = None
    while len(found) < most and (write := match(update, at)) is not None:
        if tail is None:
            tail = write[4]
        elif write[4] != tail:
            break
        found.append(write)
        at = write.end()
    return found


def _columns(found: Sequence[re.Match[bytes]], at: int, points: dict[int, list[int]]) -> Run:
    numbers: dict[bytes, int] = {}
    which = [numbers.setdefault(write[1], len(numbers)) for write in found]
    if len(numbers) > 256:
        raise UpdateRefused("a run replaces writes of more writers than fit into columns")
    clients = tuple(number(raw, 0)[0] for raw in numbers)
    clocks = [number(write[2], 0)[0] for write in found]
    for index, clock in zip(which, clocks, strict=True):
        points.setdefault(clients[index], []).append(clock)
    values = [int(write[3]) for write in found]
    steps = [b - a for a, b in pairwise(values)]
    unit = gcd(*steps) or 1
    return Run(at, len(found), clients, bytes(which) if len(clients) > 1 else b"", _planes(b - a for a, b in pairwise((0, *clocks))),
               values[0], unit, _planes(step // unit for step in steps), found[0][4])


def _writes(run: Run, points: dict[int, list[int]]) -> list[bytes]:
    """The bytes of a run's writes; adds the clocks that they name to `points`, by client. Raises UpdateRefused."""
    if run.count < 1:
        raise UpdateRefused("an update has a run of no writes")
    clocks = list(accumulate(_numbers(run.clocks, run.count)))
    values = list(accumulate([run.first, *(step * run.unit for step in _numbers(run.values, run.count - 1))]))
    if min(clocks) < 0 or max(clocks) >= _FAR or len(run.tail) > _TAIL or max(values) >= _FAR or min(values) <= -_FAR:
        raise UpdateRefused("an update has numbers that are out of bounds")
    which = run.which if run.which else bytes(run.count)
    if len(which) != run.count or not run.clients or max(which) >= len(run.clients) or min(run.clients) < 0:
        raise UpdateRefused("an update names writers that it does not have")
    heads = [b"\xa8" + _coded(client) for client in run.clients]
    for index, clock in zip(which, clocks, strict=True):
        points.setdefault(run.clients[index], []).append(clock)
    tail = run.tail
    texts = [b"[%d%b" % (value, tail) for value in values]
    return [b"%b%b\x01w%c%b" % (heads[index], _coded(clock), len(text), text)
            for index, clock, text in zip(which, clocks, texts, strict=True)]


def _deleted(raw: bytes, at: int) -> list[tuple[int, _Ranges]]:
    """What an update lists as deleted at its end, by client. Raises UpdateRefused, IndexError."""
    found: list[tuple[int, _Ranges]] = []
    clients, at = number(raw, at)
    left = MOST
    for _ in range(clients):
        client, at = number(raw, at)
        count, at = number(raw, at)
        left -= 1 + count
        if left < 0:
            raise UpdateRefused("an update lists more that it deletes than fits into columns")
        ranges: _Ranges = []
        for _ in range(count):
            first, at = number(raw, at)
            length, at = number(raw, at)
            ranges.append((first, first + length))
        found.append((client, ranges))
    if at != len(raw):
        raise UpdateRefused("an update has a length that is not its own")
    return found


def _listed(gone: Iterable[tuple[int, _Ranges]]) -> bytes:
    """The list of what is deleted, as an update ends with it."""
    parts: list[bytes] = []
    count = 0
    for client, ranges in gone:
        count += 1
        parts += (_coded(client), _coded(len(ranges)))
        parts.extend(_coded(first) + _coded(end - first) for first, end in ranges)
    return _coded(count) + b"".join(parts)


def _deletions(gone: bytes, points: dict[int, list[int]]) -> bytes:
    """The list of what is deleted, with what follows from the runs."""
    try:
        besides = _deleted(gone, 0)
    except IndexError:
        raise UpdateRefused("an update's list of what it deletes is cut off") from None
    return _listed((client, _joined([*_ranges(points.get(client, ())), *ranges])) for client, ranges in besides)


def _ranges(clocks: Iterable[int]) -> _Ranges:
    return _joined([(clock, clock + 1) for clock in clocks])


def _joined(ranges: _Ranges) -> _Ranges:
    """Ranges that touch made one."""
    found: _Ranges = []
    start = end = -1
    for first, last in sorted(ranges):
        if first > end or start < 0:
            if start >= 0:
                found.append((start, end))
            start, end = first, last
        elif last > end:
            end = last
    if start >= 0:
        found.append((start, end))
    return found


def _without(ranges: _Ranges, taken: _Ranges) -> _Ranges:
    """The parts of ranges that are in none of some others; both sorted."""
    left: _Ranges = []
    place = 0
    for first, end in ranges:
        while place < len(taken) and taken[place][1] <= first:
            place += 1
        at = place
        while at < len(taken) and taken[at][0] < end:
            if taken[at][0] > first:
                left.append((first, taken[at][0]))
            first = max(first, taken[at][1])
            at += 1
        if first < end:
            left.append((first, end))
    return left


def _planes(steps: Iterable[int]) -> bytes:
    """Whole numbers (up to 63 bits with their sign) as planes of bytes, lowest first, as few as they need."""
    folded = array("Q", [step * 2 if step >= 0 else -step * 2 - 1 for step in steps])
    width = (max(folded, default=0).bit_length() + 7) // 8
    if sys.byteorder == "big":
        folded.byteswap()
    raw = folded.tobytes()
    return b"".join(raw[plane::8] for plane in range(width))


def _numbers(planes: bytes, count: int) -> list[int]:
    """The numbers of some planes. Raises UpdateRefused where they are not so many."""
    width = len(planes) // count if count > 0 else 0
    if count < 0 or width > 8 or width * count != len(planes):
        raise UpdateRefused("an update has columns that are not of one length")
    raw = bytearray(8 * count)
    for plane in range(width):
        raw[plane::8] = planes[plane * count:(plane + 1) * count]
    folded = array("Q", bytes(raw))
    if sys.byteorder == "big":
        folded.byteswap()
    return [-(one + 1 >> 1) if one & 1 else one >> 1 for one in folded]


def _coded(value: int) -> bytes:
    """A number as Yjs writes it."""
    if value < 0x80:
        return bytes((value,))
    if value < 0x4000:
        return bytes((value & 0x7F | 0x80, value >> 7))
    coded = bytearray()
    while value >= 0x80:
        coded.append(value & 0x7F | 0x80)
        value >>= 7
    coded.append(value)
    return bytes(coded)
