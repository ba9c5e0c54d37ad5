"""How loud each track is at what is heard now.

Owns: remembering the peaks of what was mixed, track by track, and finding those that belong to a stretch of time. Refuses: mixing,
and knowing what is heard.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from render.audio.meters import decibels
from render.graph.sound import SoundPiece

_REMEMBERED = 256
"""Mixed stretches that are kept: 5 s of blocks of 1,024 samples."""
Peaks = dict[str, tuple[float, float]]


class TrackLevels:
    """`begin`, then the mixer's taps, then `end`, for each stretch that is mixed. Used by one thread."""

    def __init__(self, track_of: Callable[[str], str]) -> None:
        """`track_of` gives a clip's track, "" for a clip that is no longer there."""
        self._track_of = track_of
        self._kept: deque[tuple[int, int, Peaks]] = deque(maxlen=_REMEMBERED)
        self._sums: dict[str, NDArray[np.float32]] = {}
        self._count = 0

    def begin(self, count: int) -> None:
        self._sums, self._count = {}, count

    def tap(self, piece: SoundPiece, at: int, samples: NDArray[np.float32]) -> None:
        """Samples of one piece, from sample `at` of the stretch on."""
        track = self._track_of(piece.clip)
        if track:
            whole = self._sums.get(track)
            if whole is None:
                whole = self._sums[track] = np.zeros((self._count, 2), np.float32)
            whole[at : at + len(samples)] += samples

    def end(self, start: int) -> None:
        """The stretch begins at film sample `start`."""
        peaks = {}
        for track, whole in self._sums.items():
            left, right = np.abs(whole).max(axis=0).tolist()
            peaks[track] = decibels(left), decibels(right)
        self._kept.append((start, start + self._count, peaks))
        self._sums = {}

    def between(self, low: int, high: int) -> Peaks:
        """Peaks in dBFS of left and right of every track that sounds in film samples `[low, high)`, as mixed last."""
        found: Peaks = {}
        covered: list[tuple[int, int]] = []
        for first, last, peaks in reversed(self._kept):
            if first < high and last > low and not any(a <= max(first, low) and b >= min(last, high) for a, b in covered):
                covered.append((first, last))
                for track, (left, right) in peaks.items():
                    known = found.get(track, (-120.0, -120.0))
                    found[track] = max(known[0], left), max(known[1], right)
        return found

    def forget(self) -> None:
        self._kept.clear()
