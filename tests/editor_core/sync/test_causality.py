"""Who knew what: the order of changes against a plain walk over what each says it comes after.

Owns: chains against the slow truth. Refuses: clocks.
"""

from __future__ import annotations

import random

from editor_core.document import Stamp
from editor_core.sync.causality import Causality


def walked(parents: dict[Stamp, tuple[Stamp, ...]], stamp: Stamp) -> set[Stamp]:
    seen: set[Stamp] = set()
    todo = [stamp]
    while todo:
        for parent in parents.get(todo.pop(), ()):
            if parent not in seen:
                seen.add(parent)
                todo.append(parent)
    return seen


def random_story(seed: int, peers: int, count: int) -> tuple[Causality, dict[Stamp, tuple[Stamp, ...]]]:
    rng = random.Random(seed)
    causality, parents = Causality(), {}
    heads: list[tuple[Stamp, ...]] = [()] * peers
    sessions = list(range(1, peers + 1))
    counters = [0] * peers
    for _ in range(count):
        who = rng.randrange(peers)
        if rng.random() < 0.2:
            other = rng.randrange(peers)
            heads[who] = tuple(dict.fromkeys((*heads[who], *heads[other])))
        if rng.random() < 0.1:
            sessions[who], counters[who] = max(sessions) + 1, 0
        counters[who] += 1
        stamp = Stamp(sessions[who], counters[who])
        implied = heads[who] == (Stamp(sessions[who], counters[who] - 1),)
        causality.add(stamp, () if implied else heads[who])
        parents[stamp] = heads[who]
        heads[who] = (stamp,)
    return causality, parents


def test_what_came_before_what_is_as_a_plain_walk_says() -> None:
    for seed in range(30):
        causality, parents = random_story(seed, 1 + seed % 6, 60)
        for one in parents:
            past = walked(parents, one)
            for other in parents:
                assert causality.before(other, one) == (other in past)
                if other in past:
                    assert causality.rank(other) < causality.rank(one)


def test_what_everybody_knew_from_the_beginning_is_not_looked_at_again() -> None:
    for seed in range(30):
        causality, parents = random_story(seed, 3, 50)
        forked = set(causality.forked())
        apart = {one for one in parents for other in parents if causality.apart(one, other)}
        assert apart <= forked
        for settled in set(parents) - forked:
            assert all(causality.before(settled, one) for one in forked)


def test_people_who_work_one_after_the_other_make_one_chain() -> None:
    causality = Causality()
    last: tuple[Stamp, ...] = ()
    for session in range(1, 2000):
        causality.add(Stamp(session, 1), last)
        last = (Stamp(session, 1),)
    assert causality.forked() == [] and causality.heads == last
