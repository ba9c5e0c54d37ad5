"""The media reference: what a project knows of a file, true on every machine.

Owns: content hash, streams, durations, colour tags, warnings. Refuses: where the file lies on this machine.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from editor_core.schema.record import Record, Ticks
from editor_core.timing import Rate

Rotation = Literal[0, 90, 180, 270]


class VideoStream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One picture stream. `width` and `height` are coded pixels; shown size applies `sample_aspect`, then `rotation`.

    `rotation` is degrees clockwise that make it upright. `start` is ticks from the file's time 0 to its first frame.
    `rate` is the average rate; `variable` is True when frames are not evenly spaced. `frames` is 0 when not counted.
    Colour tags are libav's names, `unknown` where the file says nothing; `full_range` is True for 0-255 luma.
    """

    index: int
    codec: str
    width: Annotated[int, Meta(ge=1, le=65536)]
    height: Annotated[int, Meta(ge=1, le=65536)]
    sample_aspect: Rate = Rate(1, 1)
    rotation: Rotation = 0
    rate: Rate = Rate(25, 1)
    variable: bool = False
    interlaced: bool = False
    frames: int = 0
    start: int = 0
    duration: int = 0
    pixel_format: str = "yuv420p"
    bit_depth: int = 8
    alpha: bool = False
    matrix: str = "unknown"
    primaries: str = "unknown"
    transfer: str = "unknown"
    full_range: bool = False

    @property
    def shown_size(self) -> tuple[int, int]:
        """Upright width and height in square pixels."""
        width = max(1, round(self.width * self.sample_aspect.num / self.sample_aspect.den))
        return (self.height, width) if self.rotation in (90, 270) else (width, self.height)


class AudioStream(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One sound stream; `start` is ticks from the file's time 0 to its first sample, `duration` ticks."""

    index: int
    codec: str
    sample_rate: Annotated[int, Meta(ge=1, le=768000)]
    channels: Annotated[int, Meta(ge=1, le=64)]
    layout: str = ""
    start: int = 0
    duration: int = 0


class MediaReference(Record, frozen=True, kw_only=True, tag="media"):
    """`hash` is a BLAKE3 of size, head, middle and tail (`quick:…`), `full_hash` of the whole file, made in the background.

    `duration` is ticks from time 0 (the earliest presented sample of any stream) to the end of the last stream;
    0 for a still, which can be any length. `warnings` are sentences for people. `collection` is the id of the collection it lies in,
    empty for none; one that is not there (any more) counts as none.
    """

    name: str
    hash: str
    size: int = 0
    full_hash: str = ""
    container: str = ""
    duration: Ticks = 0
    still: bool = False
    video: VideoStream | None = None
    audio: tuple[AudioStream, ...] = ()
    warnings: tuple[str, ...] = ()
    collection: str = ""
