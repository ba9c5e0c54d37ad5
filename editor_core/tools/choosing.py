"""Which clips a press or a box selects.

Owns: linked parts, groups, toggling, ranges, boxes. Refuses: changing the document.
"""

from __future__ import annotations

from collections.abc import Iterable

from editor_core.document import View
from editor_core.schema import Clip
from editor_core.tools.gesture import Plan
from editor_core.tools.tool import Box, Pointer, Stage


def together(view: View, clips: Iterable[Clip], linked: bool = True) -> tuple[str, ...]:
    """Ids of the clips, their groups, and with `linked` their linked parts, the given ones first."""
    found: dict[str, None] = {}
    queue = list(clips)
    groups = {clip.group for clip in queue if clip.group}
    if groups:
        queue += [clip for clip in view.of_kind(Clip) if clip.group in groups]
    for clip in queue:
        found[clip.id] = None
    if linked:
        for clip in queue:
            found.update((partner.id, None) for partner in view.linked(clip))
    return tuple(found)


def pressed(pointer: Pointer, stage: Stage) -> tuple[str, ...] | None:
    """The selection that a press makes: a clip with what belongs to it, unless it is selected or a key says to wait for the click."""
    clip = stage.view.find(Clip, pointer.hit.id)
    keys = pointer.modifiers
    if clip is None or clip.id in stage.selection or keys.ctrl or keys.shift or keys.alt:
        return None
    return together(stage.view, [clip], stage.linked)


def clicked(pointer: Pointer, stage: Stage) -> tuple[str, ...] | None:
    """The selection after a click: Ctrl toggles, Shift selects the range on the clip's track, Alt takes only this part."""
    clip = stage.view.find(Clip, pointer.hit.id)
    if clip is None:
        return None
    keys = pointer.modifiers
    part = (clip.id,) if keys.alt else together(stage.view, [clip], stage.linked)
    if keys.ctrl:
        if clip.id in stage.selection:
            return tuple(i for i in stage.selection if i not in part)
        return tuple(dict.fromkeys([*stage.selection, *part]))
    return _range(stage, clip) if keys.shift else part


def dragged(pointer: Pointer, stage: Stage) -> tuple[str, ...]:
    """What a drag on a clip takes along: the selection if it is in it, else the clip with what belongs to it."""
    clip = stage.view.find(Clip, pointer.hit.id)
    if clip is None:
        return ()
    return stage.selection if clip.id in stage.selection else together(stage.view, [clip], stage.linked)


def _range(stage: Stage, clip: Clip) -> tuple[str, ...]:
    """Everything on the clip's track between it and the selected clips there, with what belongs to it."""
    row = stage.view.clips_on(clip.track)
    places = [i for i, one in enumerate(row) if one.id in stage.selection]
    here = next(i for i, one in enumerate(row) if one.id == clip.id)
    first, last = min([here, *places]), max([here, *places])
    return tuple(dict.fromkeys([*stage.selection, *together(stage.view, row[first:last + 1], stage.linked)]))


class BoxGesture:
    """Selects what a box touches; with Alt only what lies wholly inside, with Ctrl or Shift in addition."""

    def __init__(self, pointer: Pointer, stage: Stage) -> None:
        self._from = pointer

    def plan(self, pointer: Pointer, stage: Stage, typed: int | None) -> Plan:
        start, end = sorted((self._from.ticks, pointer.ticks))
        tracks = self._tracks(pointer, stage)
        chosen = [clip for track in tracks for clip in stage.view.clips_between(track, start, end)
                  if not pointer.modifiers.alt or (clip.start >= start and clip.end <= end)]
        ids = together(stage.view, chosen, stage.linked)
        if pointer.modifiers.ctrl or pointer.modifiers.shift:
            ids = tuple(dict.fromkeys([*stage.selection, *ids]))
        return Plan(box=Box(start, end, tracks), select=ids, named=ids)

    def _tracks(self, pointer: Pointer, stage: Stage) -> tuple[str, ...]:
        places = [self._place(one, stage) for one in (self._from, pointer)]
        return stage.tracks[min(places):max(places) + 1]

    def _place(self, pointer: Pointer, stage: Stage) -> int:
        if pointer.track in stage.tracks:
            return stage.tracks.index(pointer.track)
        return len(stage.tracks) if pointer.zone == "audio" else 0
