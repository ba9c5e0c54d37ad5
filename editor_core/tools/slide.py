"""The slide tool: moves a clip between its neighbours.

Owns: that bodies slide. Refuses: moving several clips.
"""

from __future__ import annotations

from editor_core.schema import Clip
from editor_core.tools.gesture import Gesture
from editor_core.tools.inside import SlideGesture
from editor_core.tools.select import SelectTool, refused
from editor_core.tools.tool import Hit, Modifiers, Pointer, Stage


class SlideTool(SelectTool):
    """U: moves a clip; the clips that touch it give way and follow."""

    id, title, key, icon = "slide", "Slide", "U", "pe-slide"

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        clip = stage.view.find(Clip, pointer.hit.id)
        if clip is None:
            return super().begin(pointer, stage)
        return None if refused(stage.view, clip) else SlideGesture(pointer, stage, clip)

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "pe-slide" if hit.id else "arrow"


TOOL = SlideTool
