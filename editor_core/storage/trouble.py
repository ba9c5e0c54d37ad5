"""What the disk says, in words.

Owns: messages for SQLite's and the system's errors while a project is open. Refuses: deciding what to do about them.
"""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

_FULL = "There is no room left on the disk"
_REASONS = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: "The disk reports an error",
    sqlite3.SQLITE_READONLY: "The file may not be written any more",
    sqlite3.SQLITE_CANTOPEN: "The file or its folder cannot be opened any more",
    sqlite3.SQLITE_PERM: "The file may not be written any more",
    sqlite3.SQLITE_BUSY: "Another program holds the file",
    sqlite3.SQLITE_LOCKED: "Another program holds the file",
    sqlite3.SQLITE_CORRUPT: "The file was damaged while it was open; save a copy under another name",
    sqlite3.SQLITE_NOTADB: "The file was damaged while it was open; save a copy under another name",
}


def in_words(error: Exception, path: Path, waiting: int) -> str:
    """One or two sentences on why nothing is saved, and what would do."""
    left = "The last change is" if waiting <= 1 else f"The last {waiting} changes are"
    return f"{_reason(error)} ({path.name}). {left} kept in memory and not saved; saving goes on by itself when it can."


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "The project file was moved, replaced or deleted while it was open; put it back, or save a copy"
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return _FULL if full else f"The disk reports an error: {error.strerror or error}"
    code = getattr(error, "sqlite_errorcode", None)
    return _REASONS.get(code & 0xFF if code is not None else -1, f"The file cannot be written: {error}")
