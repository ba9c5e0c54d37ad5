"""Driving the real command line in processes of its own.

Owns: an isolated home, running `proeditor`, footage made by an independent ffmpeg. Refuses: calling the program's code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg


@dataclass
class Ran:
    """What a run of the command line did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class CommandLine:
    """`proeditor` with settings, caches and logs below `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "PROEDITOR_HOME": str(home), "NO_COLOR": "1"}
        self.environment.pop("DISPLAY", None)
        self.environment.pop("QT_QPA_PLATFORM", None)

    def __call__(self, *words: Any, ok: bool | None = True, stdin: str | None = None, timeout: float = 120, **environment: str) -> Ran:
        """Runs `proeditor WORDS`; with `ok` True or False the exit status is asserted to be 0 or not."""
        done = subprocess.run([sys.executable, "-m", "app.cli", *map(str, words)], input=stdin, capture_output=True, text=True,
                              timeout=timeout, env={**self.environment, **environment})
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in ran.err, ran.err
        if ok is not None:
            assert (ran.status == 0) == ok, f"{words}: status {ran.status}\n{ran.out}\n{ran.err}"
        if ok is False:
            assert 1 <= len(ran.err.strip().splitlines()) <= 2 or words[:1] == ("import",), ran.err
        return ran

    def start(self, *words: Any, **options: Any) -> subprocess.Popen[str]:
        """The same, not waited for."""
        return subprocess.Popen([sys.executable, "-m", "app.cli", *map(str, words)], text=True, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def ffmpeg(*words: str) -> None:
    """Runs the ffmpeg that imageio-ffmpeg carries, a writer independent of the program's own code."""
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *words], check=True, capture_output=True, timeout=120)


def make_clip(path: Path, seconds: float = 4, size: str = "320x180", rate: str = "25", sound: bool = True, *more: str) -> Path:
    """Moving test picture, and a 440 Hz tone; H.264 + AAC unless `more` says else."""
    words = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if sound:
        words += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}", "-c:a", "aac"]
    ffmpeg(*words, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-g", "25", *more, str(path))
    return path
