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
from editor_core.sync.columns import Columns, apart, together
from editor_core.sync.errors import UNDECODABLE
from editor_core.sync.packing import MAX_MERGE, unpack_raw
from editor_core.sync.parcel import opened, seal

BLOCK = 256
"""Entries in one archive block at most."""
_FOLDED_ONCE, _FOLDED = b"\x00PF1", b"\x00PF2"
"""How a folded parcel begins, in the first form and in today's. One that is kept as it is begins with a checksum, which is no likelier
to be one of these than anything else, and then would not unpack."""
SLICE = 2000
"""Records that are encoded in one go: half a millisecond."""
LARGE = 64 * 1024
"""Bytes of a packed ChangeSet that is looked at before it is read whole."""
FIRST_COMMAND = "project.new"
"""The command that the first entry of every journal names; it is no line of history, because it cannot be undone."""
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
    """`records` and `stamps` stay undecoded until wanted; `timeline` is the replicated document, whole, or an update with those that
    followed it.

    `unreadable` names what the writing version could not use, so that a version that can does not trust `records`. Versions that know
    only a whole `timeline` take no other snapshot, and go by the entries.
    """

    minor: int
    records: msgspec.Raw
    stamps: msgspec.Raw
    timeline: bytes | tuple[bytes, ...]
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def updates(self) -> tuple[bytes, ...]:
        """The updates that make the replicated document, in order."""
        return (self.timeline,) if isinstance(self.timeline, bytes) else self.timeline


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


class _Folded(msgspec.Struct, frozen=True, array_like=True):
    """A parcel: its timeline in columns; of its journal what stands `before` and `after` the ChangeSet (None: it is not in it)."""

    timeline: Columns
    before: bytes
    after: bytes | None


_ENCODER = msgspec.msgpack.Encoder()
_PARTS = msgspec.msgpack.Decoder(_Folded)
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


def read_line(packed: bytes) -> Entry:
    """The line of an entry: its ChangeSet is passed over where that made the whole project, which takes long and says nothing. Raises
    Unusable."""
    if len(packed) > LARGE:
        try:
            seen = _LOOSE.decode(unpack_raw(packed, MAX_MERGE))
        except (UpdateRefused, *UNDECODABLE) as error:
            raise Unusable(f"an entry cannot be read: {error}") from None
        if seen.command == FIRST_COMMAND:
            return Entry(**{name: getattr(seen, name) for name in seen.__struct_fields__})
    return read_change(packed)[1]


def _loose_line(raw: bytes) -> Entry:
    try:
        seen = _LOOSE.decode(raw)
    except UNDECODABLE as error:
        raise Unusable(f"an entry cannot be read: {error}") from None
    return Entry(**{name: getattr(seen, name) for name in seen.__struct_fields__})


def fold(change: bytes, parcel: bytes) -> bytes:
    """A replica parcel as a row keeps it: what it says of the ChangeSet beside it is left out, its checksum too, and what a ripple
    writes stands in columns. A parcel that would not come back as it is stays nearly whole."""
    dictionary = _dictionary(change)
    try:
        kept = _FOLDED + _deflated(_ENCODER.encode(_apart(change, parcel)), dictionary)
        if unfold(change, kept) == parcel:
            return kept
    except (Unusable, UpdateRefused, *UNDECODABLE):
        pass
    return _FOLDED_ONCE + _deflated(parcel, _window(change))


def unfold(change: bytes, kept: bytes) -> bytes:
    """The parcel of a row; one that was kept as it is comes back as it is. Raises Unusable."""
    form = kept[:len(_FOLDED)]
    if form not in (_FOLDED, _FOLDED_ONCE):
        return kept
    try:
        if form == _FOLDED_ONCE:
            return _inflated(kept, _window(change))
        folded = _PARTS.decode(_inflated(kept, _dictionary(change)))
        said = change if folded.after is not None else b""
        return seal(together(folded.timeline), folded.before + said + (folded.after or b""))
    except (UpdateRefused, OverflowError, *UNDECODABLE) as error:
        raise Unusable(f"an entry's replica cannot be unpacked: {error}") from None


def _apart(change: bytes, parcel: bytes) -> _Folded:
    """Raises UpdateRefused for a parcel that is none."""
    timeline, journal = opened(parcel)
    before, found, after = journal.partition(change)
    return _Folded(apart(timeline), before, after if found else None)


def _dictionary(change: bytes) -> bytes:
    """What deflate may refer to: the names of the records, most of all."""
    raw = unpack_raw(change, MAX_MERGE)
    return raw if len(raw) <= _WINDOW else raw[:_WINDOW // 8] + raw[-_WINDOW // 8:]


def _window(change: bytes) -> bytes:
    """The dictionary of the first form."""
    return unpack_raw(change, MAX_MERGE)[-_WINDOW:] + change[-_WINDOW // 4:]


def _deflated(raw: bytes, dictionary: bytes) -> bytes:
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=dictionary)
    return squeezer.compress(raw) + squeezer.flush()


def _inflated(kept: bytes, dictionary: bytes) -> bytes:
    """Raises Unusable."""
    inflater = zlib.decompressobj(-15, zdict=dictionary)
    try:
        raw = inflater.decompress(kept[len(_FOLDED):], MAX_UNPACKED)
    except zlib.error as error:
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


def make_snapshot(sequence: int, chain: bytes, records: Iterable[Record], stamps: Stamps, timeline: Sequence[bytes],
                  unreadable: tuple[Unreadable, ...] = ()) -> tuple[Any, ...]:
    """A snapshot row, marked. `timeline` are the updates that make the replicated document. While it is made other threads go on."""
    every = list(records)
    whole = timeline[0] if len(timeline) == 1 else tuple(timeline)
    body = SnapshotBody(FORMAT[1], msgspec.Raw(_in_slices(every, 0xDD)), msgspec.Raw(_in_slices(stamps.items(), 0xDF)), whole, unreadable)
    return marked("snapshots", sequence, chain, _squeeze(body, 1))


def _in_slices(items: Iterable[Any], kind: int) -> bytes:
    """The msgpack of a list (kind 0xDD), or of a dictionary's items (0xDF), put together from slices: encoding holds everybody up."""
    every = list(items)
    parts = [bytes((kind,)) + len(every).to_bytes(4, "big")]
    for first in range(0, len(every), SLICE):
        part = every[first:first + SLICE]
        coded = msgspec.msgpack.encode(part if kind == 0xDD else dict(part))
        parts.append(coded[1 if len(part) < 16 else 3:])  # without what it says of its own length, which is below 65,536
    return b"".join(parts)


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
