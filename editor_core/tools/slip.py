"""The slip tool: drags the media under a clip.

Owns: that bodies slip. Refuses: moving clips.
"""

from __future__ import annotations

from editor_core.schema import Clip
from editor_core.tools.choosing import dragged
from editor_core.tools.gesture import Gesture
from editor_core.tools.inside import SlipGesture
from editor_core.tools.select import SelectTool, refused
from editor_core.tools.tool import Hit, Modifiers, Pointer, Stage


class SlipTool(SelectTool):
    """Y: shows another part of the media; Alt only this part of linked clips."""

    id, title, key, icon = "slip", "Slip", "Y", "pe-slip"

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        clip = stage.view.find(Clip, pointer.hit.id)
        if clip is None:
            return super().begin(pointer, stage)
        if refused(stage.view, clip):
            return None
        linked = stage.linked and not pointer.modifiers.alt
        return SlipGesture(pointer, dragged(pointer, stage) if linked else (clip.id,), linked)

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "pe-slip" if hit.id else "arrow"


TOOL = SlipTool
