"""The drags inside a clip: slip, slide, fades, level; and markers.

Owns: what these drags mean and where they stop. Refuses: edges (see `trimming`).
"""

from __future__ import annotations

from editor_core.edits.limits import slide_limits, slip_limits, stopped
from editor_core.edits.wording import amount, at, length
from editor_core.schema import Clip, Marker
from editor_core.timing import round_to_frame
from editor_core.tools.gesture import Magnet, Plan, whole
from editor_core.tools.tool import Call, Pointer, Stage


class SlipGesture:
    """Drags the media under a clip: to the right shows earlier media."""

    def __init__(self, pointer: Pointer, clips: tuple[str, ...], linked: bool) -> None:
        self._from, self._ids, self._linked = pointer, clips, linked

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        clips = [clip for i in self._ids if (clip := stage.view.find(Clip, i)) is not None]
        rate = stage.view.timeline.rate
        wanted = round_to_frame(typed if typed is not None else self._from.ticks - pointer.ticks, rate)
        everyone = [one for clip in clips for one in (stage.view.linked(clip) if self._linked else [clip])]
        by, reason = slip_limits(stage.view, everyone).clamp(wanted)
        limit = stopped(reason, wanted, by, rate)
        call = Call("clip.slip", {"clips": list(self._ids), "by": by, "linked": self._linked}) if by and clips else None
        edges = (clips[0].start, clips[0].end) if clips else ()
        panes = ("slip", clips[0].id, "") if clips else None
        return Plan(call=call, named=self._ids, tooltip=f"slip {amount(by, rate)}", limit=limit, edges=edges, panes=panes)


class SlideGesture:
    """Moves a clip between its neighbours."""

    def __init__(self, pointer: Pointer, stage: Stage, clip: Clip) -> None:
        self._from, self._clip, self._linked = pointer, clip.id, stage.linked and not pointer.modifiers.alt
        self._magnet = Magnet(stage, [one.id for one in whole(stage, clip)])

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        clip = stage.view.find(Clip, self._clip)
        if clip is None:
            return Plan(blocked="The clip of this drag is not there any more")
        rate = stage.view.timeline.rate
        by = typed if typed is not None else pointer.ticks - self._from.ticks
        caught = self._magnet.pull((clip.start + by, clip.end + by), pointer, stage, typed)
        wanted = round_to_frame(by + (caught.by if caught is not None else 0), rate)
        by, reason = slide_limits(stage.view, clip, linked=self._linked).clamp(wanted)
        call = Call("clip.slide", {"clip": clip.id, "by": by, "linked": self._linked}) if by else None
        return Plan(call=call, named=(clip.id,), guide=caught.point if caught is not None and by == wanted else None,
                    tooltip=f"slide {amount(by, rate)} · {at(max(0, clip.start + by), rate)}", limit=stopped(reason, wanted, by, rate),
                    edges=(clip.start + by, clip.end + by), panes=("slide", clip.id, ""))


class FadeGesture:
    """Drags a fade handle along a top corner."""

    def __init__(self, pointer: Pointer, clip: Clip) -> None:
        self._from, self._clip = pointer, clip.id
        self._name = "fade_in" if pointer.hit.kind == "fade_in" else "fade_out"

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        clip = stage.view.find(Clip, self._clip)
        if clip is None:
            return Plan(blocked="The clip of this drag is not there any more")
        rate = stage.view.timeline.rate
        by = typed if typed is not None else pointer.ticks - self._from.ticks
        was, other = (clip.fade_in, clip.fade_out) if self._name == "fade_in" else (clip.fade_out, clip.fade_in)
        wanted = was + (by if self._name == "fade_in" else -by)
        if not pointer.modifiers.shift:
            wanted = round_to_frame(wanted, rate)
        value = min(max(0, wanted), clip.duration - other)
        call = Call("clip.set", {"clip": clip.id, "property": self._name, "value": value}) if value != was else None
        word = "fade in" if self._name == "fade_in" else "fade out"
        return Plan(call=call, named=(clip.id,), tooltip=f"{word} {length(value, rate)}", limit="" if wanted <= value else "clip ends")


class LevelGesture:
    """Drags the gain line of sound or the opacity line of a picture; Shift is fine."""

    def __init__(self, pointer: Pointer, clip: Clip) -> None:
        self._from, self._clip = pointer, clip.id

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        clip = stage.view.find(Clip, self._clip)
        if clip is None:
            return Plan(blocked="The clip of this drag is not there any more")
        by = (pointer.level - self._from.level) * (0.1 if pointer.modifiers.shift else 1.0)
        if clip.is_sound:
            name, value = "gain_db", round(min(24.0, max(-96.0, clip.gain_db + by)), 1)
            words, same = f"{value:+.1f} dB", value == clip.gain_db
        else:
            name, value = "opacity", round(min(1.0, max(0.0, clip.opacity + by)), 3)
            words, same = f"{value * 100:.0f} %", value == clip.opacity
        call = None if same else Call("clip.set", {"clip": clip.id, "property": name, "value": value})
        return Plan(call=call, named=(clip.id,), tooltip=words)


class MarkerGesture:
    """Moves a marker; with Alt it makes a range from where the marker is."""

    def __init__(self, pointer: Pointer, stage: Stage, marker: Marker) -> None:
        self._from, self._id = pointer, marker.id
        self._magnet = Magnet(stage, [marker.id])

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        marker = stage.view.find(Marker, self._id)
        if marker is None:
            return Plan(blocked="The marker of this drag is not there any more")
        rate = stage.view.timeline.rate
        time = marker.start + (typed if typed is not None else pointer.ticks - self._from.ticks)
        caught = self._magnet.pull((time,), pointer, stage, typed)
        time = max(0, round_to_frame(time + (caught.by if caught is not None else 0), rate))
        guide = caught.point if caught is not None else None
        if pointer.modifiers.alt:
            start, end = sorted((marker.start, time))
            call = Call("marker.set", {"marker": marker.id, "at": start, "duration": end - start})
            return Plan(call=call, guide=guide, tooltip=f"length {length(end - start, rate)}", edges=(start, end))
        call = Call("marker.set", {"marker": marker.id, "at": time})
        return Plan(call=call if time != marker.start else None, guide=guide, tooltip=at(time, rate), edges=(time,))
