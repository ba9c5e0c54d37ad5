"""A media process as its client holds it: started, listened to, watched, killed.

Owns: the command line of a worker, its pipes, its heartbeat, the tail of what it printed. Refuses: what is said over the channel.

Nothing here loads PyAV, Skia or Qt, so that a desktop process may import it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, Protocol

from render.confine import Limits
from render.messages import Beat
from render.wire import FROM_WORKER_LIMIT, Channel, WireClosed, WireError

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent


class Process(Protocol):
    """The part of `subprocess.Popen` that is used here."""

    pid: int
    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


class WorkerProcess:
    """One running worker.

    Messages other than heartbeats go to `on_message` and the end to `on_gone(reason)`, both on the reader thread; the reason is
    words for a log. With `silence`, it is killed when it sends nothing, heartbeats included, for so many seconds; with `overdue`,
    when that returns a reason. The process dies with the *thread* that made it on Linux (PR_SET_PDEATHSIG), so make it on a thread
    that lives as long.
    """

    def __init__(self, role: str, incoming: Any, *, on_message: Callable[[Any], None], on_gone: Callable[[str], None],
                 limits: Limits, shared: Iterable[int] = (), environment: dict[str, str] | None = None,
                 silence: float | None = None, overdue: Callable[[], str] = lambda: "",
                 branch: Callable[[], Process | None] = lambda: None) -> None:
        """`branch` gives a process that is loaded already (see `render.nursery`), or None to have one started."""
        self.role = role
        self.resident = 0
        """MiB at the last heartbeat."""
        self._on_message = on_message
        self._on_gone = on_gone
        self._printed: deque[str] = deque(maxlen=40)
        self._heard = time.monotonic()
        self._silence = silence
        self._overdue = overdue
        self._killed_because = ""
        descriptors = tuple(shared)
        words = words_of(role, limits, [word for fd in descriptors for word in ("--shared", str(fd))])
        self._process: Process = branch() or subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=descriptors, bufsize=0,
            env=environment_of(environment or {}), start_new_session=True)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._channel: Channel[Any] = Channel(
            self._process.stdout.fileno(), self._process.stdin.fileno(), incoming, limit=FROM_WORKER_LIMIT)
        threading.Thread(target=self._read, name=f"{role} reader", daemon=True).start()
        threading.Thread(target=self._keep_printed, name=f"{role} messages", daemon=True).start()
        if silence is not None:
            threading.Thread(target=self._watch, name=f"{role} watchdog", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def silence(self) -> float:
        """Seconds since anything was heard from it."""
        return time.monotonic() - self._heard

    @property
    def printed(self) -> str:
        """The last lines it printed, for logs."""
        return "\n".join(self._printed)

    def send(self, message: Any) -> None:
        """Raises WireClosed when it has gone."""
        self._channel.send(message)

    def kill(self, because: str = "") -> None:
        """Ends it at once; `on_gone` follows and says why."""
        self._killed_because = self._killed_because or because
        self._process.kill()

    def _read(self) -> None:
        reason = ""
        try:
            while True:
                message = self._channel.receive()
                self._heard = time.monotonic()
                if isinstance(message, Beat):
                    self.resident = message.resident
                else:
                    self._on_message(message)
        except WireClosed:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(2)  # its own exit status says more than a kill would
        except WireError as error:
            reason = str(error)
        except Exception:
            _log.exception("listening to the %s process", self.role)
            reason = "an error in this process"
        self._process.kill()
        code = self._process.wait()
        self._channel.close()
        self._close_pipes()
        self._on_gone(self._killed_because or _ending(code, reason))

    def _watch(self) -> None:
        assert self._silence is not None
        while self.alive:
            reason = f"sent nothing for {self._silence:g} seconds" if self.silence > self._silence else self._overdue()
            if reason:
                _log.warning("the %s process %s; ending it", self.role, reason)
                self.kill(reason)
                return
            time.sleep(min(0.2, self._silence / 4))

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _keep_printed(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as pipe:
            for raw in iter(lambda: pipe.readline(4096), b""):
                line = raw.decode(errors="replace").rstrip()
                self._printed.append(line)
                _log.debug("%s", line)


def _ending(code: int, reason: str) -> str:
    words = f"ended by signal {-code}" if code < 0 else f"ended with status {code}"
    return f"{words} ({reason})" if reason else words


def words_of(role: str, limits: Limits, more: Iterable[str] = ()) -> list[str]:
    """The command line of a worker."""
    return [sys.executable, "-P", "-m", "render.worker", role, "--parent", str(os.getpid()), "--memory", str(limits.memory_mib),
            "--nice", str(limits.nice), "--files", str(limits.open_files), *more]


def environment_of(extra: dict[str, str]) -> dict[str, str]:
    """This process's, with the sources' folder first on the path and few memory arenas; the working folder is never searched."""
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **extra}
