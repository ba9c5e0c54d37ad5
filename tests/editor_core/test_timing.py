"""Ticks, rates and timecode."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editor_core.timing import (
    MAX_TICKS,
    TICKS_PER_SECOND,
    Rate,
    TimeRange,
    TimingError,
    ceil_to_frame,
    floor_to_frame,
    format_timecode,
    frame_at,
    from_fraction,
    from_time_base,
    parse_rate,
    parse_time,
    round_div,
    round_to_frame,
    sample_at,
    ticks_of_sample,
)

RATES = [Rate(24), Rate(25), Rate(30), Rate(48), Rate(50), Rate(60), Rate(90), Rate(100), Rate(120),
         Rate(24000, 1001), Rate(30000, 1001), Rate(48000, 1001), Rate(60000, 1001), Rate(120000, 1001)]
AUDIO_RATES = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000, 176400, 192000]
rates = st.sampled_from(RATES)


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_every_usual_rate_is_exact_in_ticks(rate: Rate) -> None:
    assert Fraction(rate.ticks_per_frame, TICKS_PER_SECOND) == 1 / rate.fraction
    assert rate.check() == rate


@pytest.mark.parametrize("rate", AUDIO_RATES)
def test_every_usual_sample_rate_is_exact_in_ticks(rate: int) -> None:
    assert TICKS_PER_SECOND % rate == 0


def test_a_rate_that_is_not_exact_is_refused_with_ones_that_are() -> None:
    with pytest.raises(TimingError, match="24, 25, 30"):
        Rate(31, 3).check()


@pytest.mark.parametrize(("words", "rate"), [
    ("25", Rate(25)), (25, Rate(25)), ("30000/1001", Rate(30000, 1001)), ("29.97", Rate(30000, 1001)), (29.97, Rate(30000, 1001)),
    ("23.976", Rate(24000, 1001)), (23.98, Rate(24000, 1001)), ("59.94", Rate(60000, 1001)), ("60/2", Rate(30)), (" 50 ", Rate(50)),
    (Rate(60000, 2002), Rate(30000, 1001)), ("119.88", Rate(120000, 1001)), ("47.952", Rate(48000, 1001)), (12.5, Rate(25, 2)),
])
def test_rates_are_read_in_the_forms_people_write(words: str | float | Rate, rate: Rate) -> None:
    assert parse_rate(words) == rate


@pytest.mark.parametrize("words", ["", "fast", "0", "-25", "25/0", "1000", "0.1", "25/1/1", "nan", "inf"])
def test_what_is_not_a_rate_is_refused(words: str) -> None:
    with pytest.raises(TimingError):
        parse_rate(words)


@given(rates, st.integers(0, 24 * 3600 * 30))
def test_a_timecode_reads_back_as_the_same_frame(rate: Rate, frame: int) -> None:
    ticks = frame * rate.ticks_per_frame
    assert parse_time(format_timecode(ticks, rate), rate) == ticks


@given(st.sampled_from([Rate(30000, 1001), Rate(60000, 1001)]), st.integers(0, 24 * 3600 * 30))
def test_a_drop_frame_timecode_reads_back_as_the_same_frame(rate: Rate, frame: int) -> None:
    ticks = frame * rate.ticks_per_frame
    words = format_timecode(ticks, rate, drop=True)
    assert ";" in words
    assert parse_time(words, rate) == ticks


@given(rates, st.integers(-10**6, 10**6))
def test_negative_timecodes_read_back_too(rate: Rate, frame: int) -> None:
    ticks = frame * rate.ticks_per_frame
    assert parse_time(format_timecode(ticks, rate), rate) == ticks


def test_drop_frame_timecode_stays_with_the_clock() -> None:
    rate = Rate(30000, 1001)
    assert format_timecode(1800 * rate.ticks_per_frame, rate, drop=True) == "00:01:00;02"
    assert format_timecode(17982 * rate.ticks_per_frame, rate, drop=True) == "00:10:00;00"
    assert format_timecode(107892 * rate.ticks_per_frame, rate, drop=True) == "01:00:00;00"
    assert format_timecode(3600 * Rate(60000, 1001).ticks_per_frame, Rate(60000, 1001), drop=True) == "00:01:00;04"


def test_a_dropped_number_is_refused_and_the_next_named() -> None:
    with pytest.raises(TimingError, match="02 as first frame"):
        parse_time("00:01:00;00", Rate(30000, 1001))
    assert parse_time("00:10:00;00", Rate(30000, 1001)) == 17982 * Rate(30000, 1001).ticks_per_frame


def test_a_rate_without_drop_frame_ignores_the_wish() -> None:
    assert format_timecode(1500 * Rate(25).ticks_per_frame, Rate(25), drop=True) == "00:01:00:00"


@pytest.mark.parametrize(("words", "ticks"), [
    (705600000, 705600000), ("705600000", 705600000), ("00:00:01:00", 705600000), ("1s", 705600000), ("0.5s", 352800000),
    (".5s", 352800000), ("25f", 705600000), ("-25f", -705600000), ("-1.5s", -1058400000), ("5.2s", 3669120000), (" 1s ", 705600000),
])
def test_times_are_read_in_all_four_forms(words: int | str, ticks: int) -> None:
    assert parse_time(words, Rate(25)) == ticks


@pytest.mark.parametrize("words", ["", "soon", "1.5", "00:00:61:00", "00:00:00:25", "1:2:3", "5 frames", "1e3s", True, None, 1.5, [],
                                   "9" * 30, "9999999999999s", 2**60, "٣s" * 30])
def test_what_is_not_a_time_is_refused(words: object) -> None:
    with pytest.raises(TimingError):
        parse_time(words, Rate(25))  # type: ignore[arg-type]


def test_long_words_are_cut_in_the_message() -> None:
    with pytest.raises(TimingError) as caught:
        parse_time("x" * 10_000, Rate(25))
    assert len(str(caught.value)) < 100


@given(st.integers(-10**12, 10**12), rates)
def test_rounding_to_frames_is_half_up(ticks: int, rate: Rate) -> None:
    frame = rate.ticks_per_frame
    rounded = round_to_frame(ticks, rate)
    assert rounded % frame == 0
    assert -frame < 2 * (rounded - ticks) <= frame
    assert floor_to_frame(ticks, rate) <= ticks <= ceil_to_frame(ticks, rate)
    assert ceil_to_frame(ticks, rate) - floor_to_frame(ticks, rate) in (0, frame)


def test_halves_round_up_on_both_sides_of_zero() -> None:
    assert [round_div(n, 2) for n in (-3, -1, 1, 3)] == [-1, 0, 1, 2]


@given(st.integers(0, 10**9), st.sampled_from(AUDIO_RATES))
def test_samples_and_ticks_go_back_and_forth(sample: int, rate: int) -> None:
    assert sample_at(ticks_of_sample(sample, rate), rate) == sample


def test_media_time_stamps_that_are_not_exact_are_rounded_half_up() -> None:
    assert from_time_base(1, 1, 15360) == 45938  # 45937.5
    assert from_time_base(512, 1, 15360) == Rate(30).ticks_per_frame
    assert from_fraction(Fraction(1, 3)) == TICKS_PER_SECOND // 3


@given(rates, st.integers(0, MAX_TICKS))
def test_the_frame_shown_is_the_last_that_has_begun(rate: Rate, ticks: int) -> None:
    frame = frame_at(ticks, rate)
    assert frame * rate.ticks_per_frame <= ticks < (frame + 1) * rate.ticks_per_frame


def test_ranges_end_exclusive() -> None:
    stretch = TimeRange(10, 5)
    assert (stretch.end, stretch.contains(10), stretch.contains(14), stretch.contains(15)) == (15, True, True, False)
    assert not stretch.overlaps(TimeRange(15, 1))
    assert stretch.overlaps(TimeRange(14, 1))
    assert not stretch.overlaps(TimeRange(0, 10))
