"""Captions: a text block on a dark plate that keeps it readable over any picture.

Owns: the plate and its distance from the words. Refuses: where captions stand (the graph) and when they show (their clips).
"""

from __future__ import annotations

from typing import Any

import skia

from render.draw.drawing import Drawing
from render.draw.fonts import Fonts
from render.draw.text import text_drawing
from render.graph.node import Generated

KIND = "caption"
WRAP = 0.8
"""Share of the frame's width at which lines are broken."""
_PLATE = skia.Color4f(0.0, 0.0, 0.0, 0.72)


def draw(subject: Generated, width: float, height: float, fonts: Fonts) -> Drawing:
    """The words with a plate around them; the drawing's size is the plate's."""
    words = text_drawing(subject.text, subject.style, subject.frame_width * WRAP, fonts)
    if not subject.text.strip():
        return words
    across, down = subject.style.font_size * 0.35, subject.style.font_size * 0.12
    plate = skia.Rect.MakeWH(words.width + 2 * across, words.height + 2 * down)
    corner = subject.style.font_size * 0.12

    def paint(canvas: Any) -> None:
        canvas.drawRoundRect(plate, corner, corner, skia.Paint(Color4f=_PLATE, AntiAlias=True))
        canvas.translate(across, down)
        words.paint(canvas)

    left, top, right, bottom = words.ink
    ink = (min(0.0, left + across), min(0.0, top + down), max(plate.right(), right + across), max(plate.bottom(), bottom + down))
    return Drawing(plate.width(), plate.height(), ink, paint)
