"""A click is where its picture is, in every codec, and any way of reading gives the same samples."""

from __future__ import annotations

import random

import numpy as np
import pytest

from editor_core.timing import sample_at
from render.media.downmix import matrix
from render.media.errors import NoSound
from tests.support import footage

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "3", "-bf", "2")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")

FILMS = {
    "aac.mp4": (X264, ("-c:a", "aac"), 48),
    "aac.ts": (X264, ("-c:a", "aac"), 48),
    "aac.mkv": (X264, ("-c:a", "aac"), 48),
    "aac.flv": (X264, ("-c:a", "aac"), 48),
    "pcm.mov": (X264, ("-c:a", "pcm_s16le"), 1),
    "pcm24.mkv": (X264, ("-c:a", "pcm_s24le"), 1),
    "pcm.avi": (("-c:v", "mjpeg"), ("-c:a", "pcm_s16le"), 1),
    "flac.mkv": (X264, ("-c:a", "flac"), 1),
    "alac.mov": (X264, ("-c:a", "alac"), 1),
    "mp3.mp4": (X264, ("-c:a", "libmp3lame"), 48),
    "mp3.mkv": (X264, ("-c:a", "libmp3lame"), 48),
    "opus.webm": (VP8, ("-c:a", "libopus"), 48),
    "opus.mp4": (X264, ("-c:a", "libopus"), 48),
    "vorbis.mkv": (X264, ("-c:a", "libvorbis"), 48),
    "ac3.ts": (X264, ("-c:a", "ac3"), 48),
    "ac3.mp4": (X264, ("-c:a", "ac3"), 48),
    "mp2.mpg": (MPEG2, ("-c:a", "mp2"), 48),
    "aac44.mp4": (X264, ("-c:a", "aac", "-ar", "44100"), 48),
}


@pytest.mark.parametrize("name", FILMS)
def test_a_click_a_second_is_heard_with_its_picture(name, shelf, sounds):
    codec, sound, limit = FILMS[name]
    clicks = shelf.get("clicks.wav", lambda to: footage.write_sound(to, footage.clicks(5.2), codec=("-c:a", "pcm_f32le")))
    path = shelf.numbered(f"clicks_{name}", 130, rate="25", codec=codec, more=sound, sound=clicks)
    reference = shelf.described(path)
    pool = sounds(path)
    picture_starts = sample_at(reference.video.start, 48000)
    heard = pool.read("a", picture_starts, round(5.1 * 48000), 48000)
    offsets = footage.find_clicks(heard, 48000, [1, 2, 3, 4])
    assert max(map(abs, offsets)) <= limit, offsets
    other = sounds(path, blocks=2)
    chance = random.Random(name)
    for _ in range(25):
        start, count = chance.randrange(0, 4 * 48000), chance.randrange(1, 9000)
        assert np.array_equal(other.read("a", picture_starts + start, count, 48000), heard[start : start + count])


@pytest.mark.parametrize(("name", "codec", "limit"), [("long.wav", (), 0), ("long.m4a", ("-c:a", "aac", "-b:a", "64k"), 48)])
def test_clicks_stay_in_place_over_ten_minutes_at_any_rate(name, codec, limit, shelf, sounds):
    path = shelf.get(name, lambda to: footage.write_sound(to, footage.clicks(600, channels=1), codec=codec))
    assert shelf.described(path).duration // 705_600_000 in (599, 600)
    pool = sounds(path)
    for rate in (48000, 44100, 96000):
        for second in (1, 299, 598):
            heard = pool.read("a", second * rate - rate // 2, rate, rate)
            if rate == 48000:
                assert abs(footage.find_clicks(heard, rate, [0], begin=rate // 2)[0]) <= limit
            else:
                assert abs(int(np.abs(heard[:, 0]).argmax()) - rate // 2) <= 0.001 * rate


def test_resampling_is_exact_in_place_and_level(shelf, sounds):
    rate = 44100
    time = np.arange(rate * 12) / rate
    tone = (0.5 * np.sin(2 * np.pi * 1000 * time + 0.3)).astype(np.float32)[:, None]
    path = shelf.get("tone.wav", lambda to: footage.write_sound(to, tone, rate, codec=("-c:a", "pcm_f32le")))
    heard = sounds(path).read("a", 0, 48000 * 12, 48000)
    exact = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(48000 * 12) / 48000 + 0.3)
    middle = slice(2000, 48000 * 12 - 2000)
    assert np.max(np.abs(heard[middle, 0] - exact[middle])) < 2e-6
    assert np.array_equal(heard[:, 0], heard[:, 1])


def test_outside_the_sound_is_silence(shelf, sounds):
    path = shelf.get("ones.wav", lambda to: footage.write_sound(to, np.ones((44100, 1), np.float32), 44100))
    end = shelf.described(path).duration * 48000 // 705_600_000
    pool = sounds(path)
    assert not pool.read("a", -5000, 5000, 48000).any()
    assert not pool.read("a", end + 10, 5000, 48000).any()
    around = pool.read("a", end - 100, 300, 48000)
    assert around[:50].any() and not around[110:].any()
    assert pool.read("a", 5, 0, 48000).shape == (0, 2)
    with pytest.raises(NoSound, match="no sound stream 3"):
        pool.read("a", 0, 10, 48000, stream=2)


def test_mono_plays_on_both_sides_and_5_1_is_mixed_by_the_standard(shelf, sounds):
    level = np.full((24000, 1), 0.25, np.float32)
    mono = shelf.get("level.wav", lambda to: footage.write_sound(to, level, codec=("-c:a", "pcm_f32le")))
    heard = sounds(mono).read("a", 100, 100, 48000)
    assert np.allclose(heard, 0.25, atol=1e-6)
    channels = np.repeat(level, 6, axis=1) * np.array([1, 0.5, 0.8, 3, 0.4, 0.6], np.float32)
    around = shelf.get(
        "around.wav", lambda to: footage.write_sound(to, channels, codec=("-c:a", "pcm_f32le"), layout="5.1")
    )
    assert any("5.1" in warning for warning in shelf.described(around).warnings)
    heard = sounds(around).read("a", 100, 100, 48000)
    half = np.sqrt(0.5)
    assert np.allclose(heard[:, 0], 0.25 * (1 + half * 0.8 + half * 0.4), atol=1e-6)
    assert np.allclose(heard[:, 1], 0.25 * (0.5 + half * 0.8 + half * 0.6), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "channels", "layout", "codec"),
    [("eight.m4a", 8, "7.1", "aac"), ("eight.flac", 8, "7.1", "flac"), ("sixteen.mka", 16, "hexadecagonal", "pcm_s16le")],
)
def test_many_channels_are_mixed_down(name, channels, layout, codec, shelf, sounds):
    """A 7.1 AAC film once ended the process: more planes than the library expects."""
    level = np.zeros((48000, channels), np.float32)
    level[:, 0] = 0.2 * np.sin(np.arange(48000) / 20)
    path = shelf.get(name, lambda to: footage.write_sound(to, level, codec=("-c:a", codec), layout=layout))
    assert shelf.described(path).audio[0].channels == channels
    heard = sounds(path).read("a", 10000, 5000, 48000)
    assert 0.15 < np.abs(heard[:, 0]).max() < 0.25 and np.abs(heard[:, 1]).max() < 0.01


def test_every_named_layout_reaches_both_sides():
    for names in (("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"), ("FL", "FR", "BC"), ("FC", "LFE"), ("", "", "")):
        gains = matrix(names)
        assert gains.shape == (len(names), 2)
        assert (gains.sum(axis=0) > 0).all()
    assert not matrix(("FL", "FR", "LFE"))[2].any()


def test_a_second_sound_stream_can_be_read(shelf, sounds):
    first = shelf.get("first.wav", lambda to: footage.write_sound(to, np.full((48000, 1), 0.1, np.float32)))
    second = shelf.get("second.wav", lambda to: footage.write_sound(to, np.full((48000, 1), 0.3, np.float32)))
    path = shelf.get("two.mka", lambda to: footage.run_ffmpeg("-i", first, "-i", second, "-map", "0", "-map", "1", "-c", "copy", to))
    pool = sounds(path)
    assert np.allclose(pool.read("a", 1000, 10, 48000, stream=0), 0.1, atol=1e-4)
    assert np.allclose(pool.read("a", 1000, 10, 48000, stream=1), 0.3, atol=1e-4)
