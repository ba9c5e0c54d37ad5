"""Sound by asset, at the project's rate, for the mixer.

Owns: which sound readers stay open, resampling on a fixed grid, where a file's sound stands in media time.
Refuses: gain, pan, fades, the timeline.

Resampled sound is made in blocks that begin where an output sample and a source sample fall on the same instant, each
from a stretch with margins wider than the filter, so that any read of any length gives the same samples.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import gcd
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from editor_core.schema import MediaReference
from editor_core.timing import sample_at
from render.media.errors import NoSound
from render.media.sound_reader import SoundReader

Resolver = Callable[[str], tuple[Path, MediaReference]]
Samples = NDArray[np.float32]

_ABOUT = 1 << 16
"""Output samples of one resampled block, about."""
_MARGIN = 4096
"""Source samples on each side of a block, far more than the filter is long."""
_QUALITY = "VHQ"


class SoundPool:
    """Sound readers for every stream in use, least recently used closed first. Belongs to one thread. Close it."""

    def __init__(self, resolve: Resolver, *, readers: int = 24, blocks: int = 64) -> None:
        """At most `readers` files stay open and `blocks` resampled blocks (about 0.5 MiB each) are kept."""
        self._resolve = resolve
        self._most = max(1, readers)
        self._most_blocks = max(2, blocks)
        self._readers: OrderedDict[tuple[str, int, int], tuple[SoundReader, int]] = OrderedDict()
        self._blocks: OrderedDict[tuple[str, int, int, int, int], Samples] = OrderedDict()

    def read(self, asset: str, start: int, count: int, rate: int, stream: int = 0, channel: int = 0) -> Samples:
        """Samples `start` to `start + count` of media time at `rate`, float32 (count, 2), zeros where there is no sound.

        Sample 0 is media time 0. `stream` counts the file's sound streams; `channel` is 0 for all of its
        channels, mixed to stereo, or the one that is heard alone on both sides, from 1. Independent of how reads are cut up.
        Raises MediaError.
        """
        reader, begin = self._reader(asset, stream, channel)
        offset = sample_at(begin, rate)
        if reader.rate == rate:
            return reader.read(start - offset, count)
        out = np.zeros((count, 2), np.float32)
        common = gcd(reader.rate, rate)
        period = rate // common
        length = -(-_ABOUT // period) * period
        low, high = start - offset, start - offset + count
        total = -(-reader.length * rate // reader.rate)
        first, last = max(low, 0), min(high, total)
        for number in range(first // length, -(-last // length) if last > first else first // length):
            block = self._block((asset, stream, channel, rate, number), reader, length)
            lower, upper = max(first, number * length), min(last, (number + 1) * length)
            out[lower - low : upper - low] = block[lower - number * length : upper - number * length]
        return out

    def forget(self, asset: str) -> None:
        """Close every reader of an asset: its file moved or changed."""
        for key in [key for key in self._readers if key[0] == asset]:
            self._readers.pop(key)[0].close()
        for block in [block for block in self._blocks if block[0] == asset]:
            del self._blocks[block]

    def close(self) -> None:
        """Give the file and the decoder back."""
        self._blocks.clear()
        while self._readers:
            self._readers.popitem()[1][0].close()

    def _reader(self, asset: str, stream: int, channel: int) -> tuple[SoundReader, int]:
        key = (asset, stream, channel)
        entry = self._readers.get(key)
        if entry is None:
            path, reference = self._resolve(asset)
            if not 0 <= stream < len(reference.audio):
                raise NoSound(f"{reference.name} has no sound stream {stream + 1}.")
            while len(self._readers) >= self._most:
                self._readers.popitem(last=False)[1][0].close()
            described = reference.audio[stream]
            entry = self._readers[key] = (SoundReader(path, described, channel=channel), described.start)
        self._readers.move_to_end(key)
        return entry

    def _block(self, key: tuple[str, int, int, int, int], reader: SoundReader, length: int) -> Samples:
        rate, number = key[-2:]
        block = self._blocks.get(key)
        if block is None:
            while len(self._blocks) >= self._most_blocks:
                self._blocks.popitem(last=False)
            block = self._blocks[key] = resampled(reader, rate, number * length, length)
        self._blocks.move_to_end(key)
        return block


def resampled(reader: SoundReader, rate: int, start: int, count: int) -> Samples:
    """Output samples `start` to `start + count` at `rate`; `start` must fall on a source sample."""
    common = gcd(reader.rate, rate)
    into, out_of = reader.rate // common, rate // common
    margin = -(-_MARGIN // into) * into
    source = start // out_of * into
    need = -(-count * into // out_of)
    sound = reader.read(source - margin, need + 2 * margin)
    made = soxr.resample(sound, reader.rate, rate, _QUALITY)
    skip = margin // into * out_of
    return np.ascontiguousarray(made[skip : skip + count], dtype=np.float32)
