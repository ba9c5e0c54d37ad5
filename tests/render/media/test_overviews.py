"""Thumbnails, waveforms and reading back: small views of long files, made in one pass."""

from __future__ import annotations

import numpy as np
import pytest

from render.media.errors import MediaError, NoPicture, NoSound
from render.media.peaks import FOLD, PER_SECOND, bucketed, fold, peaks
from render.media.read_back import frames, samples, stream_times
from render.media.thumbnails import thumbnails
from render.picture import PictureFormat
from tests.support import footage

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3")
STEP = 28_224_000


def test_thumbnails_show_their_times_in_shape(shelf):
    path = shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264)
    times = [100 * STEP, 0, 57 * STEP + 5, 129 * STEP]
    made = list(thumbnails(path, times, 90, reference=shelf.described(path)))
    assert [time for time, _ in made] == sorted(times)
    for time, picture in made:
        assert picture.shape == (90, 160, 4) and picture.dtype == np.uint8 and (picture[:, :, 3] == 255).all()
        assert footage.read_number(picture[:, :, 1]) == time // STEP


def test_thumbnails_of_turned_and_stretched_footage_are_upright(shelf):
    lying = shelf.numbered("lying_90.mp4", 30, codec=(*X264, "-qp", "10"), filters="transpose=2")
    path = shelf.get(
        "thumb_turned.mp4", lambda to: footage.run_ffmpeg("-display_rotation:v:0", "-90", "-i", lying, "-c", "copy", to)
    )
    ((_, picture),) = thumbnails(path, [5 * STEP], 90)
    assert picture.shape == (90, 160, 4) and footage.read_number(picture[:, :, 1]) == 5


def test_what_has_no_picture_or_sound_says_so(shelf):
    sound = shelf.get("clicks.wav", lambda to: footage.write_sound(to, footage.clicks(5.2), codec=("-c:a", "pcm_f32le")))
    silent = shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264)
    with pytest.raises(NoPicture):
        list(thumbnails(sound, [0], 90))
    with pytest.raises(NoSound):
        peaks(silent)
    with pytest.raises(NoSound):
        list(samples(silent))
    with pytest.raises(NoPicture):
        list(frames(sound, PictureFormat()))


def test_peaks_are_the_smallest_largest_and_mean_square_of_each_stretch(shelf):
    rate = 44100
    chance = np.random.default_rng(5)
    sound = (chance.uniform(-1, 1, (rate * 14 + 123, 2)) * [0.5, 0.25]).astype(np.float32)
    path = shelf.get("noise.wav", lambda to: footage.write_sound(to, sound, rate, codec=("-c:a", "pcm_f32le")))
    shares: list[float] = []
    found = peaks(path, report=shares.append)
    assert shares[-1] == 1.0 and shares == sorted(shares) and found.per_second == PER_SECOND
    finest = found.levels[0]
    assert len(finest) == -(-len(sound) * PER_SECOND // rate)
    edges = (np.arange(len(finest) + 1) * rate + PER_SECOND // 2) // PER_SECOND
    for bucket in (0, 1, 777, 1500, len(finest) - 2):
        part = sound[edges[bucket] : edges[bucket + 1]].astype(float)
        expected = np.stack([part.min(0), part.max(0), np.sqrt((part**2).mean(0))], -1) * 32767
        assert np.max(np.abs(finest[bucket] - expected)) <= 0.51
    coarse = found.levels[1]
    assert len(coarse) == -(-len(finest) // FOLD)
    assert np.array_equal(coarse[3, :, 0], finest[3 * FOLD : 4 * FOLD, :, 0].min(0))
    assert np.array_equal(coarse[3, :, 1], finest[3 * FOLD : 4 * FOLD, :, 1].max(0))


def test_peaks_clip_and_fold_the_last_bucket():
    loud = np.array([[2.0, -3.0], [0.5, 0.5], [0.0, 0.0]], np.float32)
    made = bucketed(loud, np.array([0, 2, 3]))
    assert made[0].tolist() == [[16384, 32767, 32767], [-32768, 16384, 32767]]
    assert made[1].tolist() == [[0, 0, 0], [0, 0, 0]]
    assert len(fold(np.zeros((FOLD * 2 + 1, 2, 3), np.int16))) == 3


def test_reading_back_gives_every_frame_and_sample_with_its_time(shelf):
    sound = shelf.get("clicks.wav", lambda to: footage.write_sound(to, footage.clicks(5.2), codec=("-c:a", "pcm_f32le")))
    path = shelf.numbered("clicks_aac.mp4", 130, rate="25", codec=X264, more=("-c:a", "aac"), sound=sound)
    seen = [(frame.number, frame.ticks, footage.read_number(frame.planes.y), frame.broken) for frame in frames(path, PictureFormat())]
    assert seen == [(n, n * STEP, n, False) for n in range(130)]
    small = next(frames(path, PictureFormat(), width=160, height=90))
    assert (small.planes.width, small.planes.height) == (160, 90)
    heard = list(samples(path))
    whole = np.concatenate([part for _, part, _ in heard])
    assert heard[0][0] == 0 and heard[0][2] == 48000
    assert abs(len(whole) - round(5.2 * 48000)) <= 1024
    assert max(map(abs, footage.find_clicks(whole, 48000, [1, 2, 3, 4]))) <= 48
    video, audio = stream_times(path)
    assert (video.kind, video.codec, video.start, video.frames, audio.codec, audio.start) == ("video", "h264", 0, 130, "aac", 0)
    assert video.duration == 130 * STEP


def test_reading_back_a_missing_file_says_so(tmp_path):
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        list(frames(tmp_path / "gone.mp4", PictureFormat()))
