"""Waveforms of clips as pictures.

Owns: turning peak arrays into images of a clip's width, kept by bytes; how much of that may happen in one paint.
Refuses: reading sound files (the tiles of the bridge do), and loops over samples.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

CHUNK = 1024
"""Columns of one picture; wide clips are made of several."""
_BYTES_KEPT = 64 * 2**20
_SECONDS_A_PAINT = 0.003

Key = tuple[str, int, int, int, int, int, float, int, int]


class Waves:
    """Pictures of sound. `hurried` is True after a `chunk` that was left out for lack of time: ask again in the next paint.

    `ratio` is device pixels per pixel.
    """

    def __init__(self, tiles: Any) -> None:
        self._tiles = tiles
        self._kept: OrderedDict[Key, QImage] = OrderedDict()
        self._bytes = 0
        self._deadline = 0.0
        self.hurried = False
        self.ratio = 1.0

    def begin(self) -> None:
        """A paint starts: pictures are made until its time is used up."""
        self._deadline = time.perf_counter() + _SECONDS_A_PAINT

    def forget(self, asset: str = "") -> None:
        """Drops the pictures of one asset, or of all."""
        for key in [k for k in self._kept if not asset or k[0] == asset]:
            self._bytes -= self._kept.pop(key).sizeInBytes()

    def chunk(self, asset: str, start: int, ticks_per_pixel: float, number: int, width: int, height: int, gain: float,
              peak: QColor, mean: QColor, stream: int = 0) -> QImage | None:
        """Columns `[number * CHUNK, … + width)` of sound that begins at media time `start` (ticks), or None if not there yet.

        `gain` is a factor, `stream` counts the file's sound streams from 0. The picture is transparent outside the wave.
        """
        first = start + round(number * CHUNK * ticks_per_pixel)
        end = first + max(1, round(width * ticks_per_pixel))
        key = (asset, first, end, width, height, peak.rgb(), round(gain, 4), mean.rgb(), stream)
        self.hurried = False
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        if time.perf_counter() > self._deadline:
            self.hurried = True
            return None
        peaks = self._tiles.peaks(asset, first, end, max(1, round(width * self.ratio)), stream)
        if peaks is None:
            return None
        made = wave_image(np.asarray(peaks), max(1, round(height * self.ratio)), gain, peak, mean)
        made.setDevicePixelRatio(self.ratio)
        self._kept[key] = made
        self._bytes += made.sizeInBytes()
        while self._bytes > _BYTES_KEPT:
            self._bytes -= self._kept.popitem(last=False)[1].sizeInBytes()
        return made


def wave_image(peaks: NDArray[Any], height: int, gain: float, peak: QColor, mean: QColor) -> QImage:
    """A picture of a wave around its middle line.

    `peaks` has one row for each column: (lowest, highest) or (lowest, highest, mean level), in -1 to 1; `gain` is a factor.
    Without a mean level it is taken as 0.45 of the peak, which is near that of speech. Heights are the level to the power of 0.7,
    so that quiet sound can be seen.
    """
    levels = np.abs(np.asarray(peaks, np.float32).reshape(len(peaks), -1))
    top = np.minimum(levels[:, :2].max(axis=1) * gain, 1.0)
    inner = np.minimum(levels[:, 2] * gain, top) if levels.shape[1] > 2 else top * 0.45
    top, inner = top ** 0.7, inner ** 0.7
    middle = height / 2
    away = np.abs(np.arange(height, dtype=np.float32) + 0.5 - middle)[:, None] - 0.5
    pixels = np.zeros((height, len(top)), np.uint32)
    pixels[away < np.maximum(top * middle, 0.51)[None, :]] = peak.rgba()
    pixels[away < (inner * middle)[None, :]] = mean.rgba()
    return QImage(pixels.data, len(top), height, len(top) * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()
