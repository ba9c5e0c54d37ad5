"""Slates: what stands in for a picture that cannot be shown, saying why.

Owns: the look of a slate. Refuses: deciding when one is needed.
"""

from __future__ import annotations

from typing import Any

import skia

from render.draw.drawing import Drawing
from render.draw.fonts import Fonts
from render.draw.text import text_drawing
from render.graph.node import Slate, Style

KIND = "slate"
_GROUND = skia.Color4f(0.16, 0.09, 0.09, 1.0)
_HATCH = skia.Color4f(0.27, 0.13, 0.12, 1.0)
_TITLE, _DETAIL, _MARK = "#FCDDDA", "#E7A9A4", "#F58079"


def draw(subject: Slate, width: float, height: float, fonts: Fonts) -> Drawing:
    """An opaque hatched box of the given size with a broken link, the reason and the name; words shrink until they fit."""
    size = max(1.0, min(height / 12, width / 14))
    title = text_drawing(subject.title, Style(font_size=size, color=_TITLE), width * 0.9, fonts)
    detail = text_drawing(subject.detail, Style(font_size=max(1.0, size * 0.6), font_weight=500, color=_DETAIL), width * 0.9, fonts)

    def paint(canvas: Any) -> None:
        canvas.save()
        canvas.clipRect(skia.Rect.MakeWH(width, height), True)
        canvas.drawRect(skia.Rect.MakeWH(width, height), skia.Paint(Color4f=_GROUND))
        _hatch(canvas, width, height, size)
        total = size * 1.9 + title.height + size * 0.3 + detail.height
        canvas.translate(width / 2, (height - total) / 2)
        _broken_link(canvas, size)
        canvas.translate(-title.width / 2, size * 1.9)
        title.paint(canvas)
        canvas.translate((title.width - detail.width) / 2, title.height + size * 0.3)
        detail.paint(canvas)
        canvas.restore()

    return Drawing(width, height, (0.0, 0.0, width, height), paint)


def _hatch(canvas: Any, width: float, height: float, size: float) -> None:
    paint = skia.Paint(Color4f=_HATCH, AntiAlias=True, Style=skia.Paint.kStroke_Style, StrokeWidth=size * 0.35)
    step, place = size * 1.4, -height
    path = skia.Path()
    while place < width:
        path.moveTo(place, height)
        path.lineTo(place + height, 0)
        place += step
    canvas.drawPath(path, paint)


def _broken_link(canvas: Any, size: float) -> None:
    paint = skia.Paint(
        Color4f=skia.Color4f(skia.Color(*bytes.fromhex(_MARK[1:]))),
        AntiAlias=True,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=size * 0.16,
        StrokeCap=skia.Paint.kRound_Cap,
    )
    top, bottom, middle = size * 0.3, size * 0.94, size * 0.62
    for side in (-1, 1):
        # Half a chain link, open towards the break.
        inner, outer = side * size * 0.3, side * size * 0.75
        radius = middle - top
        path = skia.Path()
        path.moveTo(inner, top)
        path.lineTo(outer, top)
        path.arcTo(skia.Rect.MakeLTRB(outer - radius, top, outer + radius, bottom), -90, side * 180, False)
        path.lineTo(inner, bottom)
        canvas.drawPath(path, paint)
        canvas.drawLine(side * size * 0.12, top - size * 0.1, side * size * 0.24, top - size * 0.34, paint)
