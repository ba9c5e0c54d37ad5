"""Measures of two sounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from render.export.hearing import Holes, Loudness, decibels, level, likeness, shift
from render.media.loudness import of_samples

RATE = 48000


def noise(seconds: float, seed: int = 3) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal((round(seconds * RATE), 2))).astype(np.float32)


def moved(sound: np.ndarray, by: int) -> np.ndarray:
    out = np.zeros_like(sound)
    if by >= 0:
        out[by:] = sound[:len(sound) - by]
    else:
        out[:by] = sound[-by:]
    return out


@settings(deadline=None, max_examples=20)
@given(st.integers(-20_000, 20_000))
def test_a_shift_is_found_to_the_sample(by: int) -> None:
    sound = noise(3)
    found = shift(moved(sound, by), sound, RATE // 2)
    assert found is not None and found.samples == by


def test_a_steady_tone_that_is_in_place_is_not_taken_for_shifted() -> None:
    time = np.arange(3 * RATE) / RATE
    tone = np.stack([0.3 * np.sin(2 * np.pi * 440 * time)] * 2, axis=1).astype(np.float32)
    found = shift(tone, tone, RATE // 2)
    assert found is not None and found.samples == 0


def test_silence_has_no_shift_and_is_like_silence() -> None:
    silence = np.zeros((RATE, 2), np.float32)
    assert shift(silence, silence, 100) is None and likeness(silence, silence) == 1.0
    assert likeness(noise(1, 1), noise(1, 2)) < 0.1
    assert decibels(level(silence)) == -120


@pytest.mark.parametrize("seconds", [1.3, 7.0])
def test_integrated_loudness_agrees_with_libav(seconds: float) -> None:
    sound = noise(seconds)
    sound[: RATE // 2] *= 0.01
    mine = Loudness(RATE)
    for begin in range(0, len(sound), 7001):
        mine.add(sound[begin:begin + 7001])
    measured = mine.integrated()
    assert measured is not None and measured == pytest.approx(of_samples([sound], RATE).integrated, abs=0.15)


def test_silence_has_no_loudness() -> None:
    quiet = Loudness(RATE)
    quiet.add(np.zeros((RATE, 2), np.float32))
    assert quiet.integrated() is None


def test_a_loudness_curve_is_the_short_term_loudness_along_the_time() -> None:
    time = np.arange(10 * RATE) / RATE
    tone = np.repeat((10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * time)).astype(np.float32)[:, None], 2, axis=1)
    tone[5 * RATE:] *= 10 ** (-12 / 20)
    loudness = Loudness(RATE)
    for piece in np.array_split(tone, 7):
        loudness.add(piece)
    every, points = loudness.curve(600)
    assert (every, len(points)) == (1, 100)
    assert points[45] == pytest.approx(-23.0, abs=0.1) and points[99] == pytest.approx(-35.0, abs=0.1)
    assert all(later <= before + 0.05 for before, later in itertools.pairwise(points[50:81])), "it falls over three seconds"
    every, points = loudness.curve(30)
    assert every == 4 and len(points) == 25
    assert Loudness(RATE).curve(10) == (1, [])


def holes(film: np.ndarray, wanted: np.ndarray, piece: int = 7001) -> tuple[float, float]:
    found = Holes(RATE)
    for begin in range(0, len(wanted), piece):
        found.add(film[begin:begin + piece], wanted[begin:begin + piece])
    at, samples = found.longest()
    return at / RATE, samples / RATE


@pytest.mark.parametrize("channels", [slice(0, 2), slice(0, 1), slice(1, 2)])
@pytest.mark.parametrize("piece", [100, 7001, RATE])
def test_where_a_channel_drops_out_is_found_also_over_the_borders_of_pieces(channels: slice, piece: int) -> None:
    wanted = noise(3)
    film = wanted.copy()
    film[round(0.98 * RATE):round(1.06 * RATE), channels] = 0
    film[2 * RATE:2 * RATE + 1900, channels] = 0
    assert holes(film, wanted, piece) == (0.98, 0.08)


def test_what_an_encoder_may_leave_away_is_no_hole() -> None:
    wanted = noise(2)
    assert holes(wanted * 0.15, wanted) == (0, 0), "quiet, and for the level to judge"
    quiet = wanted * 0.05
    assert holes(np.zeros_like(quiet), quiet) == (0, 0), "under -40 dBFS"
    side = wanted * np.float32([1, 0.05])
    assert holes(side * np.float32([1, 0]), side) == (0, 0), "far under the other channel"
    short = wanted.copy()
    short[RATE:RATE + 900] = 0
    assert holes(short, wanted) == (0, 0), "shorter than what is smeared"
