"""Two sounds compared: shift, level, likeness, loudness, peak.

Owns: the measures that a verification makes of a film's sound against the timeline's mix. Refuses: decoding and mixing.

Sounds are float32 of shape (samples, channels), 1.0 is full scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


class Loudness:
    """Integrated loudness of ITU-R BS.1770-4, fed in pieces of any length.

    K-weighting is done by a finite impulse response of the two filters (0.17 s, then under -100 dB), block energies of 400 ms
    every 100 ms, gates at -70 LUFS and 10 LU under the mean.
    """

    def __init__(self, rate: int) -> None:
        self._hop = max(1, round(rate / 10))
        self._kernel = _k_weighting(rate)
        self._held = np.zeros((len(self._kernel) - 1, 2), np.float32)
        self._rest = np.zeros((0, 2), np.float32)
        self._energies: list[float] = []

    def add(self, sound: Sound) -> None:
        """Appends samples of two channels."""
        whole = np.concatenate((self._held, sound.astype(np.float32)))
        self._held = whole[len(whole) - (len(self._kernel) - 1):]
        weighted = np.concatenate((self._rest, _convolved(whole, self._kernel)))
        count = len(weighted) // self._hop
        hops = weighted[:count * self._hop].reshape(count, self._hop * 2)
        self._energies.extend((np.square(hops, dtype=np.float64).sum(axis=1) / self._hop).tolist())
        self._rest = weighted[count * self._hop:]

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


def _convolved(sound: Sound, kernel: NDArray[np.float64]) -> Sound:
    """The valid part of the convolution of every channel: len(sound) - len(kernel) + 1 samples."""
    count = len(sound) - len(kernel) + 1
    if count <= 0:
        return np.zeros((0, sound.shape[1]), np.float32)
    size = 1 << max(1, len(sound) - 1).bit_length()
    spectrum = np.fft.rfft(sound, size, axis=0) * np.fft.rfft(kernel, size)[:, None]
    return np.fft.irfft(spectrum, size, axis=0)[len(kernel) - 1:len(kernel) - 1 + count].astype(np.float32)


def _k_weighting(rate: int) -> NDArray[np.float64]:
    """Impulse response of the two filters of BS.1770, made for any rate from their analogue prototypes (as libebur128 does)."""
    shelf = _shelf(rate)
    high_pass = _high_pass(rate)
    length = 1 << (int(rate * 0.17) - 1).bit_length()
    unit = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    response = np.ones(length // 2 + 1, np.complex128)
    for b, a in (shelf, high_pass):
        response *= (b[0] + b[1] * unit + b[2] * unit**2) / (a[0] + a[1] * unit + a[2] * unit**2)
    return np.fft.irfft(response, length)


_Biquad = tuple[tuple[float, float, float], tuple[float, float, float]]


def _shelf(rate: int) -> _Biquad:
    f0, gain, q = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = float(np.tan(np.pi * f0 / rate))
    vh = 10 ** (gain / 20)
    vb = vh**0.4996667741545416
    a0 = 1 + k / q + k * k
    b = ((vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0)
    return b, (1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)


def _high_pass(rate: int) -> _Biquad:
    f0, q = 38.13547087602444, 0.5003270373238773
    k = float(np.tan(np.pi * f0 / rate))
    a0 = 1 + k / q + k * k
    return (1.0, -2.0, 1.0), (1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0)
