"""The sound of a film beside the mix: what one comparison hands on to the verdicts."""

from __future__ import annotations

import numpy as np

from render.tasks.verify_sound import _Comparison

RATE = 48000


def test_a_short_hole_that_neither_level_nor_likeness_tell_is_handed_on() -> None:
    wanted = (0.1 * np.random.default_rng(5).standard_normal((20 * RATE, 2))).astype(np.float32)
    film = wanted.copy()
    film[round(9.97 * RATE):round(10.05 * RATE)] = 0  # over the border of two windows
    comparison = _Comparison(RATE)
    for first in (0, 10 * RATE):
        comparison.add(first, film[first:first + 10 * RATE], wanted[first:first + 10 * RATE])
    found = comparison.result()
    assert found["hole"] == [round(9.97 * RATE), round(0.08 * RATE)]
    assert abs(found["level"][1]) < 2 and found["likeness"][1] > 0.8
