"""Duplicate and paste: new clips from old ones.

    before  |--A--|--B--|                after  |--A--|--B--|--A'--|--B'--|

Owns: new ids, links and groups among the copies, where they land. Refuses: media that the project does not have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from typing import Any

import msgspec

from editor_core.document import Draft, View
from editor_core.edits.erase import erase
from editor_core.edits.errors import EditError
from editor_core.edits.landing import lane_after, lanes_by
from editor_core.edits.lanes import base_track, in_the_way, lane_kind, require_free
from editor_core.edits.move import Mode
from editor_core.edits.ripple import open_gap
from editor_core.edits.transition import add_transition
from editor_core.edits.wording import called
from editor_core.schema import Clip, MediaReference, Track, Transition, field_types
from editor_core.timing import ceil_to_frame, round_to_frame


def copied(view: View, clips: Sequence[Clip]) -> list[dict[str, Any]]:
    """Clips as plain values for a clipboard; `paste` takes them."""
    return [msgspec.to_builtins(clip) for clip in clips]


def duplicate(draft: Draft, clips: Sequence[Clip], at: int | None = None, track: Track | str | None = None, *,
              mode: Mode = "refuse") -> list[Clip]:
    """Copies clips so that the earliest copy starts at `at` ticks (None: the first free place after them), with transitions between
    them. Raises EditError naming what is in the way."""
    first = min(clip.start for clip in clips)
    at = _free_place(draft, clips) if at is None else at
    lanes = lanes_by(draft, clips, track)
    landed = []
    goals: dict[tuple[str, str], str] = {}
    for clip in clips:
        key = lane_kind(clip), clip.track
        if key not in goals:
            goes = lanes[1] if lanes is not None and lanes[0] == lane_kind(clip) else 0
            goals[key] = lane_after(draft, clip, goes).id
        landed.append(msgspec.structs.replace(clip, track=goals[key], start=clip.start + at - first))
    made = _lay(draft, landed, mode)
    twins = {old.id: new for old, new in zip(clips, made, strict=True)}
    for transition in draft.of_kind(Transition):
        before, after = twins.get(transition.from_clip), twins.get(transition.to_clip)
        if before is not None and after is not None:
            add_transition(draft, before, after, transition.kind, transition.duration)
    return made


def paste(draft: Draft, plain: Sequence[Mapping[str, Any]], at: int, track: Track | None = None, *,
          mode: Mode = "overwrite") -> list[Clip]:
    """Puts clips from a clipboard so that the earliest starts at `at` ticks, each on its own track if that is still there.

    With `track` clips of its kind go there. Entries that are not a clip's properties are passed over. Raises EditError for values
    that are not clips, or media that is not in the project.
    """
    clips = [_read(draft, values) for values in plain]
    by = at - min(clip.start for clip in clips)
    if any(not clip.is_sound for clip in clips):
        by = round_to_frame(by, draft.timeline.rate)
    landed = []
    for clip in clips:
        home = track if track is not None and track.kind == lane_kind(clip) else draft.find(Track, clip.track)
        if home is None or home.kind != lane_kind(clip) or home.locked:
            home = base_track(draft, lane_kind(clip))
        landed.append(msgspec.structs.replace(clip, track=home.id, start=clip.start + by))
    return _lay(draft, landed, mode)


def _read(draft: Draft, values: Mapping[str, Any]) -> Clip:
    known = {name: value for name, value in values.items() if name in field_types(Clip)}
    try:
        clip = msgspec.convert({"type": "clip", "id": "pasted", "track": "", **known}, Clip)
    except msgspec.ValidationError as error:
        raise EditError(f"What was pasted is not a clip: {error}") from None
    if clip.kind in ("video", "audio") and draft.find(MediaReference, clip.asset) is None:
        raise EditError(f"{clip.name or 'A pasted clip'} uses media that is not in this project; import it first")
    return clip


def _free_place(draft: Draft, clips: Sequence[Clip]) -> int:
    """The first time after the clips where copies of all of them fit on their tracks, on a frame."""
    first = min(clip.start for clip in clips)
    rate = draft.timeline.rate
    at = ceil_to_frame(max(clip.end for clip in clips), rate)
    clear = 0  # how many one after the other fit; one that does not is looked at until it does, as thousands may be in its way
    for clip in cycle(clips):
        while (blocker := in_the_way(draft, clip.track, clip.start + at - first, clip.end + at - first)) is not None:
            at = ceil_to_frame(max(at + 1, blocker.end - (clip.start - first)), rate)
            clear = 0
        clear += 1
        if clear == len(clips):
            break
    return at


def _lay(draft: Draft, clips: Sequence[Clip], mode: Mode) -> list[Clip]:
    first, last = min(clip.start for clip in clips), max(clip.end for clip in clips)
    if first < 0:
        raise EditError("The copy would start before the timeline does")
    for one, other in pairwise(sorted(clips, key=lambda clip: (clip.track, clip.start))):
        if one.track == other.track and one.end > other.start:
            raise EditError(f"{called(draft, one)} and {called(draft, other)} would lie on one another on one track")
    if mode == "insert":
        open_gap(draft, first, ceil_to_frame(last - first, draft.timeline.rate))
    for clip in clips:
        if mode == "overwrite":
            erase(draft, clip.track, clip.start, clip.end)
        require_free(draft, draft.get(Track, clip.track), clip.start, clip.end)
    links = _renamed(draft, "l", [clip.link for clip in clips])
    groups = _renamed(draft, "g", [clip.group for clip in clips])
    return [draft.create(msgspec.structs.replace(clip, id=draft.new_id("c"), deleted=False, link=links[clip.link],
                                                 group=groups[clip.group])) for clip in clips]


def _renamed(draft: Draft, prefix: str, names: Sequence[str]) -> dict[str, str]:
    """New names for links or groups that two copies or more share; a copy alone is in none."""
    return {name: draft.new_id(prefix) if name and count > 1 else "" for name, count in Counter(names).items()}
