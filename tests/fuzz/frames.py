"""Random walks through numbered footage: every step, jump and turn shows the frame that it must.

    python -m tests.fuzz.frames [--steps 20000] [--seed 1]

Owns: the walk, over every kind of file of the frame-exact test, with decoders of one thread and of several. Refuses: mending.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from editor_core.timing import parse_rate
from render.media.pool import PicturePool
from render.media.probe import describe
from render.media.reader import Threads
from render.picture import PictureFormat
from tests.render.media.test_frame_exact import EVEN
from tests.support import footage

COUNT = 400
DAMAGED_BY_ITS_ENCODER = {"av1.mp4"}
"""SVT-AV1's fastest preset leaves out blocks now and then, so that a number in the picture cannot be read."""


def walk(path: Path, rate: str, steps: int, chance: random.Random) -> list[str]:
    """Wrong frames on a walk of so many steps."""
    reference = describe(path, "a")
    assert reference.video is not None
    step, start = parse_rate(rate).ticks_per_frame, reference.video.start
    threads = chance.choice([Threads(), Threads(1, "none"), Threads(3, "frame"), Threads(2, "slice")])
    pool = PicturePool(lambda asset: (path, reference), threads=threads)
    wrong, place = [], 0
    for _ in range(steps):
        place = min(COUNT - 1, max(0, chance.choice([
            place + 1, place + 1, place - 1, place + chance.randrange(-12, 13), chance.randrange(COUNT),
        ])))
        into = chance.choice([0, step // 3, step - 1])
        made = pool.picture("a", start + place * step + into, width=320, height=180, fmt=PictureFormat())
        shown = footage.read_number(made.y)
        if shown != place:
            wrong.append(f"{path.name} with {threads}: frame {place} + {into} ticks shows {shown}")
    pool.close()
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given, _ = parser.parse_known_args()
    kinds = {name: how for name, how in EVEN.items() if name not in DAMAGED_BY_ITS_ENCODER}
    each = -(-given.steps // len(kinds))
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="proeditor-frame-fuzz-") as folder:
        for name, (rate, codec) in kinds.items():
            path = footage.numbered(Path(folder) / name, COUNT, rate=rate, codec=codec)
            found = walk(path, rate, each, random.Random(f"{given.seed} {name}"))
            print(f"{name:16} {each} steps, {len(found)} wrong", flush=True)
            wrong += found
    for line in wrong[:50]:
        print(line)
    print(f"{len(wrong)} wrong of {each * len(kinds)}; repeat with --steps {given.steps} --seed {given.seed}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
