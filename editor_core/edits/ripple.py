"""Ripple: later clips move along when time is put in or taken out.

    push    |--A--|--B--|         ->   |--A--|  gap  |--B--|
    pull    |--A--|  gap  |--B--|  ->   |--A--|--B--|

Owns: moving all that is later on the unlocked tracks, with markers, and the ripple record that a merge needs.
Refuses: locked tracks, and pulling linked picture and sound apart.

What is later than a time: every clip that starts there or after, and sound (or picture) that lies across it and is linked to such
a clip, as when the sound of the next shot is heard before its picture.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import open_tracks
from editor_core.edits.split import split
from editor_core.edits.wording import at as at_words
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Marker, Ripple, Track

Later = dict[str, Clip]
"""The clips that move, by id."""


def open_gap(draft: Draft, at: int, delta: int) -> None:
    """Puts `delta` ticks (whole frames) of nothing into all unlocked tracks at `at`, cutting clips that lie across it."""
    across = [clip for track in open_tracks(draft) for clip in draft.clips_between(track.id, at, at + 1)]
    split(draft, across, at)
    push(draft, at, delta)


def push(draft: Draft, at: int, delta: int, besides: Collection[str] = ()) -> None:
    """Moves what is later than `at` ticks on unlocked tracks right by `delta`, but for the clips in `besides`."""
    lanes = open_tracks(draft)
    moving = later(draft, lanes, at, besides)
    for track in lanes:
        blocker = _run_over(draft, track, moving, delta)
        if blocker is not None:
            raise EditError(f"{called(draft, blocker)} on {lane(draft, track)} is in the way of moving later clips along; "
                            f"move or trim it, or lock {draft.track_label(track)} to leave it out")
    _shift(draft, lanes, moving, at, delta)


def pull(draft: Draft, at: int, delta: int, required: Collection[str]) -> list[Track]:
    """Moves what is later than `at` ticks left by `delta` > 0, and returns the tracks that had to stay as they were.

    Tracks in `required` must move. Another track stays when something on it is in the way, unless that would take linked
    picture and sound apart: then EditError names what is in the way.
    """
    tracks = open_tracks(draft)
    moving = later(draft, tracks, at)
    held = [(track, blocker) for track in tracks if (blocker := _blocker(draft, track, moving, delta)) is not None]
    for track, blocker in held:
        if track.id in required:
            raise EditError(_blocked(draft, blocker, track))
    staying = {track.id for track, _ in held}
    lanes = [track for track in tracks if track.id not in staying]
    going = later(draft, lanes, at) if held else moving
    bound = [clip for clip in moving.values() if clip.link and clip.track in staying]
    for track, blocker in held:
        left = (clip for clip in bound if clip.track == track.id)
        parted = next((clip for clip in left if any(partner.id in going for partner in draft.linked(clip))), None)
        if parted is not None:
            raise EditError(across(draft, blocker, track, parted))
    _shift(draft, lanes, going, at, -delta)
    return [track for track, _ in held]


def later(draft: Draft, lanes: Iterable[Track], at: int, besides: Collection[str] = ()) -> Later:
    """The clips of some tracks that are later than `at` ticks (see above), but for those in `besides`."""
    tracks = [track.id for track in lanes]
    found = {clip.id: clip for track in tracks for clip in draft.clips_from(track, at) if clip.id not in besides}
    for track in tracks:
        for across in draft.clips_between(track, at, at + 1):
            if across.start < at and across.id not in besides and any(one.id in found for one in draft.linked(across)):
                found[across.id] = across
    return found


def room(draft: Draft, track_id: str, moving: Later) -> int | None:
    """How far the moving clips of a track can go left before they meet one that stays, in ticks; None if none moves."""
    gap = _tightest(draft, track_id, moving)
    return None if gap is None else gap[0]


def nearest(draft: Draft, track_id: str, moving: Later) -> Clip:
    """The clip that bounds `room` on a track where something moves."""
    found = _tightest(draft, track_id, moving)
    assert found is not None
    return found[1]


def across(draft: Draft, blocker: Clip, track: Track, after: Clip) -> str:
    """Why a gap cannot close: something lies across it, and what comes after that is linked to what would move."""
    part, other = ("sound", "picture") if after.is_sound else ("picture", "sound")
    return (f"{called(draft, blocker)} on {lane(draft, track)} lies across the gap, so the {part} of {called(draft, after)} at "
            f"{at_words(after.start, draft.timeline.rate)} could not stay with its {other}; split or trim {called(draft, blocker)} first, "
            "or leave the gap")


def _tightest(draft: Draft, track_id: str, moving: Later) -> tuple[int, Clip] | None:
    """The least space before a moving clip of a track, and the clip that bounds it (itself, at the timeline's start)."""
    best: tuple[int, Clip] | None = None
    still: Clip | None = None
    first = True  # only the first that moves after one that stays can be tighter than those before it
    for clip in draft.clips_on(track_id):
        if clip.id not in moving:
            still, first = clip, True
        elif first:
            first = False
            space = clip.start - (still.end if still is not None else 0)
            if best is None or space < best[0]:
                best = (space, still or clip)
    return best


def _blocker(draft: Draft, track: Track, moving: Later, delta: int) -> Clip | None:
    gap = _tightest(draft, track.id, moving)
    return gap[1] if gap is not None and gap[0] < delta else None


def _run_over(draft: Draft, track: Track, moving: Later, delta: int) -> Clip | None:
    """A clip that stays and that one moving right by `delta` would run into."""
    end = 0
    for clip in draft.clips_on(track.id):
        if clip.id in moving:
            end = max(end, clip.end + delta)
        elif clip.start < end:
            return clip
    return None


def _blocked(draft: Draft, blocker: Clip, track: Track) -> str:
    return (f"{called(draft, blocker)} on {lane(draft, track)} is in the way of closing the gap; "
            f"move or trim it, lock {draft.track_label(track)} to leave it out, or lift instead")


def _shift(draft: Draft, tracks: Iterable[Track], moving: Later, at: int, delta: int) -> None:
    draft.shift(moving.values(), delta)
    edge = at + min(delta, 0)
    for marker in draft.of_kind(Marker):
        if marker.timeline == draft.timeline.id and marker.start >= edge:
            draft.put(marker, start=max(edge, marker.start + delta))
    draft.create(Ripple(id=draft.new_id("r"), tracks=tuple(track.id for track in tracks), at=at, delta=delta))
