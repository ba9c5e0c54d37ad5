"""Words: shaping, direction, lines, stroke, shadow, fonts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import skia

from render.draw.drawing import Drawing
from render.draw.errors import FontMissing
from render.draw.fonts import FALLBACK, Fonts
from render.draw.text import directed, text_drawing
from render.graph.node import Style
from tests.render.draw.pictures import fonts


def painted(drawing: Drawing, margin: int = 40) -> Any:
    """RGBA floats, multiplied by alpha, of a drawing with a margin around it."""
    width, height = int(drawing.width) + 2 * margin, int(drawing.height) + 2 * margin
    pixels = np.zeros((height, width, 4), np.float32)
    info = skia.ImageInfo.Make(width, height, skia.kRGBA_F32_ColorType, skia.kPremul_AlphaType)
    canvas = skia.Surface.MakeRasterDirect(info, pixels).getCanvas()
    canvas.translate(margin, margin)
    drawing.paint(canvas)
    return pixels


def ink(text: str, wrap: float = 2000, **style: Any) -> Any:
    return painted(text_drawing(text, Style(**{"font_size": 48.0, **style}), wrap, fonts()))[..., 3]


def size(text: str, wrap: float = 2000, **style: Any) -> tuple[float, float]:
    drawing = text_drawing(text, Style(**{"font_size": 48.0, **style}), wrap, fonts())
    return drawing.width, drawing.height


SCRIPTS = {
    "latin": "Ängström fi", "arabic": "مرحبا بالعالم", "hebrew": "שלום עולם", "devanagari": "क्षत्रिय नमस्ते",
    "chinese": "你好世界", "japanese": "こんにちは",
    "korean": "안녕하세요", "emoji": "😀👍🏽",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_bundled_fonts_have_every_character_of_the_named_scripts(script: str) -> None:
    assert fonts().lacking(SCRIPTS[script]) == ""
    assert ink(SCRIPTS[script]).sum() > 500


def test_characters_that_no_bundled_font_has_are_known() -> None:
    assert fonts().lacking("aไꙮa") == "ไꙮ"


def test_arabic_letters_join() -> None:
    """Side by side four letters are much wider than in their joined forms."""
    joined, apart = size("بببب")[0], size("ب\u200cب\u200cب\u200cب")[0]
    assert joined < 0.75 * apart


def test_arabic_runs_from_right_to_left() -> None:
    """alef (a thin stroke) then seen (wide): the thin stroke must stand on the right."""
    columns = np.flatnonzero((ink("اس") > 0.5).any(axis=0))
    tall = np.flatnonzero((ink("اس") > 0.5).sum(axis=0) > 25)
    assert tall.mean() > columns.mean() + 5


def test_a_full_stop_after_hebrew_stands_on_its_left() -> None:
    columns = np.flatnonzero((ink("שלום.") > 0.5).any(axis=0))
    gaps = np.flatnonzero(np.diff(columns) > 1)
    leftmost = ink("שלום.")[:, columns[0] : columns[gaps[0]] + 1] > 0.5
    assert leftmost.shape[1] < 12 and leftmost.sum() < 100, "the leftmost sign is a dot"


def test_only_lines_that_begin_right_to_left_are_turned() -> None:
    assert directed("abc\nשלום abc\n123 שלום\n123\r\nمر") == "abc\n\u2067שלום abc\u2069\n\u2067123 שלום\u2069\n123\n\u2067مر\u2069"


def test_devanagari_conjuncts_are_formed() -> None:
    assert size("क्ष")[0] < 0.8 * size("क\u094d\u200cष")[0]


def test_an_emoji_sequence_is_one_picture() -> None:
    assert size("👍🏽")[0] < 1.2 * size("👍")[0]
    coloured = painted(text_drawing("😀", Style(font_size=48.0, color="#FFFFFF"), 500, fonts()))
    opaque = coloured[coloured[..., 3] > 0.9][:, :3]
    assert (opaque[:, 0] - opaque[:, 2]).max() > 0.5, "yellow, whatever the text colour"


@pytest.mark.parametrize("sign", ["❤", "1", "↔"])
def test_what_letters_have_too_is_a_picture_where_it_asks_to_be_one(sign: str) -> None:
    def coloured(text: str) -> int:
        pixels = painted(text_drawing(text, Style(font_size=48.0, color="#FFFFFF"), 500, fonts()))[..., :3]
        return int((np.ptp(pixels, axis=2) > 0.2).sum())

    asking = f"{sign}\ufe0f" + ("\u20e3" if sign == "1" else "")
    assert coloured(asking) > 200 and coloured(f"a{asking}b") > 200
    assert coloured(sign) == 0, "without the selector it is a letter"


def test_what_is_joined_to_such_a_picture_stays_one_with_it() -> None:
    assert size("👩\u200d❤\ufe0f\u200d👩")[0] == pytest.approx(size("👩")[0], rel=0.05)


def test_ligatures_and_kerning_make_text_narrower() -> None:
    assert size("AVAVAV")[0] < 3 * size("A")[0] + 3 * size("V")[0] - 12


def test_weight_and_slant_choose_other_faces() -> None:
    pictures = [ink("Rag", font_weight=weight) for weight in (300, 400, 500, 600, 700, 900)]
    assert [p.sum() for p in pictures] == sorted(p.sum() for p in pictures)
    assert len({p.tobytes() for p in pictures}) == 6
    assert ink("Rag", italic=True).tobytes() != ink("Rag").tobytes()


def test_a_family_that_nobody_has_falls_back_to_the_first() -> None:
    assert ink("Rag", font="No Such Family").tobytes() == ink("Rag", font="Inter").tobytes()
    assert ink("Rag", font="JetBrains Mono").tobytes() != ink("Rag", font="Inter").tobytes()
    assert fonts().families("No Such Family") == list(FALLBACK)


def test_lines_break_at_the_given_width() -> None:
    one, many = size("one two three four five six"), size("one two three four five six", wrap=300)
    assert many[0] <= 300 < one[0] and many[1] > 1.9 * one[1]


def test_a_new_line_is_a_new_line() -> None:
    assert size("a\nb")[1] == pytest.approx(2 * size("a")[1], abs=1.5)


def test_alignment_acts_within_the_longest_line() -> None:
    def first_ink(align: str) -> int:
        picture = ink("i\nwwwwwwwww", align=align)
        return int(np.flatnonzero((picture[:90] > 0.5).any(axis=0))[0])

    left, middle, right = (first_ink(align) for align in ("left", "center", "right"))
    assert left < 60 and right - left > 300 and middle == pytest.approx((left + right) / 2, abs=8)


def test_the_stroke_lies_outside_the_letters() -> None:
    plain = painted(text_drawing("I", Style(font_size=80.0, color="#FFFFFF"), 500, fonts()))
    style = Style(font_size=80.0, color="#FFFFFF", stroke_width=5.0, stroke_color="#FF0000")
    stroked = painted(text_drawing("I", style, 500, fonts()))
    white = lambda p: int((p[..., 1] > 0.9).sum())  # noqa: E731
    red = (stroked[..., 0] > 0.9) & (stroked[..., 1] < 0.1)
    assert white(stroked) == pytest.approx(white(plain), rel=0.02)
    columns = np.flatnonzero(red.any(axis=0))
    letter = np.flatnonzero((plain[..., 3] > 0.5).any(axis=0))
    assert letter[0] - columns[0] == pytest.approx(5, abs=1) and columns[-1] - letter[-1] == pytest.approx(5, abs=1)


def test_the_shadow_lies_at_its_offset_and_grows_soft() -> None:
    def shadow(**style: Any) -> Any:
        picture = painted(text_drawing("I", Style(font_size=80.0, color="#FFFFFF", shadow_color="#0000FF", **style), 500, fonts()))
        return picture[..., 2] - picture[..., 0]

    sharp, soft = shadow(shadow_x=12.0, shadow_y=9.0), shadow(shadow_x=12.0, shadow_y=9.0, shadow_blur=8.0)
    letter = np.argwhere(ink("I", font_size=80.0) > 0.5)
    found = np.argwhere(sharp > 0.5)
    assert (found.max(axis=0) - letter.max(axis=0)).tolist() == [9, 12]
    assert ((soft > 0.05) & (soft < 0.9)).sum() > 4 * ((sharp > 0.05) & (sharp < 0.9)).sum()


def test_no_ink_lies_outside_the_box_that_is_told() -> None:
    for text in ("fÅjg", "क्षत्रिय", "مرحبا", "😀"):
        drawing = text_drawing(
            text,
            Style(font_size=60.0, italic=True, stroke_width=6.0, shadow_color="#00FF00", shadow_blur=10.0, shadow_x=-20.0, shadow_y=15.0),
            900,
            fonts(),
        )
        pixels = painted(drawing, margin=150)[..., 3]
        rows, columns = np.nonzero(pixels > 1 / 255)
        left, top, right, bottom = drawing.ink
        assert left <= columns.min() - 150 and top <= rows.min() - 150
        assert columns.max() - 150 < right and rows.max() - 150 < bottom


def test_a_translucent_colour_does_not_show_where_letters_overlap() -> None:
    assert ink("مرحبا", color="#FFFFFF80").max() == pytest.approx(0x80 / 255, abs=0.01)


def test_empty_text_paints_nothing() -> None:
    drawing = text_drawing(" \n ", Style(), 500, fonts())
    assert drawing.ink == (0, 0, 0, 0)


def test_twenty_thousand_characters_are_laid_out() -> None:
    assert size("word " * 4000, wrap=1700, font_size=20.0)[1] > 1000


def test_bundled_families_are_those_of_the_folder() -> None:
    assert set(FALLBACK) < set(Fonts().bundled) and "JetBrains Mono" in Fonts().bundled


def test_missing_bundled_fonts_are_said_and_not_replaced_silently(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from render.draw import fonts as module

    class Elsewhere:
        @staticmethod
        def files(package: str) -> Any:
            return tmp_path

        as_file = staticmethod(module.resources.as_file)

    monkeypatch.setattr(module, "resources", Elsewhere)
    with pytest.raises(FontMissing, match="install the program again"):
        Fonts()
