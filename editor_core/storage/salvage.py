"""Rows of a project file read page by page, for when SQLite can no longer find its way.

Owns: the part of SQLite's file format (sqlite.org/fileformat2.html) that leaf pages of tables need: cells, records, overflow
chains. Refuses: believing anything: a row counts only if its own mark fits, wherever it was found.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from editor_core.storage.found import Found
from editor_core.storage.layout import MAX_BLOB, PAGE_SIZE, TABLES, intact

log = logging.getLogger(__name__)

MOST_PAGES = 2**18
"""Pages looked at, 1 GiB of them; beyond that a file is not one of ours, and looking would take minutes."""
_LEAF = 0x0D
_SLOTS = 1024
"""Cell pointers tried on a page; a page of ours has fewer than 300 cells."""
_LOCAL_MOST = PAGE_SIZE - 35
_LOCAL_LEAST = (PAGE_SIZE - 12) * 32 // 255 - 23
_HEADER = 64
"""Bytes of a record's header at most; ours have 7 columns."""
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_BY_WIDTH: dict[int, list[str]] = {}
for _name, _columns in TABLES.items():
    _BY_WIDTH.setdefault(len(_columns), []).append(_name)


def salvage(path: Path, found: Found) -> int:
    """Adds to `found` every intact row of the file that is not in it yet; returns how many rows it saw.

    The file must not be open for writing in this process. Raises OSError.
    """
    seen = 0
    with path.open("rb") as file:
        pages = min(file.seek(0, 2) // PAGE_SIZE, MOST_PAGES)
        for number in range(1, pages + 1):
            for row in _rows_on(file, number, pages):
                table = next((name for name in _BY_WIDTH.get(len(row), ()) if intact(name, row)), None)
                if table is not None:
                    seen += 1
                    found.take(table, row)
    log.info("%s: %d rows found page by page", path.name, seen)
    return seen


def _page(file: BinaryIO, number: int) -> bytes:
    file.seek((number - 1) * PAGE_SIZE)
    return file.read(PAGE_SIZE)


def _rows_on(file: BinaryIO, number: int, pages: int) -> Iterator[list[Any]]:
    """Whatever on a page can be taken for rows of ours."""
    page = _page(file, number)
    start = 100 if number == 1 else 0
    if len(page) < PAGE_SIZE or page[start] != _LEAF:
        return
    for slot in range(start + 8, min(start + 8 + 2 * _SLOTS, PAGE_SIZE - 1), 2):
        cell = int.from_bytes(page[slot:slot + 2], "big")
        if not slot < cell < PAGE_SIZE - 4:
            continue
        try:
            row = _row(file, page, cell, pages)
        except (ValueError, IndexError):
            continue
        if row is not None:
            yield row


def _row(file: BinaryIO, page: bytes, at: int, pages: int) -> list[Any] | None:
    size, at = _varint(page, at)
    number, at = _varint(page, at)
    if not 4 <= size <= min(MAX_BLOB, pages * PAGE_SIZE):
        return None
    if size <= _LOCAL_MOST:
        payload = page[at:at + size]
    else:
        local = _LOCAL_LEAST + (size - _LOCAL_LEAST) % (PAGE_SIZE - 4)
        local = local if local <= _LOCAL_MOST else _LOCAL_LEAST
        if _columns_in(page[at:at + local]) not in _BY_WIDTH:
            return None
        following = int.from_bytes(page[at + local:at + local + 4], "big")
        payload = page[at:at + local] + _overflow(file, following, size - local, pages)
    if len(payload) != size:
        return None
    return _record(payload, number)


def _columns_in(payload: bytes) -> int:
    """How many columns a record says it has; a cheap look before long chains are followed."""
    length, at = _varint(payload, 0)
    if length > _HEADER:
        return 0
    count = 0
    while at < length:
        _, at = _varint(payload, at)
        count += 1
    return count


def _overflow(file: BinaryIO, number: int, size: int, pages: int) -> bytes:
    parts: list[bytes] = []
    seen: set[int] = set()
    while size > 0:
        if not 1 < number <= pages or number in seen:
            raise ValueError("an overflow chain leads nowhere")
        seen.add(number)
        page = _page(file, number)
        parts.append(page[4:4 + min(size, PAGE_SIZE - 4)])
        size -= len(parts[-1])
        number = int.from_bytes(page[:4], "big")
    return b"".join(parts)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """SQLite's big-endian variable-length integer and the place after it. Raises IndexError at the end."""
    value = 0
    for position in range(8):
        byte = raw[at + position]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + position + 1
    return value << 8 | raw[at + 8], at + 9


def _record(payload: bytes, number: int) -> list[Any] | None:
    length, at = _varint(payload, 0)
    if length > min(len(payload), _HEADER):
        return None
    kinds: list[int] = []
    while at < length:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Any] = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload) or not values or values[0] is not None:
        return None
    values[0] = number
    return values


def _value(payload: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in _INTEGERS:
        end = at + _INTEGERS[kind]
        return int.from_bytes(payload[at:end], "big", signed=True), end
    if kind < 12:
        raise ValueError("no column of ours")
    end = at + (kind - 12) // 2
    if end > len(payload):
        raise ValueError("a column longer than its row")
    raw = payload[at:end]
    return (raw.decode() if kind % 2 else raw), end
