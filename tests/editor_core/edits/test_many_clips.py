"""Edits of thousands of clips take short cuts: what comes of them is what the long way makes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest

from editor_core.document import Draft, Snapshot
from editor_core.document.new_project import new_records
from editor_core.edits.duplicate import duplicate
from editor_core.edits.errors import EditError
from editor_core.edits.extract import extract
from editor_core.edits.lanes import in_the_way, open_tracks
from editor_core.edits.later import Later, tightest
from editor_core.edits.move import _Taken
from editor_core.edits.ripple import Pulls, pull
from editor_core.schema import Clip, Marker, MediaReference, Record, Ripple, Track
from editor_core.timing import TICKS_PER_SECOND, TimeRange, ceil_to_frame

FRAME = TICKS_PER_SECOND // 25


def film(rng: random.Random, shots: int, *, neat: bool = False) -> Snapshot:
    """Linked shots on one to three lanes, with gaps, markers and a locked track here and there; unless `neat`, sound is cut elsewhere
    than picture, and lies on other lanes. In some films a merge has left clips over one another."""
    ids = (f"n{number}" for number in range(10**6))
    records: list[Record] = [r for r in new_records(lambda prefix: "project" if prefix == "p" else next(ids)) if not isinstance(r, Track)]
    lanes = 1 if neat else rng.choice((1, 2, 3))
    tracks = [Track(id=f"k{n}", timeline=records[1].id, kind="video" if n < lanes else "audio", order=f"W{n % lanes}",
                    locked=not neat and n == lanes * 2 - 1 and rng.random() < 0.1) for n in range(2 * lanes)]
    ends = dict.fromkeys(range(2 * lanes), 0)
    merged = not neat and rng.random() < 0.3
    for shot in range(shots):
        lane, length = rng.randrange(lanes), rng.randrange(2, 40)
        ear = lanes + (lane if neat or rng.random() < 0.9 else rng.randrange(lanes))
        start = max(ends[lane], ends[ear] if neat else 0) + rng.choice((0, 0, 0, rng.randrange(30)))
        heard = start if neat else max(ends[ear], start + rng.choice((0, 0, 0, -2, 5)))
        for track, begin, kind, long in ((lane, start, "video", length), (ear, heard, "audio", length)):
            records.append(Clip(id=f"c{shot}{kind[0]}", track=f"k{track}", kind=kind, asset="m", start=begin * FRAME,
                                source_range=TimeRange(0, long * FRAME), link=f"l{shot}" if neat or rng.random() < 0.9 else ""))
            ends[track] = begin + max(1, long - (rng.randrange(60) if merged and rng.random() < 0.4 else 0))
    records.append(MediaReference(id="m", name="m", hash="h", size=1, duration=10**12, container="mov"))
    records += [Marker(id=f"x{n}", timeline=records[1].id, start=rng.randrange(shots * 20) * FRAME, text="x") for n in range(4)]
    return Snapshot.of([*records, *tracks])


def films(count: int, shots: int, *, neat: bool = False) -> Iterator[tuple[random.Random, Snapshot]]:
    for seed in range(count):
        rng = random.Random(seed)
        yield rng, film(rng, shots, neat=neat)


def cut(draft: Draft) -> list[object]:
    clips = [(track.id, clip.id, clip.start) for track in draft.tracks() for clip in draft.clips_on(track.id)]
    return [*clips, *((m.id, m.start) for m in draft.of_kind(Marker)), *((r.at, r.delta, r.tracks) for r in draft.of_kind(Ripple))]


def test_many_gaps_closed_at_once_are_as_if_each_had_been_closed_by_itself_the_last_first() -> None:
    done = 0
    for rng, view in films(150, 24):
        row = [clip for clip in sorted(view.of_kind(Clip), key=lambda c: (c.start, c.id)) if not clip.is_sound]
        chosen = row[rng.randrange(3)::rng.choice((3, 4, 7))]
        together, apart = Draft(view), Draft(view)
        refusals: list[str] = []
        for draft, groups in ((together, [chosen]), (apart, [[clip] for clip in reversed(chosen)])):
            try:
                for group in groups:
                    extract(draft, [draft.get(Clip, clip.id) for clip in group])
                refusals.append("")
            except EditError as error:
                refusals.append(str(error))
        spans = [(min(c.start for c in view.linked(clip)), max(c.end for c in view.linked(clip))) for clip in chosen]
        if all(one[1] < other[0] for one, other in pairwise(spans)):
            assert refusals[0] == refusals[1]
            if not refusals[0]:
                assert cut(together) == cut(apart)
                done += 1
    assert done > 10, "enough of them can be closed"


def test_gaps_that_close_one_after_the_other_find_what_those_before_them_left() -> None:
    done = 0
    for rng, view in films(250, 16):
        together, apart = Draft(view), Draft(view)
        near = rng.randrange(view.end()) // FRAME
        times = [(near + n) * FRAME for n in range(1, 30)]
        if rng.random() < 0.5:
            times = [clip.start for clip in view.of_kind(Clip) if clip.start]
        pulls = Pulls(together)
        for at in sorted(rng.sample(times, 5), reverse=True):
            delta, said = min(at, rng.choice((1, 2, 5, 20, 60)) * FRAME), []
            for close in (lambda: pulls.pull(pulls.later(at), delta, ()), lambda: pull(apart, at, delta, ())):  # noqa: B023
                try:
                    said.append(close())
                except EditError as error:
                    said.append(str(error))
            assert said[0] == said[1]
            done += isinstance(said[0], list)
        pulls.write()
        assert cut(together) == cut(apart)
    assert done > 100


def test_each_clip_is_moved_once_however_many_gaps_close(monkeypatch: pytest.MonkeyPatch) -> None:
    _, view = next(films(1, 400, neat=True))
    moved: list[int] = []
    shift = Draft.shift
    monkeypatch.setattr(Draft, "shift", lambda self, clips, delta, **how: (moved.append(len(clips)), shift(self, clips, delta, **how)))
    extract(Draft(view), [clip for clip in view.of_kind(Clip) if not clip.is_sound][::5])
    assert 400 < sum(moved) <= 800


def old_later(draft: Draft, tracks: list[str], at: int) -> dict[str, Clip]:
    found = {clip.id: clip for track in tracks for clip in draft.clips_on(track) if clip.start >= at}
    for track in tracks:
        for across in draft.clips_between(track, at, at + 1):
            if across.start < at and any(one.id in found for one in draft.linked(across)):
                found[across.id] = across
    return found


def old_tightest(row: tuple[Clip, ...], moving: dict[str, Clip]) -> tuple[int, Clip] | None:
    gaps = []
    still, first = None, True
    for clip in row:
        if clip.id not in moving:
            still, first = clip, True
        elif first:
            first = False
            gaps.append((clip.start - (still.end if still is not None else 0), still or clip))
    return min(gaps, key=lambda gap: gap[0], default=None)


def test_what_is_later_is_told_without_gathering_it() -> None:
    uneven = 0
    for rng, view in films(80, 30):
        draft = Draft(view)
        tracks = [track.id for track in open_tracks(draft)]
        for at in rng.sample(range(0, view.end(), FRAME), 6):
            moving = Later(draft, {track: draft.clips_on(track) for track in tracks}, at)
            gathered = old_later(draft, tracks, at)
            assert {clip.id for track in tracks for clip in moving.on(track)} == set(gathered)
            assert all((clip in moving) == (clip.id in gathered) for clip in view.of_kind(Clip))
            for track in tracks:
                assert tightest(moving, track) == old_tightest(view.clips_on(track), gathered)
                linked = {one.track for clip in gathered.values() if clip.track == track for one in draft.clips_linked(clip.link)
                          if one.id in gathered} - {track}
                assert moving.joined_with({track}) == linked
            uneven += bool(moving.across)
    assert uneven > 20


def test_what_lands_is_told_from_what_is_free_as_by_looking_at_each() -> None:
    rng = random.Random(5)
    for _ in range(60):
        taken, spans = _Taken(), []
        for _ in range(40):
            start = rng.randrange(200)
            end = start + rng.randrange(1, 12)
            assert taken.overlaps("k", start, end) == any(start < b and a < end for a, b in spans)
            if rng.random() < 0.6:
                taken.add("k", start, end)
                spans.append((start, end))
    assert not taken.overlaps("elsewhere", 0, 100)


def test_copies_land_in_the_first_place_where_all_of_them_fit() -> None:
    for rng, view in films(40, 12, neat=True):
        clips = rng.sample(view.of_kind(Clip), 4)
        first = min(clip.start for clip in clips)
        at = ceil_to_frame(max(clip.end for clip in clips), view.timeline.rate)
        while any(in_the_way(view, c.track, c.start + at - first, c.end + at - first) is not None for c in clips):
            at += FRAME
        made = duplicate(Draft(view), clips)
        assert min(clip.start for clip in made) == at
