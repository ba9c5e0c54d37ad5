"""Titles: a block of text.

Owns: how a title's own size follows from its words. Refuses: captions, which have a box behind them.
"""

from __future__ import annotations

from render.draw.drawing import Drawing
from render.draw.fonts import Fonts
from render.draw.text import text_drawing
from render.graph.node import Generated

KIND = "title"
WRAP = 0.9
"""Share of the frame's width at which lines are broken."""


def draw(subject: Generated, width: float, height: float, fonts: Fonts) -> Drawing:
    """The text block: as wide as its longest line, as high as its lines."""
    return text_drawing(subject.text, subject.style, subject.frame_width * WRAP, fonts)
