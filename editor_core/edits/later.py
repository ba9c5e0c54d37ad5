"""What is later than a time on some tracks, and what is in the way when it moves.

    at            |
    V1  |---A---|-|--B--|--C--|        B and C
    A1  |---a---||--b---|--c--|        b and c: b lies across the time, and is linked to B

Owns: finding those clips by where they begin in their rows. Refuses: moving them (see `ripple`).

Later is every clip that starts there or after, and sound (or picture) that lies across the time and is linked to such a clip, as when
the sound of the next shot is heard before its picture.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence, Set
from operator import attrgetter

from editor_core.document import Draft
from editor_core.schema import Clip

_START = attrgetter("start")


class Later:
    """The clips of `rows` (track to its clips in order) that are later than `at` ticks, but for those in `besides`.

    In a large film that is nearly all of it, so they are not gathered: all from some place of a row on. `until` says from where on the
    clips of a row are known to be later. Holds as long as the draft is not written.
    """

    def __init__(self, draft: Draft, rows: Mapping[str, Sequence[Clip]], at: int, besides: Collection[str] = (),
                 until: Mapping[str, int] | None = None, links: Links | None = None) -> None:
        self._draft = draft
        self._links = links or Links(rows)
        self._besides = besides
        self.rows = rows
        self.at = at
        self.first = {track: bisect_left(row, at, 0, len(row) if until is None else until[track], key=_START)
                      for track, row in rows.items()}
        self.across: dict[str, Clip] = {}
        for track in rows:
            for clip in draft.clips_between(track, at, at + 1):
                if clip.start < at and clip.id not in besides and any(one in self for one in draft.linked(clip)):
                    self.across[clip.id] = clip
        self.plain = self._is_plain()
        """Whether on each track all from some clip on are later."""

    def _is_plain(self) -> bool:
        alone = len({clip.track for clip in self.across.values()}) == len(self.across)
        behind = all(self.first[c.track] and self.rows[c.track][self.first[c.track] - 1].id == c.id for c in self.across.values())
        kept = (self._draft.find(Clip, clip_id) for clip_id in self._besides)
        return alone and behind and not any(c is not None and c.start >= self.at and c.track in self.rows for c in kept)

    def __contains__(self, clip: Clip) -> bool:
        if clip.start >= self.at:
            return clip.track in self.rows and clip.id not in self._besides
        return clip.id in self.across

    def begins(self, track: str) -> int:
        """The place in its row from which on all are later; only where it is `plain`."""
        return self.first[track] - any(clip.track == track for clip in self.across.values())

    def on(self, track: str, end: int | None = None) -> Sequence[Clip]:
        """Those of a track, up to the place `end` of its row; what lies across the time last."""
        found = self.rows[track][self.first[track]:end]
        if self._besides:
            found = [clip for clip in found if clip.id not in self._besides]
        return [*found, *(clip for clip in self.across.values() if clip.track == track)] if self.across else found

    @property
    def tracks(self) -> list[str]:
        """The tracks that have any, those with nothing but what lies across the time last."""
        return list(dict.fromkeys([*(track for track, row in self.rows.items() if self.first[track] < len(row)),
                                   *(clip.track for clip in self.across.values())]))

    def without(self, tracks: Collection[str]) -> Later:
        """What is later on the other tracks."""
        return Later(self._draft, {track: row for track, row in self.rows.items() if track not in tracks}, self.at, self._besides,
                     self.first, self._links)

    def joined_with(self, tracks: Collection[str]) -> set[str]:
        """Those of the other tracks on which something later is linked to something later on one of `tracks`."""
        there = [self.links(track) for track in tracks if track in self.rows]
        return {track for track in self.rows.keys() - tracks if any(not self.links(track).isdisjoint(some) for some in there)}

    def bound_to(self, going: Later, track: str) -> Clip | None:
        """The first clip of a track that is linked to something in `going`."""
        mine = self.links(track)
        shared = {link for other in going.rows if not mine.isdisjoint(some := going.links(other)) for link in mine & some}
        return next((clip for clip in self.on(track) if clip.link in shared), None) if shared else None

    def links(self, track: str) -> Set[str]:
        """The links of what is later on a track, whatever is left out besides."""
        found = self._links.behind(track, self.first[track])
        besides = {clip.link for clip in self.across.values() if clip.track == track and clip.link}
        return found | besides if besides else found


class Links:
    """The links that there are on each row from some place of it on. Pulls ask for it again and again, from ever further left."""

    def __init__(self, rows: Mapping[str, Sequence[Clip]]) -> None:
        self._rows = rows
        self._known: dict[str, tuple[int, set[str]]] = {}

    def behind(self, track: str, first: int) -> Set[str]:
        """The links from a place on, to be looked at there and then."""
        row = self._rows[track]
        until, found = self._known.get(track, (len(row), set()))
        if first > until:
            until, found = len(row), set()
        found.update(clip.link for clip in row[first:until] if clip.link)
        self._known[track] = first, found
        return found


def tightest(moving: Later, track: str) -> tuple[int, Clip] | None:
    """The least space before a moving clip of a track, in ticks, and the clip that bounds it (itself, at the timeline's start)."""
    row = moving.rows.get(track, ())
    if not moving.plain:
        return _tightest_of_all(moving, row)
    begin = moving.begins(track) if row else 0
    if begin == len(row):
        return None
    still = row[begin - 1] if begin else None
    return row[begin].start - (still.end if still is not None else 0), still or row[begin]


def _tightest_of_all(moving: Later, row: Sequence[Clip]) -> tuple[int, Clip] | None:
    best: tuple[int, Clip] | None = None
    still: Clip | None = None
    first = True  # only the first that moves after one that stays can be tighter than those before it
    for clip in row:
        if clip not in moving:
            still, first = clip, True
        elif first:
            first = False
            space = clip.start - (still.end if still is not None else 0)
            if best is None or space < best[0]:
                best = (space, still or clip)
    return best


def run_over(moving: Later, track: str, delta: int) -> Clip | None:
    """A clip that stays and that one moving right by `delta` ticks would run into."""
    end = 0
    for clip in moving.rows[track] if not moving.plain else ():
        if clip in moving:
            end = max(end, clip.end + delta)
        elif clip.start < end:
            return clip
    return None
