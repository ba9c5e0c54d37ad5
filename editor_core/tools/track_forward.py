"""The track select tools: everything from a clip on, forwards or backwards.

Owns: what they select. Refuses: moving (see the select tool's gestures).
"""

from __future__ import annotations

from editor_core.schema import Clip
from editor_core.tools.choosing import BoxGesture
from editor_core.tools.gesture import Gesture
from editor_core.tools.select import SelectTool
from editor_core.tools.tool import Hit, Modifiers, Pointer, Reaction, Stage


class TrackForwardTool(SelectTool):
    """A: selects the clip and everything later on all unlocked tracks; Shift only on its track."""

    id, title, key, icon = "track_forward", "Select tracks forward", "A", "pe-track-forward"
    _forward = True

    def selected(self, pointer: Pointer, stage: Stage) -> tuple[str, ...] | None:
        clip = stage.view.find(Clip, pointer.hit.id)
        at = pointer.ticks if clip is None else clip.start if self._forward else clip.end
        tracks = [track for track in stage.view.tracks() if not track.locked]
        if pointer.modifiers.shift:
            tracks = [track for track in tracks if track.id == pointer.track]
        rows = [one for track in tracks for one in stage.view.clips_on(track.id)]
        return tuple(one.id for one in rows if (one.start >= at if self._forward else one.end <= at))

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        made = super().begin(Pointer(pointer.ticks, pointer.track, Hit("body", pointer.hit.id), pointer.zone, Modifiers(),
                                     pointer.x, pointer.y), stage)
        return None if isinstance(made, BoxGesture) else made

    def click(self, pointer: Pointer, stage: Stage) -> Reaction:
        return Reaction(select=self.selected(pointer, stage))

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "pe-track-forward"


TOOL = TrackForwardTool
