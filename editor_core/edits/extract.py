"""Extract: clips go and the gap closes.

    before  V1 |--A--|--B--|--C--|      after  V1 |--A--|--C--|
            A1 |--a--|--b--|--c--|             A1 |--a--|--c--|
            A2 |----------music----------|      A2 |----------music----------|

Owns: which gaps close and by how much. Refuses: cutting into clips that were not named.

Later clips on the other unlocked tracks come along where there is room for it, so that titles and effects stay over their
picture. A track where something is in the way stays as it is, unless that would pull linked picture and sound apart: then the
edit is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from editor_core.document import Draft
from editor_core.document.view import TIMELINE_ORDER
from editor_core.edits.errors import EditError
from editor_core.edits.lift import lift
from editor_core.edits.ripple import Pulls, across, pull
from editor_core.edits.wording import at, lane
from editor_core.schema import Clip, Track
from editor_core.timing import floor_to_frame


def extract(draft: Draft, clips: Iterable[Clip], *, linked: bool = True) -> list[Track]:
    """Removes clips with their linked ones and closes the gaps, last first; returns the tracks that could not follow."""
    gone = lift(draft, clips, linked=linked)
    held: dict[str, Track] = {}
    pulls = Pulls(draft)
    for cluster in reversed(_clusters(gone)):
        held.update((track.id, track) for track in _close(draft, pulls, cluster))
    pulls.write()
    return [track for track in draft.tracks() if track.id in held]


def close_gap(draft: Draft, track: Track, ticks: int) -> list[Track]:
    """Closes the gap of a track that covers `ticks`; returns the tracks that could not follow. Raises EditError for no gap."""
    if track.locked:
        raise EditError(f"{lane(draft, track)} is locked; unlock it first")
    clips = draft.clips_on(track.id)
    following = next((clip for clip in clips if clip.start > ticks), None)
    start = max((clip.end for clip in clips if clip.start <= ticks), default=0)
    if following is None or start > ticks:
        raise EditError(f"There is no gap before a clip on {lane(draft, track)} at {at(ticks, draft.timeline.rate)}")
    return pull(draft, following.start, floor_to_frame(following.start - start, draft.timeline.rate), {track.id})


def _clusters(gone: Sequence[Clip]) -> list[list[Clip]]:
    """Removed clips in groups that overlap in time, or follow one another on the same tracks; earliest first."""
    groups: list[list[Clip]] = []
    ends: list[int] = []
    for clip in sorted(gone, key=TIMELINE_ORDER):
        if groups and clip.start < ends[-1]:
            groups[-1].append(clip)
            ends[-1] = max(ends[-1], clip.end)
        else:
            groups.append([clip])
            ends.append(clip.end)
    joined: list[list[Clip]] = []
    tracks: set[str] = set()
    for index, group in enumerate(groups):
        if index and group[0].start == ends[index - 1] and _tracks(group) == tracks:
            joined[-1].extend(group)
        else:
            joined.append(group)
            tracks = _tracks(group)
    return joined


def _tracks(group: Sequence[Clip]) -> set[str]:
    return {clip.track for clip in group}


def _close(draft: Draft, pulls: Pulls, cluster: Sequence[Clip]) -> list[Track]:
    """Closes what one group left, by what was removed from its main track: the longest picture, else the longest sound.

    Where a track of the group has less room (its sound was cut elsewhere than its picture), or one whose later clips are linked to
    those of the group's tracks, all close by that much. Raises EditError where there is no room at all.
    """
    spans: dict[tuple[bool, str], int] = {}
    for clip in cluster:
        spans[not clip.is_sound, clip.track] = spans.get((not clip.is_sound, clip.track), 0) + clip.duration
    (_, main), span = max(spans.items(), key=lambda item: (item[0][0], item[1], item[0][1]))
    at = max(clip.end for clip in cluster if clip.track == main)
    tracks = _tracks(cluster)
    moving = pulls.later(at)
    rooms = {track: space for track in tracks | moving.joined_with(tracks) if (space := pulls.room(track, moving)) is not None}
    by = min([span, *rooms.values()])
    if by <= 0 and pulls.pending:  # what is said of it names times, which are those of the rows as they were
        pulls.write()
        return _close(draft, pulls, cluster)
    if by <= 0:
        tight = min(rooms, key=lambda track: (rooms[track], track))
        behind = min(moving.on(tight), key=TIMELINE_ORDER)
        raise EditError(across(draft, pulls.nearest(tight, moving), draft.get(Track, tight), behind))
    if any(not clip.is_sound for clip in cluster) or any(not clip.is_sound for track in moving.rows for clip in moving.on(track)):
        by = floor_to_frame(by, draft.timeline.rate)
    return pulls.pull(moving, by, tracks) if by > 0 else []
