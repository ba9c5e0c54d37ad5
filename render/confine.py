"""What a media process may do: memory, no network, no children, and it dies with its parent.

Owns: the limits that a worker puts on itself before it touches a file. Refuses: deciding what the worker does.

Linux gives all of it; elsewhere each measure that the system lacks is left out, and what remains still holds.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_CLONE_NEWUSER = 0x10000000
_REFUSED = (
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
    "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "subprocess.Popen",
)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`memory_mib` bounds private writable memory (RLIMIT_DATA: what PyAV, Skia, OpenCV and NumPy map without writing costs
    about 450 MiB of address space but 85 MiB of this). `nice` 0 to 19 is added to the parent's. `open_files` counts descriptors."""

    memory_mib: int = 3072
    nice: int = 0
    open_files: int = 512


def confine(limits: Limits, parent: int, *, may_fork: bool = False) -> bool:
    """Applies all limits to this process; True if it got a network namespace of its own. Call it before any thread is started and
    any media library is loaded. Exits at once when `parent` (a process id) is no longer the parent.

    A process that `may_fork` touches no file; what it splits off calls `adopted` first of all.
    """
    _die_with(parent)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_DATA, limits.memory_mib << 20)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    if limits.nice:
        with contextlib.suppress(OSError):
            os.nice(limits.nice)
    isolated = leave_network()
    if not may_fork:
        sys.addaudithook(_refuse)
    return isolated


def adopted(parent: int) -> None:
    """In a process split off from one that is confined: what a fork does not inherit."""
    _die_with(parent)
    sys.addaudithook(_refuse)


def _limit(which: int, value: int) -> None:
    _soft, hard = resource.getrlimit(which)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (wanted, wanted))


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _die_with(parent: int) -> None:
    if sys.platform != "linux":
        return
    libc = _libc()
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if parent and os.getppid() != parent:
        os._exit(0)  # the parent went between starting this process and the line above


def leave_network() -> bool:
    """Moves this process to a network namespace of its own, which has no way out. False where the system does not permit it."""
    if sys.platform != "linux":
        return False
    uid, gid = os.getuid(), os.getgid()
    libc = _libc()
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    with contextlib.suppress(OSError):  # keep the names of user and group, which sound servers check
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    return True


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event in _REFUSED:
        raise PermissionError(f"A media process may not do this ({event})")
    if event == "socket.__new__" and len(args) > 1 and args[1] != _AF_UNIX:
        raise PermissionError("A media process has no network")


_AF_UNIX = 1


def machine_mib() -> int:
    """Memory of this machine in MiB; 0 where it cannot be told."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    except (AttributeError, OSError, ValueError):
        return 0


def available_mib() -> int:
    """Memory of this machine that could be had without swapping, in MiB; 0 where it cannot be told."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return 0


def memory_limit_mib() -> int:
    """How much private memory this process may have, in MiB; 0 for no limit."""
    limit = resource.getrlimit(resource.RLIMIT_DATA)[0]
    return 0 if limit == resource.RLIM_INFINITY else limit >> 20


def resident_mib() -> int:
    """Resident memory of this process now, in MiB; 0 where it cannot be told."""
    return _statm(1)


def private_mib() -> int:
    """What counts against the memory limit now, in MiB; 0 where it cannot be told."""
    return _statm(5)


def _statm(field: int) -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[field]) * resource.getpagesize() >> 20
    except (OSError, ValueError, IndexError):
        return 0


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out, in the words of Python, libav or OpenCV."""
    return isinstance(error, MemoryError) or "Insufficient memory" in str(error)
