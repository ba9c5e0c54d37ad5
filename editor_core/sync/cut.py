"""Whether two windows show the same cut, told many times a minute.

Owns: a digest over a project's records that is brought up to date by what changed. Refuses: being the fingerprint that people
compare and scripts read (see `fingerprint`); the two agree on what is equal.
"""

from __future__ import annotations

from blake3 import blake3

from editor_core.document import Snapshot, Stamp
from editor_core.schema import Record
from editor_core.sync.fingerprint import fingerprint_of
from editor_core.sync.presence import DIGEST

_WRAP = 1 << 256


class Cut:
    """Sums the digests of all records; only those that are another object than before are looked at again. For one thread."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Record, int]] = {}
        self._sum = 0

    def digest(self, snapshot: Snapshot) -> bytes:
        """16 bytes, equal for equal records in any order."""
        known, total = self._known, self._sum
        for record_id, record in snapshot.records.items():
            old = known.get(record_id)
            if old is not None and old[0] is record:
                continue
            value = int.from_bytes(blake3(bytes.fromhex(fingerprint_of((record,)))).digest(), "big")
            total += value - (old[1] if old is not None else 0)
            known[record_id] = record, value
        if len(known) > len(snapshot.records):
            for record_id in [one for one in known if one not in snapshot.records]:
                total -= known.pop(record_id)[1]
        self._sum = total % _WRAP
        return blake3(self._sum.to_bytes(32, "big")).digest(DIGEST)


def digest_of(heads: tuple[Stamp, ...]) -> bytes:
    """16 bytes that stand for everything up to the newest changes."""
    return blake3(b"".join(b"%d:%d " % (stamp.session, stamp.counter) for stamp in sorted(heads))).digest(DIGEST)
