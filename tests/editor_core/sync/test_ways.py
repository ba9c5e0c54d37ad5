"""Clips with which all went the same way are worked out together; each comes out as it does when it is looked at by itself.

Owns: the short ways of `Story`, `Starts` and `Ripples` against the plain rule, clip by clip and stretch by stretch. Refuses: the rule
itself (see convergence).
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from editor_core.commands.registry import CommandError
from editor_core.document import Snapshot, Stamp
from editor_core.schema import Clip, Track
from editor_core.sync.base_time import Stretch
from editor_core.sync.conflicts import conflicts
from editor_core.sync.ripples import Lost, Moved, Ripples
from editor_core.sync.starts import Starts
from editor_core.sync.story import Story
from tests.fuzz.sync import Run
from tests.support.peers import Peer
from tests.support.random_edits import FRAME


class OneByOne(Story):
    """A story in which every clip is looked at by itself."""

    def way(self, clip_id: str) -> int | None:
        return None


def one_by_one(story: Story) -> OneByOne:
    plain = OneByOne(story.causality)
    for change in story.changes.values():
        plain.add(change)
    return plain


def plainly_together(ripples: Ripples, track: str, shifts: Iterable[Moved], lost: Iterable[Lost] = ()) -> int:
    """What shifts of one clip come to, by the definition: stretches that several took out count once, unless one knew the other; what is
    taken out of what was lost counts for nothing."""
    given, order, missing = list(shifts), ripples._order, list(lost)
    total = sum(delta for _, delta in given)
    pushed = [i for one in given if one[1] > 0 and one[0] in ripples.again for i in ripples._did(track, one)]
    total -= sum((pushed.count(i) - 1) * ripples._delta(i) for i in set(pushed))
    gone: list[tuple[Stretch, Stamp]] = []
    for stamp, delta in sorted((one for one in given if one[1] < 0), key=lambda one: order.rank(one[0])):
        for i in ripples._did(track, (stamp, delta)):
            reach = ripples.reach(i, track)
            for start, stop in (*reach.taken, *reach.inside):
                beside = [one for one, by in gone if by != stamp and (stamp in ripples.again or order.apart(by, stamp))]
                marks = sorted({start, stop, *(tick for one in beside for tick in one if start < tick < stop)})
                total += sum(b - a for a, b in pairwise(marks) if any(one[0] <= a and b <= one[1] for one in beside))
                gone.append(((start, stop), stamp))
    return total + ripples.twice(track, (), (), missing)


def compare(story: Story, view: Snapshot) -> int:
    """Bases, starts and conflicts by both; how many clips went the way of others."""
    plain = one_by_one(story)
    bases: tuple[dict[str, int], dict[str, int]] = ({}, {})
    short, long = Starts(story, view.record, bases[0]), Starts(plain, view.record, bases[1])
    long.ripples.together = lambda track, shifts, lost: plainly_together(long.ripples, track, shifts, lost)  # type: ignore
    clips = [clip for clip in view.records.values() if isinstance(clip, Clip)]
    for clip in clips:
        short.note_base(clip.id)
        long.note_base(clip.id)
    assert bases[0] == bases[1]
    for clip in clips:
        assert short.start(clip.id) == long.start(clip.id)
        for stamp in list(story.writes(clip.id, "start"))[::3]:
            assert short.start(clip.id, stamp) == long.start(clip.id, stamp)
            assert story.counted(clip.id, "start", stamp) == plain.counted(clip.id, "start", stamp)
    assert conflicts(story, view) == conflicts(plain, view)
    _compare_sums(short, [clip.track for clip in clips])
    return sum(1 for clip in clips if story.way(clip.id))


def _compare_sums(starts: Starts, tracks: list[str]) -> None:
    """Of any shifts of any ripples, also of some that no clip went through, on any track."""
    ripples, rng = starts.ripples, random.Random(4)
    every = [(stamp, delta) for stamp, some in ripples.by_change.items() for delta in ripples._sums(tracks[0], some)]
    for track in dict.fromkeys(tracks):
        for _ in range(4):
            some = rng.sample(every, rng.randrange(len(every) + 1))
            assert ripples.together(track, some) == plainly_together(ripples, track, some)


@given(st.integers(1, 10**6))
@settings(max_examples=10, deadline=None)
def test_stories_of_anything_come_out_as_they_do_clip_by_clip(seed: int) -> None:
    run = Run(seed, 70)
    run.play()
    for peer in run.peers[:2]:
        compare(peer.merger.story(), peer.document.snapshot)


def rippling(peer: Peer, rng: random.Random, count: int) -> None:
    """Mostly ripples, many of them undone and done again."""
    for _ in range(count):
        view = peer.document.snapshot
        clips = sorted((clip for clip in view.of_kind(Clip) if clip.kind == "title"), key=lambda clip: clip.id)
        clip = rng.choice(clips)
        choices: list[tuple[str, dict[str, Any]]] = [
            ("clip.extract", {"clips": [clip.id]}), ("clip.extract", {"clips": [clip.id]}),
            ("clip.trim", {"clip": clip.id, "edge": "tail", "to": clip.end - FRAME * rng.randrange(1, 9), "ripple": True}),
            ("clip.trim", {"clip": clip.id, "edge": "head", "to": clip.start + FRAME * rng.randrange(1, 9), "ripple": True}),
            ("clip.move", {"clips": [clip.id], "by": rng.randrange(1, 9) * FRAME}), ("edit.undo", {}), ("edit.undo", {}), ("edit.redo", {})]
        command, args = rng.choice(choices)
        try:
            outcome = peer.door.execute(command, args)
        except CommandError:
            continue
        if outcome.change is not None and outcome.change.kind != "do":
            peer.align()


@given(st.integers(1, 10**6), st.integers(2, 3))
@settings(max_examples=12, deadline=None)
def test_ripples_of_several_that_were_undone_and_done_again_come_out_as_they_do_clip_by_clip(seed: int, people: int) -> None:
    rng = random.Random(seed)
    first = Peer("p0", 100)
    track = next(t for t in first.document.snapshot.records.values() if isinstance(t, Track) and t.kind == "video").id
    for number in range(rng.randrange(12, 30)):
        first.door.execute("title.add", {"text": str(number), "at": number * 20 * FRAME, "duration": 20 * FRAME, "track": track})
    rippling(first, rng, 4)
    peers = [first, *(Peer(f"p{n}", 100 + n, first.start) for n in range(1, people))]
    everything = dict(first.held)
    for peer in peers[1:]:
        peer.receive(everything.values())
    carried = 0
    for _ in range(2):
        for peer in peers:
            rippling(peer, rng, rng.randrange(3, 14))
            everything.update(peer.held)
        for peer in peers:
            peer.receive([one for stamp, one in everything.items() if stamp not in peer.held])
            everything.update(peer.held)
            carried += compare(peer.merger.story(), peer.document.snapshot)
    starts = [{clip.id: clip.start for clip in peer.document.snapshot.of_kind(Clip)} for peer in peers]
    assert all(one == starts[0] for one in starts)
    assert carried > 0
