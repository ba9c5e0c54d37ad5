"""What somebody knew of the ripples of a track is found by numbers, and is what asking of each ripple gives.

Owns: the short ways of `Ripples` against the plain definition. Refuses: where clips end up (see convergence).
"""

from __future__ import annotations

import pytest

from editor_core.schema import Track
from editor_core.sync.base_time import Shape
from editor_core.sync.starts import Starts
from tests.fuzz.sync import Run


@pytest.mark.parametrize("seed", [31, 32, 33, 34])
def test_the_ripples_that_an_author_knew_are_those_that_came_before_his_change(seed: int) -> None:
    run = Run(seed, 140)
    run.play()
    peer = run.peers[0]
    story, view = peer.merger.story(), peer.document.snapshot
    ripples = Starts(story, view.record).ripples
    before = story.causality.before
    compared = 0
    for track in view.records.values():
        for stamp in story.changes if isinstance(track, Track) else ():
            assert ripples.acting_before(track.id, stamp) == ripples.acting(track.id, lambda one, s=stamp: before(one, s))
            assert ripples.acting_before(track.id, stamp, itself=True) == ripples.acting(
                track.id, lambda one, s=stamp: one == s or before(one, s))
            assert ripples.acting_beside(track.id, stamp) == ripples.acting(track.id, lambda one, s=stamp: not before(s, one))
            compared += 1
    assert compared > 100


def test_times_inside_what_was_put_in_go_back_to_its_place_also_at_the_very_beginning() -> None:
    shape = Shape([(0, 100), (50, 10)], [(200, 300)])
    assert [shape.back(time) for time in (0, 40, 99, 100, 149, 151, 159, 160)] == [0, 0, 0, 0, 49, 50, 50, 50]
