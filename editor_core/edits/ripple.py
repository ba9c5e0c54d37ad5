"""Ripple: later clips move along when time is put in or taken out.

    push    |--A--|--B--|         ->   |--A--|  gap  |--B--|
    pull    |--A--|  gap  |--B--|  ->   |--A--|--B--|

Owns: moving all that is later on the unlocked tracks, with markers, and the ripple record that a merge needs.
Refuses: locked tracks, and pulling linked picture and sound apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import open_tracks
from editor_core.edits.split import split
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Marker, Ripple, Track


def open_gap(draft: Draft, at: int, delta: int) -> None:
    """Puts `delta` ticks (whole frames) of nothing into all unlocked tracks at `at`, cutting clips that lie across it."""
    across = [clip for track in open_tracks(draft) for clip in draft.clips_between(track.id, at, at + 1)]
    split(draft, across, at)
    _shift(draft, open_tracks(draft), at, delta)


def push(draft: Draft, at: int, delta: int, besides: Collection[str] = ()) -> None:
    """Moves all clips on unlocked tracks that start at `at` ticks or later right by `delta`, but for those in `besides`.

    Sound that begins before `at` and is linked to a picture that moves goes along.
    """
    _shift(draft, open_tracks(draft), at, delta, besides)


def pull(draft: Draft, at: int, delta: int, required: Collection[str]) -> list[Track]:
    """Moves what starts at `at` ticks or later left by `delta` > 0, and returns the tracks that had to stay as they were.

    Tracks in `required` must move. Another track stays when something on it is in the way, unless that would take linked
    picture and sound apart: then EditError names what is in the way.
    """
    movable, held = [], []
    for track in open_tracks(draft):
        blocker = _blocker(draft, track, at, delta)
        if blocker is None:
            movable.append(track)
        elif track.id in required:
            raise EditError(_blocked(draft, blocker, track))
        else:
            held.append((track, blocker))
    going = {clip.id for track in movable for clip in draft.clips_from(track.id, at)}
    for track, blocker in held:
        for clip in draft.clips_from(track.id, at):
            if any(partner.id in going for partner in draft.linked(clip)):
                raise EditError(_blocked(draft, blocker, track))
    _shift(draft, movable, at, -delta)
    return [track for track, _ in held]


def room(draft: Draft, track_id: str, at: int) -> int | None:
    """How far the clips from `at` on can move left on a track, in ticks; None if there are none."""
    later = draft.clips_from(track_id, at)
    if not later:
        return None
    position = len(draft.clips_on(track_id)) - len(later)
    return later[0].start - (draft.clips_on(track_id)[position - 1].end if position else 0)


def _blocker(draft: Draft, track: Track, at: int, delta: int) -> Clip | None:
    space = room(draft, track.id, at)
    if space is None or space >= delta:
        return None
    clips = draft.clips_on(track.id)
    position = len(clips) - len(draft.clips_from(track.id, at))
    return clips[position - 1] if position else clips[0]


def _blocked(draft: Draft, blocker: Clip, track: Track) -> str:
    return (f"{called(draft, blocker)} on {lane(draft, track)} is in the way of closing the gap; "
            f"move or trim it, lock {draft.track_label(track)} to leave it out, or lift instead")


def _shift(draft: Draft, tracks: Iterable[Track], at: int, delta: int, besides: Collection[str] = ()) -> None:
    lanes = {track.id for track in tracks}
    moving = {clip.id: clip for track in lanes for clip in draft.clips_from(track, at) if clip.id not in besides}
    for track_id in lanes:
        for across in draft.clips_between(track_id, at, at + 1):
            if across.start < at and across.id not in besides and any(one.id in moving for one in draft.linked(across)):
                moving[across.id] = across
    _check_room(draft, moving, delta)
    draft.shift(moving.values(), delta)
    for marker in draft.of_kind(Marker):
        if marker.timeline == draft.timeline.id and marker.start >= at + min(delta, 0):
            start = max(at + min(delta, 0), marker.start + delta) if delta < 0 else marker.start + delta
            draft.put(marker, start=start)
    ordered = tuple(track.id for track in draft.tracks() if track.id in lanes)
    draft.create(Ripple(id=draft.new_id("r"), tracks=ordered, at=at, delta=delta))


def _check_room(draft: Draft, moving: dict[str, Clip], delta: int) -> None:
    for track_id in {clip.track for clip in moving.values()}:
        end, last = 0, None
        for clip in draft.clips_on(track_id):
            start = clip.start + delta if clip.id in moving else clip.start
            if start < end and last is not None and (clip.id in moving) != (last.id in moving):
                still = last if clip.id in moving else clip
                raise EditError(_blocked(draft, still, draft.get(Track, track_id)))
            end, last = max(end, start + clip.duration), clip
