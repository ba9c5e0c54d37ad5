"""Footage for the benchmark: textured scenery that drifts, discs that cross it, grain, and a chord. Always the same bytes' worth.

Owns: making it once into the bench folder. Refuses: being small; it is 1080p with motion everywhere, as cameras give.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.bench.figure import Bench
from tests.support.footage import ffmpeg

WIDTH, HEIGHT, RATE = 1920, 1080, 30
SHORT_SECONDS = 24
LONG_SECONDS = 56
LONG_REPEATS = 4
_GRAINS = 6


def short(bench: Bench) -> list[Path]:
    """Three files of 24 s, H.264 with a keyframe every 2 s, AAC."""
    return [_made(bench, number)[0] for number in range(3)]


def long(bench: Bench) -> list[Path]:
    """Three files of 224 s, H.264 with keyframes up to 250 frames apart, AAC."""
    return [_made(bench, number)[1] for number in range(3)]


def _made(bench: Bench, number: int) -> tuple[Path, Path]:
    name = "abc"[number]
    once, short_file, long_file = (bench.folder / f"{kind}-{name}.mp4" for kind in ("once", "short", "long"))
    if not (short_file.exists() and long_file.exists()):
        bench.say(f"Making footage {name} …")
        bench.folder.mkdir(parents=True, exist_ok=True)
        _encode(number + 1, once, short_file)
        part = long_file.with_suffix(".part.mp4")
        _run([ffmpeg(), "-v", "error", "-y", "-stream_loop", str(LONG_REPEATS - 1), "-i", str(once), "-c", "copy", "-movflags",
              "+faststart", str(part)])
        part.rename(long_file)
        once.unlink()
    return short_file, long_file


def _encode(seed: int, long_out: Path, short_out: Path) -> None:
    chord = "+".join(f"0.1*sin({220 * seed * step}*2*PI*t)" for step in (1, 1.25, 1.5))
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-threads", "4", "-pix_fmt", "yuv420p", "-colorspace", "bt709",
               "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv", "-c:a", "aac", "-b:a", "160k", "-ac", "2"]
    part = short_out.with_suffix(".part.mp4")
    command = [ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i",
               "pipe:0", "-f", "lavfi", "-i", f"aevalsrc='{chord}|{chord}*0.8':s=48000:d={LONG_SECONDS}",
               "-map", "0:v", "-map", "1:a", *picture, "-g", "250", str(long_out),
               "-map", "0:v", "-map", "1:a", *picture, "-g", "60", "-t", str(SHORT_SECONDS), str(part)]
    _run(command, frames(seed, LONG_SECONDS * RATE))
    part.rename(short_out)


def _run(command: list[str], feed: Iterator[bytes] | None = None) -> None:
    with subprocess.Popen(command, stdin=subprocess.PIPE if feed else subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        if feed is not None:
            assert process.stdin is not None
            for piece in feed:
                process.stdin.write(piece)
            process.stdin.close()
        assert process.stderr is not None
        words = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(words[-2000:])


def frames(seed: int, count: int) -> Iterator[bytes]:
    """Planar 4:2:0 frames of one scene."""
    scenery = _scenery(seed)
    dice = np.random.default_rng(seed + 100)
    grains = [np.clip(dice.standard_normal((HEIGHT + 64, WIDTH + 64)) * 2.2, -20, 20).astype(np.int8) for _ in range(_GRAINS)]
    for number in range(count):
        time = number / RATE
        across, down = 300 + 250 * np.sin(time * 0.5 + seed), 150 + 120 * np.cos(time * 0.37 + seed)
        move = np.array([[1, 0, -across], [0, 1, -down]], np.float32)
        picture = cv2.warpAffine(scenery, move, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
        for disc in range(5):
            x = int(WIDTH / 2 + WIDTH * 0.4 * np.sin(time * (0.7 + 0.23 * disc) + disc))
            y = int(HEIGHT / 2 + HEIGHT * 0.35 * np.cos(time * (0.9 + 0.17 * disc) + 2 * disc))
            cv2.circle(picture, (x, y), 60 + 20 * disc, (40 * disc + 50, 255 - 40 * disc, 128), -1, cv2.LINE_AA)
        planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        left, top = number * 17 % 64, number * 29 % 64
        grain = grains[number % _GRAINS][top:top + HEIGHT, left:left + WIDTH]
        planes[:HEIGHT] = np.clip(planes[:HEIGHT].astype(np.int16) + grain, 16, 235).astype(np.uint8)
        yield planes.tobytes()


def _scenery(seed: int, height: int = 1400, width: int = 2600) -> NDArray[np.uint8]:
    """Noise of eight octaves in colour, larger than the frame."""
    dice = np.random.default_rng(seed)
    picture = np.zeros((height, width, 3), np.float32)
    strength = 1.0
    for columns in (4, 8, 16, 32, 64, 128, 256, 512):
        coarse = dice.standard_normal((max(2, height * columns // width), columns, 3)).astype(np.float32)
        picture += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * strength
        strength *= 0.62
    picture = (picture - picture.mean()) / picture.std() * 42 + 120
    return np.clip(picture, 0, 255).astype(np.uint8)
