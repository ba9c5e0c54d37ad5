"""The K filter of loudness measurement, for a stream of blocks.

Owns: its two stages at any sample rate and their convolution. Refuses: gating and levels.

Stage coefficients: ITU-R BS.1770-5, annex 1, tables 1 and 2 (48 kHz); for other rates the analogue prototypes behind them,
as published by B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 2018.
The filter runs as a finite impulse response of 170 ms, by when its tail is below -150 dB; that lets numpy do it in blocks.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_SECONDS = 0.17


def _stages(rate: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Numerator and denominator of the shelf and of the high-pass."""
    gain, quality, frequency = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    k = math.tan(math.pi * frequency / rate)
    high = 10 ** (gain / 20)
    band = high**0.4996667741545416
    norm = 1 + k / quality + k * k
    shelf = (
        np.array([high + band * k / quality + k * k, 2 * (k * k - high), high - band * k / quality + k * k]) / norm,
        np.array([1.0, 2 * (k * k - 1) / norm, (1 - k / quality + k * k) / norm]),
    )
    quality, frequency = 0.5003270373238773, 38.13547087602444
    k = math.tan(math.pi * frequency / rate)
    norm = 1 + k / quality + k * k
    passes = (np.array([1.0, -2.0, 1.0]), np.array([1.0, 2 * (k * k - 1) / norm, (1 - k / quality + k * k) / norm]))
    return [shelf, passes]


def impulse_response(rate: int) -> NDArray[np.float64]:
    """The filter's answer to one sample, long enough to hold all that matters."""
    length = 1 << math.ceil(math.log2(rate * _SECONDS))
    turn = np.exp(-2j * math.pi * np.fft.rfftfreq(2 * length))
    response = np.ones(length + 1, complex)
    for above, below in _stages(rate):
        response *= np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)
    return np.fft.irfft(response)[:length]


class KFilter:
    """K-weights stereo blocks one after the other, keeping what the filter remembers between them."""

    def __init__(self, rate: int) -> None:
        self._answer = impulse_response(rate)
        self._past = np.zeros((len(self._answer) - 1, 2))
        self._spectra: dict[int, NDArray[np.complex128]] = {}

    def run(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """The block filtered, float64 (count, 2)."""
        whole = np.concatenate([self._past, samples])
        size = 1 << math.ceil(math.log2(len(whole)))
        spectrum = self._spectra.get(size)
        if spectrum is None:
            spectrum = self._spectra[size] = np.fft.rfft(self._answer, size)
        made = np.fft.irfft(np.fft.rfft(whole, size, axis=0) * spectrum[:, None], size, axis=0)
        self._past = whole[len(samples) :]
        keep = len(self._answer) - 1
        return made[keep : keep + len(samples)]
