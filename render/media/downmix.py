"""Any channel layout to stereo.

Owns: the mixing matrix per layout (ITU-R BS.775-3, table 2). Refuses: levels, panning, anything that depends on the film.

Centre and surrounds go in at -3 dB, the low-frequency channel is left out, nothing is scaled down afterwards: sound is
32-bit float until the output, so that dialogue keeps its level and loud scenes can be brought down in the mix.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_UNSAFE_PLANES = 8
"""PyAV 18 walks a frame's planes until it meets a null pointer; from 8 planes on there is none, and it reads other memory
(a 7.1 AAC film ended the process). Such frames are packed into one plane first."""
_HALF_POWER = math.sqrt(0.5)
_LEFT = {"FL": 1.0, "FLC": 1.0, "BL": _HALF_POWER, "SL": _HALF_POWER, "WL": 1.0, "DL": 1.0, "TFL": _HALF_POWER, "TBL": 0.5, "TSL": 0.5}
_RIGHT = {"FR": 1.0, "FRC": 1.0, "BR": _HALF_POWER, "SR": _HALF_POWER, "WR": 1.0, "DR": 1.0, "TFR": _HALF_POWER, "TBR": 0.5, "TSR": 0.5}
_BOTH = {"FC": _HALF_POWER, "BC": 0.5, "TC": 0.5, "TFC": 0.5, "TBC": 0.5}


def matrix(channels: tuple[str, ...]) -> NDArray[np.float32]:
    """Gains, shape (channels, 2), for channels named as libav does (`FL`, `FR`, `FC`, `LFE`, `BL` …).

    One channel plays on both sides at its own level. Channels without a known name take turns left and right.
    """
    gains = np.zeros((len(channels), 2), np.float32)
    if len(channels) == 1:
        gains[:] = 1.0
        return gains
    known = any(name in _LEFT or name in _RIGHT for name in channels)
    for index, name in enumerate(channels):
        if name in _LEFT:
            gains[index, 0] = _LEFT[name]
        elif name in _RIGHT:
            gains[index, 1] = _RIGHT[name]
        elif name in _BOTH:
            gains[index] = _BOTH[name]
        elif not known:
            gains[index, index % 2] = 1.0
    return gains


class Stereo:
    """Turns decoded frames of one stream into stereo. Not for two threads."""

    def __init__(self, channel: int = 0) -> None:
        """`channel` is 0 for all of them, or the number of the one that plays alone on both sides, at its own level, from 1."""
        self._only = channel - 1
        self._packers: dict[tuple[str, str, int], AudioResampler] = {}

    def __call__(self, frame: Any) -> Samples:
        """A decoded frame as float32 (samples, 2), full scale ±1."""
        names = tuple(channel.name for channel in frame.layout.channels)
        samples = _floats(self._packed(frame) if frame.format.is_planar and len(names) >= _UNSAFE_PLANES else frame)
        if 0 <= self._only < samples.shape[1]:
            return np.repeat(samples[:, self._only : self._only + 1], 2, axis=1)
        if names in (("FL", "FR"), ("DL", "DR")):
            return samples
        if samples.shape[1] == 1:
            return np.repeat(samples, 2, axis=1)
        return samples @ matrix(names)

    def _packed(self, frame: Any) -> Any:
        """The same samples in one plane."""
        key = (frame.format.name, frame.layout.name, frame.sample_rate)
        packer = self._packers.get(key)
        if packer is None:
            packer = self._packers[key] = AudioResampler(format="flt", layout=frame.layout, rate=frame.sample_rate)
        (packed,) = packer.resample(frame)
        return packed


def _floats(frame: Any) -> Samples:
    """Samples as float32 (samples, channels)."""
    samples = frame.to_ndarray()
    name = frame.format.name
    samples = samples.T if frame.format.is_planar else samples.reshape(-1, len(frame.layout.channels))
    if name.startswith(("flt", "dbl")):
        return np.ascontiguousarray(samples, dtype=np.float32)
    if name.startswith("u8"):
        return np.ascontiguousarray((samples.astype(np.float32) - 128.0) / 128.0)
    return np.ascontiguousarray(samples.astype(np.float32) / (32768.0 if name.startswith("s16") else 2147483648.0))
