"""The sound device.

Owns: opening one through miniaudio, the callback, falling back to a device that only keeps time. Refuses: what is played.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from typing import Any

import miniaudio
import numpy as np
from numpy.typing import NDArray

_log = logging.getLogger(__name__)

PERIOD_MS = 20
PERIODS = 3
"""Three periods of 20 ms, of which two wait while one is asked for. Measured on a PulseAudio null sink: what is handed over is
heard 35 ms later; a callback may be 40 ms late before it is noticed."""
_BACKENDS = {"pulse": [miniaudio.Backend.PULSEAUDIO], "alsa": [miniaudio.Backend.ALSA], "null": [miniaudio.Backend.NULL], "auto": []}

Pull = Callable[[int, int, int], NDArray[np.float32]]
"""(samples, monotonic nanoseconds, nanoseconds since the call before) to float32 (samples, 2); called on the device's thread."""


class Speaker:
    """An open device: `name` of the system's sound service, `silent` when nobody can hear it, `buffer` how many samples it holds
    right after it has been given some."""

    def __init__(self, backend: str, rate: int, pull: Pull) -> None:
        """Opens the device of a backend, or the null device where there is none: that one always opens."""
        self._pull = pull
        self._running = False
        self.called = 0
        """When the device last asked for samples, monotonic nanoseconds."""
        try:
            self._device = _open(backend, rate)
        except miniaudio.MiniaudioError as error:
            _log.warning("no sound device (%s); playing silent", error)
            self._device = _open("null", rate)
        self.silent = self._device.backend == "Null"
        self.name: str = self._device.backend
        self.buffer = rate * PERIOD_MS * (PERIODS - 1) // 1000

    @property
    def running(self) -> bool:
        return self._running

    def start(self) -> None:
        """Begins asking for samples. Raises miniaudio.MiniaudioError when the device has gone."""
        if not self._running:
            feed = self._feed()
            next(feed)
            self.called = time.monotonic_ns()
            self._device.start(feed)
            self._running = True

    def stop(self) -> None:
        if self._running:
            self._running = False
            self._device.stop()

    def close(self) -> None:
        """May take long when the device has gone."""
        self._running = False
        self._device.close()

    def _feed(self) -> Generator[NDArray[np.float32] | bytes, int, None]:
        count = yield b""
        while True:
            before, self.called = self.called, time.monotonic_ns()
            try:
                samples = self._pull(count, self.called, self.called - before)
            except Exception:
                _log.exception("sound callback")
                samples = np.zeros((count, 2), np.float32)
            count = yield samples


def _open(backend: str, rate: int) -> Any:
    return miniaudio.PlaybackDevice(miniaudio.SampleFormat.FLOAT32, 2, rate, buffersize_msec=PERIOD_MS, callback_periods=PERIODS,
                                    backends=_BACKENDS[backend], thread_prio=miniaudio.ThreadPriority.REALTIME, app_name="ProEditor")
