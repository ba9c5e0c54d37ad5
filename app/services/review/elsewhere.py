"""Looking at a merge in a process of its own, as the film's process sees it.

Owns: starting that process, asking it, ending it. Refuses: what is asked and answered (see `messages`, `worker`), and threads: whoever
asks waits for the answer.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from app.services.errors import AppError
from app.services.merging import NotACopy
from app.services.review.messages import Ask, FromLooking, Heard, Looked, Merging, Part, Refused, Told
from app.services.review.outlook import Cuts
from editor_core.document import Snapshot
from render.wire import FROM_WORKER_LIMIT, Channel, WireError

log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[3]
_FAILED = "The merge could not be worked out; the details are in the log"


class Elsewhere:
    """One process that looks at merges, started with the first question and again after it has ended. `look` belongs to one thread at a
    time, which should live as long as this is used; `close` to any."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel[Any] | None = None
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def start(self) -> None:
        """Starts the process, so that it is ready when it is asked. Raises AppError."""
        with self._lock:
            if self.pid:
                return
            words = [sys.executable, "-P", "-m", "app.services.review.worker", "--parent", str(os.getpid())]
            path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
            try:
                made = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                                        env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}, start_new_session=True)
            except OSError as error:
                raise AppError(f"The merge cannot be looked at: {error.strerror}") from None
            assert made.stdin is not None and made.stdout is not None and made.stderr is not None
            self._process = made
            self._channel = Channel(made.stdout.fileno(), made.stdin.fileno(), FromLooking, limit=FROM_WORKER_LIMIT)
            threading.Thread(target=_keep, args=(made, made.stderr), name="merge review messages", daemon=True).start()

    def look(self, ask: Ask, known: Mapping[int, Snapshot], cuts: Callable[[Cuts], None]) -> Looked:
        """Asks and waits. `known` has the film by revision; `cuts` is told what there is to play as soon as that is known.

        Raises AppError, NotACopy.
        """
        self.start()
        with self._asking:
            channel = self._channel
            try:
                if channel is None:
                    raise WireError("it was ended")
                channel.send(ask)
                return self._hear(channel, known, cuts)
            except (WireError, msgspec.MsgspecError, KeyError, ValueError) as error:
                log.warning("the process that looks at merges: %s", error)
                self._end()
                raise AppError(_FAILED) from None

    def _hear(self, channel: Channel[Any], known: Mapping[int, Snapshot], cuts: Callable[[Cuts], None]) -> Looked:
        heard = Heard()
        while True:
            message = channel.receive()
            if isinstance(message, Refused):
                raise NotACopy(message.words) if message.copy else AppError(message.words)
            if isinstance(message, Part):
                heard.part(message)
            elif isinstance(message, Merging):
                mine = known.get(message.revision)
                if mine is None:
                    raise AppError("The film's file was changed by another program; close the film and open it again")
                cuts(heard.merging(message, mine))
            elif isinstance(message, Told):
                return heard.told(message)

    def close(self) -> None:
        """Ends the process, without waiting for that; whoever waits for an answer is refused. A later question starts another."""
        process = self._process
        if process is not None:
            process.kill()
        if self._asking.acquire(blocking=False):  # else whoever asks lets go of it
            try:
                self._end()
            finally:
                self._asking.release()

    def _end(self) -> None:
        with self._lock:
            process, self._process, channel, self._channel = self._process, None, self._channel, None
        if process is None:
            return
        process.kill()
        if channel is not None:
            channel.close()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _keep(process: subprocess.Popen[bytes], pipe: IO[bytes]) -> None:
    """What the process prints goes to the log; waits for its end."""
    with pipe:
        for raw in iter(lambda: pipe.readline(4096), b""):
            log.info("%s", raw.decode(errors="replace").rstrip())
    process.wait()
