"""From a frame's time stamp to its time in ticks, and back.

Owns: the rule that places every source frame in media time. Refuses: reading files.

A media file's time 0 is its earliest presented sample, so a picture stream starts at `start` ticks. Stamps that are not
exact in ticks are rounded half up. Some containers keep time too coarsely for their rate (Matroska in milliseconds,
QuickTime in 1/600 s): where the stream has an even rate, a stamp within one unit of its place on the rate's grid is that
place, so that frame n of a 29.97 fps WebM is frame n of a 29.97 fps timeline and not sometimes frame n-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from editor_core.schema import VideoStream
from editor_core.timing import TICKS_PER_SECOND, from_time_base, round_div


@dataclass(frozen=True, slots=True)
class FrameClock:
    """Time of a frame: `start` is ticks of the first frame, `first` its stamp, in units of num/den seconds.

    `step_num / step_den` is a frame's length in ticks, 0 / 1 where frames are not evenly spaced.
    """

    start: int
    first: int
    num: int
    den: int
    step_num: int = 0
    step_den: int = 1

    @classmethod
    def of(cls, stream: VideoStream, first: int, time_base: Fraction) -> FrameClock:
        """The clock of a described stream whose first shown frame has the stamp `first`."""
        unit = time_base * TICKS_PER_SECOND
        step = Fraction(TICKS_PER_SECOND * stream.rate.den, stream.rate.num)
        if stream.variable or unit * 2 >= step:
            step = Fraction(0)
        return cls(stream.start, first, time_base.numerator, time_base.denominator, step.numerator, step.denominator)

    def ticks(self, stamp: int) -> int:
        """Media time of the frame with this stamp."""
        offset = from_time_base(stamp - self.first, self.num, self.den)
        if self.step_num:
            number = round_div(offset * self.step_den, self.step_num)
            place = round_div(number * self.step_num, self.step_den)
            if abs(place - offset) * self.den <= self.num * TICKS_PER_SECOND:
                offset = place
        return self.start + offset

    def last_stamp(self, ticks: int) -> int:
        """The largest stamp whose time is ≤ `ticks`, but not below the first frame's."""
        stamp = self.first + ((ticks - self.start) * self.den) // (self.num * TICKS_PER_SECOND)
        while self.ticks(stamp + 1) <= ticks:
            stamp += 1
        while stamp > self.first and self.ticks(stamp) > ticks:
            stamp -= 1
        return max(stamp, self.first)

    def units(self, seconds: float) -> int:
        """So many seconds in units of stamps."""
        return int(seconds * self.den / self.num)

    @property
    def step(self) -> int:
        """Ticks from one frame to the next, rounded down; 0 where frames are not evenly spaced."""
        return self.step_num // self.step_den
