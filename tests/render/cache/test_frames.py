"""Frames kept by digest within a budget."""

from __future__ import annotations

from render.cache.budget import ByteBudget
from render.cache.frames import FrameCache, size_of
from render.draw.evaluate import Evaluator
from render.graph.build import build
from render.graph.digest import digest
from render.graph.request import Request
from render.picture import PictureFormat, blank
from tests.render.draw.pictures import fonts, same
from tests.render.films import FRAME, Patterns, clip, film, footage, noise, track


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: ByteBudget[str, int] = ByteBudget(30)
    for name in "abc":
        cache.put(name, ord(name), 10)
    assert cache.get("a") == ord("a")
    cache.put("d", ord("d"), 10)
    assert cache.get("b") is None and [cache.get(name) is not None for name in "acd"] == [True, True, True]
    assert cache.bytes_kept == 30


def test_a_value_larger_than_the_budget_is_not_kept_and_drops_nothing() -> None:
    cache: ByteBudget[str, int] = ByteBudget(30)
    cache.put("a", 1, 10)
    cache.put("b", 2, 31)
    assert cache.get("a") == 1 and cache.get("b") is None


def test_putting_a_key_again_counts_it_once() -> None:
    cache: ByteBudget[str, int] = ByteBudget(30)
    for size in (10, 20, 5):
        cache.put("a", size, size)
    assert (cache.get("a"), cache.bytes_kept, len(cache)) == (5, 5, 1)


def test_frames_count_all_their_planes() -> None:
    frame = blank(PictureFormat(), 16, 8, alpha=True)
    assert size_of(frame) == 128 + 2 * 32 + 128
    cache = FrameCache(budget=2 * size_of(frame))
    for name in (b"1", b"2", b"3"):
        cache.put(name, frame)
    assert (len(cache), cache.bytes_kept) == (2, 2 * size_of(frame)) and cache.get(b"1") is None and cache.get(b"3") is frame
    cache.clear()
    assert (len(cache), cache.bytes_kept) == (0, 0)


def test_a_frame_drawn_again_after_eviction_has_the_same_samples() -> None:
    view = film(track("v1"), track("v2"), footage("a"), footage("b"), clip("x", "v1", "a"), clip("y", "v2", "b", opacity=0.3),
                track("v3"), clip("t", "v3", kind="title", text="Again", font_size=14))
    machine = Evaluator(Patterns(a=noise(1), b=noise(2)), fonts=fonts())
    cache = FrameCache(budget=3 * 64 * 48)

    def frame(number: int):  # type: ignore[no-untyped-def]
        node = build(view, number * FRAME, Request(64, 48))
        name = digest(node)
        found = cache.get(name)
        if found is None:
            found = machine.evaluate(node)
            cache.put(name, found)
        return found, name

    first, name = frame(0)
    kept = first.copy()
    for number in range(1, 6):
        frame(number)
    assert cache.get(name) is None
    assert same(frame(0)[0], kept) and cache.get(name) is not None
