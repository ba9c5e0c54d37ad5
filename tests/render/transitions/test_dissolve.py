"""The cross-dissolve, sample for sample."""

from __future__ import annotations

import numpy as np
import pytest

from editor_core.schema import Point, Scale
from render.picture import YUV420P, YUV422P10, PictureFormat, PlaneFormat
from tests.render.draw.pictures import apart, drawn, same, wide
from tests.render.films import Patterns, clip, dissolve, even, film, footage, noise, track


def joined(frames: int = 9, first: dict[str, object] | None = None, second: dict[str, object] | None = None, below: bool = False):  # type: ignore[no-untyped-def]
    under = [track("v0"), footage("u"), clip("w", "v0", "u", length=200)] if below else []
    return film(
        *under, track("v1"), footage("a"), footage("b"), clip("x", "v1", "a", **(first or {})),
        clip("y", "v1", "b", start=100, source=50, **(second or {})), dissolve("d", "v1", "x", "y", frames),
    )


@pytest.mark.parametrize("layout", [YUV420P, YUV422P10], ids=lambda layout: layout.name)
def test_the_middle_frame_is_the_mean_of_both(layout: PlaneFormat) -> None:
    fmt, patterns = PictureFormat(layout), Patterns(a=noise(1), b=noise(2))
    picture = drawn(joined(), patterns, 100, fmt=fmt)
    one, two = (patterns.picture(name, 0, width=64, height=48, fmt=fmt) for name in "ab")
    for plane, a, b in ((picture.y, one.y, two.y), (picture.u, one.u, two.u), (picture.v, one.v, two.v)):
        assert np.abs(plane - (wide(a) + wide(b)) / 2).max() <= 0.5


def test_it_runs_evenly_from_one_to_the_other() -> None:
    levels = [int(drawn(joined(10), Patterns(a=even(20), b=even(220)), number).y[0, 0]) for number in range(94, 107)]
    assert levels == [20, 30, 50, 70, 90, 110, 130, 150, 170, 190, 210, 220, 220]


def test_before_and_after_it_the_decoders_frames_are_passed_on() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    assert drawn(joined(), patterns, 95).native == "frame of a" and drawn(joined(), patterns, 105).native == "frame of b"


def test_only_what_the_pictures_touch_is_mixed_over_what_lies_below() -> None:
    small = {"scale": Scale(0.25, 0.25), "position": Point(12, 10)}
    patterns = Patterns(u=noise(3), a=even(40), b=even(200))
    picture = drawn(joined(first=small, second={"scale": Scale(0.25, 0.25), "position": Point(40, 10)}, below=True), patterns, 100)
    under = patterns.picture("u", 0, width=64, height=48, fmt=PictureFormat())
    assert np.abs(picture.y[4:16, 4:20] - (0.5 * 40 + 0.5 * wide(under.y[4:16, 4:20]))).max() <= 1
    assert np.abs(picture.y[4:16, 32:48] - (0.5 * 200 + 0.5 * wide(under.y[4:16, 32:48]))).max() <= 1
    assert (picture.y[20:] == under.y[20:]).all()


def test_pictures_below_full_opacity_add_up_as_they_should() -> None:
    view = joined(first={"opacity": 0.5}, second={"opacity": 0.25}, below=True)
    picture = drawn(view, Patterns(u=even(100), a=even(200), b=even(20)), 100)
    assert abs(int(picture.y[5, 5]) - (0.5 * (0.5 * 200 + 0.5 * 100) + 0.5 * (0.25 * 20 + 0.75 * 100))) <= 1


def test_a_dissolve_between_titles_is_drawn() -> None:
    words = {"kind": "title", "text": "I", "font_size": 40}
    view = film(track("v1"), clip("x", "v1", **words), clip("y", "v1", start=100, **words), dissolve("d", "v1", "x", "y", 9))
    assert apart(drawn(view, Patterns(), 100), drawn(view, Patterns(), 10)) <= 1


def test_the_same_frame_twice_has_the_same_samples() -> None:
    patterns = Patterns(a=noise(1), b=noise(2))
    assert same(drawn(joined(), patterns, 98), drawn(joined(), patterns, 98))
