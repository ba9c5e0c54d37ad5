"""Meters show what the standards say for signals whose level is known."""

from __future__ import annotations

import numpy as np
import pytest

from render.audio.k_weighting import impulse_response
from render.audio.meters import SILENCE_DB, Meter
from render.audio.true_peak import TruePeak
from render.media.loudness import of_file, of_samples
from tests.support import footage


def tone(frequency: float, level_db: float, seconds: float, rate: int = 48000) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency * time)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def test_the_k_filter_has_the_gains_of_the_standard():
    """BS.1770-5 calibrates to 997 Hz; its curve falls to -14 dB near 20 Hz and rises 4 dB above 4 kHz."""
    for rate in (44100, 48000, 96000):
        spectrum = 20 * np.log10(np.abs(np.fft.rfft(impulse_response(rate), 8 * rate)))
        assert spectrum[8 * 997] == pytest.approx(0.691, abs=0.02)
        assert spectrum[8 * 10000] == pytest.approx(4.0, abs=0.05)
        assert spectrum[8 * 38] == pytest.approx(-6.0, abs=0.2)


@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_tone_of_minus_23_lufs_shows_minus_23(rate):
    """EBU Tech 3341, test 1: 1 kHz stereo at -23.0 dBFS reads -23.0 ± 0.1 LUFS."""
    meter = Meter(rate)
    for block in np.array_split(tone(1000, -23.0, 20, rate), 20 * 30):
        shown = meter.levels(block)
    assert shown.short_term == pytest.approx(-23.0, abs=0.1)
    assert shown.peak_left == shown.peak_right == pytest.approx(-23.0, abs=0.05)
    assert shown.rms_left == pytest.approx(-26.01, abs=0.05)


def test_short_term_loudness_forgets_after_three_seconds():
    meter = Meter(48000)
    for block in np.array_split(tone(1000, -10.0, 4), 120):
        meter.levels(block)
    for block in np.array_split(np.zeros((48000 * 4, 2), np.float32), 120):
        shown = meter.levels(block)
    assert shown.short_term < -90 and shown.peak_left == SILENCE_DB
    meter.reset()
    assert meter.levels(np.zeros((0, 2), np.float32)).short_term == SILENCE_DB


def test_one_side_only_reads_three_decibels_less():
    meter = Meter(48000)
    one = tone(1000, -20.0, 4)
    one[:, 1] = 0
    for block in np.array_split(one, 100):
        shown = meter.levels(block)
    assert shown.short_term == pytest.approx(-23.0, abs=0.1)
    assert shown.peak_right == SILENCE_DB


def test_loudness_of_a_whole_film_agrees_with_the_meter_and_with_another_program(tmp_path):
    sound = np.concatenate([tone(440, -18, 5), tone(3000, -30, 5), np.zeros((48000, 2), np.float32)])
    found = of_samples(np.array_split(sound, 77), 48000)
    path = footage.write_sound(tmp_path / "a.wav", sound, codec=("-c:a", "pcm_f32le"))
    read = of_file(path)
    assert read.integrated == pytest.approx(found.integrated, abs=0.05)
    assert found.sample_peak == pytest.approx(-18.0, abs=0.01) and found.true_peak >= found.sample_peak
    words = footage.run_ffmpeg("-i", path, "-af", "ebur128=metadata=1,ametadata=print:key=lavfi.r128.I:file=-", "-f", "null", "-")
    assert found.integrated == pytest.approx(float(words.split(b"=")[-1]), abs=0.05)
    meter = Meter(48000)
    for block in np.array_split(tone(440, -18, 5), 50):
        shown = meter.levels(block)
    assert shown.short_term == pytest.approx(of_samples([tone(440, -18, 5)], 48000).integrated, abs=0.05)


def test_true_peak_finds_what_lies_between_samples():
    """A quarter-rate tone sampled beside its crests is 3 dB higher than its samples (BS.1770-5, annex 2)."""
    time = np.arange(48000 * 2)
    wave = (np.minimum(time / 4800, 0.5) * np.sin(np.pi / 2 * time + np.pi / 4)).astype(np.float32)
    wave[-4800:] *= np.linspace(1, 0, 4800, dtype=np.float32)
    found = of_samples([np.repeat(wave[:, None], 2, axis=1)], 48000)
    assert found.sample_peak == pytest.approx(-9.03, abs=0.02)
    assert found.true_peak == pytest.approx(-6.02, abs=0.2)


def test_silence_and_very_short_sound_have_the_lowest_loudness():
    for sound in (np.zeros((48000 * 2, 2), np.float32), tone(1000, -10, 0.05)):
        assert of_samples([sound], 48000).integrated == -70.0
    assert of_samples([], 48000).sample_peak == -120.0


def test_the_true_peak_of_a_wave_whose_samples_miss_its_tops_is_that_of_the_wave():
    """EBU Tech 3341, tests 15 to 18 in kind: a quarter of the sample rate, the samples 45 degrees beside the tops, is 3 dB higher."""
    time = np.arange(48000)
    wave = (0.5 * np.sin(np.pi / 2 * time + np.pi / 4)).astype(np.float32)
    ramp = np.minimum(1.0, time / 2000).astype(np.float32)
    samples = np.repeat((wave * ramp)[:, None], 2, axis=1)
    samples[:, 1] *= 0.5
    meter = Meter(48000)
    shown = [meter.levels(block) for block in np.array_split(samples, 30)]
    assert max(one.peak_left for one in shown) == pytest.approx(-9.03, abs=0.05)
    assert max(one.true_left for one in shown) == pytest.approx(-6.02, abs=0.2)
    assert max(one.true_right for one in shown) == pytest.approx(-12.04, abs=0.2)
    assert of_samples([samples], 48000).true_peak == pytest.approx(max(one.true_left for one in shown), abs=0.3)


def test_the_true_peak_does_not_depend_on_how_the_stream_is_cut_up():
    samples = np.random.default_rng(5).uniform(-0.5, 0.5, (9600, 2)).astype(np.float32)
    whole = TruePeak().peaks(samples)
    parts = TruePeak()
    found = [parts.peaks(piece) for piece in np.array_split(samples, [1, 5, 700, 701, 4000])]
    assert tuple(np.max(found, axis=0)) == pytest.approx(whole)
    assert TruePeak().peaks(samples[:0]) == (0.0, 0.0)
