"""The canvas: forks, and what is drawn once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from render.draw import evaluate
from render.draw.buffers import Buffers
from render.draw.canvas import Canvas
from render.draw.layer import Rect
from render.graph.build import build
from render.graph.request import Request
from render.picture import PictureFormat
from tests.render.draw.pictures import evaluator
from tests.render.films import FRAME, Patterns, clip, even, film, footage, track


def test_neither_a_fork_nor_its_origin_sees_what_is_drawn_on_the_other() -> None:
    canvas = Canvas(16, 8, PictureFormat(), Buffers())
    canvas.fill((50, 128, 128), canvas.frame)
    fork = canvas.fork()
    canvas.fill((90, 128, 128), Rect(0, 0, 8, 8))
    fork.fill((200, 128, 128), Rect(8, 0, 16, 8))
    assert canvas.finish().y[0].tolist() == [90] * 8 + [50] * 8
    assert fork.finish().y[0].tolist() == [50] * 8 + [200] * 8
    assert fork.touched == Rect(8, 0, 16, 8)


def test_a_layer_fills_no_more_than_it_should_outside_the_frame() -> None:
    canvas = Canvas(16, 8, PictureFormat(), Buffers())
    canvas.fill((90, 128, 128), Rect(-4, -4, 4, 4))
    canvas.fill((90, 128, 128), Rect(20, 0, 30, 8))
    assert (canvas.finish().y == 90).sum() == 16


def test_words_are_painted_once_while_they_fade(monkeypatch: pytest.MonkeyPatch) -> None:
    real, painted = evaluate.generators(), []

    def draw(*given: Any) -> Any:
        painted.append(given[0])
        return real["title"].draw(*given)

    monkeypatch.setattr(evaluate, "generators", lambda: {**real, "title": SimpleNamespace(draw=draw)})
    view = film(track("v1"), track("v2"), footage("a"), clip("x", "v1", "a"),
                clip("t", "v2", kind="title", text="Fade", font_size=20, fade_in=20 * FRAME))
    machine = evaluator(Patterns(a=even(20)))
    brightest = [int(machine.evaluate(build(view, number * FRAME, Request(64, 48))).y.max()) for number in range(0, 20, 4)]
    assert brightest == sorted(set(brightest)) and len(painted) == 1
