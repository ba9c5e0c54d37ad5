"""Reads damaged files the way the program does, in a process of its own; run as `python -m tests.support.read_all`.

Owns: a line on standard output before and after each file, so that whoever started it knows which one was fatal.
Refuses: any exception but MediaError.

Arguments: a folder for the damaged copies, a good file, the first number and how many.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from render.media.errors import MediaError
from render.media.peaks import peaks
from render.media.pool import PicturePool
from render.media.probe import describe
from render.media.sound_pool import SoundPool
from render.picture import PictureFormat
from tests.support.mutants import mutant

_ADDRESS_SPACE = 6 << 30


def read(path: Path) -> str:
    """Everything once; what came of it."""
    try:
        reference = describe(path, "a")
    except MediaError as error:
        return f"refused: {error}"
    length = reference.duration
    words = [f"{len(reference.warnings)} warnings"]
    if reference.video is not None:
        pool = PicturePool(lambda asset: (path, reference))
        for share in (0, 0.5, 0.1, 0.9, 0.11, 0.12, 1.0, 0.3):
            try:
                pool.picture("a", int(length * share), width=160, height=90, fmt=PictureFormat()).check()
            except MediaError as error:
                words.append(str(error))
        pool.close()
    if reference.audio:
        sounds = SoundPool(lambda asset: (path, reference))
        try:
            sounds.read("a", length // 14700 // 2, 48000, 48000)
            if length < 3600 * 705_600_000:
                peaks(path, reference=reference)
        except MediaError as error:
            words.append(str(error))
        sounds.close()
    return "read: " + "; ".join(words)


def main() -> None:
    folder, good, first, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    whole = good.read_bytes()
    for number in range(first, first + count):
        path = folder / f"{number}{good.suffix}"
        path.write_bytes(mutant(whole, number))
        print(f"begin {number}", flush=True)
        print(f"end {number} {read(path)}", flush=True)
        path.unlink()


if __name__ == "__main__":
    main()
