"""Whether this machine has time for a test: what plays in real time cannot be judged where it has not.

Owns: a thread that computes a little now and then, and looks how long that took. Refuses: judging the program.
"""

from __future__ import annotations

import hashlib
import threading
import time

_CHUNK = bytes(1 << 16)


class Punctual:
    """While it is entered, `late` is the most seconds that a few milliseconds of computing had to wait for a processor."""

    LATE = 0.015
    """Seconds. Who sleeps is woken in time also where there is much to do; who computes shares the processors with all others."""
    _WORK, _PAUSE = 0.006, 0.06

    def __init__(self) -> None:
        self.late = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="punctual", daemon=True)

    def _look(self) -> None:
        while not self._over.wait(self._PAUSE):
            self.late = max(self.late, _waited(self._WORK))

    def __enter__(self) -> Punctual:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    @classmethod
    def wait(cls, longest: float) -> None:
        """Until the machine had time for about a second, or so many seconds have gone by."""
        ends, well = time.monotonic() + longest, 0
        while well < 15 and time.monotonic() < ends:
            well = well + 1 if _waited(cls._WORK) < cls.LATE else 0
            time.sleep(cls._PAUSE)


def _waited(work: float) -> float:
    """Seconds beyond its processor time that a piece of work took."""
    began, spent = time.monotonic(), time.thread_time()
    while time.thread_time() - spent < work:
        hashlib.sha256(_CHUNK)  # lets other threads of this process run
    return time.monotonic() - began - (time.thread_time() - spent)
