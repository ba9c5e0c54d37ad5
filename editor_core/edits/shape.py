"""The smallest changes to one clip: where its edges lie and what of its media it shows.

Owns: moving an edge with its source range and fades. Refuses: neighbours, links and limits (see `trim`).
"""

from __future__ import annotations

from editor_core.document import Draft, View
from editor_core.edits.source import before
from editor_core.schema import Clip, Transition
from editor_core.timing import TimeRange


def fitted_fades(duration: int, fade_in: int, fade_out: int) -> tuple[int, int]:
    """The fades (ticks) that fit into a clip of `duration`: the fade in is kept first."""
    first = min(fade_in, duration)
    return first, min(fade_out, duration - first)


def reshape(draft: Draft, clip: Clip, start: int, duration: int, into: int) -> Clip:
    """Gives a clip a start and a duration (ticks) and begins `into` ticks further into its media, where that has a measure.

    Fades are shortened where they no longer fit.
    """
    source = clip.source_range.start + (into if before(draft, clip) is not None else 0)
    fade_in, fade_out = fitted_fades(duration, clip.fade_in, clip.fade_out)
    return draft.put(clip, start=start, source_range=TimeRange(source, duration), fade_in=fade_in, fade_out=fade_out)


def set_edges(draft: Draft, clip: Clip, start: int, end: int) -> Clip:
    """Gives a clip new edges (ticks); what stays visible stays where it was."""
    return reshape(draft, clip, start, end - start, start - clip.start)


def transitions_of(view: View, clip_id: str) -> list[Transition]:
    """Live transitions into or out of a clip."""
    return [t for t in view.of_kind(Transition) if clip_id in (t.from_clip, t.to_clip)]


def hand_over_tail(draft: Draft, old: Clip, new: Clip) -> None:
    """Makes the transition out of `old` one out of `new`, which now has the tail."""
    for transition in transitions_of(draft, old.id):
        if transition.from_clip == old.id:
            draft.put(transition, from_clip=new.id, track=new.track)
