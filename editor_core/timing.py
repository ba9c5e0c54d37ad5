"""Time as ProEditor stores it: integer ticks, exact rates, timecode.

Owns: the tick, frame rates, rounding to frames, reading and writing of times.
Refuses: floats as stored times, and rates whose frame is not a whole number of ticks.

A tick is 1/705,600,000 s (the "flick" of github.com/OculusVR/Flicks): whole numbers of ticks make the frames of
24, 25, 30, 48, 50, 60, 90, 100, 120 fps, their 1000/1001 forms, and the samples of 8 to 192 kHz sound.
"""

from __future__ import annotations

import re
from fractions import Fraction

import msgspec

TICKS_PER_SECOND = 705_600_000
MAX_TICKS = 2**53 - 1
"""Largest time that a CRDT or JSON number carries exactly: about 147 days."""

_TIMECODE = re.compile(r"^(-?)(\d{1,3}):(\d{1,2}):(\d{1,2})([:;])(\d{1,3})$")
_SECONDS = re.compile(r"^(-?)(\d+(?:\.\d+)?|\.\d+)\s*s$")
_FRAMES = re.compile(r"^(-?\d+)\s*f$")
_RATE = re.compile(r"^\d{1,9}(\.\d{1,6}|/[1-9]\d{0,8})?$")
_TICKS = re.compile(r"^-?\d+$")


class TimingError(ValueError):
    """A time, rate or timecode that cannot be used; the message says which and what would do."""


class Rate(msgspec.Struct, frozen=True, order=True, gc=False):
    """Frames (or samples) a second as the exact fraction `num / den`. Hashable. Raises nothing by itself: see `check`."""

    num: int
    den: int = 1

    @property
    def fps(self) -> float:
        """The rate for display and codecs, never for stored times."""
        return self.num / self.den

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)

    @property
    def ticks_per_frame(self) -> int:
        """Length of one frame in ticks. Raises TimingError if it is not a whole number."""
        ticks, rest = divmod(TICKS_PER_SECOND * self.den, self.num)
        if rest:
            raise TimingError(f"{self} frames a second is not exact in ticks; use 24, 25, 30, 50, 60 or a 1000/1001 form")
        return ticks

    @property
    def nominal(self) -> int:
        """Frames counted in a second of timecode: 30 for 30000/1001."""
        return -(-self.num // self.den)

    @property
    def drop_frame(self) -> bool:
        """True for 30000/1001 and 60000/1001, whose timecode skips numbers to stay with the clock (SMPTE 12M)."""
        return self.den == 1001 and self.nominal in (30, 60)

    def check(self) -> Rate:
        """This rate, reduced; raises TimingError unless 1 to 240 a second and exact in ticks."""
        if self.num <= 0 or self.den <= 0 or not 1 <= self.num / self.den <= 240:
            raise TimingError(f"{self.num}/{self.den} is not a frame rate between 1 and 240")
        reduced = Fraction(self.num, self.den)
        rate = Rate(reduced.numerator, reduced.denominator)
        _ = rate.ticks_per_frame
        return rate

    def __str__(self) -> str:
        return str(self.num) if self.den == 1 else f"{self.num}/{self.den}"


def parse_rate(text: str | int | float | Rate) -> Rate:
    """A frame rate from `"30000/1001"`, `"25"`, 25, or the usual decimals 23.976, 29.97, 47.952, 59.94, 119.88.

    Raises TimingError for anything else.
    """
    if isinstance(text, Rate):
        return text.check()
    words = str(text).strip()
    if not _RATE.match(words) or not (value := Fraction(words)):
        raise TimingError(f"{words[:40]!r} is not a frame rate; write 25 or 30000/1001")
    if value.denominator not in (1, 1001):
        nominal = -(-value.numerator // value.denominator)
        film = Fraction(nominal * 1000, 1001)
        if abs(film - value) < Fraction(1, 100):
            value = film
    try:
        return Rate(value.numerator, value.denominator).check()
    except TimingError as error:
        raise TimingError(f"rate {words!r}: {error}") from None


def round_div(value: int, by: int) -> int:
    """`value / by` rounded half up (toward plus infinity), for `by` > 0."""
    return (2 * value + by) // (2 * by)


def from_fraction(seconds: Fraction) -> int:
    """Seconds to ticks, rounded half up."""
    return round_div(seconds.numerator * TICKS_PER_SECOND, seconds.denominator)


def from_time_base(value: int, num: int, den: int) -> int:
    """A media time stamp `value` in units of num/den seconds to ticks, rounded half up."""
    return round_div(value * num * TICKS_PER_SECOND, den)


def seconds(ticks: int) -> float:
    """Ticks to seconds, for display and logs only."""
    return ticks / TICKS_PER_SECOND


def round_to_frame(ticks: int, rate: Rate) -> int:
    """The nearest frame start, half up, in ticks."""
    frame = rate.ticks_per_frame
    return round_div(ticks, frame) * frame


def floor_to_frame(ticks: int, rate: Rate) -> int:
    """The frame start at or before `ticks`, in ticks."""
    return ticks // rate.ticks_per_frame * rate.ticks_per_frame


def ceil_to_frame(ticks: int, rate: Rate) -> int:
    """The frame start at or after `ticks`, in ticks."""
    return -(-ticks // rate.ticks_per_frame) * rate.ticks_per_frame


def frame_at(ticks: int, rate: Rate) -> int:
    """Number of the frame that is shown at `ticks` (rounded down)."""
    return ticks // rate.ticks_per_frame


def sample_at(ticks: int, audio_rate: int) -> int:
    """Number of the audio sample nearest to `ticks`, half up."""
    return round_div(ticks * audio_rate, TICKS_PER_SECOND)


def ticks_of_sample(sample: int, audio_rate: int) -> int:
    """Time of an audio sample in ticks (exact for 8 to 192 kHz and the 44.1 kHz family)."""
    return round_div(sample * TICKS_PER_SECOND, audio_rate)


def parse_time(value: int | str, rate: Rate) -> int:
    """Ticks from ticks (int or digits), timecode `00:00:05:00`, seconds `"5.2s"` or frames `"150f"` of `rate`.

    Raises TimingError, naming the value, for anything else or beyond ±2^53 ticks.
    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TimingError(f"{value!r} is not a time; write ticks, 00:00:05:00, \"5.2s\" or \"150f\"")
    if isinstance(value, int):
        ticks = value
    else:
        ticks = _parse_words(value.strip(), rate)
    if abs(ticks) > MAX_TICKS:
        raise TimingError(f"{value!r} is more than 147 days")
    return ticks


def _parse_words(words: str, rate: Rate) -> int:
    if len(words) > 40:
        raise TimingError(f"{words[:40]!r}… is not a time")
    if match := _SECONDS.match(words):
        ticks = from_fraction(Fraction(match[2]))
        return -ticks if match[1] else ticks
    if match := _FRAMES.match(words):
        return int(match[1]) * rate.ticks_per_frame
    if match := _TIMECODE.match(words):
        return _parse_timecode(match, rate)
    if _TICKS.match(words):
        return int(words)
    raise TimingError(f"{words!r} is not a time; write ticks, 00:00:05:00, \"5.2s\" or \"150f\"")


def _parse_timecode(match: re.Match[str], rate: Rate) -> int:
    hours, minutes, secs, frames = int(match[2]), int(match[3]), int(match[4]), int(match[6])
    nominal = rate.nominal
    if minutes > 59 or secs > 59 or frames >= nominal:
        raise TimingError(f"{match[0]!r} is not a timecode at {rate} frames a second")
    number = ((hours * 60 + minutes) * 60 + secs) * nominal + frames
    if rate.drop_frame and match[5] == ";":
        dropped = 2 * (nominal // 30)
        if secs == 0 and frames < dropped and minutes % 10:
            raise TimingError(f"{match[0]!r} is a dropped number in drop-frame timecode; use {dropped:02d} as first frame")
        total = hours * 60 + minutes
        number -= dropped * (total - total // 10)
    ticks = number * rate.ticks_per_frame
    return -ticks if match[1] else ticks


def format_timecode(ticks: int, rate: Rate, *, drop: bool = False) -> str:
    """`HH:MM:SS:FF` of the frame shown at `ticks`; with `drop`, SMPTE drop-frame `HH:MM:SS;FF` where the rate has it."""
    sign, number = ("-", -(-ticks // rate.ticks_per_frame)) if ticks < 0 else ("", frame_at(ticks, rate))
    number = abs(number)
    nominal = rate.nominal
    dropping = drop and rate.drop_frame
    if dropping:
        skipped = 2 * (nominal // 30)
        per_minute = 60 * nominal - skipped
        per_ten = 10 * per_minute + skipped
        tens, rest = divmod(number, per_ten)
        number += skipped * (9 * tens + max(0, (rest - skipped) // per_minute))
    total_seconds, frames = divmod(number, nominal)
    minutes, secs = divmod(total_seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours:02d}:{minutes:02d}:{secs:02d}{';' if dropping else ':'}{frames:02d}"


class TimeRange(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A stretch of time in ticks: `start` inclusive, `start + duration` exclusive, duration ≥ 0."""

    start: int
    duration: int

    @property
    def end(self) -> int:
        return self.start + self.duration

    def contains(self, ticks: int) -> bool:
        return self.start <= ticks < self.end

    def overlaps(self, other: TimeRange) -> bool:
        return self.start < other.end and other.start < self.end
