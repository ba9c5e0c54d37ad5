"""Ghosts: what a draft would change, as clips to draw.

Owns: the difference between a snapshot and a draft. Refuses: running commands.
"""

from __future__ import annotations

from collections.abc import Collection

from editor_core.document import Draft
from editor_core.edits.lanes import lane_kind
from editor_core.schema import Clip, Track
from editor_core.tools.tool import GhostClip, GhostState


def ghost_clips(draft: Draft, named: Collection[str]) -> tuple[GhostClip, ...]:
    """Every clip that a draft makes, changes or removes; the ones in `named`, and copies, are what the drag is about."""
    found: list[GhostClip] = []
    for record_id in draft.touched:
        now, was = draft.record(record_id), draft.base.record(record_id)
        if not isinstance(now, Clip):
            continue
        if now.deleted:
            if isinstance(was, Clip) and not was.deleted:
                found.append(_ghost(draft, was, "gone"))
        elif was is None or record_id in named:
            found.append(_ghost(draft, now, "new" if was is None else "moved"))
        elif isinstance(was, Clip) and (was.start, was.source_range, was.track) != (now.start, now.source_range, now.track):
            found.append(_ghost(draft, now, "shifted"))
    return tuple(sorted(found, key=lambda ghost: (ghost.state == "moved", ghost.start, ghost.clip)))


def _ghost(draft: Draft, clip: Clip, state: GhostState) -> GhostClip:
    known = draft.base.find(Track, clip.track) is not None
    return GhostClip(clip=clip.id, track=clip.track, start=clip.start, duration=clip.duration, source_start=clip.source_range.start,
                     state=state, beyond=None if known else lane_kind(clip), record=clip)
