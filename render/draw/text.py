"""Words as pictures: shaping, lines, stroke and shadow.

Owns: laying out a text with Skia's paragraph engine (HarfBuzz shaping, ICU line breaks and direction) and painting it.
Refuses: placing it in a frame, and choosing what it says.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import skia

from render.draw.colour import Rgba, parse
from render.draw.drawing import Drawing
from render.draw.fonts import EMOJI, Fonts
from render.graph.node import Style

_ONE = "[^\\s\ufe0f\u200d][\U0001f3fb-\U0001f3ff]?"
_AS_PICTURE = re.compile(f"((?:{_ONE}\ufe0f?\u200d){{0,9}}{_ONE}\ufe0f\u20e3?(?:\u200d{_ONE}\ufe0f?){{0,9}})")
"""What asks to be a picture (variation selector 16, UTS 51) though a font of letters has it too, with all that is joined to it."""
_RIGHT_TO_LEFT_ISOLATE, _POP_ISOLATE = "\u2067", "\u2069"
_ALIGN = {
    "left": skia.textlayout.TextAlign.kLeft,
    "center": skia.textlayout.TextAlign.kCenter,
    "right": skia.textlayout.TextAlign.kRight,
}


def text_drawing(text: str, style: Style, wrap: float, fonts: Fonts) -> Drawing:
    """A text set in `style`, lines broken at `wrap` pixels at the latest, as wide as its longest line.

    All lengths are those of the style (project pixels at scale 1). The stroke lies outside the letters, `stroke_width` wide;
    `shadow_blur` is twice the standard deviation of the shadow's softness.
    """
    fill, stroke = parse(style.color), parse(style.stroke_color)
    shadow = parse(style.shadow_color)
    words = directed(text)
    inside = _paragraph(words, style, _opaque(fill), fonts)
    inside.layout(wrap)
    width = min(wrap, math.ceil(inside.LongestLine) + 1.0)
    inside.layout(width)
    height = float(inside.Height)
    outline = None
    if style.stroke_width > 0 and stroke[3] > 0:
        outline = _paragraph(words, style, _stroke(stroke, style.stroke_width), fonts)
        outline.layout(width)

    def letters(canvas: Any) -> None:
        if outline is not None:
            _with_alpha(canvas, stroke[3], lambda: outline.paint(canvas, 0, 0))
        _with_alpha(canvas, fill[3], lambda: inside.paint(canvas, 0, 0))

    def paint(canvas: Any) -> None:
        if shadow[3] > 0:
            sigma = style.shadow_blur / 2
            only_shadow = skia.ImageFilters.DropShadowOnly(style.shadow_x, style.shadow_y, sigma, sigma, skia.Color4f(*shadow).toColor())
            canvas.saveLayer(None, skia.Paint(ImageFilter=only_shadow))
            letters(canvas)
            canvas.restore()
        letters(canvas)

    # Letters may reach beyond their line box (accents, slanted ends), by less than their size.
    beyond = style.font_size * 0.75 + style.stroke_width
    ink = (-beyond, -beyond, width + beyond, height + beyond)
    if shadow[3] > 0:
        soft = 1.5 * style.shadow_blur
        ink = (
            min(ink[0], ink[0] + style.shadow_x - soft),
            min(ink[1], ink[1] + style.shadow_y - soft),
            max(ink[2], ink[2] + style.shadow_x + soft),
            max(ink[3], ink[3] + style.shadow_y + soft),
        )
    return Drawing(width, height, ink if text.strip() else (0.0, 0.0, 0.0, 0.0), paint)


def directed(text: str) -> str:
    """The text with every line that begins right to left (Unicode's first strong character, UAX 9 rules P2 and P3) isolated as
    such, because the paragraph engine offers no base direction of its own."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(f"{_RIGHT_TO_LEFT_ISOLATE}{line}{_POP_ISOLATE}" if _is_right_to_left(line) else line for line in lines)


def _is_right_to_left(line: str) -> bool:
    for character in line:
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def _letters(style: Style, paint: Any, families: list[str]) -> Any:
    slant = skia.FontStyle.kItalic_Slant if style.italic else skia.FontStyle.kUpright_Slant
    letters = skia.textlayout.TextStyle()
    letters.setFontFamilies(families)
    letters.setFontSize(style.font_size)
    letters.setFontStyle(skia.FontStyle(style.font_weight, skia.FontStyle.kNormal_Width, slant))
    letters.setForegroundPaint(paint)
    return letters


def _paragraph(text: str, style: Style, paint: Any, fonts: Fonts) -> Any:
    families = fonts.families(style.font, text)
    letters, pictures = (_letters(style, paint, names) for names in (families, [EMOJI, *families]))
    block = skia.textlayout.ParagraphStyle()
    block.setTextAlign(_ALIGN[style.align])
    block.setTextStyle(letters)
    builder = skia.textlayout.ParagraphBuilder.make(block, fonts.collection, fonts.unicode)
    for number, run in enumerate(_AS_PICTURE.split(text)):
        builder.pushStyle(pictures if number % 2 else letters)
        builder.addText(run)
    return builder.Build()


def _opaque(colour: Rgba) -> Any:
    return skia.Paint(Color4f=skia.Color4f(*colour[:3], 1.0), AntiAlias=True)


def _stroke(colour: Rgba, width: float) -> Any:
    paint = _opaque(colour)
    paint.setStyle(skia.Paint.kStroke_Style)
    paint.setStrokeJoin(skia.Paint.kRound_Join)
    paint.setStrokeWidth(2.0 * width)
    return paint


def _with_alpha(canvas: Any, alpha: float, draw: Any) -> None:
    # Letters may overlap; a translucent colour must not show that, so alpha acts on all of them together.
    if alpha >= 1.0:
        draw()
        return
    canvas.saveLayerAlpha(None, round(alpha * 255))
    draw()
    canvas.restore()
