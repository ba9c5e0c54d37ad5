"""A process that has loaded what tasks need, and splits off workers that need not load it again.

Owns: the nursery process as its client holds it, the workers split off (`Branch`, which looks like a `subprocess.Popen`), and what
the nursery itself does. Refuses: tasks; a branch becomes an ordinary task worker.

Loading PyAV, Skia, OpenCV and NumPy costs a quarter of a second of processor time for each worker; a fork costs a hundredth. A
nursery has one thread and reads no file, so nothing of a task is in it when it forks. Everything here falls back on starting a
worker the ordinary way: where the system has no process descriptors, and when the nursery has gone.
"""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from render.confine import Limits, adopted
from render.spawn import environment_of, words_of

_log = logging.getLogger(__name__)

_FORK = b"fork"
_PATIENCE = 60.0
"""Seconds that a loading nursery is given before workers are started without it."""
_MESSAGE = 64


class Nursery:
    """Started at once on a thread of its own, which lives as long as the process does. Any thread may call it. Close it."""

    def __init__(self, tasks: Sequence[str], limits: Limits, environment: Mapping[str, str] | None = None) -> None:
        """`tasks` are loaded; branches get `limits`, as the nursery does."""
        self._words = words_of("nursery", limits, ("--load", ",".join(tasks)))
        self._environment = environment_of(dict(environment or {}))
        self._asking = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = threading.Event()
        self._closed = False
        self._control: socket.socket | None = None
        if possible():
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._control.settimeout(_PATIENCE)
            threading.Thread(target=self._live, args=(theirs,), name="nursery", daemon=True).start()
        else:
            self._started.set()

    def branch(self) -> Branch | None:
        """A new worker process, or None when the nursery cannot make one."""
        pipes: list[int] = []
        try:
            for _ in range(3):
                pipes += os.pipe()
            given, kept = (pipes[0], pipes[3], pipes[5]), (pipes[1], pipes[2], pipes[4])
            pid = int(self._ask(_FORK, given) or 0)
            if pid > 0:
                made = Branch(pid, kept, lambda: self._status(pid))
                pipes = list(given)
                return made
        except (OSError, ValueError) as error:
            _log.warning("a worker is started anew: %s", error)
        finally:
            for fd in pipes:
                os.close(fd)
        return None

    def close(self) -> None:
        """Ends it, and what was split off with it."""
        self._closed = True
        if self._process is not None:
            self._process.kill()  # whoever waits for an answer of it is told that there is none
        with self._asking:
            if self._control is not None:
                self._control.close()
                self._control = None
            if self._process is not None:
                self._process.kill()  # started in between

    def _ask(self, words: bytes, fds: Sequence[int] = ()) -> bytes:
        self._started.wait(_PATIENCE)
        with self._asking:
            if self._control is None:
                return b""
            try:
                socket.send_fds(self._control, [words], list(fds))
                answer = self._control.recv(_MESSAGE)
            except OSError:
                answer = b""
            if not answer:  # gone or stuck: never asked again
                self._control.close()
                self._control = None
            return answer

    def _status(self, pid: int) -> int:
        """Exit status of a branch that has ended, as `Popen.returncode` gives it; -9 when the nursery went with it."""
        answer = self._ask(b"%d" % pid)
        return int(answer) if answer else -signal.SIGKILL

    def _live(self, theirs: socket.socket) -> None:
        try:
            with self._asking:
                if self._closed:
                    return
                self._process = subprocess.Popen(self._words, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                                 env=self._environment, start_new_session=True)
        except OSError as error:
            _log.warning("workers are started one by one: %s", error)
            return
        finally:
            theirs.close()
            self._started.set()
        assert self._process.stderr is not None
        with self._process.stderr as printed:
            for line in iter(lambda: printed.readline(4096), b""):
                _log.debug("%s", line.decode(errors="replace").rstrip())
        self._process.wait()


class Branch:
    """A worker that a nursery split off: what `render.spawn` uses of a `Popen`."""

    def __init__(self, pid: int, pipes: tuple[int, int, int], status: Callable[[], int]) -> None:
        """`pipes` are its standard input, output and errors, owned from here on. Raises OSError when it cannot be held."""
        self.pid = pid
        self._status = status
        self._code: int | None = None
        self._guard = threading.Lock()
        self._handle = os.pidfd_open(pid)  # it is not reaped before its status is asked for, so this is the right process
        self.stdin: IO[bytes] | None = os.fdopen(pipes[0], "wb", buffering=0)
        self.stdout: IO[bytes] | None = os.fdopen(pipes[1], "rb", buffering=0)
        self.stderr: IO[bytes] | None = os.fdopen(pipes[2], "rb", buffering=0)

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        return self._ended(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit status. Raises subprocess.TimeoutExpired."""
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("worker", timeout or 0.0)
        return code

    def kill(self) -> None:
        """Ends it at once; nothing when it has ended."""
        with self._guard:
            if self._code is None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        with self._guard:
            if self._code is not None:
                return self._code
            handle = os.dup(self._handle)
        try:
            ready = select.poll()
            ready.register(handle, select.POLLIN)
            if not ready.poll(None if timeout is None else timeout * 1000):
                return None
        finally:
            os.close(handle)
        with self._guard:
            if self._code is None:
                self._code = self._status()
                os.close(self._handle)
            return self._code


def possible() -> bool:
    """Whether this system has what a nursery needs."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and hasattr(socket, "send_fds")


def tend(control: socket.socket, begin: Callable[[], int]) -> int:
    """The nursery's own loop: until the client goes, splits off processes that run `begin` and end with its status.

    A request is `fork` with three descriptors, answered by a process id (0 where it cannot), or a process id, answered by the
    status with which that process ended."""
    gc.collect()
    gc.freeze()  # pages that a branch's collector need not touch stay shared
    while True:
        words, fds, _, _ = socket.recv_fds(control, _MESSAGE, 3)
        if words == _FORK and len(fds) == 3:
            control.send(b"%d" % _split(control, fds, begin))
        elif words.isdigit():
            control.send(b"%d" % _reap(int(words)))
        else:
            return 0
        for fd in fds:
            os.close(fd)


def _split(control: socket.socket, fds: Sequence[int], begin: Callable[[], int]) -> int:
    if len(list(Path("/proc/self/task").iterdir())) != 1:
        return 0  # a library has started a thread, which might hold a lock now that nobody would ever give back
    nursery = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        control.close()
        os.setsid()  # as a started worker has it: on a busy machine Linux gives each session, not each process, its share
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
            os.close(fd)
        adopted(nursery)
        code = begin()
    except BaseException:
        _log.exception("a worker ended")
    finally:
        sys.stderr.flush()
        os._exit(code)  # no interpreter shutdown: native threads of decoders may still be running


def _reap(pid: int) -> int:
    try:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return -signal.SIGKILL
