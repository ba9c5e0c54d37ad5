"""From a path to an open project: first looks, reading, mending, and making a new file.

Owns: everything that happens before the first edit. Refuses: writing into a file that it only reads, and touching media.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from editor_core.document import ChangeSet, Create, Document, Entry, Snapshot, Stamp
from editor_core.document.staging import Stamps
from editor_core.schema import AnyRecord, Record
from editor_core.storage import findings
from editor_core.storage.copying import refusal, refuse_taken
from editor_core.storage.entries import FIRST_COMMAND as FIRST_COMMAND
from editor_core.storage.entries import make_snapshot
from editor_core.storage.errors import NewerProject, NotAllowed, NotAProject, ProjectDamaged, ProjectMissing, StorageError
from editor_core.storage.found import Found, read
from editor_core.storage.layout import APPLICATION_ID, FIRST_LINK, FORMAT, connect, insert, marked, set_up, sides_in
from editor_core.storage.mending import aside_name, known_gaps, mend
from editor_core.storage.problems import Problem
from editor_core.storage.publish import appear, part_of, sweep
from editor_core.storage.recovery import Gap, Recovered, recover
from editor_core.storage.salvage import salvage
from editor_core.sync import Replica, Unreadable
from editor_core.sync.packing import pack

log = logging.getLogger(__name__)

Shot = tuple[Snapshot, tuple[Unreadable, ...], bytes | None]
"""What a snapshot is made from besides what the journal knows: records, what could not be read, and the timeline replica where the
journal asked for it."""


@dataclasses.dataclass
class Opened:
    """What opening gives. `packed` are ChangeSets by entry number as far as they were read anyway; `copy` is a temporary copy
    that is read instead of the file itself. `timeline` are the updates that make the replicated document."""

    records: dict[str, Record]
    stamps: Stamps
    replica: Replica
    sequence: int
    chain: bytes
    lines: dict[int, Entry]
    packed: dict[int, bytes]
    shots: list[int]
    locations: dict[int, tuple[str, list[bytes]]]
    problems: list[Problem]
    writable: bool
    copy: Path | None = None
    timeline: list[bytes] = dataclasses.field(default_factory=list)


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
            insert(connection, "head", marked("head", 1, 1, entry[-1], sides_in(connection)))
            stamps = {record_id: dict(fields) for record_id, fields in document.stamps.items()}
            insert(connection, "snapshots", make_snapshot(1, entry[-1], after.records.values(), stamps, [replica.timeline_state()]))
            connection.execute("COMMIT")
        appear(part, path)
    except (OSError, sqlite3.Error) as error:
        raise refusal(error, path) from error
    finally:
        for left in (part, part.with_name(part.name + "-journal")):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def look_at(name: Path) -> Path:
    """What can be said of a path before anything is opened, and where links lead. Raises ProjectMissing, NotAProject, NotAllowed."""
    try:
        path = name.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise NotAllowed(f"{name} cannot be reached: {error}") from None
    try:
        if path.is_dir():
            raise NotAProject(f"{path.name} is a folder and not a project; name the .proedit file in it")
        size = path.stat().st_size
        readable = os.access(path, os.R_OK)
    except FileNotFoundError:
        raise ProjectMissing(f"There is no project {path}; `proeditor new` makes one") from None
    except OSError as error:
        raise NotAllowed(f"{path} cannot be reached: {error.strerror}") from None
    if not readable:
        raise NotAllowed(f"{path.name} may not be read by you; ask its owner, or change its permissions")
    if size == 0:
        raise NotAProject(f"{path.name} is empty (0 bytes), there is nothing to open; look for a copy or for {path.name}.damaged-…")
    return path


def may_write(path: Path) -> None:
    """Raises NotAllowed for a file that is write-protected."""
    if not os.access(path, os.W_OK):
        raise NotAllowed(f"{path.name} is write-protected; open it read-only, or copy it and open the copy")


def open_file(path: Path, *, writable: bool, trusted: bool = False) -> Opened:
    """Reads a project and, when `writable`, mends it if it is damaged; a newer format comes back not writable. `trusted` as in `recover`.

    Raises NotAProject, NotAllowed, NewerProject, ProjectDamaged, StorageError.
    """
    if writable:
        sweep(path)
    found, copy = _read(path, writable)
    ours = _check_version(path, found)
    if found.defects:
        for defect in found.defects[:20]:
            log.warning("%s: %s", path.name, defect)
        ours = salvage(copy or path, found) > 0 or ours
    version, only_newer = _version(found), _only_newer(found)
    try:
        state = recover(found, trusted=trusted)
    except ProjectDamaged:
        raise _nothing_left(path, ours, version) from None
    opened = Opened(state.records, state.stamps, state.replica, state.sequence, state.chain, state.lines,
                    {number: row.change for number, row in found.journal.items()}, sorted(found.snapshots), found.locations,
                    list(found.problems.values()), writable, copy, state.timeline)
    gaps = [gap for gap in state.gaps if gap not in known_gaps(found)]
    if found.defects or state.lost is not None or gaps:
        _deal_with_damage(path, opened, found, state, gaps, version)
    if version[0] > FORMAT[0] or only_newer:
        opened.writable = False
        opened.problems.append(findings.newer_major(path, version))
    opened.problems.extend(findings.unreadable(state.unreadable))
    return opened


def _deal_with_damage(path: Path, opened: Opened, found: Found, state: Recovered, gaps: list[Gap], version: tuple[int, int]) -> None:
    if not opened.writable or version > FORMAT:
        opened.problems.extend(findings.damage(path, state, gaps, None, places=found.sides_complete()))
        if opened.writable and version[0] == FORMAT[0]:
            opened.problems.append(findings.newer_damaged(path))
        opened.writable = False
        return
    aside = aside_name(path)
    first = max(found.problems, default=0) + 1
    news = [msgspec.structs.replace(problem, number=number) for number, problem in
            enumerate(findings.damage(path, state, gaps, aside, places=found.sides_complete()), first)]
    try:
        opened.shots = mend(path, aside, found, state, [*opened.problems, *news])
    except (OSError, sqlite3.Error) as error:
        opened.problems.extend(findings.damage(path, state, gaps, None, places=found.sides_complete()))
        opened.problems.append(findings.unmended(path, str(refusal(error, path))))
        opened.writable = False
        return
    opened.problems.extend(news)


def _read(path: Path, writable: bool) -> tuple[Found, Path | None]:
    """What SQLite can read, and the temporary copy it was read from if the file itself could not be."""
    try:
        with contextlib.closing(connect(path, "rw" if writable else "ro")) as connection:
            return read(connection), None
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_BUSY:
            raise StorageError(f"Another program holds {path.name}; close it there and open it again") from None
        if writable or code not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise NotAllowed(f"{path.name} cannot be opened: {error}") from None
    copy = _copy_with_journal(path)
    with contextlib.closing(connect(copy, "rw")) as connection:
        return read(connection), copy


def _copy_with_journal(path: Path) -> Path:
    """A temporary copy on which SQLite may finish what a killed process left half done; the file itself is only read."""
    folder = Path(tempfile.mkdtemp(prefix="proedit-"))
    try:
        for ending in ("", "-journal"):
            source = path.with_name(path.name + ending)
            if source.exists():
                shutil.copyfile(source, folder / source.name)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise NotAllowed(f"{path.name} cannot be read: {error.strerror}") from None
    return folder / path.name


def _check_version(path: Path, found: Found) -> bool:
    """Whether the header says that the file is ours. A header that contradicts the rest is damage, unless a newer version is all that
    is wrong: where damage and a newer program look alike, the file is not written."""
    ours = found.application == APPLICATION_ID
    said = found.meta.get("format")
    if said is not None and len(said) == 2:
        if _only_newer(found):
            return True
        if not ours or found.version != (said[0] << 16 | said[1]):
            found.defects.append("header: it contradicts the format row")
        return True
    if ours and found.version >> 16 <= FORMAT[0]:
        found.defects.append("meta: there is no format row")
    return ours


def _only_newer(found: Found) -> bool:
    """Whether nothing contradicts but the header's version, which is a newer one."""
    newer = found.version > (FORMAT[0] << 16 | FORMAT[1])
    return newer and found.application == APPLICATION_ID and found.meta.get("format") == bytes(FORMAT) and not found.defects


def _version(found: Found) -> tuple[int, int]:
    said = found.meta.get("format")
    if _only_newer(found):
        return found.version >> 16, found.version & 0xFFFF
    if said is not None and len(said) == 2:
        return said[0], said[1]
    return (found.version >> 16, found.version & 0xFFFF) if found.application == APPLICATION_ID else FORMAT


def _nothing_left(path: Path, ours: bool, version: tuple[int, int]) -> StorageError:
    if ours and version[0] > FORMAT[0]:
        return NewerProject(f"{path.name} was made by a newer version of ProEditor (format {version[0]}.{version[1]}) and cannot be shown "
                            "by this one; it was not touched. Update ProEditor")
    if ours:
        return ProjectDamaged(f"{path.name} is so damaged that nothing of it could be recovered; it was not touched. "
                              f"Look for a copy, or for {path.name}.damaged-…")
    return NotAProject(f"{path.name} is not a ProEditor project; import it as media, or name a .proedit file")


def forget_copy(copy: Path) -> None:
    """Removes a temporary copy and its folder."""
    shutil.rmtree(copy.parent, ignore_errors=True)

