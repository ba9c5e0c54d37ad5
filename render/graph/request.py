"""What is asked of a frame: its size and plane format.

Owns: the request and its limits. Refuses: which frame it is (that is the time handed to `build`) and how it is delivered.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from editor_core.schema import Timeline
from render.picture import PictureFormat

Edge = Annotated[int, Meta(ge=1, le=16384)]


class Request(msgspec.Struct, frozen=True, array_like=True):
    """`width` × `height` is the size of the finished picture in pixels, 1 to 16384 each; positions and sizes of the timeline
    are scaled to it. `format` is the project's plane format, matrix and range."""

    width: Edge
    height: Edge
    format: PictureFormat = PictureFormat()


def at_scale(timeline: Timeline, scale: float, fmt: PictureFormat | None = None) -> Request:
    """The request for a timeline's frame at `scale` (0.01 to 1) of its size, rounded to even pixels, at least 2."""
    share = min(1.0, max(0.01, scale))
    width, height = (max(2, round(edge * share / 2) * 2) for edge in (timeline.width, timeline.height))
    if share == 1.0:
        width, height = timeline.width, timeline.height
    return Request(width, height, fmt or PictureFormat())
