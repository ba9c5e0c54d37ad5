"""Solids: one colour over a rectangle, by default the whole frame.

Owns: that colour. Refuses: gradients and shapes.
"""

from __future__ import annotations

from typing import Any

import skia

from render.draw.colour import parse
from render.draw.drawing import Drawing
from render.draw.fonts import Fonts
from render.graph.node import Generated

KIND = "solid"


def draw(subject: Generated, width: float, height: float, fonts: Fonts) -> Drawing:
    """The box filled with the clip's colour."""
    colour = parse(subject.style.color)

    def paint(canvas: Any) -> None:
        canvas.drawRect(skia.Rect.MakeWH(width, height), skia.Paint(Color4f=skia.Color4f(*colour), AntiAlias=True))

    return Drawing(width, height, (0.0, 0.0, width, height), paint, colour)
