"""The roll tool: moves the cut between two clips.

Owns: that edges roll. Refuses: edges that nothing touches.
"""

from __future__ import annotations

from editor_core.schema import Clip
from editor_core.tools.gesture import Gesture
from editor_core.tools.select import SelectTool, edge_of, refused
from editor_core.tools.tool import Hit, Modifiers, Pointer, Stage
from editor_core.tools.trimming import CutGesture, EdgeGesture


class RollTool(SelectTool):
    """N: drags the cut at, or nearest to, the pointer."""

    id, title, key, icon = "roll", "Roll", "N", "pe-roll"

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        clip = stage.view.find(Clip, pointer.hit.id)
        if clip is None:
            return super().begin(pointer, stage)
        if refused(stage.view, clip):
            return None
        edge = edge_of(pointer.hit)
        return CutGesture(pointer, stage, clip) if edge is None else EdgeGesture(pointer, stage, clip, edge, "roll")

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "pe-roll" if hit.id else "arrow"


TOOL = RollTool
