"""What thumbnails and waveforms give at once, and what they give when the workers have made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.desktop.bridge.tiles import Tiles
from editor_core.timing import TICKS_PER_SECOND as S

Made = list[tuple[int, int, int, bytes]]


class Workers:
    """Keeps what is asked for until the test lets it be done."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[int, ...], int, Callable[[Made], None]]] = []
        self.waves: list[Callable[[Any, int], None]] = []

    def thumbnails(self, asset: str, times: tuple[int, ...], height: int, done: Callable[[Made], None]) -> None:
        self.asked.append((asset, times, height, done))

    def waveform(self, asset: str, done: Callable[[Any, int], None], stream: int = 0) -> None:
        self.waves.append(done)

    def make(self, shade: int, number: int = 0) -> None:
        """Does what was asked for, first or later, in one colour."""
        _, times, height, done = self.asked.pop(number)
        done([(ticks, height, height, bytes([shade]) * (height * height * 4)) for ticks in times])


@pytest.fixture
def workers(qt: None) -> Workers:
    return Workers()


@pytest.fixture
def qt() -> None:
    QApplication.instance() or QApplication(["test"])


@pytest.fixture
def tiles(workers: Workers) -> Tiles:
    return Tiles(workers, lambda call, *args: call(*args))


def ask(tiles: Tiles, ticks: int, height: int) -> tuple[int, int] | None:
    """Height and shade of what is given at once; what is wanted goes to the workers."""
    found = tiles.thumbnail("a", ticks, height)
    while tiles._soon.isActive():
        QCoreApplication.processEvents()
    return None if found is None else (found.height(), found.pixelColor(0, 0).red())


def test_while_a_thumbnail_is_made_the_nearest_stands_in_for_it_and_then_it_is_given(tiles: Tiles, workers: Workers) -> None:
    ready: list[str] = []
    tiles.ready.connect(ready.append)
    assert ask(tiles, 0, 72) is None and ready == []
    workers.make(10)
    assert ready == ["a"] and ask(tiles, 0, 72) == (72, 10)
    assert ask(tiles, 0, 36) == ask(tiles, 9 * S, 72) == (72, 10)
    assert [(times, height) for _, times, height, _ in workers.asked] == [((0,), 36), ((9 * S,), 72)]
    workers.make(20, number=1)
    assert ready == ["a"] * 2
    assert ask(tiles, 0, 36) == (72, 10) and ask(tiles, 9 * S, 72) == (72, 20) and ask(tiles, 8 * S, 72) == (72, 20)
    workers.make(30)
    assert ready == ["a"] * 3 and ask(tiles, 0, 36) == (36, 30)
    assert len(workers.asked) == 1, "nothing is asked for twice"


def test_what_was_on_its_way_when_the_file_changed_is_not_kept(tiles: Tiles, workers: Workers) -> None:
    assert ask(tiles, 0, 36) is None and tiles.peaks("a", 0, S, 4) is None
    tiles.forget("a")
    workers.make(10)
    workers.waves.pop(0)(np.full((8, 3), 0.5, np.float32), S // 8)
    assert tiles.bytes == 0 and ask(tiles, 0, 36) is None and tiles.peaks("a", 0, S, 4) is None
    workers.make(20)
    workers.waves.pop(0)(np.full((8, 3), 0.25, np.float32), S // 8)
    found = tiles.peaks("a", 0, S, 4)
    assert ask(tiles, 0, 36) == (36, 20) and found is not None and found[0, 1] == 0.25
    assert tiles.bytes == 36 * 36 * 4
