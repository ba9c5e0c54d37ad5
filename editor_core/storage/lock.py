"""One writer per project: an OS lock beside the file.

Owns: `NAME.proedit.lock`, taken, named with the owner's address, removed. Refuses: guessing whether an owner is alive; the OS
releases the lock of a process that is gone, so a file left behind never blocks.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import time
from pathlib import Path

from editor_core.storage.errors import NotAllowed, ProjectInUse

log = logging.getLogger(__name__)

_FAR = 2**30
"""Offset of the one byte that Windows locks; locked bytes cannot be read there, and the address must be."""
_LONGEST = 4096


def lock_path(project: Path) -> Path:
    """Where the lock of a project lies."""
    return project.with_name(project.name + ".lock")


class Lock:
    """Held from construction until `release`. Raises ProjectInUse (with the owner's address) or NotAllowed."""

    def __init__(self, project: Path, *, wait: float = 0.0) -> None:
        """Waits up to `wait` seconds for an owner that is about to leave."""
        self._path = lock_path(project)
        self._project = project
        until = time.monotonic() + wait
        while True:
            handle = self._open()
            if handle is not None and self._is_named(handle):
                self._handle = handle
                self.announce("")
                return
            if handle is not None:
                os.close(handle)
                continue
            if time.monotonic() >= until:
                raise ProjectInUse(f"{project.name} is open in another window or command; close it there, or open it read-only",
                                   owner_address(project))
            time.sleep(0.02)

    def _open(self) -> int | None:
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
                raise NotAllowed(f"{self._project.parent} cannot be written by you, so {self._project.name} cannot be edited there; "
                                 "open it read-only, or copy it to a folder of yours") from None
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NotAllowed(f"There is no room left on the disk of {self._project.name}; make room and open it again") from None
            raise NotAllowed(f"{self._path.name} cannot be made: {error.strerror}; remove what is there under that name") from None
        try:
            if _try_lock(handle):
                return handle
        except OSError as error:
            os.close(handle)
            raise NotAllowed(f"{self._project.name} cannot be locked where it is ({error.strerror}), so it cannot be edited safely "
                             "there; copy it to a local disk") from None
        os.close(handle)
        return None

    def _is_named(self, handle: int) -> bool:
        """Whether the locked file still stands under its name; the owner before may just have removed it."""
        try:
            there = self._path.stat()
        except OSError:
            return False
        mine = os.fstat(handle)
        return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)

    def announce(self, address: str) -> None:
        """Writes where the owner listens, for a second process to read. On a full disk it stays unsaid; the lock holds anyway."""
        raw = address.encode()[:_LONGEST]
        try:
            os.truncate(self._handle, 0)
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, raw)
        except OSError as error:
            log.warning("%s: %s", self._path.name, error)

    def release(self) -> None:
        """Removes the file and lets go. Harmless when done twice."""
        if self._handle < 0:
            return
        if sys.platform != "win32":
            self._path.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = -1
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


def owner_address(project: Path) -> str:
    """What the owner of a project announced; empty if nothing (yet) or nobody."""
    try:
        with lock_path(project).open("rb") as file:
            return file.read(_LONGEST).decode(errors="replace").strip()
    except OSError:
        return ""


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        return True
