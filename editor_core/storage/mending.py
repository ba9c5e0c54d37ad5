"""A new, whole file from what could be recovered, in the place of the damaged one, which is kept.

Owns: writing the recovered rows, the name of the file kept aside, the exchange. Refuses: writing into the damaged file.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from editor_core.storage.comment_table import carry_comments
from editor_core.storage.entries import JournalRow, make_snapshot
from editor_core.storage.found import Found
from editor_core.storage.layout import FORMAT, connect, insert, marked, set_up, sides_in
from editor_core.storage.problems import Problem
from editor_core.storage.publish import keep_aside, part_of, take_place
from editor_core.storage.recovery import Recovered, last_of, pieces, rows_of
from editor_core.storage.room_tables import carry_room
from editor_core.sync.errors import UNDECODABLE

log = logging.getLogger(__name__)

GAPS = "gaps"
"""Name of the meta row that lists entries known to be missing, so that they are told once and not at each opening."""


def aside_name(path: Path) -> Path:
    """A free name for a damaged file: `NAME.proedit.damaged-20261120-051200`."""
    stem = f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in range(1, 1000):
        name = path.with_name(stem if number == 1 else f"{stem}-{number}")
        if not name.exists():
            return name
    raise FileExistsError(stem)


def mend(path: Path, aside: Path, found: Found, state: Recovered, problems: Iterable[Problem]) -> list[int]:
    """Puts a new file in the place of `path`, which stays under the name `aside`; returns the numbers of its snapshots.

    Nothing may have the file open. Killed at any moment, there is always a file under the name, the old or the new.
    Raises OSError or sqlite3.Error, and then the damaged file is where it was.
    """
    part = part_of(path)
    try:
        with contextlib.closing(connect(part, "rwc")) as connection:
            set_up(connection)
            connection.execute("BEGIN")
            shots = _write(connection, found, state, problems)
            carry_room(path, connection)
            carry_comments(path, connection)
            connection.execute("COMMIT")
        shutil.copymode(path, part)
        keep_aside(path, aside)
        journal = path.with_name(path.name + "-journal")
        if journal.exists():
            journal.replace(aside.with_name(aside.name + "-journal"))
        take_place(part, path)
    finally:
        for left in (part, part.with_name(part.name + "-journal")):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)
    log.warning("%s was mended; the damaged file is %s", path, aside.name)
    return shots


def _write(connection: sqlite3.Connection, found: Found, state: Recovered, problems: Iterable[Problem]) -> list[int]:
    insert(connection, "meta", marked("meta", 1, "format", bytes(FORMAT)))
    insert(connection, "meta", marked("meta", 2, GAPS, msgspec.msgpack.encode(state.gaps)))
    for number, name in enumerate((name for name in found.meta if name.startswith("version:") or name == "people"), 3):
        insert(connection, "meta", marked("meta", number, name, found.meta[name]))
    position = 0
    for piece in pieces(found):
        if last_of(piece) <= position:
            continue
        if piece[0] > position and last_of(piece) <= state.sequence:
            insert(connection, "journal" if isinstance(piece, JournalRow) else "archive", piece)
        else:
            for row in rows_of(piece):
                if position < row.sequence <= state.sequence:
                    insert(connection, "journal", row)
        position = last_of(piece)
    shots = [*sorted(n for n in found.snapshots if n < state.sequence)[-1:], state.sequence]
    if len(shots) == 2:
        insert(connection, "snapshots", found.snapshots[shots[0]])
    insert(connection, "snapshots", make_snapshot(state.sequence, state.chain, state.records.values(), state.stamps,
                                                  [state.replica.timeline_state()], tuple(state.unreadable)))
    for number, (asset, paths) in found.locations.items():
        insert(connection, "locations", marked("locations", number, asset, msgspec.msgpack.encode(paths)))
    for problem in problems:
        insert(connection, "problems", marked("problems", problem.number, msgspec.msgpack.encode(problem)))
    insert(connection, "head", marked("head", 1, state.sequence, state.chain, sides_in(connection)))
    return shots


def known_gaps(found: Found) -> list[tuple[int, int]]:
    """The gaps that the file says it has."""
    try:
        return msgspec.msgpack.decode(found.meta.get(GAPS, b"\x90"), type=list[tuple[int, int]])
    except UNDECODABLE:
        return []
