"""What a level display shows, block by block.

Owns: sample peak, true peak, RMS and short-term loudness of a stream. Refuses: loudness of a whole film, which libav measures.

Short-term loudness is ITU-R BS.1770-5 with a window of 3 s, ungated, as EBU Tech 3341 has it.
"""

from __future__ import annotations

import math
from collections import deque

import msgspec
import numpy as np
from numpy.typing import NDArray

from render.audio.k_weighting import KFilter
from render.audio.true_peak import TruePeak

SILENCE_DB = -120.0
"""What a silent block shows instead of minus infinity."""
_WINDOW_S = 3


class Levels(msgspec.Struct, frozen=True, array_like=True):
    """Levels of one block: sample peak and RMS of left and right in dBFS, short-term loudness in LUFS, true peak of left and right in
    dBTP; silence is -120."""

    peak_left: float
    peak_right: float
    rms_left: float
    rms_right: float
    short_term: float
    true_left: float
    true_right: float


class Meter:
    """Levels of a stereo stream. Feed it every block that is heard, in order."""

    def __init__(self, rate: int) -> None:
        self._filter = KFilter(rate)
        self._window = rate * _WINDOW_S
        self._energies: deque[tuple[int, float]] = deque()
        self._samples = 0
        self._between = TruePeak()

    def levels(self, samples: NDArray[np.float32]) -> Levels:
        """Levels of this block (float32 (count, 2)); loudness covers the last 3 s with it."""
        if not len(samples):
            return Levels(SILENCE_DB, SILENCE_DB, SILENCE_DB, SILENCE_DB, self._short_term(), SILENCE_DB, SILENCE_DB)
        peaks = np.max(np.abs(samples), axis=0)
        powers = np.mean(np.square(samples, dtype=np.float64), axis=0)
        weighted = self._filter.run(samples)
        self._energies.append((len(samples), float(np.sum(np.square(weighted)))))
        self._samples += len(samples)
        while self._samples - self._energies[0][0] >= self._window:
            self._samples -= self._energies.popleft()[0]
        true = self._between.peaks(samples)
        return Levels(
            decibels(float(peaks[0])), decibels(float(peaks[1])), decibels(math.sqrt(powers[0])), decibels(math.sqrt(powers[1])),
            self._short_term(), decibels(true[0]), decibels(true[1]),
        )

    def reset(self) -> None:
        """Forget the window: playback jumped."""
        self._energies.clear()
        self._samples = 0
        self._between = TruePeak()

    def _short_term(self) -> float:
        energy = sum(energy for _, energy in self._energies)
        if self._samples == 0 or energy <= 0:
            return SILENCE_DB
        return max(SILENCE_DB, -0.691 + 10 * math.log10(energy / self._samples))


def decibels(level: float) -> float:
    """A factor of full scale in dB, not under -120."""
    return max(SILENCE_DB, 20 * math.log10(level)) if level > 0 else SILENCE_DB
