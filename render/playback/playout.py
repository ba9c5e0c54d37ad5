"""The queue between the mixer and the device, and what it says about now.

Owns: blocks waiting to be heard, which timeline time is heard at a moment, levels of it. Refuses: mixing, and the device's own ways.

The device takes samples on its thread, the mixer adds and replaces them on another; both hold the lock only for array copies.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from render.playback.heard import HeardEstimate
from render.playback.voice import Block

_SPLICE = 240
"""Samples over which a replaced block goes into its replacement: 5 ms at 48 kHz, too short to notice and too long to click."""
_REMEMBERED = 14_400
"""Samples already heard that are kept for the meters: 300 ms at 48 kHz."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Device samples `[first, first + count)` are those of `block`."""

    first: int
    block: Block


@dataclass(frozen=True, slots=True)
class Now:
    """What is heard: stretch `number` at timeline time `ticks`, `step` ticks a sample (0 while it stands still for lack of sound)."""

    number: int
    ticks: int
    step: float


class Playout:
    """Blocks in, device samples out."""

    def __init__(self, heard: HeardEstimate) -> None:
        self.heard = heard
        self.underruns = 0
        self._lock = threading.Lock()
        self._queue: deque[Block] = deque()
        self._queued = 0
        self._taken: deque[_Stretch] = deque()
        self._last: Now | None = None
        self._expecting = False

    @property
    def queued(self) -> int:
        """Samples waiting to be taken by the device."""
        return self._queued

    def put(self, block: Block) -> None:
        with self._lock:
            self._queue.append(block)
            self._queued += block.count
            self._expecting = True

    def clear(self) -> None:
        """Forgets what waits (its first samples fade out) and what the clock knew."""
        with self._lock:
            tail = self._front(_SPLICE)
            self._queue.clear()
            self._queued = 0
            self._expecting = False
            self._taken.clear()
            self._last = None
            if tail is not None:
                ramp = np.linspace(1.0, 0.0, len(tail), dtype=np.float32)[:, None]
                self._queue.append(Block(tail * ramp, 0, 0.0, 0))
                self._queued = len(tail)

    def keep(self, count: int) -> Block | None:
        """Drops all but the first `count` waiting samples; what was dropped first, up to the splice, for `splice`. None if all stays."""
        with self._lock:
            kept: deque[Block] = deque()
            have = 0
            while self._queue and have < count:
                block = self._queue.popleft()
                if have + block.count > count:
                    self._queue.appendleft(block.cut(count - have, block.count))
                    block = block.cut(0, count - have)
                kept.append(block)
                have += block.count
            dropped = next((block for block in self._queue if block.number), None)
            self._queue, self._queued = kept, have
            return dropped

    def take(self, count: int, now: int) -> tuple[NDArray[np.float32], bool]:
        """The next `count` samples for the device at monotonic time `now` (ns), and whether any were missing."""
        out = np.zeros((count, 2), np.float32)
        filled = 0
        with self._lock:
            first = self.heard.given
            while filled < count and self._queue:
                block = self._queue.popleft()
                if block.count > count - filled:
                    self._queue.appendleft(block.cut(count - filled, block.count))
                    block = block.cut(0, count - filled)
                out[filled:filled + block.count] = block.samples
                if block.number:
                    self._taken.append(_Stretch(first + filled, block))
                filled += block.count
                self._queued -= block.count
            missing = filled < count and self._expecting
            self.underruns += missing
            self.heard.gave(count, now)
        return out, missing

    def over(self) -> None:
        """No more blocks of this stretch will come, so running dry is its end and no fault."""
        with self._lock:
            self._expecting = False

    def now(self, now: int) -> Now | None:
        """What is heard at a monotonic time; None before the first sample is heard."""
        with self._lock:
            at = self.heard.at(now)
            while len(self._taken) > 1 and self._taken[1].first <= at - _REMEMBERED:
                self._taken.popleft()
            stretch = next((stretch for stretch in reversed(self._taken) if stretch.first <= at), None)
            if stretch is None:
                return self._still()
            inside = at - stretch.first
            if inside >= stretch.block.count:
                self._last = Now(stretch.block.number, stretch.block.ticks_at(stretch.block.count), 0.0)
            else:
                self._last = Now(stretch.block.number, stretch.block.ticks_at(inside), stretch.block.step)
            return self._last

    def _still(self) -> Now | None:
        return None if self._last is None else Now(self._last.number, self._last.ticks, 0.0)

    def heard_all(self, now: int) -> bool:
        """Whether everything that was put has been heard."""
        with self._lock:
            if self._queue:
                return False
            last = self._taken[-1] if self._taken else None
            return last is None or self.heard.at(now) >= last.first + last.block.count

    def heard_between(self, mark: float, now: int) -> tuple[NDArray[np.float32], float]:
        """For meters: the samples heard from `mark` (what the last call gave back) to `now`, at most 300 ms, and the next mark."""
        with self._lock:
            at = self.heard.at(now)
            low, high = int(max(mark, at - _REMEMBERED)), int(at)
            parts = [stretch.block.samples[max(0, low - stretch.first):max(0, high - stretch.first)] for stretch in self._taken]
        return np.concatenate([np.zeros((0, 2), np.float32), *parts]), at

    def restart(self) -> None:
        """The device begins anew: what it had taken is not going to be heard."""
        with self._lock:
            self.heard.reset()
            self._taken.clear()

    def _front(self, count: int) -> NDArray[np.float32] | None:
        parts: list[NDArray[np.float32]] = []
        have = 0
        for block in self._queue:
            parts.append(block.samples[:count - have])
            have += len(parts[-1])
            if have >= count:
                break
        return np.concatenate(parts) if parts else None


def splice(old: Block, new: Block) -> Block:
    """`new` in place of `old`, its first 5 ms blended from the old samples, so that a change while playing does not click."""
    count = min(_SPLICE, old.count, new.count)
    ramp = np.linspace(0.0, 1.0, count, dtype=np.float32)[:, None]
    samples = new.samples.copy()
    samples[:count] = old.samples[:count] * (1 - ramp) + samples[:count] * ramp
    return Block(samples, new.ticks, new.step, new.number)
