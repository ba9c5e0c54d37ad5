"""The hand tool: drags the view.

Owns: scrolling by dragging. Refuses: everything on the timeline.
"""

from __future__ import annotations

from editor_core.tools.gesture import PointerTool
from editor_core.tools.tool import NOTHING, Hit, Modifiers, Pointer, Reaction, Stage


class HandTool(PointerTool):
    """H: what was under the pointer stays under it."""

    id, title, key, icon = "hand", "Hand", "H", "hand"

    def drag(self, pointer: Pointer, stage: Stage) -> Reaction:
        if self._pressed is None or self._last is None:
            return NOTHING
        scroll = (self._pressed.ticks - pointer.ticks, self._last.y - pointer.y)
        self._last = pointer
        return Reaction(scroll=scroll) if any(scroll) else NOTHING

    def release(self, pointer: Pointer, stage: Stage) -> Reaction:
        reaction = self.drag(pointer, stage)
        self.cancel()
        return reaction

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "hand-grab" if self.active else "hand"


TOOL = HandTool
