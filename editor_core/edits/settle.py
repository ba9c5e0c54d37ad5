"""After an edit: transitions that lost their cut go.

Owns: the one clean-up that every edit on a track shares. Refuses: anything that the person did not bring about.
"""

from __future__ import annotations

from editor_core.document import Draft
from editor_core.schema import Clip, Transition


def settle(draft: Draft) -> None:
    """Deletes transitions whose clips the draft moved apart, deleted or put on different tracks."""
    touched = {r.id for i in draft.touched if isinstance(r := draft.record(i), Clip)}
    if not touched:
        return
    for transition in draft.of_kind(Transition):
        if transition.from_clip not in touched and transition.to_clip not in touched:
            continue
        first, second = draft.find(Clip, transition.from_clip), draft.find(Clip, transition.to_clip)
        if first is None or second is None or first.track != second.track or first.end != second.start:
            draft.delete(transition)
        elif first.track != transition.track:
            draft.put(transition, track=first.track)
