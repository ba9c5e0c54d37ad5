"""After an edit: transitions follow their cut, get shorter with their handles, or go with it.

Owns: the one clean-up that every edit on a track shares. Refuses: anything that the person did not bring about.
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.edits.transition import longest, reach
from editor_core.schema import Clip, Transition


def settle(draft: Draft) -> None:
    """Deletes transitions whose clips the draft moved apart, deleted or put on different tracks; shortens those whose handles or
    clips the draft made too short."""
    for transition in draft.of_kind(Transition):
        if draft.has_written(transition.from_clip) or draft.has_written(transition.to_clip):
            _settle(draft, transition)


def _settle(draft: Draft, transition: Transition) -> None:
    first, second = draft.find(Clip, transition.from_clip), draft.find(Clip, transition.to_clip)
    if first is None or second is None or first.track != second.track or first.end != second.start:
        draft.delete(transition)
        return
    if first.track != transition.track:
        draft.put(transition, track=first.track)
    if draft.wrote(first.id, "source_range") or draft.wrote(second.id, "source_range"):
        most = longest(reach(draft, first, second, transition.id), draft.timeline.rate)
        if most == 0:
            draft.delete(transition)
        elif most < transition.duration:
            draft.put(transition, duration=most)
