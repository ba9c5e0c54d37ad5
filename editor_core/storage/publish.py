"""Making a file appear under its name all at once.

Owns: temporary names, syncing files and folders, the final link or rename. Refuses: writing into a file that has its name.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path

_ENDING = ".proedit-part"


def part_of(path: Path) -> Path:
    """A new temporary name beside a file; on the same disk, hidden, and recognisable as ours."""
    return path.with_name(f".{path.name}.{secrets.token_hex(6)}{_ENDING}")


def sweep(path: Path) -> None:
    """Removes what an earlier, killed process left of `part_of(path)`. Only for who holds the file's lock."""
    for left in path.parent.glob(f".{_literal(path.name)}.*{_ENDING}*"):
        with contextlib.suppress(OSError):
            left.unlink()


def _literal(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def sync_file(path: Path) -> None:
    """Everything of a file is on disk when it returns. Not for a database that is open: closing would drop its locks."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """New names in a folder are on disk when it returns; does nothing where the system has no such call."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def appear(part: Path, path: Path) -> None:
    """Gives a finished file its name. Raises FileExistsError if the name is taken, and the part stays."""
    sync_file(part)
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError(str(path)) from None
        part.rename(path)
    else:
        part.unlink()
    sync_folder(path.parent)


def take_place(part: Path, path: Path) -> None:
    """Puts a finished file in the place of another, at one instant."""
    sync_file(part)
    part.replace(path)
    sync_folder(path.parent)


def keep_aside(path: Path, aside: Path) -> None:
    """A second name for a file, a copy where the disk cannot link. Raises OSError."""
    try:
        os.link(path, aside)
    except FileExistsError:
        raise
    except OSError:
        shutil.copyfile(path, aside)
        sync_file(aside)
    sync_folder(path.parent)
