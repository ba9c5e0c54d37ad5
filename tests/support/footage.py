"""Test footage that says of itself which frame it is, made deterministically and written by an independent program.

Owns: pictures with a machine-readable number, clicks on whole seconds, colour bars, and the files made of them with the
ffmpeg binary of the package `imageio-ffmpeg`, which shares no code of ours. Refuses: reading by our own decoder.

The number stands in the top left 256 × 32 of a 320 × 180 picture as two rows of 16 blocks, white for 1, most significant
first; the second row is the complement of the first, so that damage is noticed. It scales with the picture.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 320, 180
_BLOCK = 16
_BITS = 16
CLICK = 200
"""Samples of a click."""


def ffmpeg() -> str:
    """The independent ffmpeg."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def run_ffmpeg(*arguments: str | Path, feed: Iterator[bytes] | None = None, timeout: float = 120) -> bytes:
    """Run it with `feed` on standard input; standard output. Raises RuntimeError with its last words."""
    command = [ffmpeg(), "-hide_banner", "-loglevel", "error", "-y", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        if feed is None:
            output, error = process.communicate(timeout=timeout)
        else:
            assert process.stdin is not None
            try:
                for piece in feed:
                    process.stdin.write(piece)
            except BrokenPipeError:
                pass
            output, error = process.communicate(timeout=timeout)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[4:])}: {error.decode(errors='replace')[-2000:]}")
    return output


@cache
def _scene(width: int, height: int) -> NDArray[np.float32]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x * 0.4 + y * 0.9


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Frame `number` as planar 8-bit 4:2:0 in one array: a moving ramp with a little grain, and the number."""
    grain = np.random.default_rng(number).integers(-6, 7, (height, width), dtype=np.int16)
    luma = (40 + np.mod(_scene(width, height) + 5 * number, 150)).astype(np.int16) + grain
    frame = np.empty(height * width * 3 // 2, np.uint8)
    frame[: height * width] = luma.astype(np.uint8).ravel()
    chroma = frame[height * width :].reshape(2, height // 2, width // 2)
    chroma[0] = 110 + number % 37
    chroma[1] = 150 - number % 23
    _write_number(frame[: height * width].reshape(height, width), number)
    return frame


def _write_number(luma: NDArray[np.uint8], number: int) -> None:
    block = luma.shape[1] * _BLOCK // WIDTH
    bits = np.array([(number >> shift) & 1 for shift in range(_BITS - 1, -1, -1)], np.uint8)
    rows = np.stack([bits, 1 - bits]) * 200 + 25
    luma[: 2 * block, : _BITS * block] = np.kron(rows, np.ones((block, block), np.uint8))


def read_number(luma: NDArray[np.uint8] | NDArray[np.uint16], *, depth: int = 8) -> int:
    """The number in a luma plane of any size; -1 where it cannot be read."""
    block = luma.shape[1] * _BLOCK / WIDTH
    across = ((np.arange(_BITS) + 0.5) * block).astype(int)
    down = ((np.arange(2) + 0.5) * luma.shape[0] * _BLOCK / HEIGHT).astype(int)
    reach = max(1, int(block / 4))
    means = np.array(
        [[luma[y - reach : y + reach, x - reach : x + reach].mean() for x in across] for y in down]
    ) / (1 << (depth - 8))
    bits = means > 125
    if np.any(bits[0] == bits[1]):
        return -1
    return int("".join("1" if bit else "0" for bit in bits[0]), 2)


def numbered(
    path: Path, count: int, *, rate: str = "25", codec: Sequence[str] = ("-c:v", "libx264", "-preset", "veryfast"),
    filters: str = "", more: Sequence[str] = (), sound: Path | None = None, size: tuple[int, int] = (WIDTH, HEIGHT), first: int = 0,
) -> Path:
    """Write frames `first` to `first + count` to `path`. `filters` run before encoding; `sound` is a file to go with them."""
    width, height = size
    source = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-framerate", rate, "-i", "pipe:0"]
    if sound is not None:
        source += ["-i", str(sound)]
    if filters:
        source += ["-vf", filters]
    feed = (picture(number, width, height).tobytes() for number in range(first, first + count))
    run_ffmpeg(*source, *codec, *more, path, feed=feed)
    return path


def click_shape() -> NDArray[np.float32]:
    """One click: a short burst with a sharp middle, so that its place can be found to the sample."""
    time = (np.arange(CLICK) - CLICK / 2) / CLICK
    return (0.7 * np.sin(2 * np.pi * 9 * time) * np.cos(np.pi * time) ** 2).astype(np.float32)


def clicks(seconds: float, rate: int = 48000, channels: int = 2) -> NDArray[np.float32]:
    """Silence with a click centred on every whole second from 1 on, float32 (samples, channels)."""
    samples = np.zeros((round(seconds * rate), channels), np.float32)
    shape = click_shape()
    for second in range(1, int(seconds)):
        begin = second * rate - CLICK // 2
        samples[begin : begin + CLICK] = shape[:, None]
    return samples


def find_clicks(samples: NDArray[np.float32], rate: int, seconds: Sequence[int], *, begin: int = 0) -> list[int]:
    """Offset in samples of the click near each of `seconds` (counted from sample `begin`) from its place, by correlation."""
    shape = click_shape().astype(np.float64)
    found = []
    for second in seconds:
        low = begin + second * rate - CLICK // 2 - rate // 10
        part = samples[low : low + CLICK + rate // 5].mean(axis=1).astype(np.float64)
        found.append(int(np.argmax(np.correlate(part, shape, "valid"))) - rate // 10)
    return found


def write_sound(path: Path, samples: NDArray[np.float32], rate: int = 48000, codec: Sequence[str] = (), layout: str = "") -> Path:
    """Write float32 (samples, channels) to `path` in the codec that its name or `codec` says."""
    channels = ["-ch_layout", layout] if layout else ["-ac", str(samples.shape[1])]
    run_ffmpeg("-f", "f32le", "-ar", str(rate), *channels, "-i", "pipe:0", *codec, path, feed=iter([samples.tobytes()]))
    return path
