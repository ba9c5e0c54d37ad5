"""Which sample of a device is being heard now.

Owns: estimating it from when the device asks for more. Refuses: devices themselves, and timelines.

A device asks for samples in bursts and late, never early: right after it has been given some, at most its whole buffer is still to
be heard. So "given so far less the buffer" never is ahead of the truth, and the largest such estimate, carried on at the sample
rate, is the truth up to the drift between two clocks, for which it is let fall slowly.
"""

from __future__ import annotations

_DRIFT = 500e-6
"""Share by which the estimate may fall behind, far more than real clocks differ (100 ppm)."""
_FAR_BEHIND = 0.06
_FOR_LONG = 0.25
"""A device that is found 60 ms behind the estimate for 250 ms has lost time somewhere: the estimate is given up."""


class HeardEstimate:
    """Samples heard as a function of time. Times are nanoseconds of the monotonic clock."""

    def __init__(self, rate: int, buffer: int) -> None:
        """`rate` in samples a second; `buffer` is how many samples the device holds when it has been filled."""
        self._rate = rate
        self.buffer = buffer
        self.reset()

    def reset(self) -> None:
        """The device was started anew: nothing has been given."""
        self.given = 0
        self._at = 0
        self._heard: float | None = None
        self._behind_since: int | None = None

    def gave(self, count: int, now: int) -> None:
        """`count` samples were handed to the device."""
        before = self.given
        self.given += count
        estimate = float(self.given - self.buffer)
        if self._heard is None:
            self._heard, self._at = estimate, now
            return
        expected = self._heard + (now - self._at) / 1e9 * self._rate * (1 - _DRIFT)
        ran_dry = expected > before  # it cannot have played what it did not have: it stood still
        if estimate >= expected or ran_dry or self._lost(expected - estimate, now):
            expected = estimate
            self._behind_since = None
        self._heard, self._at = expected, now

    def _lost(self, behind: float, now: int) -> bool:
        if behind < _FAR_BEHIND * self._rate:
            self._behind_since = None
            return False
        if self._behind_since is None:
            self._behind_since = now
        return (now - self._behind_since) / 1e9 > _FOR_LONG

    def at(self, now: int) -> float:
        """How many samples have been heard, never more than were given; below 0 while the first are on their way."""
        if self._heard is None:
            return float(-self.buffer)
        return min(float(self.given), self._heard + (now - self._at) / 1e9 * self._rate)
