"""Playing with a clock that is set by hand. Owns: tests of render.playback.transport. Refuses: processes and real time."""

from __future__ import annotations

import pytest

from editor_core.timing import TICKS_PER_SECOND, Rate
from render.playback.errors import PlaybackError
from render.playback.transport import Transport

F = TICKS_PER_SECOND // 25
END = 100 * F


class HandClock:
    """Goes on only when told, at the speed it was given, round the loop if there is one."""

    def __init__(self) -> None:
        self.at = 0
        self.plays: list[tuple[int, float, int | None, int | None, bool]] = []
        self.scrubs: list[int] = []
        self.stops = 0

    def play(self, ticks: int, speed: float = 1.0, start: int | None = None, end: int | None = None, loop: bool = False) -> int:
        self.at = ticks
        self.plays.append((ticks, speed, start, end, loop))
        return len(self.plays)

    def stop(self) -> int:
        self.stops += 1
        return self.at

    def position(self) -> int:
        return self.at

    def scrub(self, ticks: int) -> None:
        self.scrubs.append(ticks)

    def go(self, frames: float) -> None:
        _, speed, start, end, loop = self.plays[-1]
        self.at += round(frames * F * speed)
        if loop and start is not None and end is not None:
            self.at = start + (self.at - start) % (end - start)
        elif start is not None and end is not None:
            self.at = min(max(self.at, start), end)


class Desk:
    def __init__(self, end: int = END) -> None:
        self.clock = HandClock()
        self.asked: list[tuple[int, int, int]] = []
        self.loops: list[tuple[int, int] | None] = []
        self.moved: list[int] = []
        self.states = 0
        self.marked = 0
        self.transport = Transport(self.clock, self._ask, lambda: Rate(25), lambda: end,
                                   on_moved=self.moved.append, on_state=self._state, on_marks=self._mark)

    def _ask(self, ticks: int, step: int, ahead: int, loop: tuple[int, int] | None) -> None:
        self.asked.append((ticks, step, ahead))
        self.loops.append(loop)

    def _state(self) -> None:
        self.states += 1

    def _mark(self) -> None:
        self.marked += 1

    def run(self, frames: float, step: float = 0.25) -> None:
        done = 0.0
        while done < frames:
            self.clock.go(step)
            self.transport.tick()
            done += step


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_playing_asks_for_each_frame_once_with_what_comes_next(desk: Desk) -> None:
    desk.transport.play()
    desk.run(5)
    assert [(ticks // F, step, ahead) for ticks, step, ahead in desk.asked] == [(n, F, 10) for n in range(6)]
    assert desk.moved == [n * F for n in range(6)] and desk.states == 1


def test_a_late_look_at_the_clock_skips_frames_instead_of_queueing_them(desk: Desk) -> None:
    desk.transport.play()
    desk.run(9, step=3)
    assert [ticks // F for ticks, _, _ in desk.asked] == [0, 3, 6, 9]


def test_stopping_stands_on_the_frame_that_is_heard_and_asks_for_it_alone(desk: Desk) -> None:
    desk.transport.play()
    desk.run(4)
    desk.clock.go(0.7)
    desk.transport.stop()
    assert desk.transport.ticks == 4 * F and desk.asked[-1] == (4 * F, 0, 0) and not desk.transport.playing
    desk.transport.stop()
    assert desk.clock.stops == 1


def test_at_the_end_it_stops_and_plays_again_from_the_start(desk: Desk) -> None:
    desk.transport.seek(97 * F)
    desk.transport.play()
    desk.run(5)
    assert not desk.transport.playing and desk.transport.ticks == END
    assert max(ticks for ticks, step, _ in desk.asked if step) == 99 * F
    desk.transport.play()
    assert desk.transport.ticks == 0 and desk.transport.playing


def test_backwards_it_stops_at_the_start(desk: Desk) -> None:
    desk.transport.seek(3 * F)
    desk.transport.play(-1)
    desk.run(6)
    assert desk.transport.ticks == 0 and not desk.transport.playing
    assert [ticks // F for ticks, step, _ in desk.asked if step < 0] == [3, 2, 1, 0]


def test_j_and_l_go_faster_and_turn_round(desk: Desk) -> None:
    desk.transport.seek(50 * F)
    speeds = []
    for direction in (1, 1, 1, 1, 1, -1, -1, 1):
        desk.transport.shuttle(direction)
        speeds.append(desk.transport.speed)
    assert speeds == [1, 2, 4, 8, 8, -1, -2, 1]
    desk.transport.slow(-1)
    assert desk.transport.speed == -0.25
    desk.transport.shuttle(-1)
    assert desk.transport.speed == -1


def test_slow_playing_ends_where_it_is_and_a_tap_is_one_frame(desk: Desk) -> None:
    desk.transport.seek(50 * F)
    desk.transport.slow(1)
    assert desk.clock.plays[-1][1] == 0.25
    desk.run(12)
    desk.transport.slow_end()
    assert not desk.transport.playing and desk.transport.ticks == 53 * F
    for direction, at in ((1, 54), (-1, 53), (-1, 52)):
        desk.transport.slow(direction)
        desk.transport.slow_end()
        assert not desk.transport.playing and desk.transport.ticks == at * F
    desk.transport.shuttle(1)
    desk.transport.slow_end()  # the key of normal playing is let go: it goes on
    assert desk.transport.speed == 1


def test_fast_playing_asks_for_every_so_manyeth_frame(desk: Desk) -> None:
    desk.transport.play(4)
    assert desk.asked[-1] == (0, 4 * F, 10)
    desk.transport.play(-8)
    assert desk.asked[-1][1] == -8 * F


def test_speeds_out_of_range_are_refused(desk: Desk) -> None:
    for speed in (0, 8.5, -9):
        with pytest.raises(PlaybackError, match="no speed for playing"):
            desk.transport.play(speed)


def test_a_loop_goes_round_between_the_marks(desk: Desk) -> None:
    desk.transport.set_marks(10 * F, 14 * F)
    desk.transport.set_loop(True)
    desk.transport.play()
    desk.run(9)
    assert [ticks // F for ticks, _, _ in desk.asked] == [10, 11, 12, 13, 10, 11, 12, 13, 10, 11]
    assert desk.clock.plays == [(10 * F, 1.0, 10 * F, 14 * F, True)] and desk.transport.playing
    assert set(desk.loops) == {(10 * F, 14 * F)}
    desk.transport.set_loop(False)
    assert desk.clock.plays[-1] == (11 * F, 1.0, 0, END, False)


def test_playing_in_to_out_stops_at_the_out_mark_even_when_looping(desk: Desk) -> None:
    desk.transport.set_marks(10 * F, 14 * F)
    desk.transport.set_loop(True)
    desk.transport.play_in_to_out()
    desk.run(8)
    assert not desk.transport.playing and desk.transport.ticks == 14 * F and not desk.clock.plays[-1][4]


def test_playing_around_returns_to_where_it_was(desk: Desk) -> None:
    desk.transport.seek(60 * F)
    desk.transport.play_around()
    assert desk.clock.plays[-1] == (10 * F, 1.0, 10 * F, END, False)
    desk.run(95)
    assert desk.transport.ticks == 60 * F and desk.asked[-1] == (60 * F, 0, 0)


def test_stopping_a_look_around_stays_where_it_is(desk: Desk) -> None:
    desk.transport.seek(60 * F)
    desk.transport.play_around()
    desk.run(5)
    desk.transport.stop()
    assert desk.transport.ticks == 15 * F


def test_seeking_while_playing_goes_on_from_there(desk: Desk) -> None:
    desk.transport.play(2)
    desk.transport.seek(30 * F + 5)
    assert desk.clock.plays[-1] == (30 * F, 2, 0, END, False) and desk.transport.ticks == 30 * F


def test_scrubbing_is_heard_and_seeking_is_not(desk: Desk) -> None:
    desk.transport.seek(5 * F)
    desk.transport.scrub(7 * F + 3)
    desk.transport.scrub(7 * F + 9)
    assert desk.clock.scrubs == [7 * F]
    desk.transport.scrub_sound = False
    desk.transport.scrub(9 * F)
    assert desk.clock.scrubs == [7 * F] and desk.transport.ticks == 9 * F


def test_steps_stop_are_heard_and_never_go_below_the_start(desk: Desk) -> None:
    desk.transport.play()
    desk.run(3)
    desk.transport.step(2)
    assert desk.transport.ticks == 5 * F and not desk.transport.playing
    assert desk.clock.scrubs == [5 * F]
    desk.transport.step(-20)
    assert desk.transport.ticks == 0


def test_marks_that_cross_leave_the_newer_one(desk: Desk) -> None:
    desk.transport.set_marks(10 * F, 20 * F)
    desk.transport.set_marks(25 * F, 20 * F)
    assert (desk.transport.mark_in, desk.transport.mark_out) == (25 * F, None)
    desk.transport.set_marks(25 * F, 5 * F + F // 2)
    assert (desk.transport.mark_in, desk.transport.mark_out) == (None, 6 * F)
    assert desk.marked == 3 and desk.transport.marks() == (0, 6 * F)
    desk.transport.set_marks(None, 6 * F)
    assert desk.marked == 3


def test_an_empty_timeline_does_not_play() -> None:
    desk = Desk(end=0)
    desk.transport.play()
    assert not desk.transport.playing and not desk.asked


def test_frames_that_never_came_are_counted(desk: Desk) -> None:
    desk.transport.play()
    for number in (0, 1, 2, 5, 6, 9):
        desk.transport.shown(number * F)
    assert desk.transport.dropped == 4
    desk.transport.play(2)
    assert desk.transport.dropped == 0
    for number in (10, 12, 14, 18):
        desk.transport.shown(number * F)
    assert desk.transport.dropped == 1
    desk.transport.play(-1)
    for number in (18, 17, 15):
        desk.transport.shown(number * F)
    assert desk.transport.dropped == 1


def test_going_round_a_loop_drops_nothing(desk: Desk) -> None:
    desk.transport.set_marks(0, 4 * F)
    desk.transport.set_loop(True)
    desk.transport.play()
    for number in (0, 1, 2, 3, 0, 1):
        desk.transport.shown(number * F)
    assert desk.transport.dropped == 0
