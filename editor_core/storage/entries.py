"""Journal entries, old and new, as they lie in rows.

Owns: rows of the journal, archive blocks, snapshots and the end mark as values; packing blocks and snapshots.
Refuses: SQL, and deciding which of them to believe (see `recovery`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

import msgspec

from editor_core.document import ChangeSet, Entry, Stamp, entry_of
from editor_core.document.staging import Stamps
from editor_core.schema import AnyRecord, Record
from editor_core.storage.layout import FORMAT, marked
from editor_core.sync import Unreadable, UpdateRefused
from editor_core.sync.errors import UNDECODABLE
from editor_core.sync.packing import MAX_MERGE, unpack_raw

BLOCK = 256
"""Entries in one archive block at most."""
_FOLDED = b"\x00PF1"
"""How a folded parcel begins. One that is kept as it is begins with a checksum, which is no likelier to be this than anything else, and
then would not unpack."""
_WINDOW = 24 * 1024
"""Bytes of the ChangeSet that deflate may refer to; it looks back 32 KiB."""
MAX_UNPACKED = 256 * 2**20
"""Bytes that a compressed column may unpack to; a snapshot of 100,000 clips takes a quarter of it."""

T = TypeVar("T")


class Unusable(ValueError):
    """A row whose mark fits but whose content this version cannot use."""


class JournalRow(NamedTuple):
    """One entry: packed ChangeSet and replica parcel (folded, see `fold`); `mark` covers both as they lie there and the mark of the
    entry before, `previous`."""

    sequence: int
    previous: bytes
    change: bytes
    replica: bytes
    mark: bytes


class ArchiveRow(NamedTuple):
    """Entries `first` to `last`, compressed; `chain` is the mark of the last of them."""

    first: int
    last: int
    previous: bytes
    chain: bytes
    lines: bytes
    body: bytes
    mark: bytes


class SnapshotRow(NamedTuple):
    """The project after entry `sequence`, whose mark is `chain`."""

    sequence: int
    chain: bytes
    body: bytes
    mark: bytes


class Head(NamedTuple):
    """The last entry, its mark, and the sum over the side tables."""

    sequence: int
    chain: bytes
    sides: bytes


class SnapshotBody(msgspec.Struct, frozen=True, array_like=True):
    """`records` and `stamps` stay undecoded until wanted; `timeline` is the replicated document.

    `unreadable` names what the writing version could not use, so that a version that can does not trust `records`.
    """

    minor: int
    records: msgspec.Raw
    stamps: msgspec.Raw
    timeline: bytes
    unreadable: tuple[Unreadable, ...] = ()


class _Loose(msgspec.Struct):
    """A ChangeSet of a newer version, as far as a line of history needs it."""

    stamp: Stamp
    actor: str = ""
    command: str = ""
    label: str = ""
    time: int = 0
    kind: str = "do"
    target: Stamp | None = None
    gesture: str = ""


_RECORDS = msgspec.msgpack.Decoder(list[AnyRecord])
_STAMPS = msgspec.msgpack.Decoder(Stamps)
_LINES = msgspec.msgpack.Decoder(list[Entry])
_BLOCK = msgspec.msgpack.Decoder(list[tuple[bytes, bytes]])
_BODY = msgspec.msgpack.Decoder(SnapshotBody)
_CHANGE = msgspec.msgpack.Decoder(ChangeSet)
_LOOSE = msgspec.msgpack.Decoder(_Loose)


def read_change(packed: bytes) -> tuple[ChangeSet | None, Entry]:
    """The ChangeSet, None when only a newer version understands it, and its line. Raises Unusable when there is not even a line."""
    try:
        raw = unpack_raw(packed, MAX_MERGE)
    except UpdateRefused as error:
        raise Unusable(str(error)) from None
    try:
        change = _CHANGE.decode(raw)
    except UNDECODABLE:
        return None, _loose_line(raw)
    return change, entry_of(change)


def _loose_line(raw: bytes) -> Entry:
    try:
        seen = _LOOSE.decode(raw)
    except UNDECODABLE as error:
        raise Unusable(f"an entry cannot be read: {error}") from None
    return Entry(**{name: getattr(seen, name) for name in seen.__struct_fields__})


def fold(change: bytes, parcel: bytes) -> bytes:
    """A replica parcel as a row keeps it. It says again what the ChangeSet beside it says, and names the same records: with that as
    the dictionary a gesture takes half of its bytes."""
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=unpack_raw(change, MAX_MERGE)[-_WINDOW:] + change[-_WINDOW // 4:])
    return _FOLDED + squeezer.compress(parcel) + squeezer.flush()


def unfold(change: bytes, kept: bytes) -> bytes:
    """The parcel of a row; one that was kept as it is comes back as it is. Raises Unusable."""
    if not kept.startswith(_FOLDED):
        return kept
    try:
        dictionary = unpack_raw(change, MAX_MERGE)[-_WINDOW:] + change[-_WINDOW // 4:]
        inflater = zlib.decompressobj(-15, zdict=dictionary)
        raw = inflater.decompress(kept[len(_FOLDED):], MAX_UNPACKED)
    except (UpdateRefused, zlib.error) as error:
        raise Unusable(f"an entry's replica cannot be unpacked: {error}") from None
    if not inflater.eof or inflater.unused_data:
        raise Unusable("an entry's replica is cut off or too long")
    return raw


def make_block(rows: Sequence[JournalRow]) -> tuple[Any, ...]:
    """The archive row of consecutive entries, marked."""
    lines = [read_change(row.change)[1] for row in rows]
    body = [(row.change, row.replica) for row in rows]
    return marked("archive", rows[0].sequence, rows[-1].sequence, rows[0].previous, rows[-1].mark, _squeeze(lines, 6),
                  _squeeze(body, 6))


def lines_of(block: ArchiveRow) -> list[Entry]:
    """The lines of a block's entries. Raises Unusable."""
    return _open(block.lines, _LINES, block.last - block.first + 1)


def entries_of(block: ArchiveRow) -> list[tuple[bytes, bytes]]:
    """Packed ChangeSet and replica parcel, as its row kept it, of each entry of a block. Raises Unusable."""
    return _open(block.body, _BLOCK, block.last - block.first + 1)


def _open(blob: bytes, decoder: msgspec.msgpack.Decoder[list[T]], count: int) -> list[T]:
    try:
        found = decoder.decode(_unsqueeze(blob))
    except UNDECODABLE as error:
        raise Unusable(f"a block of old entries cannot be read: {error}") from None
    if len(found) != count:
        raise Unusable("a block of old entries has the wrong length")
    return found


def make_snapshot(sequence: int, chain: bytes, records: Iterable[Record], stamps: Stamps, timeline: bytes,
                  unreadable: tuple[Unreadable, ...] = ()) -> tuple[Any, ...]:
    """A snapshot row, marked."""
    encode = msgspec.msgpack.encode
    body = SnapshotBody(FORMAT[1], msgspec.Raw(encode(list(records))), msgspec.Raw(encode(stamps)), timeline, unreadable)
    return marked("snapshots", sequence, chain, _squeeze(body, 1))


def snapshot_of(row: SnapshotRow) -> SnapshotBody:
    """A snapshot's content. Raises Unusable."""
    try:
        return _BODY.decode(_unsqueeze(row.body))
    except UNDECODABLE as error:
        raise Unusable(f"a snapshot cannot be read: {error}") from None


def records_in(body: SnapshotBody) -> list[Record] | None:
    """A snapshot's records, or None when they must be taken from the replica, which has them complete."""
    if body.unreadable or body.minor != FORMAT[1]:
        return None
    try:
        return list(_RECORDS.decode(body.records))
    except UNDECODABLE:
        return None


def stamps_in(body: SnapshotBody) -> Stamps:
    """A snapshot's stamps. Raises Unusable."""
    try:
        return _STAMPS.decode(body.stamps)
    except UNDECODABLE as error:
        raise Unusable(f"the stamps of a snapshot cannot be read: {error}") from None


def _squeeze(value: Any, level: int) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), level)


def _unsqueeze(blob: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(blob, MAX_UNPACKED)
    except zlib.error as error:
        raise Unusable(f"a compressed row cannot be unpacked: {error}") from None
    if not inflater.eof:
        raise Unusable("a compressed row is cut off or too long")
    return raw
