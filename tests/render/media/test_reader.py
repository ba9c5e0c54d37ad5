"""The reader does no more work than it must: no needless seeks, few frames decoded, little kept."""

from __future__ import annotations

from fractions import Fraction

import psutil
import pytest

from editor_core.schema import VideoStream
from editor_core.timing import TICKS_PER_SECOND, Rate
from render.media.cadence import cadence
from render.media.clock import FrameClock
from render.media.errors import NoPicture
from render.media.packets import PacketReader
from render.media.reader import PictureReader, Threads
from render.picture import PictureFormat
from tests.support import footage

X264 = ("-c:v", "libx264", "-preset", "veryfast", "-g", "48", "-bf", "3")
STEP = 28_224_000


@pytest.fixture
def film(shelf):
    return shelf.numbered("h264_25.mp4", 130, rate="25", codec=X264)


@pytest.fixture
def reader(film, shelf):
    made = PictureReader(film, shelf.described(film).video, threads=Threads(1, "none"))
    yield made
    made.close()


@pytest.fixture
def seeks(monkeypatch):
    """How often a demuxer was sent somewhere."""
    count: list[int] = []
    true = PacketReader.position
    monkeypatch.setattr(PacketReader, "position", lambda self, stamp, back=0: (count.append(stamp), true(self, stamp, back))[1])
    return count


@pytest.fixture
def decoded(monkeypatch):
    """Stamps of packets given to a decoder in full."""
    given: list[int] = []
    true = PictureReader._pump

    def pump(self):
        before = len(self._out)
        more = true(self)
        given.extend(frame.pts for frame in list(self._out)[before:])
        return more

    monkeypatch.setattr(PictureReader, "_pump", pump)
    return given


def test_playing_forward_never_seeks(reader, seeks, decoded):
    for number in range(130):
        reader.at(number * STEP)
    assert seeks == [] and len(decoded) <= 130


def test_a_step_forward_inside_a_group_does_not_seek(reader, seeks):
    for number in (0, 5, 6, 20, 33, 47):
        reader.at(number * STEP)
    assert seeks == []


def test_a_jump_over_a_keyframe_seeks_instead_of_decoding_through(reader, seeks, decoded):
    reader.at(0)
    decoded.clear()
    reader.at(100 * STEP)
    assert len(seeks) == 1 and len(decoded) <= 6


def test_a_seek_leaves_out_frames_that_nothing_refers_to(reader, decoded):
    reader.at(0)
    decoded.clear()
    reader.at(94 * STEP)
    assert 0 < len(decoded) <= 47 * 2 // 3


@pytest.mark.parametrize("suffix", ["ts", "mkv", "mp4", "mpg"])
def test_a_seek_reads_only_what_lies_around_its_time(suffix, shelf, monkeypatch):
    codec = ("-c:v", "mpeg2video", "-q:v", "8", "-g", "50", "-bf", "2") if suffix == "mpg" else (*X264, "-g", "50")
    path = shelf.get(f"minute.{suffix}", lambda to: footage.numbered(to, 1500, size=(160, 90), codec=codec))
    video = shelf.described(path).video
    read: list[int] = []
    true = PacketReader._read
    monkeypatch.setattr(PacketReader, "_read", lambda self: (read.append(1), true(self))[1])
    made = PictureReader(path, video, threads=Threads(1, "none"))
    most = 0
    for number in (1400, 700, 1049, 120, 1499, 650):
        read.clear()
        assert made.at(video.start + number * STEP).ticks == video.start + number * STEP
        most = max(most, len(read))
    assert most <= 400
    made.close()


def test_steps_back_decode_each_group_once(reader, seeks, decoded):
    reader.at(80 * STEP)
    seeks.clear()
    decoded.clear()
    for number in range(79, 48, -1):
        assert reader.at(number * STEP).ticks == number * STEP
    assert len(seeks) <= 2 and len(decoded) <= 80


def test_frames_kept_stay_within_the_budget(film, shelf):
    frame = 320 * 180 * 3 // 2
    made = PictureReader(film, shelf.described(film).video, keep_bytes=10 * frame)
    for number in (100, 90, 80, 70):
        made.at(number * STEP)
    assert len(made._recent) <= 10
    made.close()


def test_a_held_frame_is_converted_once(film, pictures):
    pool = pictures(film)
    fmt = PictureFormat()
    first = pool.picture("a", 10 * STEP, width=160, height=90, fmt=fmt)
    assert pool.picture("a", 10 * STEP + STEP // 2, width=160, height=90, fmt=fmt) is first
    assert pool.picture("a", 11 * STEP, width=160, height=90, fmt=fmt) is not first


def test_few_files_stay_open(shelf, film, pictures):
    from render.media.pool import PicturePool

    pool = PicturePool(lambda asset: (film, shelf.described(film)), readers=3)
    for turn in range(2):
        for asset in range(6):
            made = pool.picture(str(asset), 40 * STEP, width=320, height=180, fmt=PictureFormat())
            assert footage.read_number(made.y) == 40, turn
    assert len(pool._uses) == 3
    assert pool.frame_time("0", 41 * STEP + 5) == 41 * STEP
    pool.close()
    assert not pool._uses


def test_nothing_stays_open(shelf, film, tmp_path):
    """Files, threads and half-written outputs are given back however a use ends."""
    from render.media.codecs import VideoSettings
    from render.media.encode import VideoEncoder
    from render.media.pool import PicturePool
    from render.media.probe import describe
    from render.picture import blank

    fmt = PictureFormat()

    def once(number: int) -> None:
        reference = describe(film, "a")
        pool = PicturePool(lambda asset: (film, reference))
        pool.picture("a", number * STEP, width=160, height=90, fmt=fmt)
        pool.close()
        encoder = VideoEncoder(tmp_path / "a.mkv", VideoSettings(threads=2), width=64, height=36, rate=Rate(25), fmt=fmt)
        encoder.write(blank(fmt, 64, 36))
        (encoder.close if number % 2 else encoder.abort)()

    process = psutil.Process()
    for number in range(3):
        once(number)
    before = process.num_fds(), process.num_threads()
    for number in range(20):
        once(number)
    assert (process.num_fds(), process.num_threads()) == before


def test_sound_has_no_picture(shelf, pictures):
    path = shelf.get("clicks.wav", lambda to: footage.write_sound(to, footage.clicks(5.2), codec=("-c:a", "pcm_f32le")))
    with pytest.raises(NoPicture, match=r"clicks\.wav has sound but no picture"):
        pictures(path).picture("a", 0, width=10, height=10, fmt=PictureFormat())


def test_coarse_stamps_snap_to_an_even_grid_and_not_to_an_uneven_one():
    rate = Rate(30000, 1001)
    stream = VideoStream(index=0, codec="vp9", width=16, height=16, rate=rate)
    even = FrameClock.of(stream, 7, Fraction(1, 1000))
    assert [even.ticks(7 + round(n * 1001 / 30)) for n in range(500)] == [n * rate.ticks_per_frame for n in range(500)]
    assert all(even.last_stamp(n * rate.ticks_per_frame) >= 7 + round(n * 1001 / 30) for n in range(500))
    assert all(even.last_stamp(n * rate.ticks_per_frame - 1) < 7 + round(n * 1001 / 30) for n in range(1, 500))
    stray = even.ticks(7 + 1010)
    assert stray == TICKS_PER_SECOND * 1010 // 1000
    uneven = FrameClock.of(VideoStream(index=0, codec="vp9", width=16, height=16, rate=rate, variable=True), 7, Fraction(1, 1000))
    assert uneven.ticks(7 + 33) == TICKS_PER_SECOND * 33 // 1000 and uneven.step == 0


@pytest.mark.parametrize("rate", ["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60", "120", "15", "12.5"])
@pytest.mark.parametrize("unit", [1000, 600, 90000, 12800, 1_000_000])
def test_the_rate_is_found_from_stamps_of_any_clock(rate, unit):
    exact = Fraction(rate)
    stamps = [round(n * unit / exact) for n in range(300)]
    found = cadence(stamps, Fraction(1, unit), [])
    assert (found.rate.fraction, found.variable) == (exact, False)


def test_missing_and_uneven_frames_make_a_rate_variable():
    unit = Fraction(1, 90000)
    holed = [3000 * n for n in range(200) if n not in (50, 51, 120)]
    assert cadence(holed, unit, []).variable
    hiccup = [1500 * n + (150 if n > 90 else 0) for n in range(200)]
    assert not cadence(hiccup, unit, []).variable and cadence(hiccup, unit, []).rate == Rate(60)
    two = [3600 * n for n in range(100)] + [3600 * 100 + 1800 * n for n in range(100)]
    found = cadence(two, unit, [])
    assert found.variable and found.slowest == pytest.approx(25) and found.fastest == pytest.approx(50)
    assert cadence([5], unit, [Fraction(24)]).rate == Rate(24)
    assert cadence([], unit, []).rate == Rate(25)
