"""The transition record.

Owns: which two clips are joined, how, and for how long. Refuses: drawing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from editor_core.schema.record import Record
from editor_core.timing import MAX_TICKS

TransitionKind = Literal["dissolve"]


class Transition(Record, frozen=True, kw_only=True, tag="transition"):
    """Centred on the cut between two clips that touch on one track, made from their handles.

    It covers `[cut - duration // 2, cut - duration // 2 + duration)` in ticks, rounded to frames; `duration` > 0.
    On sound it is an equal-power cross-fade.
    """

    track: str
    from_clip: str
    to_clip: str
    kind: TransitionKind = "dissolve"
    duration: Annotated[int, Meta(gt=0, le=MAX_TICKS)]
