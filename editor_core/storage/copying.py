"""Copies of a project file.

Owns: copying a database that may be in use, into a file that appears complete or not at all. Refuses: overwriting.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from pathlib import Path

from editor_core.storage.errors import NotAllowed, ProjectExists, StorageError
from editor_core.storage.publish import appear, part_of


def refuse_taken(path: Path) -> None:
    """Raises ProjectExists if there is anything of that name, NotAllowed if there is no such folder."""
    if path.is_symlink() or path.exists():
        raise ProjectExists(f"{path.name} is there already; choose another name")
    if not path.absolute().parent.is_dir():
        raise NotAllowed(f"There is no folder {path.parent}; make it first")


def copy_database(source: sqlite3.Connection, target: Path) -> None:
    """Copies through SQLite's backup. Raises ProjectExists, NotAllowed, StorageError."""
    part = part_of(target)
    try:
        with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        appear(part, target)
    except (OSError, sqlite3.Error) as error:
        raise refusal(error, target) from error
    finally:
        for left in (part, part.with_name(part.name + "-journal")):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)


def refusal(error: Exception, path: Path) -> StorageError:
    """Why a new file could not be made, in words."""
    if isinstance(error, FileExistsError):
        return ProjectExists(f"{path.name} is there already; choose another name")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    number = error.errno if isinstance(error, OSError) else None
    if code == sqlite3.SQLITE_FULL or number in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(f"There is not enough room on the disk for {path.name}; make room, or choose another disk")
    forbidden = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
    if code in forbidden or number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return NotAllowed(f"The folder of {path.name} cannot be written by you; choose another one")
    return StorageError(f"{path.name} could not be written: {error}")
