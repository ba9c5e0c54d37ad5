"""From a path to an open project: first looks, reading, mending, and making a new file.

Owns: everything that happens before the first edit. Refuses: writing into a file that it only reads, and touching media.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from editor_core.document import ChangeSet, Create, Document, Entry, Snapshot, Stamp
from editor_core.document.staging import Stamps
from editor_core.schema import AnyRecord, Record
from editor_core.storage.copying import refusal, refuse_taken
from editor_core.storage.entries import Head, make_snapshot
from editor_core.storage.errors import NotAllowed, NotAProject, ProjectDamaged, ProjectMissing, StorageError
from editor_core.storage.found import Found, read
from editor_core.storage.layout import FIRST_LINK, FORMAT, connect, insert, marked, set_up
from editor_core.storage.problems import Problem
from editor_core.storage.publish import appear, part_of, sweep
from editor_core.storage.recovery import recover
from editor_core.sync import Replica, Unreadable
from editor_core.sync.packing import pack

log = logging.getLogger(__name__)

FIRST_COMMAND = "project.new"
"""The command that the first entry of every journal names; it is no line of history, because it cannot be undone."""

Shot = tuple[Snapshot, bytes, tuple[Unreadable, ...]]
"""What a snapshot is made from: records, the timeline replica, what could not be read."""


@dataclasses.dataclass
class Opened:
    """What opening gives. `copy` is a temporary copy that is read instead of the file itself."""

    records: dict[str, Record]
    stamps: Stamps
    replica: Replica
    sequence: int
    chain: bytes
    lines: dict[int, Entry]
    shots: list[int]
    locations: dict[int, tuple[str, list[bytes]]]
    problems: list[Problem]
    writable: bool
    copy: Path | None = None


def first_change(records: Iterable[AnyRecord], session: int, actor: str) -> ChangeSet:
    """The ChangeSet that makes a new project's records."""
    return ChangeSet(stamp=Stamp(session, 0), actor=actor, command=FIRST_COMMAND, label="New project", time=int(time.time() * 1000),
                     operations=tuple(Create(record) for record in records))


def make_file(path: Path, first: ChangeSet) -> None:
    """Writes a project file with one entry and its snapshot. Raises ProjectExists, NotAllowed, StorageError."""
    refuse_taken(path)
    document = Document()
    after = document.apply(first)
    replica = Replica()
    packed = pack(first)
    entry = marked("journal", 1, FIRST_LINK, packed, replica.write(first, after, packed))
    part = part_of(path)
    try:
        with contextlib.closing(connect(part, "rwc")) as connection:
            set_up(connection)
            connection.execute("BEGIN")
            insert(connection, "meta", marked("meta", 1, "format", bytes(FORMAT)))
            insert(connection, "journal", entry)
            insert(connection, "head", marked("head", 1, *Head(1, entry[-1])))
            stamps = {record_id: dict(fields) for record_id, fields in document.stamps.items()}
            insert(connection, "snapshots", make_snapshot(1, entry[-1], after.records.values(), stamps, replica.timeline_state()))
            connection.execute("COMMIT")
        appear(part, path)
    except (OSError, sqlite3.Error) as error:
        raise refusal(error, path) from error
    finally:
        for left in (part, part.with_name(part.name + "-journal")):
            left.unlink(missing_ok=True)


def look_at(path: Path) -> None:
    """What can be said of a path before anything is opened. Raises ProjectMissing, NotAProject, NotAllowed."""
    try:
        if path.is_dir():
            raise NotAProject(f"{path.name} is a folder and not a project; name the .proedit file in it")
        there = path.stat()
    except FileNotFoundError:
        raise ProjectMissing(f"There is no project {path}; `proeditor new` makes one") from None
    except OSError as error:
        raise NotAllowed(f"{path} cannot be reached: {error.strerror}") from None
    if there.st_size == 0:
        raise NotAProject(f"{path.name} is empty (0 bytes), there is nothing to open; look for a copy or for {path.name}.damaged-…")


def open_file(path: Path, *, writable: bool) -> Opened:
    """Reads a project. Raises NotAProject, NotAllowed, NewerProject, ProjectDamaged."""
    if writable:
        sweep(path)
    with contextlib.closing(connect(path, "rw" if writable else "ro")) as connection:
        found = read(connection)
    state = recover(found)
    return Opened(state.records, state.stamps, state.replica, state.sequence, state.chain, state.lines, sorted(found.snapshots),
                  found.locations, list(found.problems.values()), writable)


def forget_copy(copy: Path) -> None:
    """Removes a temporary copy and its folder."""
    shutil.rmtree(copy.parent, ignore_errors=True)


_ = (tempfile, Found, ProjectDamaged, StorageError)
