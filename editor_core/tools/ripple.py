"""The ripple tool: trims an edge, and everything later moves along.

Owns: that edges ripple. Refuses: bodies of clips, but for selecting them.
"""

from __future__ import annotations

from editor_core.schema import Clip
from editor_core.tools.gesture import Gesture
from editor_core.tools.select import SelectTool, edge_of, refused
from editor_core.tools.tool import Hit, Modifiers, Pointer, Stage
from editor_core.tools.trimming import EdgeGesture


class RippleTool(SelectTool):
    """B: drags the nearer edge of a clip and pushes or pulls everything later."""

    id, title, key, icon = "ripple", "Ripple", "B", "pe-ripple"

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        clip = stage.view.find(Clip, pointer.hit.id)
        if clip is None:
            return super().begin(pointer, stage)
        if refused(stage.view, clip):
            return None
        near = "head" if pointer.ticks - clip.start < clip.end - pointer.ticks else "tail"
        return EdgeGesture(pointer, stage, clip, edge_of(pointer.hit) or ("head" if near == "head" else "tail"), "ripple")

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "pe-ripple" if hit.id else "arrow"


TOOL = RippleTool
