"""The clip record: a stretch of media, a title or a solid, placed on a track.

Owns: every property of a clip with its unit and range. Refuses: pixels, and knowledge of its neighbours.

Each independent value is a field of its own, so that two people's edits merge field by field; the source range, whose
start and duration are only valid together, is one field.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from editor_core.schema.record import Record, Ticks
from editor_core.timing import TimeRange

ClipKind = Literal["video", "audio", "title", "solid", "caption"]
BlendMode = Literal[
    "normal", "multiply", "screen", "overlay", "darken", "lighten", "add", "difference", "soft_light", "hard_light",
]
Align = Literal["left", "center", "right"]
Colour = Annotated[str, Meta(pattern=r"^#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?$")]
"""sRGB as #RRGGBB or #RRGGBBAA."""


class Point(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """x to the right, y down; the unit is said where it is used."""

    x: Annotated[float, Meta(ge=-1e6, le=1e6)]
    y: Annotated[float, Meta(ge=-1e6, le=1e6)]


class Scale(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Width and height factors; 1 is fitted inside the frame with its shape kept. 0.001 to 1000."""

    x: Annotated[float, Meta(ge=0.001, le=1000)] = 1.0
    y: Annotated[float, Meta(ge=0.001, le=1000)] = 1.0


class Crop(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Fractions of the clip's own upright picture cut away at each side, 0 to 1; left + right and top + bottom stay below 1."""

    left: Annotated[float, Meta(ge=0, le=1)] = 0.0
    top: Annotated[float, Meta(ge=0, le=1)] = 0.0
    right: Annotated[float, Meta(ge=0, le=1)] = 0.0
    bottom: Annotated[float, Meta(ge=0, le=1)] = 0.0


class Clip(Record, frozen=True, kw_only=True, tag="clip"):
    """A clip covers `[start, start + source_range.duration)` of its track, in ticks.

    Geometry: `position` is in project pixels from the frame's top left to the clip's anchor, None is the frame's centre;
    `anchor` is a fraction of the clip's picture (0.5, 0.5 is its centre); `rotation` is in degrees clockwise;
    `scale` 1 is fitted inside the frame, shape kept (titles: 1 is the size they are set in).
    `opacity` 0 to 1. `gain_db` -96 to +24 dB, `pan` -1 (left) to 1 (right).
    `fade_in` and `fade_out` are ticks from the clip's ends, of the picture's opacity or the sound's level.
    `stream` is which of the file's sound streams is heard, 1 the first; `channel` is 0 for all its channels, mixed down to stereo, or
    the one that is heard alone, on both sides, 1 the first. What the file does not have counts as 1 and 0.
    `link` joins the picture and sound of one shot, `group` whatever was grouped; equal values belong together.
    Title: `font_size` in project pixels, `stroke_width` and `shadow_*` likewise; a width or alpha of 0 turns it off.
    """

    track: str
    kind: ClipKind
    start: Ticks
    source_range: TimeRange
    asset: str = ""
    name: Annotated[str, Meta(max_length=500)] = ""
    label: Annotated[str, Meta(max_length=64)] = ""
    enabled: bool = True
    link: str = ""
    group: str = ""

    position: Point | None = None
    anchor: Point = Point(0.5, 0.5)
    scale: Scale = Scale()
    rotation: Annotated[float, Meta(ge=-36000, le=36000)] = 0.0
    crop: Crop = Crop()
    opacity: Annotated[float, Meta(ge=0, le=1)] = 1.0
    blend_mode: BlendMode = "normal"

    gain_db: Annotated[float, Meta(ge=-96, le=24)] = 0.0
    pan: Annotated[float, Meta(ge=-1, le=1)] = 0.0
    fade_in: Ticks = 0
    fade_out: Ticks = 0
    stream: Annotated[int, Meta(ge=1, le=64)] = 1
    channel: Annotated[int, Meta(ge=0, le=64)] = 0

    text: Annotated[str, Meta(max_length=20000)] = ""
    font: Annotated[str, Meta(max_length=200)] = "Inter"
    font_size: Annotated[float, Meta(ge=1, le=4000)] = 96.0
    font_weight: Annotated[int, Meta(ge=100, le=900)] = 600
    italic: bool = False
    align: Align = "center"
    color: Colour = "#FFFFFF"
    stroke_color: Colour = "#000000"
    stroke_width: Annotated[float, Meta(ge=0, le=200)] = 0.0
    shadow_color: Colour = "#00000000"
    shadow_blur: Annotated[float, Meta(ge=0, le=200)] = 0.0
    shadow_offset: Point = Point(0.0, 0.0)

    @property
    def duration(self) -> int:
        """Length on the timeline in ticks."""
        return self.source_range.duration

    @property
    def end(self) -> int:
        return self.start + self.source_range.duration

    @property
    def range(self) -> TimeRange:
        """The stretch of timeline it covers."""
        return TimeRange(self.start, self.source_range.duration)

    @property
    def is_sound(self) -> bool:
        return self.kind == "audio"
