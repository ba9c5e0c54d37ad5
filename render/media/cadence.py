"""Even or uneven: the frame rate that a stream's time stamps show.

Owns: telling constant from variable frame rate, and the exact rate. Refuses: reading files.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from editor_core.timing import Rate

_NOMINAL = (1, 2, 5, 6, 8, 10, 12, 12.5, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 72, 75, 90, 100, 120, 144, 200, 240)
STANDARD = tuple(
    sorted({Fraction(n) for n in _NOMINAL} | {Fraction(n * 1000, 1001) for n in (12, 15, 24, 30, 48, 60, 72, 120, 240)})
)
"""Rates that cameras and players use."""


_JITTER = 0.25
"""Share of a frame's length by which stamps may stray from an even grid and still count as even; they keep their own times."""


@dataclass(frozen=True, slots=True)
class Cadence:
    """`rate` is exact where frames are even, else the average. `slowest` and `fastest` are frames a second."""

    rate: Rate
    variable: bool
    slowest: float
    fastest: float


def cadence(stamps: list[int], time_base: Fraction, hints: list[Fraction]) -> Cadence:
    """The cadence of frames with these stamps; `hints` are rates the container claims, best first."""
    times = np.unique(np.asarray(stamps, dtype=np.int64))
    hints = [hint for hint in hints if hint and 0 < hint <= 1000]
    if len(times) < 3:
        rate = _as_rate(hints[0] if hints else Fraction(25))
        return Cadence(rate, False, rate.fps, rate.fps)
    gaps = np.diff(times)
    mean = Fraction(int(times[-1] - times[0]), len(times) - 1) * time_base
    measured = 1 / mean
    near = [rate for rate in STANDARD if abs(rate / measured - 1) < Fraction(1, 50)]
    near.sort(key=lambda rate: abs(rate - measured))
    claimed = [hint for hint in hints if abs(hint / measured - 1) < Fraction(1, 50)]
    guesses = [*near, *claimed, measured.limit_denominator(1001)]
    usual = 1 / (float(np.median(gaps)) * float(time_base))
    for allowed in (1.001, _JITTER * float(mean / time_base)):
        for guess in guesses:
            if _strays(times, guess, time_base) <= allowed:
                return Cadence(_as_rate(guess), False, float(guess), float(guess))
        guesses.sort(key=lambda rate: abs(float(rate) - usual))
    unit = float(time_base)
    low, high = np.percentile(gaps, [1, 99])
    return Cadence(_as_rate(measured), True, 1 / (float(high) * unit), 1 / (max(float(low), 0.5) * unit))


def _strays(times: np.ndarray, rate: Fraction, time_base: Fraction) -> float:
    """Largest distance, in units, of a stamp from its place on the rate's grid."""
    step = 1 / (rate * time_base)
    number = np.arange(len(times), dtype=np.int64)
    offset = times - times[0]
    places = number * (step.numerator / step.denominator)
    return float(np.max(np.abs(offset - places)))


def _as_rate(rate: Fraction) -> Rate:
    for standard in STANDARD:
        if abs(standard / rate - 1) < Fraction(1, 100_000):
            return Rate(standard.numerator, standard.denominator)
    plain = rate.limit_denominator(100_000)
    return Rate(plain.numerator, plain.denominator) if plain > 0 else Rate(25)
