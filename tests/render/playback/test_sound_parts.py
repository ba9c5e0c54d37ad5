"""Voice, heard estimate, playout and shared record without a device. Owns: tests of those parts. Refuses: processes."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from editor_core.timing import TICKS_PER_SECOND
from render.graph.sound import SoundPiece
from render.messages import Play
from render.playback.heard import HeardEstimate
from render.playback.playout import Playout, splice
from render.playback.shared_record import SharedRecord
from render.playback.sound_clock import ClockReading
from render.playback.track_levels import TrackLevels
from render.playback.voice import Block, Voice, snippet

RATE = 48_000
S = TICKS_PER_SECOND
MS = 1_000_000


def ramp(start: int, count: int) -> np.ndarray:
    """Every sample is its own number, so that order and place can be read off."""
    return np.repeat(np.arange(start, start + count, dtype=np.float32)[:, None], 2, axis=1)


def collect(voice: Voice, count: int, size: int = 1000) -> list[Block]:
    blocks: list[Block] = []
    while sum(block.count for block in blocks) < count and (block := voice.block(size)) is not None:
        blocks.append(block)
    return blocks


def test_normal_speed_gives_the_mix_sample_by_sample() -> None:
    blocks = collect(Voice(Play(number=1, ticks=S), RATE, ramp), 5000)
    assert np.array_equal(np.concatenate([b.samples for b in blocks])[:, 0], np.arange(48_000, 53_000))
    assert [b.ticks for b in blocks] == [S + n * 1000 * S // RATE for n in range(5)]


def test_backwards_is_the_mix_reversed_with_silence_before_the_start() -> None:
    voice = Voice(Play(number=1, ticks=S // 10, speed=-1.0), RATE, ramp)
    samples = np.concatenate([b.samples for b in collect(voice, 9999)])[:, 0]
    assert np.array_equal(samples, np.arange(4799, -1, -1)) and voice.finished


def test_a_range_ends_to_the_sample() -> None:
    voice = Voice(Play(number=1, ticks=0, end=S // 100), RATE, ramp)
    blocks = collect(voice, 9999, size=300)
    assert [b.count for b in blocks] == [300, 180] and voice.finished and voice.block(10) is None


def test_a_loop_goes_round_without_a_missing_sample() -> None:
    voice = Voice(Play(number=1, ticks=S // 2, start=S // 4, end=S // 2 + S // 100, loop=True), RATE, ramp)
    samples = np.concatenate([b.samples for b in collect(voice, 30_000)])[:, 0]
    expected = np.concatenate([np.arange(24_000, 24_480), np.arange(12_000, 24_480), np.arange(12_000, 24_480)])
    assert np.array_equal(samples[:len(expected)], expected) and not voice.finished


def test_a_loop_backwards_goes_round_too() -> None:
    voice = Voice(Play(number=1, ticks=100 * S // RATE, speed=-1, end=1000 * S // RATE, loop=True), RATE, ramp)
    samples = np.concatenate([b.samples for b in collect(voice, 2000)])[:, 0]
    assert np.array_equal(samples[:1100], np.concatenate([np.arange(99, -1, -1), np.arange(999, -1, -1)]))


@pytest.mark.parametrize("speed", [0.25, 0.5, 1.5, 2.0, -0.5, -2.0])
def test_other_speeds_shift_the_pitch_and_keep_their_place(speed: float) -> None:
    hertz = 500.0

    def tone(start: int, count: int) -> np.ndarray:
        return np.repeat(np.sin(2 * np.pi * hertz * np.arange(start, start + count) / RATE).astype(np.float32)[:, None], 2, axis=1)

    voice = Voice(Play(number=1, ticks=10 * S, speed=speed), RATE, tone)
    blocks = collect(voice, RATE)
    samples = np.concatenate([b.samples for b in blocks])[:RATE, 0]
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(RATE)))
    assert abs(np.argmax(spectrum) - hertz * abs(speed)) <= 1
    assert blocks[1].ticks == 10 * S + round(1000 * speed * S / RATE)
    first = 10 - (speed < 0) / RATE  # backwards, the first sample is the one that ends at the position
    wave = np.sin(2 * np.pi * hertz * (first + speed * np.arange(RATE) / RATE))
    assert np.corrcoef(samples[5000:40_000], wave[5000:40_000])[0, 1] > 0.999


def test_beyond_double_speed_it_is_silent_and_mixes_nothing() -> None:
    def forbidden(start: int, count: int) -> np.ndarray:
        raise AssertionError("mixed")

    blocks = collect(Voice(Play(number=1, ticks=0, speed=4.0, end=S), RATE, forbidden), 99_999)
    assert sum(b.count for b in blocks) == RATE // 4 and not any(b.samples.any() for b in blocks)
    assert blocks[-1].ticks == S - round(blocks[-1].count * 4 * S / RATE)


def test_a_snippet_fades_in_and_out() -> None:
    block = snippet(S, S // 10, RATE, lambda start, count: np.ones((count, 2), np.float32))
    assert block.count == 4800 and block.samples[0, 0] == 0 and block.samples[-1, 0] == 0 and block.samples[2400, 0] == 1
    assert np.abs(np.diff(block.samples[:, 0])).max() < 0.01 and block.number == 0


def _callbacks(estimate: HeardEstimate, start: int, count: int, period: int, jitter: random.Random | None = None) -> int:
    """Perfect device: asks for a period whenever one has been played; now and then late."""
    for n in range(count):
        late = jitter.randrange(0, 12) * MS if jitter else 0
        estimate.gave(period, start + round(n * period / RATE * 1e9) + late)
    return start + round(count * period / RATE * 1e9)


def test_what_is_heard_is_known_to_a_millisecond_however_late_the_device_asks() -> None:
    estimate = HeardEstimate(RATE, 1440)
    end = _callbacks(estimate, 10**12, 400, 720, random.Random(3))
    true = (end - 10**12) / 1e9 * RATE - 1440 + 720
    assert abs(estimate.at(end) - true) < RATE * 0.001


def test_a_device_that_stood_still_sets_the_clock_back_once() -> None:
    estimate = HeardEstimate(RATE, 1440)
    end = _callbacks(estimate, 10**12, 100, 720)
    assert estimate.at(end + 10**9) == estimate.given  # nothing beyond what was given
    later = end + 2 * 10**9
    _callbacks(estimate, later, 10, 720)
    assert abs(estimate.at(later + 9 * 15 * MS) - (estimate.given - 1440)) < 48


def test_a_device_that_slips_slowly_is_followed() -> None:
    estimate = HeardEstimate(RATE, 1440)
    slow = RATE * (1 - 100e-6)
    for n in range(8000):
        estimate.gave(720, 10**12 + round(n * 720 / slow * 1e9))
    assert abs(estimate.at(10**12 + round(7999 * 720 / slow * 1e9)) - (estimate.given - 1440)) < 48


def _playout(buffer: int = 0) -> Playout:
    return Playout(HeardEstimate(RATE, buffer))


def _block(start: int, count: int, number: int = 1) -> Block:
    return Block(ramp(start, count), start * S // RATE, S / RATE, number)


def test_the_device_gets_blocks_in_order_and_silence_when_there_are_none() -> None:
    playout = _playout()
    playout.put(_block(0, 700))
    playout.put(_block(700, 700))
    first, missing = playout.take(1000, 0)
    assert np.array_equal(first[:, 0], np.arange(1000)) and not missing
    second, missing = playout.take(1000, MS)
    assert np.array_equal(second[:400, 0], np.arange(1000, 1400)) and not second[400:].any() and missing
    assert playout.underruns == 1
    playout.over()
    assert not playout.take(100, 2 * MS)[1]


def test_now_is_the_time_of_the_sample_that_is_heard() -> None:
    playout = _playout(buffer=480)
    playout.put(_block(48_000, 4800))
    assert playout.now(0) is None
    playout.take(4800, 10**9)
    assert playout.now(10**9 - 1) is not None
    now = playout.now(10**9)
    assert now is not None and now.number == 1 and now.ticks == S + (4800 - 480) * S // RATE and now.step == S / RATE
    dry = playout.now(10**9 + 200 * MS)
    assert dry is not None and dry.ticks == S + S // 10 and dry.step == 0
    assert playout.heard_all(10**9 + 200 * MS) and not playout.heard_all(10**9)


def test_mixing_again_keeps_what_is_close_to_the_device_and_blends_into_the_rest() -> None:
    playout = _playout()
    for n in range(10):
        playout.put(_block(n * 1000, 1000))
    dropped = playout.keep(1500)
    assert dropped is not None and dropped.ticks == 1500 * S // RATE and playout.queued == 1500
    new = Block(np.zeros((1000, 2), np.float32), dropped.ticks, dropped.step, 1)
    playout.put(splice(dropped, new))
    samples = playout.take(2500, 0)[0][:, 0]
    assert np.array_equal(samples[:1501], np.arange(1501)) and not samples[1740:].any()
    assert (np.diff(samples[1501:1740]) < 0).all()


def test_clearing_fades_out_instead_of_clicking() -> None:
    playout = _playout()
    playout.put(Block(np.ones((5000, 2), np.float32), 0, S / RATE, 1))
    playout.clear()
    samples = playout.take(1000, 0)[0][:, 0]
    assert samples[0] == 1.0 and np.abs(np.diff(samples[:241])).max() < 0.01 and not samples[241:].any()


def test_meters_get_each_heard_sample_once() -> None:
    playout = _playout()
    mark, seen = 0.0, []
    for n in range(20):
        playout.put(_block(n * 720, 720))
        playout.take(720, n * 15 * MS)
        samples, mark = playout.heard_between(mark, n * 15 * MS)
        seen.append(samples[:, 0])
    whole = np.concatenate(seen)
    assert np.array_equal(whole, np.arange(len(whole))) and len(whole) > 19 * 700


def test_the_clock_goes_round_its_loop_and_stops_at_its_bounds() -> None:
    going = ClockReading(1, 0, 9 * S, 1.0, 8 * S, 10 * S, True)
    assert going.at(1_500_000_000) == 8 * S + S // 2 and going.at(500_000_000) == 9 * S + S // 2
    ending = ClockReading(1, 0, 9 * S, -8.0, 0, 10 * S, False)
    assert ending.at(2_000_000_000) == 0 and ending.at(1_000_000_000) == S


def test_a_shared_record_is_never_seen_half_written() -> None:
    window = memoryview(bytearray(SharedRecord.size_of("QQQQ")))
    writer, reader = SharedRecord(window, "QQQQ"), SharedRecord(window, "QQQQ")
    assert reader.read() is None
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            writer.write(n, n * 2, n * 3, n * 5)

    thread = threading.Thread(target=write)
    thread.start()
    last = 0
    for _ in range(20_000):
        values = reader.read()
        if values is not None:
            n = values[0]
            assert values == (n, 2 * n, 3 * n, 5 * n) and n >= last
            last = n
    stop.set()
    thread.join()
    assert last > 100


def test_a_damaged_shared_record_falls_back_to_the_one_before() -> None:
    raw = bytearray(SharedRecord.size_of("q"))
    record = SharedRecord(memoryview(raw), "q")
    record.write(1)
    record.write(2)
    half = len(raw) // 2
    raw[10] ^= 1  # the newer copy
    assert record.read() == (1,)
    raw[half + 10] ^= 1
    assert record.read() is None


def test_levels_of_tracks_are_those_of_what_was_mixed_last_for_that_time() -> None:
    levels = TrackLevels({"c1": "music", "c2": "voice", "c3": "voice"}.__getitem__)
    half, quarter = np.full((100, 2), 0.5, np.float32), np.full((100, 2), 0.25, np.float32)

    def mixed(start: int, *pieces: tuple[str, int, np.ndarray]) -> None:
        levels.begin(200)
        for clip, at, samples in pieces:
            levels.tap(SoundPiece(clip, "a", 0, 0, 0, 1, 0.0, 0.0, 0, 0), at, samples)
        levels.end(start)

    mixed(0, ("c1", 0, half), ("c2", 0, quarter), ("c3", 50, quarter))
    mixed(200, ("c1", 100, quarter))
    found = levels.between(0, 100)
    assert found["music"] == pytest.approx((-6.02, -6.02), abs=0.01)
    assert found["voice"] == pytest.approx((-6.02, -6.02), abs=0.01), "two clips of one track are heard together"
    assert list(levels.between(250, 300)) == ["music"]
    mixed(0, ("c2", 0, quarter))
    assert list(levels.between(0, 200)) == ["voice"], "an edit while playing replaces what was mixed before"
    assert levels.between(900, 950) == {}
