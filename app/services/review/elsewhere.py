"""Looking at a merge in a process of its own, as the film's process sees it.

Owns: starting that process, asking it, ending it, and the thread it belongs to. Refuses: what is asked and answered (see `messages`,
`worker`); whoever asks waits for the answer.
"""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from app.services.errors import AppError
from app.services.merging import NotACopy
from app.services.review.messages import Ask, FromLooking, Heard, Looked, Merging, Near, Part, Refused, Told
from app.services.review.outlook import Cuts
from editor_core.document import Snapshot
from render.wire import FROM_WORKER_LIMIT, Channel, WireError

log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[3]
_PATIENCE = 30.0
"""Seconds that a process may take to be there."""
_FAILED = "The merge could not be worked out; the details are in the log"


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    channel: Channel[Any]

    def end(self) -> None:
        self.process.kill()
        self.channel.close()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()


class Elsewhere:
    """One process that looks at merges, started with the first question or before, and again after it has ended. Any thread may call
    it; one that asks while another does waits."""

    def __init__(self) -> None:
        self._running: Future[_Running] | None = None
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    @property
    def pid(self) -> int:
        """Of the process; 0 while there is none."""
        running = self._running
        return running.result().process.pid if running is not None and _lives(running) else 0

    def start(self, near: Near | None = None) -> None:
        """Has the process started, so that it is ready when it is asked, and `near` told to it if it was not there. Does not wait."""
        with self._lock:
            if self._running is not None and (not self._running.done() or _lives(self._running)):
                return
            self._running = Future()
            threading.Thread(target=_live, args=(self._running, near), name="merge review process", daemon=True).start()

    def look(self, ask: Ask, known: Mapping[int, Snapshot], cuts: Callable[[Cuts], None]) -> Looked:
        """Asks and waits. `known` has the film by revision; `cuts` is told what there is to play as soon as that is known.

        Raises AppError, NotACopy.
        """
        self.start()
        with self._asking:
            running = self._running
            try:
                if running is None:
                    raise WireError("it was ended")
                channel = running.result(_PATIENCE).channel
                channel.send(ask)
                return self._hear(channel, known, cuts)
            except (WireError, msgspec.MsgspecError, KeyError, ValueError, TimeoutError) as error:
                log.warning("the process that looks at merges: %s", error)
                self._end()
                raise AppError(_FAILED) from None
            except OSError as error:
                self._end()
                raise AppError(f"The merge cannot be looked at: {error.strerror}") from None

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
        running = self._running
        if running is not None:
            running.add_done_callback(_kill)
        if self._asking.acquire(blocking=False):  # else whoever asks lets go of it
            try:
                self._end()
            finally:
                self._asking.release()

    def _end(self) -> None:
        with self._lock:
            running, self._running = self._running, None
        if running is not None:
            running.add_done_callback(_let_go)


def _kill(running: Future[_Running]) -> None:
    if running.exception() is None:
        running.result().process.kill()


def _let_go(running: Future[_Running]) -> None:
    if running.exception() is None:
        running.result().end()


def _lives(running: Future[_Running]) -> bool:
    return running.done() and running.exception() is None and running.result().process.poll() is None


def _live(running: Future[_Running], near: Near | None) -> None:
    """The thread that a process belongs to: it starts it, hears what it prints, which goes to the log, and waits for its end."""
    words = [sys.executable, "-P", "-m", "app.services.review.worker", "--parent", str(os.getpid())]
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
    try:
        made = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                                env={**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}, start_new_session=True)
    except OSError as error:
        running.set_exception(error)
        return
    assert made.stdin is not None and made.stdout is not None and made.stderr is not None
    channel: Channel[Any] = Channel(made.stdout.fileno(), made.stdin.fileno(), FromLooking, limit=FROM_WORKER_LIMIT)
    if near is not None:
        with contextlib.suppress(WireError):  # whoever asks later is told
            channel.send(near)
    running.set_result(_Running(made, channel))
    with made.stderr as printed:
        for raw in iter(lambda: printed.readline(4096), b""):
            log.info("%s", raw.decode(errors="replace").rstrip())
    made.wait()
