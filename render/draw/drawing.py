"""What a generator gives back: a drawing of known size that can be painted at any scale.

Owns: the `Drawing` value. Refuses: placing it and turning it into planes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from render.draw.colour import Rgba

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(slots=True, frozen=True)
class Drawing:
    """`width` × `height` is its size in its own units, from (0, 0); anchor and crop are fractions of that.

    `ink` is the box outside which nothing is painted (strokes and shadows may reach beyond the size). `paint` draws on a Skia
    canvas in own units. `colour` is set when the whole box is that one colour and nothing else is painted.
    """

    width: float
    height: float
    ink: Box
    paint: Callable[[Any], None]
    colour: Rgba | None = None
