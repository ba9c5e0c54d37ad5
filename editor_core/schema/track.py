"""The track record.

Owns: a lane of a timeline: its kind, place in the stack, switches and level. Refuses: the clips on it, which point here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from editor_core.schema.record import Record

TrackKind = Literal["video", "audio", "caption"]


class Track(Record, frozen=True, kw_only=True, tag="track"):
    """`order` is a fractional index: video tracks ascend from the bottom (V1) to the top, audio from A1 downwards.

    `gain_db` is -96 to +24 dB and acts on audio tracks; `hidden` takes a video or caption track out of the picture.
    An empty `name` shows as the position label (V1, A2, C1).
    """

    timeline: str
    kind: TrackKind
    order: str
    name: Annotated[str, Meta(max_length=200)] = ""
    muted: bool = False
    solo: bool = False
    locked: bool = False
    hidden: bool = False
    gain_db: Annotated[float, Meta(ge=-96, le=24)] = 0.0
