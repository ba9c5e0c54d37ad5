"""What another project file holds that is not known here, read without putting its project together.

Owns: the lines of its history, the entries that bring something new, what else it says of media, people and comments. Refuses: files that
are damaged, newer, or that lack some of their history: those have to be opened.

Putting a project together takes most of the time that looking at a copy takes, and almost all of it is known here already.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from editor_core.document import ChangeSet, Entry, Stamp
from editor_core.storage import opening
from editor_core.storage.comment_table import read_comments
from editor_core.storage.entries import ArchiveRow, JournalRow, Unusable, entries_of, lines_of, read_change, read_line, snapshot_of, unfold
from editor_core.storage.found import Found, read
from editor_core.storage.layout import APPLICATION_ID, FIRST_LINK, FORMAT, connect
from editor_core.storage.locations import Locations
from editor_core.storage.people import names_in
from editor_core.storage.recovery import last_of, pieces
from editor_core.sync import SyncError
from editor_core.sync.arriving import changes_in
from editor_core.sync.envelope import EnvelopeRefused
from editor_core.sync.parcel import unseal


class News(NamedTuple):
    """`changes` that are not known, oldest first, and the `parcels` that hold them. `whole` is its replica as it once was, and `later`
    what was written to it since by entries that are known here; together with the parcels they are all of it. `shares` says whether any
    of its history is known here, `first` is the stamp of its first entry."""

    changes: list[ChangeSet]
    parcels: list[bytes]
    whole: bytes
    later: list[bytes]
    shares: bool
    first: Stamp
    names: dict[str, str]
    comments: list[bytes]
    locations: dict[str, list[Path]] = {}  # noqa: RUF012 - replaced, never changed


def read_news(path: Path, known: Container[Stamp]) -> News | None:
    """None for a file that has to be opened to tell. Raises ProjectMissing, NotAProject, NotAllowed."""
    path = opening.look_at(path)
    try:
        with contextlib.closing(connect(path, "ro")) as connection:
            found = read(connection)
            if found.defects or found.application != APPLICATION_ID or found.version != (FORMAT[0] << 16 | FORMAT[1]):
                return None
            comments = read_comments(connection)
            if comments.lost:
                return None
            names = names_in(connection)
        entries = _entries(found)
        news = None if entries is None else _news(found, entries, known, names, [body for _, body in sorted(comments.bodies.items())])
        places = Locations(path, found.locations, None)
        return None if news is None else news._replace(locations={asset: places.get(asset) for asset in places})
    except (sqlite3.Error, Unusable, SyncError, EnvelopeRefused):
        return None


_Entries = list[tuple[int, Entry, ArchiveRow | JournalRow]]


def _entries(found: Found) -> _Entries | None:
    """(number, line, row or block) of all entries; None where any is missing."""
    made: _Entries = []
    position, chain = 0, FIRST_LINK
    for piece in pieces(found):
        if last_of(piece) <= position:
            continue
        if piece[0] != position + 1 or piece.previous != chain:
            return None
        lines: Iterable[Entry] = lines_of(piece) if isinstance(piece, ArchiveRow) else (read_line(piece.change),)
        made.extend((number, line, piece) for number, line in enumerate(lines, piece[0]))
        position, chain = last_of(piece), piece.mark if isinstance(piece, JournalRow) else piece.chain
    return made if found.head is not None and (found.head.sequence, found.head.chain) == (position, chain) else None


def _news(found: Found, entries: _Entries, known: Container[Stamp], names: dict[str, str], comments: list[bytes]) -> News | None:
    shot = found.snapshots[max(found.snapshots)] if found.snapshots else None
    if shot is None:
        return None
    updates = snapshot_of(shot).updates
    changes: list[ChangeSet] = []
    parcels: list[bytes] = []
    later = list(updates[1:])
    shares = False
    blocks: dict[int, list[tuple[bytes, bytes]]] = {}
    for number, line, piece in entries:
        first = line.command == opening.FIRST_COMMAND
        lines = () if first else line.merged if line.kind == "merge" else (line,)
        new = [one.stamp for one in lines if one.stamp not in known]
        shares = shares or len(new) < len(lines)
        if not new and number <= shot.sequence:
            continue
        packed, kept = (piece.change, piece.replica) if isinstance(piece, JournalRow) else _in_block(piece, blocks)[number - piece.first]
        parcel = unfold(packed, kept)
        if not new:
            later.append(unseal(parcel).timeline)
            continue
        brought = _brought(line, packed, parcel)
        if any(stamp not in brought for stamp in new):
            return None
        parcels.append(parcel)
        changes.extend(brought[stamp] for stamp in new)
    return News(changes, parcels, updates[0], later, shares, entries[0][1].stamp, names, comments)


def _brought(line: Entry, packed: bytes, parcel: bytes) -> dict[Stamp, ChangeSet]:
    """The changes of an entry by stamp, as far as they can be had."""
    if line.kind == "merge":
        return {one.stamp: one for one in changes_in(unseal(parcel).journal)}
    change = read_change(packed)[0]
    return {} if change is None else {change.stamp: change}


def _in_block(block: ArchiveRow, known: dict[int, list[tuple[bytes, bytes]]]) -> list[tuple[bytes, bytes]]:
    found = known.get(block.first)
    if found is None:
        known.clear()  # one after the other
        found = known[block.first] = entries_of(block)
    return found
