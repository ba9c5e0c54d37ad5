"""Waveforms: how loud a file is, at every zoom.

Owns: smallest, largest and RMS value per stretch of sound, in one pass, without holding the samples. Refuses: drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from editor_core.schema import MediaReference
from render.media.errors import MediaRefused, NoSound
from render.media.probe import describe
from render.media.sound_reader import SoundReader

PER_SECOND = 200
"""Buckets a second of the finest level: 5 ms each."""
_AT_ONCE = 1 << 19
"""Samples decoded at once."""
_MOST_BUCKETS = 2 * 86_400 * PER_SECOND
FOLD = 8
"""Buckets of one level that make one of the next coarser."""


class Peaks(msgspec.Struct, frozen=True):
    """`levels[0]` has PER_SECOND buckets a second, each further level one for FOLD of those before.

    Each level is int16 (buckets, 2 channels, 3): smallest, largest and RMS value, 32767 for full scale; louder is clipped.
    Bucket n of level k covers media time from `start + n * FOLD**k / per_second` on, `start` in ticks.
    `broken` is about how many packets could not be decoded; they are silent.
    """

    start: int
    per_second: int
    levels: tuple[NDArray[np.int16], ...]
    broken: int = 0


def peaks(
    path: Path, *, reference: MediaReference | None = None, stream: int = 0, report: Callable[[float], None] | None = None
) -> Peaks:
    """The peaks of one sound stream. `report` gets the share done, 0 to 1. Raises MediaError."""
    path = Path(path)
    reference = reference or describe(path, "peaks")
    if stream >= len(reference.audio):
        raise NoSound(f"{reference.name} has no sound stream {stream + 1}.")
    described = reference.audio[stream]
    reader = SoundReader(path, described, keep_blocks=2, block=_AT_ONCE)
    try:
        finest = _finest(reader, report)
    finally:
        reader.close()
    levels = [finest]
    while len(levels[-1]) > FOLD and len(levels) < 6:
        levels.append(fold(levels[-1]))
    return Peaks(described.start, PER_SECOND, tuple(levels), reader.broken)


def _finest(reader: SoundReader, report: Callable[[float], None] | None) -> NDArray[np.int16]:
    """Level 0, block by block. A bucket ends on the sample nearest to its end, so odd rates do not drift."""
    total = -(-reader.length * PER_SECOND // reader.rate)
    if total > _MOST_BUCKETS:
        raise MediaRefused("This sound is longer than two days; its waveform is not drawn.")
    made = np.zeros((total, 2, 3), np.int16)
    per_step = max(1, _AT_ONCE * PER_SECOND // reader.rate)
    for first in range(0, total, per_step):
        last = min(total, first + per_step)
        edges = (np.arange(first, last + 1, dtype=np.int64) * reader.rate + PER_SECOND // 2) // PER_SECOND
        sound = reader.read(int(edges[0]), int(edges[-1] - edges[0]))
        made[first:last] = bucketed(sound, edges - edges[0])
        if report is not None:
            report(last / total)
    return made


def bucketed(sound: NDArray[np.float32], edges: NDArray[np.int64]) -> NDArray[np.int16]:
    """Smallest, largest and RMS of `sound[edges[n]:edges[n + 1]]`, int16 (buckets, 2, 3); `edges` rise."""
    begins = edges[:-1]
    counts = np.diff(edges)[:, None]
    low = np.minimum.reduceat(sound, begins)
    high = np.maximum.reduceat(sound, begins)
    level = np.sqrt(np.add.reduceat(np.square(sound, dtype=np.float64), begins) / counts)
    return np.clip(np.rint(np.stack([low, high, level], axis=2) * 32767.0), -32768, 32767).astype(np.int16)


def fold(level: NDArray[np.int16]) -> NDArray[np.int16]:
    """The next coarser level; the last bucket may cover fewer than FOLD."""
    begins = np.arange(0, len(level), FOLD)
    counts = np.diff(np.append(begins, len(level)))[:, None]
    power = np.add.reduceat(np.square(level[:, :, 2], dtype=np.float64), begins) / counts
    low = np.minimum.reduceat(level[:, :, 0], begins)
    high = np.maximum.reduceat(level[:, :, 1], begins)
    return np.stack([low, high, np.rint(np.sqrt(power)).astype(np.int16)], axis=2)
