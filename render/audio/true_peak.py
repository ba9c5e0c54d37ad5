"""True peak: what the wave between the samples reaches.

Owns: the four-times oversampling filter of ITU-R BS.1770-5, annex 2, over a stream. Refuses: loudness, holding, and showing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FIRST = (0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000, -0.0594482421875, 0.1373291015625,
          0.9721679687500, -0.1022949218750, 0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500)
_SECOND = (-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250, -0.1665039062500, 0.4650878906250,
           0.7797851562500, -0.2003173828125, 0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375)
"""The first two phases of the filter in the standard's table; the other two are these backwards."""
PHASES: NDArray[np.float32] = np.array([_FIRST, _SECOND, _SECOND[::-1], _FIRST[::-1]], np.float32)
_TAPS = PHASES.shape[1]


class TruePeak:
    """Largest value of each channel of a stereo stream, samples and what lies between them. Feed it in order."""

    def __init__(self) -> None:
        self._tail: NDArray[np.float32] = np.zeros((_TAPS - 1, 2), np.float32)

    def peaks(self, samples: NDArray[np.float32]) -> tuple[float, float]:
        """Of this block (float32 (count, 2)), as factors of full scale, 0 for no samples."""
        if not len(samples):
            return 0.0, 0.0
        whole = np.concatenate((self._tail, samples))
        self._tail = whole[-(_TAPS - 1):]
        windows = np.lib.stride_tricks.sliding_window_view(whole, _TAPS, axis=0)
        between = np.abs(windows.reshape(-1, _TAPS) @ PHASES.T).reshape(len(samples), 2, 4).max(axis=(0, 2))
        highest = np.maximum(between, np.abs(samples).max(axis=0))
        return float(highest[0]), float(highest[1])
