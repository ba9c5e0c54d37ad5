"""Ripple: later clips move along when time is put in or taken out.

    push    |--A--|--B--|         ->   |--A--|  gap  |--B--|
    pull    |--A--|  gap  |--B--|  ->   |--A--|--B--|

Owns: moving all that is later on the unlocked tracks, with markers, and the ripple record that a merge needs.
Refuses: locked tracks, and pulling linked picture and sound apart. Which clips are later: see `later`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from editor_core.document import Draft
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import open_tracks
from editor_core.edits.later import Later, Links, run_over, tightest
from editor_core.edits.split import split
from editor_core.edits.wording import at as at_words
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Marker, Ripple, Track


def open_gap(draft: Draft, at: int, delta: int) -> None:
    """Puts `delta` ticks (whole frames) of nothing into all unlocked tracks at `at`, cutting clips that lie across it."""
    across = [clip for track in open_tracks(draft) for clip in draft.clips_between(track.id, at, at + 1)]
    split(draft, across, at)
    push(draft, at, delta)


def push(draft: Draft, at: int, delta: int, besides: Collection[str] = ()) -> None:
    """Moves what is later than `at` ticks on unlocked tracks right by `delta`, but for the clips in `besides`."""
    lanes = open_tracks(draft)
    moving = Later(draft, {track.id: draft.clips_on(track.id) for track in lanes}, at, besides)
    for track in lanes:
        blocker = run_over(moving, track.id, delta)
        if blocker is not None:
            raise EditError(f"{called(draft, blocker)} on {lane(draft, track)} is in the way of moving later clips along; "
                            f"move or trim it, or lock {draft.track_label(track)} to leave it out")
    draft.shift([clip for track in moving.tracks for clip in moving.on(track)], delta)
    _note(draft, lanes, at, delta)


def pull(draft: Draft, at: int, delta: int, required: Collection[str]) -> list[Track]:
    """Moves what is later than `at` ticks left by `delta` > 0, and returns the tracks that had to stay as they were.

    Tracks in `required` must move. Another track stays when something on it is in the way, unless that would take linked
    picture and sound apart: then EditError names what is in the way.
    """
    pulls = Pulls(draft)
    held = pulls.pull(pulls.later(at), delta, required)
    pulls.write()
    return held


class _Step(NamedTuple):
    """One pull: which clips it was the first to move, by track, and which tracks moved."""

    at: int
    delta: int
    lanes: list[Track]
    clips: dict[str, Sequence[Clip]]


class Pulls:
    """Several pulls, the last on the timeline first; `write` writes them all into the draft.

    Until then the draft has every clip where it was. A row needs to know only its `edge`, the first of its clips that moved: all
    behind it moved too, what is before it did not. Where that does not hold what there is is written first, so that each pull finds
    the rows as the pulls before it left them.
    """

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.lanes = open_tracks(draft)
        self._steps: list[_Step] = []
        self._begin()

    def _begin(self) -> None:
        self._rows = {track.id: self._draft.clips_on(track.id) for track in self.lanes}
        self._edges = {track: len(row) for track, row in self._rows.items()}
        self._gone = dict.fromkeys(self._rows, 0)  # by how much the clip at the edge went left
        self._links = Links(self._rows)

    @property
    def pending(self) -> bool:
        """Whether something is not written yet."""
        return bool(self._steps)

    def later(self, at: int) -> Later:
        """What is later than `at` ticks on the unlocked tracks."""
        if any(edge < len(self._rows[track]) and self._rows[track][edge].start - self._gone[track] < at
               for track, edge in self._edges.items()):
            self.write()
        found = Later(self._draft, self._rows, at, until=self._edges, links=self._links)
        if self.pending and not found.plain:
            self.write()
            found = Later(self._draft, self._rows, at)
        return found

    def room(self, track: str, moving: Later) -> int | None:
        """How far the moving clips of a track can go left before they meet one that stays, in ticks; None if none moves."""
        gap = self._tightest(track, moving)
        return None if gap is None else gap[0]

    def nearest(self, track: str, moving: Later) -> Clip:
        """The clip that bounds `room` on a track where something moves."""
        found = self._tightest(track, moving)
        assert found is not None
        return found[1]

    def _tightest(self, track: str, moving: Later) -> tuple[int, Clip] | None:
        gap = tightest(moving, track)
        if gap is None or moving.begins(track) != self._edges[track]:
            return gap
        return gap[0] - self._gone[track], gap[1]

    def pull(self, moving: Later, delta: int, required: Collection[str]) -> list[Track]:
        """As the function, of what is later than a time."""
        held = [(track, gap[1]) for track in self.lanes if (gap := self._tightest(track.id, moving)) is not None and gap[0] < delta]
        going = moving.without({track.id for track, _ in held}) if held else moving
        refusal = next((words for track, blocker in held if (words := self._refusal(track, blocker, moving, going, required))), "")
        if refusal and self.pending:  # its words name times, which are those of the rows as they were
            self.write()
            return self.pull(self.later(moving.at), delta, required)
        if refusal:
            raise EditError(refusal)
        self._add(_Step(moving.at, delta, [t for t in self.lanes if t.id in going.rows], {}), going)
        return [track for track, _ in held]

    def _refusal(self, track: Track, blocker: Clip, moving: Later, going: Later, required: Collection[str]) -> str:
        """Why a track cannot stay as it is; empty if it can."""
        draft = self._draft
        if track.id in required:
            return (f"{called(draft, blocker)} on {lane(draft, track)} is in the way of closing the gap; "
                    f"move or trim it, lock {draft.track_label(track)} to leave it out, or lift instead")
        parted = moving.bound_to(going, track.id)
        return "" if parted is None else across(draft, blocker, track, parted)

    def _add(self, step: _Step, going: Later) -> None:
        for track in going.tracks:
            begin, edge = going.begins(track), self._edges[track]
            step.clips[track] = going.on(track, edge) if going.plain else going.on(track)
            self._gone[track] = step.delta + (0 if begin < edge else self._gone[track])
            self._edges[track] = begin
        self._steps.append(step)
        if not going.plain:
            self.write()

    def write(self) -> None:
        """Writes the pulls, in the order in which they were made."""
        steps, self._steps = self._steps, []
        totals = dict.fromkeys(self._rows, 0)
        by: list[dict[str, int]] = []
        for step in reversed(steps):
            totals.update((track.id, totals[track.id] + step.delta) for track in step.lanes)
            by.append({track.id: totals[track.id] for track in step.lanes})
        for step, ways in zip(steps, reversed(by), strict=True):
            for track, clips in step.clips.items():
                self._draft.shift(clips, -ways[track])
            _note(self._draft, step.lanes, step.at, -step.delta)
        if steps:
            self._begin()


def across(draft: Draft, blocker: Clip, track: Track, after: Clip) -> str:
    """Why a gap cannot close: something lies across it, and what comes after that is linked to what would move."""
    part, other = ("sound", "picture") if after.is_sound else ("picture", "sound")
    return (f"{called(draft, blocker)} on {lane(draft, track)} lies across the gap, so the {part} of {called(draft, after)} at "
            f"{at_words(after.start, draft.timeline.rate)} could not stay with its {other}; split or trim {called(draft, blocker)} first, "
            "or leave the gap")


def _note(draft: Draft, tracks: Iterable[Track], at: int, delta: int) -> None:
    """Moves markers along with the clips, and leaves word of the ripple."""
    edge = at + min(delta, 0)
    for marker in draft.of_kind(Marker):
        if marker.timeline == draft.timeline.id and marker.start >= edge:
            draft.put(marker, start=max(edge, marker.start + delta))
    draft.create(Ripple(id=draft.new_id("r"), tracks=tuple(track.id for track in tracks), at=at, delta=delta))
