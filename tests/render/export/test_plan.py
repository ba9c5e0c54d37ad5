"""Films cut into stretches."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from editor_core.timing import Rate
from render.export.plan import LONGEST_SECONDS, cut

RATES = st.sampled_from([Rate(24), Rate(25), Rate(30000, 1001), Rate(50), Rate(60)])


@given(frames=st.integers(1, 40_000), rate=RATES, runs=st.integers(1, 9), edits=st.lists(st.integers(1, 40_000), max_size=60))
def test_every_frame_is_in_exactly_one_stretch_of_at_most_ten_seconds(frames: int, rate: Rate, runs: int, edits: list[int]) -> None:
    made = cut(frames, rate, sorted(set(edits)), runs)
    flat = [stretch for run in made for stretch in run]
    assert flat[0].first == 0 and flat[-1].end == frames
    assert all(before.end == after.first for before, after in pairwise(flat))
    assert all(0 < stretch.count <= LONGEST_SECONDS * rate.fps for stretch in flat)
    assert len(made) <= runs


def test_stretches_end_where_shots_end() -> None:
    shots = [190 * number for number in range(1, 8)]
    made = cut(1520, Rate(25), shots, 1)
    ends = [stretch.end for stretch in made[0]]
    assert ends[:6] == shots[:6] and set(ends) >= {*shots[:6], 1520}


def test_long_runs_end_in_short_stretches_so_that_workers_finish_together() -> None:
    for run in cut(18_000, Rate(30), [], 2):
        assert [stretch.count for stretch in run][:2] == [300, 300] and run[-1].count <= 75


def test_workers_get_runs_of_about_the_same_length() -> None:
    lengths = [sum(stretch.count for stretch in run) for run in cut(18_000, Rate(30), [300 * n for n in range(60)], 2)]
    assert len(lengths) == 2 and abs(lengths[0] - lengths[1]) <= 0.05 * 18_000


def test_a_very_short_film_is_made_by_one_worker() -> None:
    assert len(cut(49, Rate(25), (), 4)) == 1 and len(cut(100, Rate(25), (), 4)) == 2


def test_a_short_film_has_several_stretches_for_each_worker_so_that_a_kill_half_way_loses_little() -> None:
    made = cut(500, Rate(25), (), 2)
    assert [len(run) for run in made] == [3, 3]
    assert len(cut(100, Rate(25), (), 1)[0]) == 2
    assert all(len(run) == 1 for run in cut(100, Rate(25), (), 2))
