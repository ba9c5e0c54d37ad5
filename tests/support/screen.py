"""A virtual screen of its own for a test or a benchmark.

Owns: one Xvfb on a free display, ended with the block. Refuses: a real screen.
"""

from __future__ import annotations

import os
import subprocess


class Screen:
    """`with Screen() as screen:` gives `screen.display`, such as `:7`, 1920 × 1080 unless said."""

    def __init__(self, width: int = 1920, height: int = 1080) -> None:
        self._size = f"{width}x{height}x24"
        self.display = ""

    def __enter__(self) -> Screen:
        reading, writing = os.pipe()
        self._server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", self._size, "-nolisten", "tcp"],
                                        pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start")
        self.display = f":{number}"
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.terminate()
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
