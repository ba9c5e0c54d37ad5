"""The logic of playing: where the playhead stands, how it moves, which frame is wanted now.

Owns: play, stop, JKL, marks, loop, the frame to ask for, counting frames that came too late. Refuses: threads, timers, processes
and Qt: it is told when to look at the clock, and asks for frames through a function.

The sound is the clock. Each `tick` asks it where it is and asks for that frame; requests are newest-wins, so a frame that cannot be
made in time is skipped, never queued. Times are ticks; the playhead always stands on the start of a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from editor_core.timing import TICKS_PER_SECOND, Rate, round_to_frame
from render.playback.errors import PlaybackError

SHUTTLE = (1.0, 2.0, 4.0, 8.0)
"""Speeds of repeated presses of J or L."""
SLOW = 0.25
"""Speed with K held."""
AROUND = 2 * TICKS_PER_SECOND
"""Ticks before and after the playhead of `play_around`."""
AHEAD_SECONDS = 0.4
"""How much is prepared ahead of the playhead."""


class Clock(Protocol):
    """`render.playback.sound.SoundClient`, or a stand-in."""

    def play(self, ticks: int, speed: float = 1.0, start: int | None = None, end: int | None = None, loop: bool = False) -> int: ...

    def stop(self) -> int: ...

    def position(self) -> int: ...

    def scrub(self, ticks: int) -> None: ...


Ask = Callable[[int, int, int, "tuple[int, int] | None"], None]
"""(ticks of a frame, ticks to the next one or 0, how many to prepare, the loop they go round in): makes a newest-wins request."""


class Transport:
    """Call `tick` about every 8 ms while `playing`, and `shown` for each frame that arrives.

    `on_moved(ticks)`, `on_state()` and `on_marks()` are called for a new playhead, for play, stop and speed, for marks and loop.
    `rate` and `end` (where the last clip ends) are asked each time, for they change with the document.
    """

    def __init__(self, clock: Clock, ask: Ask, rate: Callable[[], Rate], end: Callable[[], int], *,
                 on_moved: Callable[[int], None] = lambda ticks: None, on_state: Callable[[], None] = lambda: None,
                 on_marks: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._ask = ask
        self._rate = rate
        self._end = end
        self._on_moved = on_moved
        self._on_state = on_state
        self._on_marks = on_marks
        self._bounds = (0, 0)
        self._loops = False
        self._return_to: int | None = None
        self._slow_from = 0
        self._last_shown: int | None = None
        self.ticks = 0
        self.speed = 0.0
        self.mark_in: int | None = None
        self.mark_out: int | None = None
        self.loop = False
        self.scrub_sound = True
        self.dropped = 0
        """Frames that playing passed over because they were not ready in time, since the last start."""
        self.began = 0
        """Where the playhead stood when playing last began."""

    @property
    def playing(self) -> bool:
        return self.speed != 0.0

    @property
    def frame(self) -> int:
        """Length of a frame in ticks."""
        return self._rate().ticks_per_frame

    # --- moving

    def seek(self, ticks: int) -> None:
        """Puts the playhead on the frame at `ticks` (0 or later); playing goes on from there."""
        wanted = self._on_frame(ticks)
        if self.playing:
            self._start(wanted, self.speed, *self._bounds)
            return
        self._move(wanted)

    def scrub(self, ticks: int) -> None:
        """As `seek`, and lets a moment of sound be heard there: for dragging the playhead."""
        before = self.ticks
        self.seek(ticks)
        if self.ticks != before and self.scrub_sound and not self.playing:
            self._clock.scrub(self.ticks)

    def step(self, frames: int) -> None:
        """Stops and moves by whole frames; each is heard, as in dragging."""
        self.stop()
        self.scrub(self.ticks + frames * self.frame)

    # --- playing

    def play(self, speed: float = 1.0) -> None:
        """Plays from the playhead: inside the marks when looping, else to the end. From the end it begins anew; nothing without clips.

        Raises PlaybackError for a speed of 0 or beyond ±8.
        """
        if not 0 < abs(speed) <= SHUTTLE[-1]:
            raise PlaybackError(f"{speed:g} is no speed for playing; it goes from -8 to 8, without 0")
        start, end = self.marks() if self.loop else (0, self._end())
        if end <= start:
            return
        here = self.ticks
        last = end - self.frame
        if self.loop and not start <= here < end:
            here = start if speed > 0 else last
        elif speed > 0 and here >= last:
            here = start
        elif speed < 0 and here <= start:
            here = last
        self._return_to = None
        self._start(here, speed, start, end)

    def play_range(self, start: int, end: int, *, back_to: int | None = None) -> None:
        """Plays `[start, end)` once, whatever `loop` says; afterwards the playhead goes `back_to`, if given."""
        if end > start >= 0:
            self._return_to = None
            self._start(self._on_frame(start), 1.0, start, end, once=True)
            self._return_to = back_to

    def play_around(self) -> None:
        """From two seconds before the playhead to two after, and back."""
        here = self.ticks
        self.play_range(max(0, here - AROUND), max(here + self.frame, min(self._end(), here + AROUND)), back_to=here)

    def play_in_to_out(self) -> None:
        self.play_range(*self.marks())

    def toggle(self) -> None:
        """Plays, or stops."""
        if self.playing:
            self.stop()
        else:
            self.play()

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (1): playing, then faster with each press; against the direction of playing, normal speed the other way."""
        faster = [speed for speed in SHUTTLE if speed > abs(self.speed)]
        if self.speed * direction <= 0 or abs(self.speed) < 1:
            self.play(SHUTTLE[0] * direction)
        elif faster:
            self.play(faster[0] * direction)

    def slow(self, direction: int) -> None:
        """J or L with K held: a quarter of normal speed, until `slow_end`."""
        self._slow_from = self.ticks
        self.play(SLOW * direction)

    def slow_end(self) -> None:
        """One of the two keys is let go: stands still. A tap that was too short for a frame still moves by one."""
        if abs(self.speed) != SLOW:
            return
        direction = 1 if self.speed > 0 else -1
        self.stop()
        if self.ticks == self._slow_from:
            self.seek(self.ticks + direction * self.frame)

    def stop(self) -> None:
        """Stops at the frame that is heard."""
        if self.playing:
            self._halt(self._on_frame(self._clock.stop()))

    def tick(self) -> None:
        """Looks at the clock: moves the playhead, asks for its frame, stops at the end of the range."""
        if not self.playing:
            return
        start, end = self._bounds
        here = self._clock.position()
        if not self._loops and ((self.speed > 0 and here >= end) or (self.speed < 0 and here <= start)):
            self._clock.stop()
            last = self._on_frame(end) if self.speed > 0 else self._on_frame(start)
            self._halt(last if self._return_to is None else self._return_to)
            return
        self._move(min(self._on_frame(here), max(start, end - 1)))

    def shown(self, ticks: int) -> None:
        """A frame arrived. Counts those between it and the one before it that should have been seen while playing."""
        if not self.playing:
            return
        before, self._last_shown = self._last_shown, ticks
        if before is None:
            return
        passed = (ticks - before) // self._stride
        if passed > 0:  # going round a loop passes nothing over
            self.dropped += passed - 1

    # --- marks

    def marks(self) -> tuple[int, int]:
        """In and out as `[start, end)`; the whole timeline where they are not set."""
        return self.mark_in or 0, self.mark_out if self.mark_out is not None else self._end()

    def set_marks(self, mark_in: int | None, mark_out: int | None) -> None:
        """In inclusive, out exclusive, rounded to frames; the newer of two that would cross removes the other."""
        rate = self._rate()
        start = None if mark_in is None else max(0, round_to_frame(mark_in, rate))
        end = None if mark_out is None else max(0, round_to_frame(mark_out, rate))
        if start is not None and end is not None and end <= start:
            start, end = (start, None) if end == self.mark_out else (None, end)
        if (start, end) != (self.mark_in, self.mark_out):
            self.mark_in, self.mark_out = start, end
            self._on_marks()

    def set_loop(self, on: bool) -> None:
        """Round and round between the marks, at once if it plays."""
        if on != self.loop:
            self.loop = on
            self._on_marks()
            if self.playing:
                self.play(self.speed)

    # --- inside

    @property
    def _stride(self) -> int:
        """Ticks from one frame that should be seen to the next, negative backwards: at 2 × every second frame."""
        return self.frame * max(1, round(abs(self.speed))) * (1 if self.speed > 0 else -1)

    def _on_frame(self, ticks: int) -> int:
        return max(0, int(ticks) // self.frame * self.frame)

    def _start(self, here: int, speed: float, start: int, end: int, *, once: bool = False) -> None:
        changed = speed != self.speed
        if not self.playing:
            self.began = self.ticks
        self._bounds = (start, end)
        self._loops = self.loop and not once
        self._last_shown = None
        if changed:
            self.dropped = 0
        self.speed = speed
        self._clock.play(here, speed, start, end, self._loops)
        self._move(here, again=True)  # even where it stands: from now on with what comes next
        if changed:
            self._on_state()

    def _halt(self, at: int) -> None:
        self.speed = 0.0
        self._return_to = None
        self.ticks = at
        self._ask(at, 0, 0, None)
        self._on_moved(at)
        self._on_state()

    def _move(self, ticks: int, *, again: bool = False) -> None:
        if ticks == self.ticks and not again:
            return
        self.ticks = ticks
        if self.playing:
            ahead = max(1, round(AHEAD_SECONDS * self._rate().fps))
            self._ask(ticks, self._stride, ahead, self._bounds if self._loops else None)
        else:
            self._ask(ticks, 0, 0, None)
        self._on_moved(ticks)
