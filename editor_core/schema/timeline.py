"""The timeline record: the shape and rates of a film.

Owns: frame size, frame rate, audio rate. Refuses: tracks and clips, which point here.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from editor_core.schema.record import Record
from editor_core.timing import Rate

Dimension = Annotated[int, Meta(ge=16, le=16384)]


class Timeline(Record, frozen=True, kw_only=True, tag="timeline"):
    """Width and height in pixels (even, 16 to 16384), frames a second, audio samples a second."""

    name: str = "Main cut"
    width: Dimension = 1920
    height: Dimension = 1080
    rate: Rate = Rate(25, 1)
    audio_rate: Annotated[int, Meta(ge=8000, le=192000)] = 48000
