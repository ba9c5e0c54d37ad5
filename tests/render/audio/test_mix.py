"""Gain, pan, fades and cross-fades have the curves that are promised, wherever a film is cut into blocks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from editor_core.timing import TICKS_PER_SECOND
from render.audio.mix import envelope, mix, pan_gains
from render.graph.sound import SoundPiece
from render.media.errors import MediaMissing

RATE = 48000
SECOND = TICKS_PER_SECOND


class Constant:
    """Sound of one level, or a ramp that says its own sample number."""

    def __init__(self, level: float = 1.0, *, ramp: bool = False) -> None:
        self._level, self._ramp = level, ramp

    def read(self, asset: str, start: int, count: int, rate: int, stream: int = 0, channel: int = 0) -> np.ndarray:
        if asset == "gone":
            raise MediaMissing("gone.wav is not there any more.")
        values = np.arange(start, start + count) if self._ramp else np.full(count, self._level)
        return np.repeat(values[:, None], 2, axis=1).astype(np.float32)


def piece(**fields: object) -> SoundPiece:
    plain = {
        "clip": "c1", "asset": "a1", "stream": 0, "source_start": 0, "start": SECOND, "duration": 2 * SECOND, "gain_db": 0.0,
        "pan": 0.0, "fade_in": 0, "fade_out": 0,
    }
    return SoundPiece(**{**plain, **fields})  # type: ignore[arg-type]


def test_a_piece_is_heard_exactly_in_its_place_and_from_its_source():
    heard = mix([piece(source_start=3 * SECOND)], 0, 4 * RATE, RATE, Constant(ramp=True))
    assert not heard[:RATE].any() and not heard[3 * RATE :].any()
    assert np.array_equal(heard[RATE : 3 * RATE, 0], np.arange(3 * RATE, 5 * RATE, dtype=np.float32))


def test_sound_without_gain_or_fades_is_not_changed_at_its_cuts():
    noise = np.random.default_rng(1).standard_normal((5 * RATE, 2)).astype(np.float32)

    class Noise:
        def read(self, asset: str, start: int, count: int, rate: int, stream: int = 0, channel: int = 0) -> np.ndarray:
            return noise[start : start + count]

    parts = [piece(start=0, source_start=0, duration=SECOND), piece(start=SECOND, source_start=SECOND, duration=SECOND)]
    assert np.array_equal(mix(parts, 0, 2 * RATE, RATE, Noise()), noise[: 2 * RATE])


@pytest.mark.parametrize("decibels", [-96.0, -6.0, 0.0, 12.0, 24.0])
def test_gain_is_in_decibels(decibels):
    heard = mix([piece(gain_db=decibels)], RATE, 10, RATE, Constant(0.5))
    assert np.allclose(heard, 0.5 * 10 ** (decibels / 20), rtol=1e-6)


def test_pan_has_constant_power_and_leaves_the_centre_alone():
    assert pan_gains(0) == (1.0, 1.0)
    assert np.allclose(pan_gains(-1), (math.sqrt(2), 0), atol=1e-12)
    assert np.allclose(pan_gains(1), (0, math.sqrt(2)), atol=1e-12)
    for pan in np.linspace(-1, 1, 41):
        left, right = pan_gains(float(pan))
        assert math.isclose(left**2 + right**2, 2, abs_tol=1e-9)
    heard = mix([piece(pan=0.5)], RATE, 5, RATE, Constant(1.0))
    assert np.allclose(heard[0], pan_gains(0.5))


def test_fades_are_linear_from_the_first_sample_and_to_the_last():
    heard = mix([piece(fade_in=SECOND // 2, fade_out=SECOND // 4)], RATE, 2 * RATE, RATE, Constant(1.0))[:, 0]
    fade_in = np.arange(RATE // 2) / (RATE // 2)
    fade_out = np.arange(RATE // 4, 0, -1) / (RATE // 4)
    assert np.allclose(heard[: RATE // 2], fade_in, atol=1e-6)
    assert np.allclose(heard[-RATE // 4 :], fade_out, atol=1e-6)
    assert np.all(heard[RATE // 2 : -RATE // 4] == 1.0)


def test_a_fade_leaves_no_click_at_a_cut():
    steady = mix([piece(fade_in=SECOND // 100, fade_out=SECOND // 100)], 0, 4 * RATE, RATE, Constant(0.8))[:, 0]
    assert np.max(np.abs(np.diff(steady))) <= 0.8 / 480 + 1e-6


def test_a_cross_fade_keeps_power_and_meets_exactly():
    length = SECOND // 2
    going = piece(start=0, duration=SECOND, tail=length)
    coming = piece(start=SECOND // 2, duration=SECOND, lead=length)
    out = mix([going], 0, 2 * RATE, RATE, Constant())[:, 0].astype(float)
    into = mix([coming], 0, 2 * RATE, RATE, Constant())[:, 0].astype(float)
    both = slice(RATE // 2, RATE)
    assert np.allclose(out[both] ** 2 + into[both] ** 2, 1, atol=1e-6)
    assert np.allclose(into[both], np.sin(np.arange(RATE // 2) / (RATE // 2) * np.pi / 2), atol=1e-6)
    assert np.all(out[: RATE // 2] == 1) and not into[: RATE // 2].any()


def test_any_blocks_give_the_same_film():
    plan = [
        piece(fade_in=SECOND // 3, fade_out=SECOND // 7, pan=0.3, gain_db=-4.5),
        piece(start=SECOND // 2 + 12345, duration=SECOND + 999, source_start=777, lead=SECOND // 5, tail=SECOND // 9, pan=-0.7),
    ]
    sounds = Constant(ramp=True)
    whole = mix(plan, 0, 4 * RATE, RATE, sounds)
    for size in (1, 480, 1601, 48000):
        begin = 0 if size > 1 else RATE
        end = 4 * RATE if size > 1 else RATE + 300
        cut = [mix(plan, start, min(size, end - start), RATE, sounds) for start in range(begin, end, size)]
        assert np.array_equal(np.concatenate(cut), whole[begin:end])


def test_an_envelope_that_does_nothing_costs_nothing():
    plain = piece(fade_in=SECOND // 10)
    assert envelope(plain, 2 * RATE, 480, RATE) is None
    assert envelope(plain, RATE, 480, RATE) is not None


def test_missing_media_is_silent_where_someone_is_told_and_an_error_where_not():
    told = []
    plan = [piece(asset="gone"), piece(asset="a1")]
    heard = mix(plan, RATE, 10, RATE, Constant(0.5), lambda lost, error: told.append((lost.asset, str(error))))
    assert np.allclose(heard, 0.5)
    assert told == [("gone", "gone.wav is not there any more.")]
    with pytest.raises(MediaMissing):
        mix(plan, RATE, 10, RATE, Constant(0.5))
