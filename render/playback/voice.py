"""One stretch of playing as blocks of samples: direction, speed, loop.

Owns: turning timeline time into blocks that follow on each other. Refuses: devices, threads, and mixing (it is handed a source).

At speed 1 and -1 the samples are those of the mix. At other speeds up to 2 either way they are resampled, so pitch moves with speed
as on tape; beyond 2 there is silence, because speech is noise there and mixing it would cost as many times as much.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import soxr
from numpy.typing import NDArray

from editor_core.timing import TICKS_PER_SECOND, ticks_of_sample
from render.messages import Play

Samples = NDArray[np.float32]
Mix = Callable[[int, int], Samples]
"""(first sample, count) of the timeline at its rate to float32 (count, 2)."""

LOUDEST_SPEED = 2.0
"""Beyond it, either way, playing is silent."""


class Block(msgspec.Struct, frozen=True):
    """`samples` float32 (n, 2); the first is heard at timeline time `ticks`, each next one `step` ticks later (negative backwards).

    `number` is the stretch it belongs to; 0 for what the clock takes no notice of.
    """

    samples: Any
    ticks: int
    step: float
    number: int

    @property
    def count(self) -> int:
        return int(self.samples.shape[0])

    def ticks_at(self, sample: float) -> int:
        """Timeline time of a sample of the block."""
        return self.ticks + round(sample * self.step)

    def cut(self, start: int, end: int) -> Block:
        """The samples `[start, end)`."""
        return Block(self.samples[start:end], self.ticks_at(start), self.step, self.number)


class Voice:
    """Blocks of one `Play`, from any point of it on."""

    def __init__(self, play: Play, rate: int, mix: Mix, ticks: int | None = None) -> None:
        """`rate` is samples a second of timeline and device; `ticks` where to begin, the play's own start if None."""
        self.play = play
        self._rate = rate
        self._mix = mix
        self._step = play.speed * TICKS_PER_SECOND / rate
        self._ratio = abs(play.speed)
        self._begin(min(max(play.ticks if ticks is None else ticks, play.start), play.end))

    @property
    def finished(self) -> bool:
        """Whether it has come to the end of its range and does not loop."""
        return not self.play.loop and self._left() <= 0

    def block(self, count: int) -> Block | None:
        """The next block of up to `count` samples; shorter at the end of the range, None after it."""
        if self._left() <= 0:
            if not self.play.loop or self.play.end <= self.play.start:
                return None
            self._begin(self.play.start if self._step > 0 else self.play.end)
        count = max(1, min(count, self._left()))
        ticks = self._anchor + round(self._made * self._step)
        samples = self._samples(count)
        self._made += count
        return Block(samples, ticks, self._step, self.play.number)

    def _begin(self, ticks: int) -> None:
        self._anchor = ticks
        self._made = 0
        self._next_source = round(ticks * self._rate / TICKS_PER_SECOND)
        self._ready: list[Samples] = []
        self._resampler = None if self._ratio in (1.0,) or self._ratio > LOUDEST_SPEED else soxr.ResampleStream(
            self._rate * self._ratio, self._rate, 2, "float32", "HQ")

    def _left(self) -> int:
        """Output samples until the end of the range in the direction of playing."""
        now = self._anchor + self._made * self._step
        rest = (self.play.end - now) if self._step > 0 else (now - self.play.start)
        return int(-(-rest // abs(self._step)))

    def _samples(self, count: int) -> Samples:
        if self._ratio > LOUDEST_SPEED:
            return np.zeros((count, 2), np.float32)
        if self._resampler is None:
            return self._source(count)
        have = sum(len(part) for part in self._ready)
        while have < count:
            part = self._resampler.resample_chunk(self._source(max(256, int(count * self._ratio))))
            self._ready.append(part)
            have += len(part)
        whole = np.concatenate(self._ready)
        self._ready = [whole[count:]]
        return whole[:count]

    def _source(self, count: int) -> Samples:
        """The next `count` samples of the mix in the direction of playing; silence before the timeline begins."""
        if self._step > 0:
            start = self._next_source
            self._next_source += count
            return self._mix(start, count)
        self._next_source -= count
        below = max(0, -self._next_source)
        if below >= count:
            return np.zeros((count, 2), np.float32)
        heard = self._mix(self._next_source + below, count - below)[::-1]
        return np.ascontiguousarray(np.concatenate([heard, np.zeros((below, 2), np.float32)]) if below else heard)


def snippet(ticks: int, length: int, rate: int, mix: Mix) -> Block:
    """A short piece for scrubbing, faded in and out over a sixth of it."""
    count = max(12, round(length * rate / TICKS_PER_SECOND))
    samples = mix(max(0, round(ticks * rate / TICKS_PER_SECOND)), count).copy()
    edge = count // 6
    ramp = np.linspace(0.0, 1.0, edge, dtype=np.float32)[:, None]
    samples[:edge] *= ramp
    samples[-edge:] *= ramp[::-1]
    return Block(samples, ticks, float(ticks_of_sample(1, rate)), 0)
