"""A PulseAudio server of our own with a null sink, and a recording of what it is sent.

Owns: starting and stopping both. Refuses: the machine's own sound service, which it never touches.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

RATE = 48_000


class NullSink:
    """`environment` makes clients use it. Skips the test where PulseAudio is not installed."""

    def __init__(self, folder: Path) -> None:
        if not (shutil.which("pulseaudio") and shutil.which("parec")):
            pytest.skip("PulseAudio (packages pulseaudio and pulseaudio-utils) is not installed")
        self.environment = {"XDG_RUNTIME_DIR": str(folder), "PULSE_RUNTIME_PATH": str(folder / "pulse"), "HOME": str(folder),
                            "PULSE_SERVER": f"unix:{folder}/native"}
        everything = {**os.environ, **self.environment}
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--high-priority=no", "--realtime=no",
             "-L", f"module-null-sink sink_name=out rate={RATE} format=float32le",
             "-L", f"module-native-protocol-unix auth-anonymous=1 socket={folder}/native"],
            env=everything, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not (folder / "native").exists():
            if time.monotonic() > deadline or self._server.poll() is not None:
                self.close()
                pytest.skip("PulseAudio does not start here")
            time.sleep(0.05)
        self._recorder = subprocess.Popen(
            ["parec", "-d", "out.monitor", "--format=float32le", f"--rate={RATE}", "--channels=2", "--latency-msec=5", "--raw"],
            env=everything, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._chunks: list[tuple[int, bytes]] = []
        self._thread = threading.Thread(target=self._record, daemon=True)
        self._thread.start()

    def _record(self) -> None:
        assert self._recorder.stdout is not None
        while raw := os.read(self._recorder.stdout.fileno(), 1 << 16):
            self._chunks.append((time.monotonic_ns(), raw))

    def recording(self) -> tuple[np.ndarray, float]:
        """Samples of the left channel, and the monotonic time of the first in ns: the least late of all chunks counts."""
        chunks = list(self._chunks)
        samples = np.frombuffer(b"".join(raw for _, raw in chunks)[:sum(len(raw) for _, raw in chunks) // 8 * 8], np.float32)[::2]
        ends = np.cumsum([len(raw) / 8 for _, raw in chunks])
        return samples, float(np.min(np.array([at for at, _ in chunks]) - ends / RATE * 1e9))

    def kill_server(self) -> None:
        """The sound service goes away without a word."""
        self._server.kill()
        self._server.wait()

    def close(self) -> None:
        recorder = getattr(self, "_recorder", None)
        for process in (recorder, self._server):
            if process is not None:
                process.kill()
                process.wait()
                if process.stdout is not None:
                    self._thread.join(2)
                    process.stdout.close()
