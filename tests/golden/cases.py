"""The pictures that must not change unnoticed.

Owns: one small film for each, using bundled fonts and computed footage only, so that they are the same on every machine.
Refuses: comparing them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from editor_core.document.view import Snapshot
from editor_core.schema import Crop, Point, Scale
from render.media.errors import MediaMissing
from tests.render.films import Patterns, clip, dissolve, even, film, footage, ramps, track

WIDTH, HEIGHT = 320, 180


@dataclass(frozen=True)
class Case:
    """Frame `number` of a film."""

    view: Snapshot
    number: int = 0
    patterns: Patterns = field(default_factory=lambda: Patterns(a=ramps, b=even(180, 100, 150)))


def _over(*records: Any) -> Snapshot:
    """Records over footage that fills the frame."""
    return film(track("v1"), track("v2"), footage("a", WIDTH, HEIGHT), footage("b", WIDTH, HEIGHT), clip("x", "v1", "a"), *records,
                width=WIDTH, height=HEIGHT)


def _title(text: str, **style: Any) -> Case:
    return Case(_over(clip("t", "v2", kind="title", text=text, **{"font_size": 30, **style})))


CASES: dict[str, Case] = {
    "title_latin": _title("Ängström & fjord\nQuick Wave", font_size=34),
    "title_weights": _title("Light", font_weight=300, italic=True, font_size=60),
    "title_black": _title("Black", font_weight=900, font_size=60, color="#FFD23F"),
    "title_mono": _title("if x => {y}", font="JetBrains Mono", align="left"),
    "title_arabic": _title("مرحبا بالعالم!\n٢٠٢٤ (تجربة) abc"),
    "title_hebrew": _title("שלום, עולם!\nעברית 2024."),
    "title_devanagari": _title("नमस्ते दुनिया\nक्षत्रिय श्री"),
    "title_chinese": _title("你好，世界\n繁體中文 骨"),
    "title_japanese": _title("こんにちは\n漢字とカナ"),
    "title_korean": _title("안녕하세요\n세계"),
    "title_emoji": _title("ok 😀👍🏽\n🏳️‍🌈👨‍👩‍👧"),
    "title_stroke_shadow": _title("Stroke", font_size=64, font_weight=800, stroke_width=4, stroke_color="#B3201E", shadow_color="#000000B0",
                                  shadow_blur=6, shadow_offset=Point(5, 5)),
    "title_wrapped_right": _title("A title that is longer than the frame is wide", align="right"),
    "title_turned": _title("Turned", font_size=50, rotation=-25, scale=Scale(1.3, 0.8), opacity=0.7, position=Point(150.3, 97.6)),
    "title_cropped": _title("Half of it", font_size=60, crop=Crop(0.0, 0.0, 0.4, 0.3), color="#FFFFFFA0"),
    "caption": Case(film(track("v1"), track("c1", kind="caption"), footage("a", WIDTH, HEIGHT), clip("x", "v1", "a"),
                         clip("c", "c1", kind="caption", text="A caption in two lines\nשורה שנייה", font_size=18), width=WIDTH,
                         height=HEIGHT)),
    "slate": Case(film(track("v1"), footage("a", WIDTH, HEIGHT), clip("x", "v1", "a"), width=WIDTH, height=HEIGHT),
                  patterns=Patterns(a=MediaMissing("beach.mp4 is not there any more. Put it back or relink the clip."))),
    "solid_turned": Case(_over(clip("s", "v2", kind="solid", color="#3366CC", scale=Scale(0.6, 0.5), rotation=12.5))),
    "picture_in_picture": Case(_over(clip("y", "v2", "b", scale=Scale(0.35, 0.35), position=Point(233.3, 121.7), opacity=0.8))),
    "picture_turned": Case(_over(clip("y", "v2", "b", scale=Scale(0.5, 0.5), rotation=33.0, crop=Crop(0.1, 0.0, 0.2, 0.1)))),
    "footage_with_alpha": Case(
        film(track("v1"), track("v2"), footage("a", WIDTH, HEIGHT), footage("b", WIDTH, HEIGHT, alpha=True), clip("x", "v1", "a"),
             clip("y", "v2", "b", rotation=8.0), width=WIDTH, height=HEIGHT),
        patterns=Patterns(a=ramps, b=even(180, 100, 150), alpha={"b": lambda x, y: ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.1) * 1.0}),
    ),
    "blend_multiply": Case(_over(clip("y", "v2", "b", scale=Scale(0.6, 0.6), blend_mode="multiply", rotation=5.0))),
    "blend_soft_light_title": _title("Soft", font_size=90, font_weight=900, blend_mode="soft_light"),
    "dissolve_under_title": Case(
        film(track("v1"), track("v2"), footage("a", WIDTH, HEIGHT), footage("b", WIDTH, HEIGHT), clip("x", "v1", "a"),
             clip("y", "v1", "b", start=100, source=50), dissolve("d", "v1", "x", "y", 10),
             clip("t", "v2", kind="title", text="Between", font_size=40, start=90, fade_in=20 * 28224000), width=WIDTH, height=HEIGHT),
        number=97,
    ),
    "fade_from_black": Case(film(track("v1"), footage("a", WIDTH, HEIGHT), clip("x", "v1", "a", fade_in=8 * 28224000), width=WIDTH,
                                 height=HEIGHT), number=3),
}
