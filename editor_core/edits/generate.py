"""Generated clips: titles, captions and solids, which have no media.

Owns: where they go and how long they are. Refuses: drawing them.
"""

from __future__ import annotations

from typing import Any

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import first_free, require_free, top_free
from editor_core.edits.wording import lane
from editor_core.schema import Clip, ClipKind, Track
from editor_core.timing import TimeRange


def add_generated(draft: Draft, kind: ClipKind, at: int, duration: int, track: Track | None, **fields: Any) -> Clip:
    """A title, solid or caption of `duration` ticks at `at`, both on frames; without a track on the top one, new if not free, a caption on
    the first that is free.

    Raises EditError when the track is locked, of the wrong kind or not free there; SchemaError for fields out of range.
    """
    if duration <= 0:
        raise EditError(f"A {kind} needs a duration of at least one frame")
    wanted = "caption" if kind == "caption" else "video"
    if track is None:
        track = first_free(draft, "caption", at, at + duration) if kind == "caption" else top_free(draft, at, at + duration)
    if track.kind != wanted:
        raise EditError(f"A {kind} needs a {wanted} track, and {lane(draft, track)} is {track.kind}")
    if track.locked:
        raise EditError(f"{lane(draft, track)} is locked; unlock it first")
    require_free(draft, track, at, at + duration)
    clip = Clip(id=draft.new_id("c"), track=track.id, kind=kind, start=at, source_range=TimeRange(0, duration))
    draft.create(clip)
    return draft.put(clip, **fields)
