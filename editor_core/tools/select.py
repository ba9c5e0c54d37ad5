"""The select tool: select, move, copy, trim, fades, levels, boxes.

Owns: which gesture a press begins. Refuses: what the gestures do.
"""

from __future__ import annotations

from editor_core.document import View
from editor_core.edits.trim import Edge
from editor_core.schema import Clip, Marker, Transition
from editor_core.tools.choosing import BoxGesture, clicked, pressed
from editor_core.tools.gesture import Gesture, Plan, PointerTool
from editor_core.tools.inside import FadeGesture, LevelGesture, MarkerGesture
from editor_core.tools.moving import MoveGesture
from editor_core.tools.tool import NOTHING, Hit, Modifiers, Pointer, Reaction, Stage
from editor_core.tools.trimming import EdgeGesture, TransitionGesture

_BACKGROUND = ("none", "lane", "gap")


def edge_of(hit: Hit) -> Edge | None:
    """The edge that a hit is on."""
    return "head" if hit.kind == "head" else "tail" if hit.kind == "tail" else None


def refused(view: View, clip: Clip) -> bool:
    """Whether the clip lies on a locked track, where no drag begins."""
    return any(track.locked for track in view.tracks() if track.id == clip.track)


class LockedGesture(Gesture):
    """A drag of what lies on a locked track: changes nothing and says so beside the pointer."""

    def __init__(self, track: str) -> None:
        self._track = track

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        label = next((stage.view.track_label(t) for t in stage.view.tracks() if t.id == self._track), "The track")
        return Plan(blocked=f"{label} is locked")


class SelectTool(PointerTool):
    """V: selects, moves, copies (Alt), inserts (Ctrl); trims edges (Ctrl ripples, Shift rolls); boxes on empty lanes."""

    id, title, key, icon = "select", "Select", "V", "mouse-pointer-2"

    def selected(self, pointer: Pointer, stage: Stage) -> tuple[str, ...] | None:
        return pressed(pointer, stage)

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        hit, view = pointer.hit, stage.view
        if hit.kind in _BACKGROUND:
            return BoxGesture(pointer, stage)
        if hit.kind == "marker":
            marker = view.find(Marker, hit.id)
            return MarkerGesture(pointer, stage, marker) if marker is not None else None
        if hit.kind in ("transition_head", "transition_tail"):
            transition = view.find(Transition, hit.id)
            return TransitionGesture(pointer, stage, transition) if transition is not None else None
        clip = view.find(Clip, hit.id)
        if clip is None:
            return None
        if refused(view, clip):
            return LockedGesture(clip.track)
        edge = edge_of(hit)
        if edge is not None:
            return EdgeGesture(pointer, stage, clip, edge)
        if hit.kind in ("fade_in", "fade_out"):
            return FadeGesture(pointer, clip)
        if hit.kind == "level":
            return LevelGesture(pointer, clip)
        return MoveGesture(pointer, stage)

    def click(self, pointer: Pointer, stage: Stage) -> Reaction:
        if pointer.hit.kind in _BACKGROUND:
            keys = pointer.modifiers
            return NOTHING if keys.ctrl or keys.shift or not stage.selection else Reaction(select=())
        select = clicked(pointer, stage)
        return Reaction(select=select) if select is not None and select != stage.selection else NOTHING

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        if hit.kind in ("head", "tail"):
            return "pe-ripple" if modifiers.ctrl else "pe-roll" if modifiers.shift else f"pe-trim-{'in' if hit.kind == 'head' else 'out'}"
        if hit.kind in ("fade_in", "fade_out", "transition_head", "transition_tail"):
            return "move-horizontal"
        return "move-vertical" if hit.kind == "level" else "arrow"


TOOL = SelectTool
