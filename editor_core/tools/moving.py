"""The drag that moves clips.

Owns: offsets, snapping and tracks of a move, insert or copy. Refuses: trims (see `trimming`).
"""

from __future__ import annotations

from typing import Any

from editor_core.edits.lanes import lane_kind
from editor_core.edits.wording import amount, at, called
from editor_core.schema import Clip, Track
from editor_core.timing import round_to_frame
from editor_core.tools.choosing import dragged
from editor_core.tools.gesture import Magnet, Plan
from editor_core.tools.tool import Call, Pointer, Stage


class MoveGesture:
    """Moves the selection: over what lies there; with Ctrl in between; with Alt as a copy; with Shift only to another track; with Ctrl and
    Alt the pressed clip changes places with the one under the pointer."""

    def __init__(self, pointer: Pointer, stage: Stage) -> None:
        self._from = pointer
        picked = [clip for i in dragged(pointer, stage) if (clip := stage.view.find(Clip, i)) is not None]
        anchor = stage.view.find(Clip, pointer.hit.id)
        self._ids = tuple(dict.fromkeys([*([anchor.id] if anchor is not None else []), *(clip.id for clip in picked)]))
        chosen = set(self._ids)
        self._linked = stage.linked and all(partner.id in chosen for clip in picked for partner in stage.view.linked(clip))
        self._magnet = Magnet(stage, self._ids)

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        clips = [clip for i in self._ids if (clip := stage.view.find(Clip, i)) is not None]
        if len(clips) < len(self._ids) or not clips:
            return Plan(blocked="A clip of this drag is not there any more")
        if pointer.modifiers.ctrl and pointer.modifiers.alt:
            return self._swap(pointer, stage, clips[0])
        rate = stage.view.timeline.rate
        by = self._by(pointer, typed, clips)
        guide = None
        if not pointer.modifiers.shift:
            caught = self._magnet.pull([edge + by for clip in clips for edge in (clip.start, clip.end)], pointer, stage, typed)
            if caught is not None:
                by, guide = by + caught.by, caught.point
        first = min(clip.start for clip in clips)
        if not all(clip.is_sound for clip in clips) or pointer.modifiers.ctrl:
            by = round_to_frame(first + by, rate) - first
        by = max(by, -first)
        track = self._track(pointer, stage, clips[0])
        if by == 0 and track is None and not pointer.modifiers.alt:
            return Plan(tooltip=at(first, rate))
        call = self._call(pointer, by, first, track)
        words = f"{amount(by, rate)} · {at(first + by, rate)}"
        return Plan(call=call, named=self._ids, guide=guide, tooltip=words, select=self._ids)

    def _swap(self, pointer: Pointer, stage: Stage, clip: Clip) -> Plan:
        other = stage.view.clip_at(pointer.track, pointer.ticks) if pointer.track else None
        if other is None or other.id in (one.id for one in stage.view.linked(clip)):
            return Plan(tooltip="Swap with the clip that you drop it on")
        call = Call("clip.swap", {"clip": clip.id, "with": other.id, "linked": stage.linked})
        return Plan(call=call, named=(clip.id, other.id), tooltip=f"Swap with {called(stage.view, other)}", select=self._ids)

    def _by(self, pointer: Pointer, typed: int | None, clips: list[Clip]) -> int:
        if typed is not None:
            return typed
        return 0 if pointer.modifiers.shift else pointer.ticks - self._from.ticks

    def _track(self, pointer: Pointer, stage: Stage, anchor: Clip) -> str | None:
        """Where the anchor goes: a track id, `new`, or None when it stays or the pointer is over another kind of track."""
        if pointer.track == "":
            return "new" if pointer.zone == lane_kind(anchor) else None
        track = stage.view.find(Track, pointer.track)
        if track is None or track.kind != lane_kind(anchor) or track.id == anchor.track:
            return None
        return track.id

    def _call(self, pointer: Pointer, by: int, first: int, track: str | None) -> Call:
        mode = "insert" if pointer.modifiers.ctrl else "overwrite"
        args: dict[str, Any] = {"clips": list(self._ids), "mode": mode, "linked": self._linked}
        if track is not None:
            args["track"] = track
        if pointer.modifiers.alt:
            return Call("clip.duplicate", {**args, "at": first + by})
        return Call("clip.move", {**args, "by": by})
