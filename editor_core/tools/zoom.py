"""The zoom tool: click or drag a stretch.

Owns: how far a click zooms. Refuses: limits of zooming, which are the window's.
"""

from __future__ import annotations

from editor_core.tools.gesture import Gesture, Plan, PointerTool
from editor_core.tools.tool import NOTHING, Box, Hit, Modifiers, Pointer, Reaction, Stage


class StretchGesture:
    """The stretch of time that is being drawn."""

    def __init__(self, pointer: Pointer) -> None:
        self._from = pointer

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        start, end = sorted((max(0, self._from.ticks), max(0, pointer.ticks)))
        return Plan(box=Box(start, end, stage.tracks))


class ZoomTool(PointerTool):
    """Z: click zooms in by two, Alt+click out; a drag fills the window with the stretch."""

    id, title, key, icon = "zoom", "Zoom", "Z", "zoom-in"

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        return StretchGesture(pointer)

    def click(self, pointer: Pointer, stage: Stage) -> Reaction:
        return Reaction(zoom=(0.5 if pointer.modifiers.alt else 2.0, pointer.ticks))

    def release(self, pointer: Pointer, stage: Stage) -> Reaction:
        reaction = self.drag(pointer, stage)
        box = reaction.ghost.box if reaction.ghost is not None else None
        if box is None:
            return super().release(pointer, stage)
        self.cancel()
        return Reaction(zoom_to=(box.start, box.end)) if box.end > box.start else NOTHING

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "zoom-out" if modifiers.alt else "zoom-in"


TOOL = ZoomTool
