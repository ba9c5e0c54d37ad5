"""Whether two windows show the same cut, told many times a minute.

Owns: a digest over a project's records that is brought up to date by what changed; where two differ, in which tracks.
Refuses: being the fingerprint that people compare and scripts read (see `fingerprint`); whose cut is equal here, deleted records and
ripples included, has an equal one there.
"""

from __future__ import annotations

from blake3 import blake3

from editor_core.document import Snapshot, Stamp
from editor_core.schema import Clip, Record, Track, Transition
from editor_core.sync.fingerprint import fingerprint_of
from editor_core.sync.presence import DIGEST, MAX_PARTS, PART

_WRAP = 1 << 256
_HALF = PART // 2


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

    def parts(self) -> bytes:
        """Of the snapshot that was digested last: for each part (see `part_of`) its name and its content, in `PART` bytes, by name."""
        sums: dict[bytes, int] = {}
        names: dict[str, bytes] = {}
        for record, value in self._known.values():
            part = part_of(record)
            name = names.get(part) or names.setdefault(part, name_of(part))
            sums[name] = sums.get(name, 0) + value
        digests = (name + blake3((total % _WRAP).to_bytes(32, "big")).digest(_HALF) for name, total in sorted(sums.items())[:MAX_PARTS])
        return b"".join(digests)


def part_of(record: Record) -> str:
    """What people would name: the id of a record's track, or the kind of what lies on no track."""
    if isinstance(record, Track):
        return record.id
    return record.track if isinstance(record, Clip | Transition) else record.kind_name


def name_of(part: str) -> bytes:
    """The short name under which others know a part."""
    return blake3(part.encode()).digest(_HALF)


def differing(mine: bytes, theirs: bytes) -> set[bytes]:
    """Names of the parts that are not the same in two cuts, or that only one of them has; beyond what both tell nothing is known."""
    one, two = ({raw[at:at + _HALF]: raw[at + _HALF:at + PART] for at in range(0, len(raw), PART)} for raw in (mine, theirs))
    last = min((max(told) for told in (one, two) if len(told) == MAX_PARTS), default=b"\xff" * (_HALF + 1))
    return {name for name in one.keys() | two.keys() if name <= last and one.get(name) != two.get(name)}


def digest_of(heads: tuple[Stamp, ...]) -> bytes:
    """16 bytes that stand for everything up to the newest changes."""
    return blake3(b"".join(b"%d:%d " % (stamp.session, stamp.counter) for stamp in sorted(heads))).digest(DIGEST)
