"""Where a deck stands and whether it plays, with Qt signals.

Owns: the timer that lets the logic of playing look at the clock, the signals. Refuses: that logic (`render.playback.transport`), sound
and pictures.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.desktop.bridge.frames import FrameFeed
from app.desktop.bridge.ports import SoundPort
from editor_core.timing import Rate
from render.playback.transport import Transport as Playing

LOOK_MS = 8


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
        self._rate = rate
        self._end = end
        self._playing = Playing(sound, frames.request, rate, end, on_moved=self.moved.emit, on_state=self._changed,
                                on_marks=self.marks_changed.emit)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._playing.tick)
        frames.arrived.connect(lambda _picture, ticks: self._playing.shown(ticks))

    def _changed(self) -> None:
        if self._playing.playing:
            self._timer.start()
        else:
            self._timer.stop()
        self.state_changed.emit()

    @property
    def playing(self) -> bool:
        return self._playing.playing

    @property
    def speed(self) -> float:
        return self._playing.speed

    @property
    def ticks(self) -> int:
        """The playhead. Setting it moves nothing else: for a place that is remembered from before."""
        return self._playing.ticks

    @ticks.setter
    def ticks(self, ticks: int) -> None:
        self._playing.ticks = ticks

    @property
    def mark_in(self) -> int | None:
        return self._playing.mark_in

    @mark_in.setter
    def mark_in(self, ticks: int | None) -> None:
        self._playing.mark_in = ticks

    @property
    def mark_out(self) -> int | None:
        return self._playing.mark_out

    @mark_out.setter
    def mark_out(self, ticks: int | None) -> None:
        self._playing.mark_out = ticks

    @property
    def loop(self) -> bool:
        return self._playing.loop

    @property
    def scrub_sound(self) -> bool:
        """Whether dragging the playhead lets a moment of sound be heard."""
        return self._playing.scrub_sound

    @scrub_sound.setter
    def scrub_sound(self, on: bool) -> None:
        self._playing.scrub_sound = on

    @property
    def dropped(self) -> int:
        """Frames that playing passed over because they were not ready in time, since the last start."""
        return self._playing.dropped

    @property
    def began(self) -> int:
        """Where the playhead stood when playing last began."""
        return self._playing.began

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
        return self._playing.frame

    def seek(self, ticks: int) -> None:
        """Moves the playhead to the frame at `ticks` (0 or later). While playing, playback goes on from there."""
        self._playing.seek(ticks)

    def scrub(self, ticks: int) -> None:
        """As `seek`, and lets a moment of sound be heard there."""
        self._playing.scrub(ticks)

    def step(self, frames: int) -> None:
        """Stops and moves by whole frames."""
        self._playing.step(frames)

    def toggle(self) -> None:
        self._playing.toggle()

    def play(self, speed: float = 1.0) -> None:
        """Plays from the playhead; between the marks when loop is on. At the end, from the start."""
        self._playing.play(speed)

    def play_range(self, start: int, end: int, *, back_to: int | None = None) -> None:
        """Plays [start, end) once; then the playhead goes `back_to` if given."""
        self._playing.play_range(start, end, back_to=back_to)

    def play_around(self) -> None:
        """From two seconds before the playhead to two seconds after."""
        self._playing.play_around()

    def play_in_to_out(self) -> None:
        self._playing.play_in_to_out()

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (+1): faster at each press."""
        self._playing.shuttle(direction)

    def slow(self, direction: int) -> None:
        """J or L with K held: a quarter of normal speed until `slow_end`."""
        self._playing.slow(direction)

    def slow_end(self) -> None:
        """One of the two keys is let go."""
        self._playing.slow_end()

    def stop(self) -> None:
        self._playing.stop()

    def marks(self) -> tuple[int, int]:
        """In and out as [start, end) in ticks; the whole timeline where they are not set."""
        return self._playing.marks()

    def set_marks(self, mark_in: int | None, mark_out: int | None) -> None:
        """In inclusive, out exclusive; a mark that would cross the other removes the other."""
        self._playing.set_marks(mark_in, mark_out)

    def set_loop(self, on: bool) -> None:
        self._playing.set_loop(on)
