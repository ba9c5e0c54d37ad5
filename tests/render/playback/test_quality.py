"""Sizes of frames and what `auto` makes of slow machines. Owns: tests of render.playback.quality. Refuses: processes."""

from __future__ import annotations

import pytest

from render.playback.quality import AutoQuality, scaled


@pytest.mark.parametrize(("quality", "size"), [
    ("full", (1919, 1079)), ("half", (960, 540)), ("quarter", (480, 270)), (1.0, (1919, 1079)), (0.1, (192, 108)), (5.0, (1919, 1079)),
    (0.0, (20, 10)),
])
def test_sizes_are_even_and_full_is_untouched(quality: object, size: tuple[int, int]) -> None:
    assert scaled(1919, 1079, quality) == size  # type: ignore[arg-type]
    assert scaled(2, 2, "quarter") == (2, 2)


def test_auto_stands_still_at_full_quality() -> None:
    auto = AutoQuality()
    for _ in range(50):
        auto.took(100, 33)
    assert auto.choose(playing=True) == "quarter" and auto.choose(playing=False) == "full"


def test_auto_goes_down_soon_and_up_late() -> None:
    auto = AutoQuality(down_after=4, up_after=20)
    for _ in range(4):
        auto.took(30, 33)
    assert auto.choose(True) == "half"
    for _ in range(100):
        auto.took(6, 33)  # four times that would not do
    assert auto.choose(True) == "half"
    for _ in range(19):
        auto.took(3, 33)
    auto.took(6, 33)
    for _ in range(19):
        auto.took(3, 33)
    assert auto.choose(True) == "half"
    auto.took(3, 33)
    assert auto.choose(True) == "full"
