"""Interlaced footage: whole pictures, the right frame, the same however one gets there."""

from __future__ import annotations

import random
from contextlib import closing

import numpy as np
import pytest

from render.media.fields import WholeFrames
from render.media.reader import PictureReader
from render.picture import PictureFormat
from tests.support import footage

FRAMES = 60


@pytest.fixture
def film(shelf):
    """50 fields a second as 25 interlaced frames: frame n has the picture numbered 3n above and 3n + 1 below.

    Of three pictures two are used, or the number's last digit would stand still in each field and be no motion at all.
    """
    def make(path):
        fields = path.with_name("fields.mkv")
        footage.numbered(fields, 3 * FRAMES, rate="75", codec=("-c:v", "ffv1"))
        two = "select=not(eq(mod(n\\,3)\\,2)),setpts=N/50/TB,fps=50"
        footage.run_ffmpeg("-i", fields, "-vf", f"{two},tinterlace=mode=interleave_top,setfield=tff", "-c:v", "mpeg2video", "-q:v", "2",
                           "-g", "12", "-bf", "2", "-flags", "+ildct+ilme", path)
    return shelf.get("interlaced.mpg", make)


def times(reference):
    return [reference.video.start + n * 28_224_000 for n in range(FRAMES)]


def test_every_frame_shows_its_first_field_whole(film, shelf, pictures):
    reference = shelf.described(film)
    assert reference.video.interlaced and any("deinterlaced" in words for words in reference.warnings)
    pool, wanted = pictures(film), PictureFormat()
    for number, ticks in enumerate(times(reference)):
        made = pool.picture("a", ticks, width=320, height=180, fmt=wanted)
        assert footage.read_number(made.y) == 3 * number
        assert pool.frame_time("a", ticks) == ticks
    made = pool.picture("a", times(reference)[30], width=reference.video.width, height=reference.video.height, fmt=wanted)
    assert combing(made.y) < 1.3, "lines of two moments do not alternate"


def combing(luma):
    """How much more a line differs from its neighbours than from the next but one: about 1 in a whole picture."""
    lines = luma.astype(np.float64)
    return np.abs(lines[1:-1] - (lines[:-2] + lines[2:]) / 2).mean() / max(1e-6, np.abs(lines[2:] - lines[:-2]).mean() / 2)


def test_the_same_frame_comes_out_the_same_played_sought_and_stepped_back(film, shelf, pictures):
    reference = shelf.described(film)
    when, wanted = times(reference), PictureFormat()

    def luma(pool, number):
        return np.array(pool.picture("a", when[number], width=320, height=180, fmt=wanted).y)

    played = pictures(film)
    whole = [luma(played, number) for number in range(FRAMES)]
    sought, chance = pictures(film), random.Random(4)
    for number in (FRAMES - 1, 0, 1, *(chance.randrange(FRAMES) for _ in range(25))):
        assert np.array_equal(luma(sought, number), whole[number]), number
    for number in range(FRAMES - 1, FRAMES - 20, -1):
        assert np.array_equal(luma(played, number), whole[number]), number
    fresh = pictures(film)
    assert np.array_equal(luma(fresh, 31), whole[31])


def test_read_in_order_the_pictures_are_those_of_their_times(film, shelf):
    reference = shelf.described(film)
    when = times(reference)
    with closing(PictureReader(film, reference.video)) as one, closing(PictureReader(film, reference.video)) as other:
        by_time, in_order = WholeFrames(one), WholeFrames(other)
        shown = in_order.at(0)
        for number in range(FRAMES):
            wanted = by_time.at(when[number])
            assert shown.ticks == wanted.ticks == when[number]
            assert np.array_equal(shown.frame.to_ndarray(), wanted.frame.to_ndarray()), number
            shown = in_order.following()
        assert shown is None


def test_a_film_that_is_not_interlaced_is_handed_on_untouched(shelf, pictures):
    path = shelf.numbered("plain.mp4", 12, rate="25", codec=("-c:v", "libx264", "-preset", "ultrafast"))
    pool = pictures(path)
    made = pool.picture("a", 0, width=320, height=180, fmt=PictureFormat())
    assert footage.read_number(made.y) == 0 and pool._uses["a", 0].fields is None
