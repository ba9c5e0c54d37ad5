"""Drawing small films in tests.

Owns: evaluating one frame of a film of patterns. Refuses: expectations.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from editor_core.document.view import Snapshot
from render.draw.evaluate import Evaluator
from render.draw.fonts import Fonts
from render.graph.build import build
from render.graph.request import Request
from render.picture import PictureFormat, Planes
from tests.render.films import FRAME, Patterns


@cache
def fonts() -> Fonts:
    """One set of fonts for all tests of a process."""
    return Fonts()


def evaluator(patterns: Patterns) -> Evaluator:
    return Evaluator(patterns, fonts=fonts())


def drawn(view: Snapshot, patterns: Patterns, number: int = 0, request: Request | None = None, fmt: PictureFormat | None = None) -> Planes:
    """Frame `number` of a film, checked to have the planes that were asked for."""
    line = view.timeline
    ask = request or Request(line.width, line.height, fmt or PictureFormat())
    picture = evaluator(patterns).evaluate(build(view, number * FRAME, ask)).check()
    assert (picture.width, picture.height, picture.format) == (ask.width, ask.height, ask.format)
    return picture


def wide(plane: Any) -> Any:
    """Samples as numbers that can be subtracted."""
    return np.asarray(plane, np.int64)


def apart(one: Planes, other: Planes) -> int:
    """The largest difference of any sample."""
    return int(max(np.abs(wide(a) - wide(b)).max() for a, b in ((one.y, other.y), (one.u, other.u), (one.v, other.v))))


def same(one: Planes, other: Planes) -> bool:
    return apart(one, other) == 0
