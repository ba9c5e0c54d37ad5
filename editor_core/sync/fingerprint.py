"""One short text that says whether two copies are the same cut.

Owns: the digest over a project's records in one canonical form: of the cut, as people compare it and scripts read it, and of everything,
which is stricter. Refuses: what is local to a file: history, stamps, places of media.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from blake3 import blake3

from editor_core.document import Snapshot
from editor_core.schema import Record, Ripple

LENGTH = 16
"""Bytes of a fingerprint; shown as twice as many characters."""
_ENCODER = msgspec.msgpack.Encoder(order="sorted")
_NEVER = object()
_FIELDS: dict[type[msgspec.Struct], tuple[tuple[str, Any], ...]] = {}


def cut_fingerprint(snapshot: Snapshot) -> str:
    """Hexadecimal digest of the cut: what was removed again, and how clips came to where they are, make no other one. So it is what it was
    when an edit is undone, or a version restored."""
    return fingerprint_of(one for one in snapshot.records.values() if not one.deleted and not isinstance(one, Ripple))


def fingerprint(snapshot: Snapshot) -> str:
    """Hexadecimal digest of all records, deleted ones included: a merge may bring those back."""
    return fingerprint_of(snapshot.records.values())


def fingerprint_of(records: Iterable[Record]) -> str:
    """As `fingerprint`, of any records in any order."""
    hasher = blake3()
    for record in sorted(records, key=lambda one: one.id):
        raw = _ENCODER.encode([record.kind_name, _canonical(record)])
        hasher.update(len(raw).to_bytes(4, "big") + raw)
    return hasher.digest(LENGTH).hex()


def _canonical(value: Any) -> Any:
    """Plain values in which equal things are written equally: fields at their default left out, no negative zero."""
    if isinstance(value, msgspec.Struct):
        kind = type(value)
        fields = _FIELDS.get(kind)
        if fields is None:
            fields = _FIELDS[kind] = tuple((f.name, _NEVER if f.default is msgspec.NODEFAULT else f.default)
                                           for f in msgspec.structs.fields(kind))
        return {name: _canonical(found) for name, default in fields if (found := getattr(value, name)) != default}
    if isinstance(value, float):
        return value + 0.0
    return [_canonical(one) for one in value] if isinstance(value, tuple | list) else value
