"""Every frame and every seek shows the number that stands in it, in the codecs, containers and rates that creators bring."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from editor_core.timing import TICKS_PER_SECOND, from_fraction, parse_rate
from render.picture import PictureFormat
from tests.support import footage

COUNT = 130
FMT = PictureFormat()
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3")
OPEN = (*X264, "-x264-params", "open-gop=1:keyint=24")
VP9 = ("-c:v", "libvpx-vp9", "-crf", "30", "-b:v", "0", "-cpu-used", "5", "-g", "60", "-lag-in-frames", "16", "-auto-alt-ref", "1")
VP8 = ("-c:v", "libvpx", "-crf", "20", "-b:v", "1M", "-deadline", "realtime", "-cpu-used", "8", "-g", "60", "-auto-alt-ref", "1")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=48:log-level=none:bframes=4")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "3", "-bf", "2", "-g", "12")

EVEN = {
    "h264_24.mp4": ("24", X264),
    "h264_25.mp4": ("25", X264),
    "h264_2997.mp4": ("30000/1001", X264),
    "h264_30.mp4": ("30", X264),
    "h264_50.mp4": ("50", X264),
    "h264_5994.mp4": ("60000/1001", X264),
    "h264_2997.mkv": ("30000/1001", X264),
    "h264_24.mkv": ("24", X264),
    "h264_5994.ts": ("60000/1001", X264),
    "open_group.mp4": ("25", OPEN),
    "open_group.ts": ("25", OPEN),
    "long_group.mp4": ("30", ("-c:v", "libx264", "-preset", "veryfast", "-g", "250", "-bf", "8", "-b_strategy", "2")),
    "coarse_600.mov": ("30000/1001", (*X264, "-video_track_timescale", "600")),
    "late_start.mp4": ("25", (*X264, "-output_ts_offset", "3.3")),
    "fragments.mp4": ("25", (*X264, "-movflags", "+frag_keyframe+empty_moov")),
    "no_index.mkv": ("25", (*X264, "-live", "1")),
    "fields.ts": ("25", (*X264, "-flags", "+ildct+ilme", "-x264-params", "tff=1")),
    "h264.avi": ("25", X264),
    "bare.h264": ("25", X264),
    "h264.flv": ("30", X264),
    "hevc.mp4": ("30", X265),
    "hevc.mkv": ("50", X265),
    "vp9.webm": ("30000/1001", VP9),
    "vp8.webm": ("30", VP8),
    "av1.mp4": ("30", ("-c:v", "libsvtav1", "-preset", "12", "-crf", "30", "-g", "60")),
    "mpeg2.ts": ("25", MPEG2),
    "mpeg2.mpg": ("25", MPEG2),
    "mpeg2.mxf": ("25", MPEG2),
    "mpeg4.avi": ("25", ("-c:v", "mpeg4", "-q:v", "3", "-bf", "2", "-g", "40")),
    "prores.mov": ("25", ("-c:v", "prores")),
    "mjpeg.avi": ("30", ("-c:v", "mjpeg", "-q:v", "3")),
    "theora.ogv": ("25", ("-c:v", "libtheora", "-q:v", "7", "-g", "32")),
    "moving.gif": ("25", ()),
}


@pytest.mark.parametrize("name", EVEN)
def test_every_frame_and_every_seek_shows_its_own_number(name, shelf, pictures):
    rate, codec = EVEN[name]
    path = shelf.numbered(name, COUNT, rate=rate, codec=codec)
    reference = shelf.described(path)
    video = reference.video
    assert (str(video.rate), video.variable, video.frames) == (rate, False, COUNT)
    step = parse_rate(rate).ticks_per_frame
    assert abs(reference.duration - COUNT * step) <= TICKS_PER_SECOND // 1000
    pool = pictures(path)

    def number(ticks: int) -> int:
        return footage.read_number(pool.picture("a", ticks, width=320, height=180, fmt=FMT).y)

    starts = [video.start + n * step for n in range(COUNT)]
    assert [number(ticks) for ticks in starts] == list(range(COUNT))
    chance = random.Random(name)
    wanted = [(n, chance.choice([0, step // 2, step - 1])) for n in chance.sample(range(COUNT), 50)]
    assert [number(starts[n] + into) for n, into in wanted] == [n for n, _ in wanted]
    back = list(range(COUNT - 1, COUNT - 60, -1))
    assert [number(starts[n]) for n in back] == back
    assert (number(-5), number(10 * reference.duration)) == (0, COUNT - 1)


def irregular(count: int) -> list[int]:
    """Milliseconds of a phone's frames: uneven, with a pause."""
    return [33 * n + (n * n * 7) % 17 + (200 if n > 60 else 0) for n in range(count)]


@pytest.mark.parametrize("name", ["uneven.mp4", "uneven.mkv", "uneven.mov"])
def test_variable_frame_rate_keeps_every_frame_at_its_own_time(name, shelf, pictures):
    path = shelf.numbered(
        name, COUNT, rate="1000", codec=X264, filters="settb=1/1000,setpts='33*N+mod(N*N*7,17)+if(gt(N,60),200,0)'",
        more=("-fps_mode", "passthrough", "-enc_time_base", "1:1000"),
    )
    video = shelf.described(path).video
    assert video.variable and video.frames == COUNT
    pool = pictures(path)
    times = [from_fraction(Fraction(ms, 1000)) for ms in irregular(COUNT)]
    if name.endswith(".mov"):
        times = [from_fraction(Fraction(round(ms * 16), 16000)) for ms in irregular(COUNT)]

    def number(ticks: int) -> int:
        return footage.read_number(pool.picture("a", ticks, width=320, height=180, fmt=FMT).y)

    assert [number(ticks) for ticks in times] == list(range(COUNT))
    order = random.Random(4).sample(range(1, COUNT), COUNT - 1)
    assert [(number(times[n] - 1), number(times[n])) for n in order] == [(n - 1, n) for n in order]


@pytest.mark.parametrize("start", ["0.5", "1.02", "2.0"])
def test_a_file_cut_by_an_edit_list_begins_where_players_begin(start, shelf, pictures):
    source = shelf.numbered("h264_25.mp4", COUNT, rate="25", codec=X264)
    path = shelf.get(f"from_{start}.mp4", lambda to: footage.run_ffmpeg("-ss", start, "-i", source, "-c", "copy", to))
    first = -(-int(float(start) * 1000) // 40)
    video = shelf.described(path).video
    assert video.frames == COUNT - first
    pool = pictures(path)
    step = video.rate.ticks_per_frame

    def number(n: int) -> int:
        return footage.read_number(pool.picture("a", n * step, width=320, height=180, fmt=FMT).y)

    assert [number(n) for n in range(video.frames)] == list(range(first, COUNT))
    assert [number(n) for n in (60, 3, 20, 0, 70)] == [first + n for n in (60, 3, 20, 0, 70)]


def test_footage_of_another_rate_shows_the_last_frame_not_after_the_time(shelf, pictures):
    path = shelf.numbered("h264_24.mp4", COUNT, rate="24", codec=X264)
    pool = pictures(path)
    film, own = parse_rate("30000/1001").ticks_per_frame, parse_rate("24").ticks_per_frame
    shown = [footage.read_number(pool.picture("a", n * film, width=320, height=180, fmt=FMT).y) for n in range(150)]
    assert shown == [n * film // own for n in range(150)]


def test_two_uses_of_one_file_do_not_disturb_each_other(shelf, pictures):
    path = shelf.numbered("h264_25.mp4", COUNT, rate="25", codec=X264)
    pool = pictures(path)
    step = parse_rate("25").ticks_per_frame
    for n in range(40):
        early = pool.picture("a", n * step, width=320, height=180, fmt=FMT, use=0)
        late = pool.picture("a", (n + 80) * step, width=320, height=180, fmt=FMT, use=1)
        assert (footage.read_number(early.y), footage.read_number(late.y)) == (n, n + 80)
