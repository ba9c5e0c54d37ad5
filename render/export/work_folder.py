"""The folder beside the output in which an export keeps finished stretches until the film is whole.

Owns: its name, its lock, its manifest, which stretches in it can be used again, the final rename. Refuses: making stretches.

    .NAME.proeditor-export/
        lock             held by the export that is running (an OS lock: it goes with the process)
        manifest.json    how the film was cut into stretches
        KEY.EXT          a finished stretch (of stills: a folder), named by its content; it got this name only when whole
        KEY.N.part.EXT   an unfinished one, of the worker's order N
        KEY.EXT.claim    says which order makes it
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from render.export.errors import ExportError, OutOfSpace, TargetError
from render.export.plan import Stretch

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Manifest(msgspec.Struct, kw_only=True):
    """`making` names everything that decides the film's bytes except the number of workers; `runs` is how it was cut for them, and
    `threads` what each encoder uses."""

    version: int = 1
    making: str
    runs: list[list[Stretch]]
    threads: int


class WorkFolder:
    """Made for one output file and locked for one export. Use as a context manager: leaving it releases the lock."""

    def __init__(self, out: Path) -> None:
        self.path = out.parent / f".{out.name}.proeditor-export"
        self._out = out
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> WorkFolder:
        """Raises TargetError where the folder cannot be written or another export holds it."""
        with writing(self._out):
            self.path.mkdir(exist_ok=True)
            self._lock = (self.path / "lock").open("ab")
        if not _hold(self._lock):
            self._lock.close()
            self._lock = None
            raise TargetError(f"{self._out.name} is being exported already; wait for it, or choose another name")
        return self

    def __exit__(self, *error: object) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def cut_before(self, making: str) -> Manifest | None:
        """How an earlier, interrupted export of the same film cut it, or None."""
        with contextlib.suppress(OSError, msgspec.DecodeError):
            manifest = msgspec.json.decode((self.path / "manifest.json").read_bytes(), type=Manifest)
            if manifest.version == 1 and manifest.making == making:
                return manifest
        return None

    def note_cut(self, manifest: Manifest) -> None:
        """Keeps the cut for the next try. Raises OutOfSpace, TargetError."""
        with writing(self._out):
            part = self.path / "manifest.part"
            part.write_bytes(msgspec.json.encode(manifest))
            part.replace(self.path / "manifest.json")

    def keep_only(self, names: Iterable[str]) -> set[str]:
        """Removes everything but the lock, the manifest and the files named; returns the names that are there."""
        wanted = set(names)
        found: set[str] = set()
        for path in self.path.iterdir():
            if path.name in wanted and (path.is_dir() or path.stat().st_size > 0):
                found.add(path.name)
            elif path.name not in ("lock", "manifest.json"):
                with contextlib.suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        return found

    def drop_unfinished(self) -> None:
        """Removes what no later export can use."""
        for path in self.path.iterdir():
            if ".part" in path.name or path.suffix == ".claim":
                with contextlib.suppress(OSError):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def deliver(self, made: Path) -> None:
        """Gives the finished file its name, in one step, and synchronises it. Raises OutOfSpace, TargetError."""
        with writing(self._out):
            sync(made)
            made.replace(self._out)
            sync(self._out.parent)

    def remove(self) -> None:
        """Deletes the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)


@contextlib.contextmanager
def writing(out: Path) -> Iterator[None]:
    """Turns what the system says about writing `out` into words: OutOfSpace, TargetError."""
    try:
        yield
    except ExportError:
        raise
    except OSError as error:
        raise said_by_system(out, error) from None


def said_by_system(out: Path, error: OSError) -> ExportError:
    """The error for people."""
    if error.errno in _FULL:
        return no_space(out)
    if error.errno == errno.EROFS:
        return TargetError(f"{out.parent} is on a disk that cannot be written")
    if error.errno in (errno.EACCES, errno.EPERM):
        return TargetError(f"{out.parent} may not be written to; choose another folder or change its permissions")
    return TargetError(f"{out} cannot be written: {error.strerror or error}")


def no_space(out: Path) -> OutOfSpace:
    """The error of a full disk, for people."""
    return OutOfSpace(f"There is no space left for {out.name} in {out.parent}; free some and export again: what is finished is kept")


def sync(path: Path) -> None:
    """Brings a file, or the names in a folder, to the disk."""
    flags = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) if path.is_dir() else os.O_RDONLY
    if path.is_dir() and sys.platform == "win32":
        return
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _hold(handle: IO[bytes]) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
