"""Two sounds compared: shift, level, likeness, loudness, peak.

Owns: the measures that a verification makes of a film's sound against the timeline's mix. Refuses: decoding and mixing.

Sounds are float32 of shape (samples, channels), 1.0 is full scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from render.audio.k_weighting import KFilter

Sound = NDArray[np.float32]

SILENT = 1e-4
"""RMS under which a stretch counts as silent: -80 dBFS."""
_ALIKE = 0.98


@dataclass(frozen=True, slots=True)
class Shift:
    """How much later the film's sound comes than it should, in samples, and how alike the two are there, 0 to 1."""

    samples: int
    likeness: float


def level(sound: Sound) -> float:
    """Root mean square over all channels."""
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if sound.size else 0.0


QUIETEST_LUFS = -70.0
"""What a loudness curve shows of silence: the absolute gate of the standard."""


def decibels(value: float) -> float:
    """20 log10, not under -120."""
    return float(20 * np.log10(max(value, 1e-6)))


def likeness(film: Sound, wanted: Sound) -> float:
    """Correlation without shift, -1 to 1; 1 where both are silent."""
    a, b = film.astype(np.float64).ravel(), wanted.astype(np.float64).ravel()
    power = float(np.sqrt((a @ a) * (b @ b)))
    return 1.0 if power <= SILENT**2 * a.size else float(a @ b) / power


def shift(film: Sound, wanted: Sound, reach: int) -> Shift | None:
    """The shift within ± `reach` samples at which the two are most alike; None where there is nothing to compare.

    Of several shifts that fit alike (a steady tone fits at every period) the smallest counts.
    """
    a, b = film.mean(axis=1, dtype=np.float64), wanted.mean(axis=1, dtype=np.float64)
    power = float(np.sqrt((a @ a) * (b @ b)))
    if power <= SILENT**2 * a.size:
        return None
    size = 1 << (len(a) + reach).bit_length()
    product = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)), size)
    around = np.concatenate((product[-reach:], product[:reach + 1])) / power
    best = float(around.max())
    fits = np.flatnonzero(around >= best - (1 - _ALIKE) * max(best, 0.1)) - reach
    nearest = int(fits[np.abs(fits).argmin()])
    # Among the neighbours of the nearest fit the peak itself is the answer.
    while abs(nearest) < reach and around[nearest + reach + 1] > around[nearest + reach]:
        nearest += 1
    while abs(nearest) < reach and around[nearest + reach - 1] > around[nearest + reach]:
        nearest -= 1
    return Shift(nearest, max(0.0, best))


def peak(sound: Sound) -> float:
    """The largest sample."""
    return float(np.abs(sound).max(initial=0.0))


class Holes:
    """Where a film's sound drops out, fed in pieces of any length: blocks of 10 ms in which a channel of the film has less than a tenth
    of what the mix has there, more than 20 dB under it.

    Blocks in which the mix's channel is under -40 dBFS, or more than 20 dB under its other channel, do not count: encoders may
    leave such sound away.
    """

    _LEAST = 3
    """Blocks in a row that make a hole: what an encoder smears is shorter."""

    def __init__(self, rate: int) -> None:
        self._block = max(1, round(rate / 100))
        self._film = self._wanted = np.zeros((0, 2), np.float32)
        self._done = 0
        self._open = [0, 0]
        self._longest = (0, 0)

    def add(self, film: Sound, wanted: Sound) -> None:
        """The next samples of two channels of both, as many of the one as of the other."""
        self._film, self._wanted = (np.concatenate(pair) for pair in ((self._film, film), (self._wanted, wanted)))
        count = len(self._wanted) // self._block
        if not count:
            return
        have, want = (self._levels(sound, count) for sound in (self._film, self._wanted))
        lost = (want > 0.01) & (want > 0.1 * want.max(axis=1, keepdims=True)) & (have < 0.1 * want)
        for channel in (0, 1):
            edges = np.flatnonzero(np.diff(lost[:, channel], prepend=False, append=False))
            carried, self._open[channel] = self._open[channel], 0
            for begin, end in edges.reshape(-1, 2).tolist():
                first = begin if begin else -carried
                if end == count:
                    self._open[channel] = end - first
                if end - first >= max(self._LEAST, self._longest[1] + 1):
                    self._longest = (self._done + first, end - first)
        self._done += count
        self._film, self._wanted = self._film[count * self._block:], self._wanted[count * self._block:]

    def _levels(self, sound: Sound, count: int) -> NDArray[np.float64]:
        blocks = sound[:count * self._block].reshape(count, self._block, 2)
        return np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1))

    def longest(self) -> tuple[int, int]:
        """First sample and length in samples of the longest hole; (0, 0) where there is none."""
        first, count = self._longest
        return first * self._block, count * self._block


class Loudness:
    """Integrated loudness of ITU-R BS.1770-4, fed in pieces of any length.

    Blocks of 400 ms every 100 ms, gates at -70 LUFS and 10 LU under the mean of what passes the first.
    """

    def __init__(self, rate: int) -> None:
        self._hop = max(1, round(rate / 10))
        self._filter = KFilter(rate)
        self._rest = np.zeros((0, 2))
        self._energies: list[float] = []

    def add(self, sound: Sound) -> None:
        """Appends samples of two channels."""
        weighted = np.concatenate((self._rest, self._filter.run(sound)))
        count = len(weighted) // self._hop
        hops = weighted[:count * self._hop].reshape(count, self._hop * 2)
        self._energies.extend((np.square(hops, dtype=np.float64).sum(axis=1) / self._hop).tolist())
        self._rest = weighted[count * self._hop:]

    def curve(self, most: int) -> tuple[int, list[float]]:
        """Short-term loudness (3 s, EBU Tech 3341) along the time: every how many tenths of a second there is a point, and the points in
        LUFS, `most` of them at most. A point stands for the 3 s before it; at the start for what there is. Silence is -70."""
        hops = np.asarray(self._energies)
        if not len(hops):
            return 1, []
        sums = np.concatenate(([0.0], np.cumsum(hops)))
        ends = np.arange(1, len(hops) + 1)
        means = (sums[ends] - sums[np.maximum(0, ends - 30)]) / np.minimum(ends, 30)
        lufs = np.maximum(QUIETEST_LUFS, -0.691 + 10 * np.log10(np.maximum(means, 1e-12)))
        every = max(1, -(-len(lufs) // most))
        return every, [round(float(value), 1) for value in lufs[every - 1 :: every]]

    def integrated(self) -> float | None:
        """LUFS of everything added; None under 0.4 s or where all of it is under the gate."""
        hops = np.asarray(self._energies)
        if len(hops) < 4:
            return None
        blocks = np.convolve(hops, np.full(4, 0.25), "valid")
        loud = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
        if not len(loud):
            return None
        gated = loud[loud > loud.mean() * 0.1]
        return float(-0.691 + 10 * np.log10(gated.mean()))
