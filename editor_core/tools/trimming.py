"""The drags on edges and cuts: trim, ripple trim, roll, and the length of a transition.

Owns: limits, snapping and words of these drags. Refuses: bodies of clips.
"""

from __future__ import annotations

from typing import Literal

from editor_core.edits.limits import NO_MEDIA, Limits, roll_limits, stopped, trim_limits
from editor_core.edits.roll import touching
from editor_core.edits.transition import longest, reach
from editor_core.edits.trim import Edge
from editor_core.edits.wording import amount, at, length
from editor_core.schema import Clip, Transition
from editor_core.timing import floor_to_frame, round_to_frame
from editor_core.tools.gesture import Magnet, Plan
from editor_core.tools.tool import Call, Pointer, Stage

Way = Literal["trim", "ripple", "roll"]


class EdgeGesture:
    """Trims an edge; with Ctrl it ripples, with Shift it rolls. `way` is what it does without either."""

    def __init__(self, pointer: Pointer, stage: Stage, clip: Clip, edge: Edge, way: Way = "trim") -> None:
        self._from, self._clip, self._edge, self._way = pointer, clip.id, edge, way
        self._linked = stage.linked and not pointer.modifiers.alt
        self._magnet = Magnet(stage, [one.id for one in (stage.view.linked(clip) if self._linked else [clip])])

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        clip = stage.view.find(Clip, self._clip)
        if clip is None:
            return Plan(blocked="The clip of this drag is not there any more")
        way = "ripple" if pointer.modifiers.ctrl else "roll" if pointer.modifiers.shift else self._way
        edge = clip.start if self._edge == "head" else clip.end
        to = edge + (typed if typed is not None else pointer.ticks - self._from.ticks)
        caught = self._magnet.pull([to], pointer, stage, typed)
        to += caught.by if caught is not None else 0
        rate = stage.view.timeline.rate
        if not clip.is_sound or way == "ripple":
            to = round_to_frame(to, rate)
        wanted = to
        to, reason = self._limits(stage, clip, way).clamp(to)
        by = to - edge
        grown = clip.duration + (-by if self._edge == "head" else by)
        words = f"{amount(by, rate)}, length {at(grown, rate)}"
        short = stopped(reason, wanted, to, rate)
        side = ("cut", clip.id, self._edge)
        guide = caught.point if caught is not None and caught.point.ticks == to else None
        edges = (clip.start,) if way == "ripple" and self._edge == "head" else (to,)
        if by == 0:
            return Plan(tooltip=words, limit=short, edges=edges, panes=side)
        return Plan(call=self._call(clip, way, to), named=(clip.id,), guide=guide, tooltip=words, limit=short, edges=edges, panes=side)

    def _limits(self, stage: Stage, clip: Clip, way: str) -> Limits:
        if way == "roll":
            return roll_limits(stage.view, clip, self._edge, linked=self._linked)
        return trim_limits(stage.view, clip, self._edge, linked=self._linked, ripple=way == "ripple")

    def _call(self, clip: Clip, way: str, to: int) -> Call:
        args = {"clip": clip.id, "edge": self._edge, "to": to, "linked": self._linked}
        if way == "roll":
            return Call("clip.roll", args)
        return Call("clip.trim", {**args, "ripple": way == "ripple"})


class CutGesture(EdgeGesture):
    """Rolls the cut nearest to where the press was."""

    def __init__(self, pointer: Pointer, stage: Stage, clip: Clip) -> None:
        near: Edge = "head" if pointer.ticks - clip.start < clip.end - pointer.ticks else "tail"
        if touching(stage.view, clip, near) is None:
            near = "tail" if near == "head" else "head"
        super().__init__(pointer, stage, clip, near, "roll")


class TransitionGesture:
    """Changes the length of a transition by one of its ends; it stays centred on the cut."""

    def __init__(self, pointer: Pointer, stage: Stage, transition: Transition) -> None:
        self._from, self._id = pointer, transition.id
        self._sign = -1 if pointer.hit.kind == "transition_head" else 1

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        transition = stage.view.find(Transition, self._id)
        first = stage.view.find(Clip, transition.from_clip) if transition is not None else None
        second = stage.view.find(Clip, transition.to_clip) if transition is not None else None
        if transition is None or first is None or second is None:
            return Plan(blocked="The transition of this drag is not there any more")
        rate = stage.view.timeline.rate
        by = typed if typed is not None else pointer.ticks - self._from.ticks
        wanted = max(round_to_frame(transition.duration + 2 * self._sign * by, rate), rate.ticks_per_frame)
        most = max(longest(reach(stage.view, first, second, transition.id), rate), floor_to_frame(transition.duration, rate))
        duration = min(wanted, most)
        limit = stopped(NO_MEDIA, wanted, most, rate) if wanted > most else ""
        call = Call("transition.set", {"transition": transition.id, "duration": duration}) if duration != transition.duration else None
        return Plan(call=call, tooltip=f"length {length(duration, rate)}", limit=limit,
                    edges=(first.end - duration // 2, first.end - duration // 2 + duration))
