"""Damaged media files: refused or read in part, never a crash, a hang, or an error without words.

    python -m tests.fuzz.media [--mutants 3000] [--first 0]

Owns: good files of 20 kinds and a child process for each batch of their mutants (`tests.support.read_all`). Refuses: judging
what was read; the reader's own tests do. A mutant is known by its file and its number, which stay the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import footage

BATCH = 25
SECONDS_EACH = 10
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "24", "-bf", "3")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "4", "-bf", "2")
FILMS = {
    "h264.mp4": (X264, ("-c:a", "aac", "-movflags", "+faststart")),
    "h264.mkv": (X264, ("-c:a", "libvorbis")),
    "h264.ts": (X264, ("-c:a", "aac")),
    "h264.flv": (X264, ("-c:a", "aac")),
    "prores.mov": (("-c:v", "prores"), ("-c:a", "pcm_s16le")),
    "vp9.webm": (("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), ("-c:a", "libopus")),
    "mpeg4.avi": (("-c:v", "mpeg4", "-bf", "2"), ("-c:a", "libmp3lame")),
    "hevc.mp4": (("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"), ("-c:a", "aac")),
    "mpeg2.mpg": (MPEG2, ("-c:a", "mp2")),
    "mpeg2.mxf": (MPEG2, ("-c:a", "pcm_s16le")),
    "wmv2.wmv": (("-c:v", "wmv2"), ("-c:a", "wmav2")),
}
STILLS = ("still.png", "still.jpg", "still.tiff", "still.webp", "still.bmp")
SOUNDS = ("sound.mp3", "sound.flac", "sound.wav", "sound.opus", "sound.aac")


def good_files(folder: Path) -> list[Path]:
    """One good file of every kind."""
    heard = footage.write_sound(folder / "heard.wav", footage.clicks(2.5))
    made = [footage.numbered(folder / name, 60, codec=codec, more=more, sound=heard) for name, (codec, more) in FILMS.items()]
    made += [footage.numbered(folder / name, 1, codec=(), more=("-frames:v", "1")) for name in STILLS]
    return made + [footage.write_sound(folder / name, footage.clicks(3)) for name in SOUNDS]


def run(good: Path, first: int, count: int, folder: Path) -> list[str]:
    """What was fatal among mutants `first` to `first + count` of a file."""
    fatal: list[str] = []
    number = first
    while number < first + count:
        command = [sys.executable, "-m", "tests.support.read_all", str(folder), str(good), str(number), str(first + count - number)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_EACH * count, check=False)
            status, said, error = str(done.returncode), done.stdout, done.stderr
        except subprocess.TimeoutExpired as late:
            status, said, error = "hang", (late.stdout or b"").decode(), ""
        if status == "0":
            return fatal
        begun = [line for line in said.splitlines() if line.startswith("begin ")]
        number = int(begun[-1].split()[1]) if begun else number
        fatal.append(f"{good.name} mutant {number}: {status} {error.strip().splitlines()[-1:]}")
        number += 1
    return fatal


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=3000)
    parser.add_argument("--first", type=int, default=0)
    given, _ = parser.parse_known_args()
    fatal: list[str] = []
    with tempfile.TemporaryDirectory(prefix="proeditor-media-fuzz-") as name:
        folder = Path(name)
        good = good_files(folder)
        each = -(-given.mutants // len(good))
        for path in good:
            found: list[str] = []
            for first in range(given.first, given.first + each, BATCH):
                found += run(path, first, min(BATCH, given.first + each - first), folder)
            print(f"{path.name:12} {each} mutants, {len(found)} fatal", flush=True)
            fatal += found
    for line in fatal:
        print(line)
    return 1 if fatal else 0


if __name__ == "__main__":
    sys.exit(main())
