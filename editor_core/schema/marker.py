"""The marker record.

Owns: a point or range of a timeline with a note. Refuses: comments, which have authors and replies.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from editor_core.schema.record import Record, Ticks


class Marker(Record, frozen=True, kw_only=True, tag="marker"):
    """`start` and `duration` in ticks; duration 0 is a point."""

    timeline: str
    start: Ticks
    duration: Ticks = 0
    text: Annotated[str, Meta(max_length=5000)] = ""
    color: Annotated[str, Meta(max_length=32)] = "green"
