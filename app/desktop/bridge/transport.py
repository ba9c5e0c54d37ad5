"""Where a deck stands and whether it plays.

Owns: the playhead, speed, in and out marks, loop. Refuses: making sound or pictures; it tells those who do.

The clock while playing is the sound's (`SoundPort.position`); it goes on by itself where there is no sound output.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.desktop.bridge.frames import FrameFeed
from app.desktop.bridge.ports import SoundPort
from editor_core.timing import TICKS_PER_SECOND, Rate, round_to_frame

SHUTTLE = (1.0, 2.0, 4.0, 8.0)


class Transport(QObject):
    """Times are ticks of the deck's timeline, always at the start of a frame.

    `moved(int)` for every new playhead position, `state_changed` for play, stop and speed, `marks_changed` for in, out and
    loop. `speed` is 0 when stopped, negative backwards.
    """

    moved = Signal(object)
    state_changed = Signal()
    marks_changed = Signal()

    def __init__(self, sound: SoundPort, frames: FrameFeed, rate: Callable[[], Rate], end: Callable[[], int],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sound = sound
        self._frames = frames
        self._rate = rate
        self._end = end
        self._bounds: tuple[int, int] = (0, 0)
        self._return_to: int | None = None
        self.ticks = 0
        self.speed = 0.0
        self.mark_in: int | None = None
        self.mark_out: int | None = None
        self.loop = False
        self.scrub_sound = True
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(8)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        return self.speed != 0.0

    @property
    def rate(self) -> Rate:
        return self._rate()

    @property
    def end(self) -> int:
        """Where the last clip ends, in ticks."""
        return self._end()

    @property
    def frame(self) -> int:
        """Length of a frame in ticks."""
        return self._rate().ticks_per_frame

    def seek(self, ticks: int) -> None:
        """Moves the playhead to the frame at `ticks` (0 or later). While playing, playback goes on from there."""
        wanted = max(0, int(ticks) // self.frame * self.frame)
        if self.playing:
            self._start(wanted, self.speed, *self._bounds)
        self._move(wanted)

    def scrub(self, ticks: int) -> None:
        """As `seek`, and lets a moment of sound be heard there: for dragging the playhead."""
        before = self.ticks
        self.seek(ticks)
        if self.ticks != before and not self.playing and self.scrub_sound:
            self._sound.scrub(self.ticks)

    def step(self, frames: int) -> None:
        """Stops and moves by whole frames."""
        self.stop()
        self.seek(self.ticks + frames * self.frame)

    def toggle(self) -> None:
        if self.playing:
            self.stop()
        else:
            self.play()

    def play(self, speed: float = 1.0) -> None:
        """Plays from the playhead; between the marks when loop is on. At the end, from the start."""
        start, end = 0, self._end()
        if self.loop and (self.mark_in is not None or self.mark_out is not None):
            start, end = self.marks()
        if end <= start:
            return
        here = self.ticks
        if speed > 0 and not start <= here < end - self.frame:
            here = start if self.loop or here >= end - self.frame else here
        elif speed < 0 and here <= start:
            here = end - self.frame
        self._return_to = None
        self._start(here, speed, start, end)

    def play_range(self, start: int, end: int, *, back_to: int | None = None) -> None:
        """Plays [start, end) once; then the playhead goes `back_to` if given."""
        if end > start >= 0:
            self._return_to = back_to
            self._start(start, 1.0, start, end)

    def play_around(self) -> None:
        """From two seconds before the playhead to two after, and back."""
        here = self.ticks
        self.play_range(max(0, here - 2 * TICKS_PER_SECOND), min(max(self._end(), here), here + 2 * TICKS_PER_SECOND), back_to=here)

    def play_in_to_out(self) -> None:
        start, end = self.marks()
        self.play_range(start, end)

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (+1): faster at each press in one direction, first slower in the other."""
        speeds = [s * direction for s in SHUTTLE]
        if self.speed * direction <= 0:
            self.play(speeds[0])
        else:
            faster = [s for s in speeds if abs(s) > abs(self.speed)]
            if faster:
                self.play(faster[0])

    def stop(self) -> None:
        if not self.playing:
            return
        self._timer.stop()
        position = self._sound.stop()
        self.speed = 0.0
        self._move(max(0, min(position, self._bounds[1]) // self.frame * self.frame))
        self.state_changed.emit()
        self._frames.request(self.ticks)

    def marks(self) -> tuple[int, int]:
        """In and out as [start, end) in ticks; the whole timeline where they are not set."""
        return self.mark_in or 0, self.mark_out if self.mark_out is not None else self._end()

    def set_marks(self, mark_in: int | None, mark_out: int | None) -> None:
        """In inclusive, out exclusive; a mark that would cross the other removes the other."""
        rate = self._rate()
        start = None if mark_in is None else max(0, round_to_frame(mark_in, rate))
        end = None if mark_out is None else max(0, round_to_frame(mark_out, rate))
        if start is not None and end is not None and end <= start:
            start, end = (start, None) if end == self.mark_out else (None, end)
        if (start, end) != (self.mark_in, self.mark_out):
            self.mark_in, self.mark_out = start, end
            self.marks_changed.emit()

    def set_loop(self, on: bool) -> None:
        if on != self.loop:
            self.loop = on
            self.marks_changed.emit()
            if self.playing:
                self.play(self.speed)

    def _start(self, here: int, speed: float, start: int, end: int) -> None:
        changed = speed != self.speed
        self._bounds = (start, end)
        self.speed = speed
        self._sound.play(here, speed, start, end, self.loop and self._return_to is None)
        self._timer.start()
        self._move(here)
        if changed:
            self.state_changed.emit()

    def _tick(self) -> None:
        start, end = self._bounds
        here = self._sound.position()
        looping = self.loop and self._return_to is None
        if not looping and ((self.speed > 0 and here >= end) or (self.speed < 0 and here <= start)):
            self._finish(end if self.speed > 0 else start)
            return
        self._move(max(0, here // self.frame * self.frame))

    def _finish(self, at: int) -> None:
        self._timer.stop()
        self._sound.stop()
        self.speed = 0.0
        back, self._return_to = self._return_to, None
        self._move(at if back is None else back)
        self.state_changed.emit()
        self._frames.request(self.ticks)

    def _move(self, ticks: int) -> None:
        if ticks != self.ticks:
            self.ticks = ticks
            self._frames.request(ticks, round(self.speed * self.frame))
            self.moved.emit(ticks)
