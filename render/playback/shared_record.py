"""A small record in shared memory with one writer and any number of readers, never seen half written.

Owns: double buffering, sequence numbers, checksums. Refuses: more than one writer, and waiting.

The writer fills the older of two copies, each with a sequence number and a checksum over both; a reader takes the newest copy whose
checksum holds. The checksum makes this safe without any assumption about the order in which memory is written.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

_HEAD = struct.Struct("<Q")
_SUM = struct.Struct("<I")


class SharedRecord:
    """Fields of a `struct` format in a window of shared memory."""

    def __init__(self, window: memoryview, fields: str) -> None:
        """`window` has at least `size_of(fields)` bytes; it is not cleared, zeros read as no record."""
        self._fields = struct.Struct("<" + fields)
        self._copy = _HEAD.size + self._fields.size + _SUM.size
        self._window = window
        found = self._newest()
        self._sequence = found[0] if found is not None else 0

    @staticmethod
    def size_of(fields: str) -> int:
        return 2 * (_HEAD.size + struct.calcsize("<" + fields) + _SUM.size)

    def write(self, *values: Any) -> None:
        """Replaces the record."""
        self._sequence += 1
        body = _HEAD.pack(self._sequence) + self._fields.pack(*values)
        at = self._copy * (self._sequence & 1)
        self._window[at:at + self._copy] = body + _SUM.pack(zlib.crc32(body))

    def read(self) -> tuple[Any, ...] | None:
        """The newest whole record, or None when none was ever written."""
        found = self._newest()
        return found[1] if found is not None else None

    def _newest(self) -> tuple[int, tuple[Any, ...]] | None:
        best: tuple[int, tuple[Any, ...]] | None = None
        for at in (0, self._copy):
            raw = bytes(self._window[at:at + self._copy])
            body, (checksum,) = raw[:-_SUM.size], _SUM.unpack(raw[-_SUM.size:])
            (sequence,) = _HEAD.unpack_from(body)
            if sequence and zlib.crc32(body) == checksum and (best is None or sequence > best[0]):
                best = (sequence, self._fields.unpack_from(body, _HEAD.size))
        return best
