"""The razor tool: cuts where it is clicked.

Owns: the hair line and the cut. Refuses: choosing times off frames.
"""

from __future__ import annotations

from editor_core.schema import Clip
from editor_core.timing import round_to_frame
from editor_core.tools.gesture import Gesture, Magnet, Plan, PointerTool, ghost_of, whole
from editor_core.tools.tool import NOTHING, Call, Hit, Modifiers, Pointer, Reaction, Stage


class RazorGesture:
    """The cut at the pointer: the clip under it with its linked ones; with Shift everything at that time."""

    def __init__(self) -> None:
        self._magnet: tuple[tuple[object, ...], Magnet] | None = None

    def _points(self, stage: Stage) -> Magnet:
        """What can be snapped to, gathered again only when something of it has changed: this runs at every pointer move."""
        key = (stage.view, stage.playhead, stage.marks)
        if self._magnet is None or self._magnet[0] != key:
            self._magnet = (key, Magnet(stage))
        return self._magnet[1]

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        clip = stage.view.find(Clip, pointer.hit.id)
        caught = self._points(stage).pull((pointer.ticks,), pointer, stage)
        at = round_to_frame(pointer.ticks + (caught.by if caught is not None else 0), stage.view.timeline.rate)
        guide = caught.point if caught is not None else None
        linked = stage.linked and not pointer.modifiers.alt
        if pointer.modifiers.shift:
            lines = tuple((track.id, at) for track in stage.view.tracks() if not track.locked)
            return Plan(call=Call("clip.split", {"at": at}), guide=guide, lines=lines)
        if clip is None or not clip.start < at < clip.end:
            return Plan(guide=guide, blocked="There is no clip to cut here" if clip is None else "")
        everyone = whole(stage, clip) if linked else [clip]
        lines = tuple((one.track, at) for one in everyone if one.start < at < one.end)
        return Plan(call=Call("clip.split", {"at": at, "clips": [clip.id], "linked": linked}), guide=guide, lines=lines)


class RazorTool(PointerTool):
    """C: cuts the clip under it and its linked ones; Alt only this part; Shift all tracks."""

    id, title, key, icon = "razor", "Razor", "C", "scissors"

    def __init__(self) -> None:
        super().__init__()
        self._cut = RazorGesture()

    def begin(self, pointer: Pointer, stage: Stage) -> Gesture | None:
        return self._cut

    def hover(self, pointer: Pointer, stage: Stage) -> Reaction:
        plan = self._cut.plan(pointer, stage, None)
        return Reaction(ghost=ghost_of(Plan(guide=plan.guide, lines=plan.lines, blocked=plan.blocked), stage))

    def click(self, pointer: Pointer, stage: Stage) -> Reaction:
        plan = self._cut.plan(pointer, stage, None)
        return Reaction(command=plan.call) if plan.call is not None else NOTHING

    def cursor(self, hit: Hit, modifiers: Modifiers) -> str:
        return "scissors"


TOOL = RazorTool
