"""Frames in the order of playing: what is ready, what an edit made out of date, what goes first."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from render.cache.shown import ShownFrames

F = 10


def name(ticks: int, edit: int = 0) -> bytes:
    return f"{ticks} {int(edit)}".encode()


def filled(frames: int, budget: int = 100) -> ShownFrames[str]:
    kept: ShownFrames[str] = ShownFrames(budget)
    for number in range(frames):
        kept.put(name(number * F), "picture", 10, "small", number * F)
    return kept


def test_neighbours_are_one_stretch_and_a_gap_makes_two() -> None:
    kept = filled(3)
    kept.put(name(70), "picture", 10, "small", 70)
    assert kept.runs(F) == ([(0, 30), (70, 80)], [])
    assert kept.bytes_kept == 40 and kept.changed


def test_an_edit_makes_frames_stale_and_undoing_it_makes_them_ready_again() -> None:
    kept = filled(6)
    kept.doubt()
    kept.settle(lambda _shape, ticks: name(ticks, edit=ticks >= 40))
    assert not kept.doubtful and kept.runs(F) == ([(0, 40)], [(40, 60)])
    kept.put(name(40, 1), "new picture", 10, "small", 40)
    assert kept.runs(F) == ([(0, 50)], [(50, 60)])
    kept.doubt()
    kept.settle(lambda _shape, ticks: name(ticks))
    assert kept.runs(F) == ([(0, 60)], [])
    assert kept.get(name(40), "small", 40) == "picture"


def test_frames_out_of_date_go_first_then_what_was_used_longest_ago() -> None:
    kept = filled(10)
    kept.doubt()
    kept.settle(lambda _shape, ticks: name(ticks, edit=ticks == 70))
    kept.get(name(0), "small", 0)
    kept.put(name(200), "picture", 10, "small", 200)
    assert name(70) not in kept and kept.runs(F)[1] == []
    kept.put(name(210), "picture", 10, "small", 210)
    assert name(10) not in kept and name(0) in kept


def test_while_playing_what_comes_last_goes_first() -> None:
    kept = filled(10)
    kept.aim(50, F, (0, 0))
    kept.put(name(100), "picture", 10, "small", 100)
    assert name(0) not in kept and name(90) in kept
    kept.aim(50, -F, (0, 0))
    kept.put(name(110), "picture", 10, "small", 110)
    assert name(10) in kept and name(60) not in kept


def test_a_loop_longer_than_the_memory_keeps_a_part_of_itself() -> None:
    kept: ShownFrames[str] = ShownFrames(100)
    hits = 0
    for turn in range(4):
        for number in range(15):
            kept.aim(number * F, F, (0, 150))
            if kept.get(name(number * F), "small", number * F) is not None:
                hits += turn > 0
            else:
                kept.put(name(number * F), "picture", 10, "small", number * F)
    assert hits >= 3 * 8  # of 10 frames that fit; used longest ago first would give none


def test_frames_of_a_size_that_is_not_looked_at_any_more_are_not_ready() -> None:
    kept = filled(2)
    kept.put(b"large", "picture", 20, "large", 0)
    kept.look_at({"large"})
    assert kept.runs(F) == ([(0, 10)], [])
    assert kept.get(name(0), "small", 0) == "picture"


def test_a_still_is_kept_once_for_all_its_frames() -> None:
    kept: ShownFrames[str] = ShownFrames(100)
    kept.put(b"still", "picture", 10, "small", 0)
    for number in range(1, 5):
        assert kept.get(b"still", "small", number * F) == "picture"
    assert kept.runs(F) == ([(0, 50)], []) and kept.bytes_kept == 10


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), st.integers(1, 40),
                          st.sampled_from(["put", "get", "doubt", "play", "size"])), max_size=60))
def test_what_is_ready_is_always_there(steps: list[tuple[int, int, int, str]]) -> None:
    kept: ShownFrames[bytes] = ShownFrames(100)
    edit = 0
    for number, other, size, kind in steps:
        ticks, shape = number * F, "ab"[other % 2]
        if kind == "put":
            kept.put(name(ticks, edit), name(ticks, edit), size, shape, ticks)
        elif kind == "get":
            kept.get(name(ticks, edit), shape, ticks)
        elif kind == "play":
            kept.aim(ticks, (other - 1) * F, (0, 100) if size % 2 else (0, 0))
        elif kind == "size":
            kept.look_at({shape})
        else:
            edit = other
            kept.doubt()
            while kept.doubtful:
                kept.settle(lambda _shape, at, now=edit: name(at, now), most=3)
        assert kept.bytes_kept <= 100
        for start, end in kept.runs(F)[0]:
            assert all(name(at, edit) in kept for at in range(start, end, F))
