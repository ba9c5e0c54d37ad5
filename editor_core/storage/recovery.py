"""From the rows of a project file to the project: which snapshot, which entries, what was lost.

Owns: walking the chain of entries, the choice of snapshot, replay, the words for what is missing. Refuses: touching files.

The result is always a state that the project once had: the newest intact snapshot and the unbroken chain of entries after
it. What lies behind a break is not used, even where it can be read.
"""

from __future__ import annotations

import dataclasses
import logging
import sys
from collections.abc import Iterator

from editor_core.document import ChangeSet, DocumentError, Entry, Stamp
from editor_core.document.staging import CREATED, Stamps, stage, write_stamps
from editor_core.schema import Record, SchemaError
from editor_core.storage.entries import (
    ArchiveRow,
    JournalRow,
    SnapshotBody,
    SnapshotRow,
    Unusable,
    entries_of,
    lines_of,
    read_change,
    read_line,
    records_in,
    snapshot_of,
    stamps_in,
    unfold,
)
from editor_core.storage.errors import ProjectDamaged
from editor_core.storage.found import Found
from editor_core.storage.layout import FIRST_LINK, marked
from editor_core.sync import Replica, SyncError, Unreadable
from editor_core.sync.parcel import unseal
from editor_core.sync.shape import check_shape

log = logging.getLogger(__name__)

Gap = tuple[int, int]
"""Numbers of the first and the last entry that are missing."""


@dataclasses.dataclass
class Recovered:
    """A project as it can be had from what was found.

    `sequence` and `chain` are those of the last entry used. `lines` holds every readable line of history in order, by entry
    number. `lost` are entries at the end that were given up, `lost_lines` those of them that can still be named, `gaps` older
    entries whose effect is kept but which can no longer be undone (an empty one, `(n, n - 1)`, is a broken chain). `base` is the
    snapshot it was built on. `timeline` are the updates that the replica was given of the replicated document.
    """

    records: dict[str, Record]
    stamps: Stamps
    replica: Replica
    sequence: int
    chain: bytes
    lines: dict[int, Entry]
    base: int
    lost: Gap | None = None
    lost_lines: list[Entry] = dataclasses.field(default_factory=list)
    gaps: list[Gap] = dataclasses.field(default_factory=list)
    unreadable: list[Unreadable] = dataclasses.field(default_factory=list)
    timeline: list[bytes] = dataclasses.field(default_factory=list)


def recover(found: Found, *, trusted: bool = False) -> Recovered:
    """The newest state that can be vouched for. `trusted` says that this very file was looked at before, and this process may end over it.
    Raises ProjectDamaged when there is none."""
    for row in [*(found.snapshots[n] for n in sorted(found.snapshots, reverse=True)), None]:
        try:
            made = _build(row, found, trusted)
        except (Unusable, SyncError) as error:
            log.warning("snapshot %s cannot be used: %s", row.sequence if row else 0, error)
            continue
        if made.sequence > 0:
            _tell_history(made, found)
            return made
    raise ProjectDamaged("nothing could be recovered")


class _Spoilt(Exception):
    """An entry whose update failed half-way, so that the replica it went into must not be used."""

    def __init__(self, sequence: int) -> None:
        super().__init__(sequence)
        self.sequence = sequence


def _build(row: SnapshotRow | None, found: Found, trusted: bool) -> Recovered:
    """The state from a snapshot (from nothing without one) and every usable entry that follows. Raises Unusable, SyncError."""
    until = sys.maxsize
    while True:
        try:
            return _replay(_from_snapshot(row, trusted) if row is not None else _from_nothing(), found, until)
        except _Spoilt as spoilt:
            until = spoilt.sequence - 1


def _from_nothing() -> Recovered:
    return Recovered({}, {}, Replica(), 0, FIRST_LINK, {}, 0)


def _from_snapshot(row: SnapshotRow, trusted: bool) -> Recovered:
    body: SnapshotBody = snapshot_of(row)
    replica = Replica()
    for update in body.updates:
        if not trusted:
            check_shape(update, forks=False)
        replica.apply_timeline(update)
    records = records_in(body)
    if records is None:
        records = replica.records()
    return Recovered({r.id: r for r in records}, stamps_in(body), replica, row.sequence, row.chain, {}, row.sequence,
                     unreadable=list(replica.unreadable), timeline=list(body.updates))


def _replay(state: Recovered, found: Found, until: int) -> Recovered:
    """Applies every entry up to number `until` that follows without a break. Raises _Spoilt."""
    foreign = bool(state.unreadable)
    later: list[Stamp] = []
    for row in _entries_after(state.sequence, found):
        if row.sequence != state.sequence + 1 or row.previous != state.chain or row.sequence > until:
            break
        try:
            change, line = read_change(row.change)
            update = unseal(unfold(row.change, row.replica)).timeline
        except (Unusable, SyncError) as error:
            log.warning("entry %d cannot be used: %s", row.sequence, error)
            break
        try:
            state.replica.apply_timeline(update)
        except SyncError as error:
            log.warning("entry %d cannot be used: %s", row.sequence, error)
            raise _Spoilt(row.sequence) from None
        if update:
            state.timeline.append(update)
        foreign = not _stage(state, change) or foreign
        if change is None:
            later.append(line.stamp)
        state.sequence, state.chain = row.sequence, row.mark
        state.lines[row.sequence] = line
    if foreign:
        _take_from_replica(state, later)
    return state


def _stage(state: Recovered, change: ChangeSet | None) -> bool:
    """Applies one ChangeSet to records and stamps; False when the records must be taken from the replica instead."""
    if change is None:
        return False
    try:
        state.records.update(stage(change, state.records))
    except (DocumentError, SchemaError) as error:
        log.warning("%s cannot be replayed and is taken from the replica: %s", change.label, error)
        return False
    finally:
        write_stamps(change, state.stamps)
    return True


def _take_from_replica(state: Recovered, later: list[Stamp]) -> None:
    """Records and stamps of changes that only a newer version can read, from the replica, which understands every field."""
    state.records = {r.id: r for r in state.replica.records()}
    state.unreadable = list(state.replica.unreadable)
    for stamp in later:
        for record_id, fields in state.replica.written_by(stamp).items():
            made = "type" in fields
            state.stamps.setdefault(record_id, {}).update({CREATED if made else name: (stamp, stamp) for name in fields})


def pieces(found: Found) -> list[ArchiveRow | JournalRow]:
    """Archive blocks and journal rows in order of their entries."""
    every: list[ArchiveRow | JournalRow] = [*found.archive.values(), *found.journal.values()]
    return sorted(every, key=lambda piece: (piece[0], -last_of(piece)))


def last_of(piece: ArchiveRow | JournalRow) -> int:
    """Number of a piece's last entry."""
    return piece.last if isinstance(piece, ArchiveRow) else piece.sequence


def rows_of(piece: ArchiveRow | JournalRow) -> Iterator[JournalRow]:
    """The entries of a piece, those of a block with their marks computed again; none if the block cannot be opened."""
    if isinstance(piece, JournalRow):
        yield piece
        return
    try:
        pairs = entries_of(piece)
    except Unusable as error:
        log.warning("entries from %d on: %s", piece.first, error)
        return
    previous = piece.previous
    for sequence, (change, replica) in enumerate(pairs, piece.first):
        row = JournalRow(*marked("journal", sequence, previous, change, replica))
        yield row
        previous = row.mark


def _entries_after(sequence: int, found: Found) -> Iterator[JournalRow]:
    position = sequence
    for piece in pieces(found):
        if last_of(piece) <= position:
            continue
        for row in rows_of(piece):
            if row.sequence > position:
                yield row
                position = row.sequence


def _tell_history(state: Recovered, found: Found) -> None:
    """Fills in the lines of history, and what is missing before and after `state.sequence`."""
    position, chain = 0, FIRST_LINK
    for piece in pieces(found):
        if last_of(piece) <= position:
            continue
        first = piece[0]
        if first > state.sequence:
            state.lost_lines.extend(line for line in _lines(piece, state) if line is not None)
            continue
        if first > position + 1 or (first == position + 1 and piece.previous != chain):
            state.gaps.append((position + 1, first - 1))
        for sequence, line in enumerate(_lines(piece, state), first):
            if line is not None and position < sequence <= state.sequence:
                state.lines[sequence] = line
        position, chain = last_of(piece), piece.mark if isinstance(piece, JournalRow) else piece.chain
    if position < state.sequence:
        state.gaps.append((position + 1, state.sequence))
    last = max(position, found.head.sequence if found.head else 0, max(found.journal, default=0))
    if last > state.sequence:
        state.lost = (state.sequence + 1, last)


def _lines(piece: ArchiveRow | JournalRow, state: Recovered) -> list[Entry | None]:
    try:
        if isinstance(piece, ArchiveRow):
            return list(lines_of(piece))
        return [state.lines.get(piece.sequence) or read_line(piece.change)]
    except Unusable as error:
        log.warning("history from entry %d on: %s", piece[0], error)
        return [None] * (last_of(piece) - piece[0] + 1)
