"""The states that a clip's start went through on the branches of a story, by undo and redo too.

Owns: which of the shifts that some branch made still carry the clip along. Refuses: what they come to (see `starts`).

`overs` says over which write each write was made, `states` at which state it stands, `earlier` from which state each state was made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

One = TypeVar("One")


def held(state: One, earlier: Mapping[One, One]) -> set[One]:
    """The shifts that make a state."""
    found: set[One] = set()
    while state in earlier and state not in found:
        found.add(state)
        state = earlier[state]
    return found


def path(end: One, overs: Mapping[One, One], states: Mapping[One, One]) -> Iterator[One]:
    """The writes that led to a write, newest first. Writes that say they were made over one another end it."""
    seen: set[One] = set()
    while end in states and end in overs and end not in seen:
        yield end
        seen.add(end)
        end = overs[end]


def kept(ends: Sequence[One], overs: Mapping[One, One], states: Mapping[One, One], earlier: Mapping[One, One],
         knew: Callable[[One, One], bool]) -> set[One]:
    """The shifts that carry a clip along: all that some branch made and no branch that had it gave up, unless somebody who knew of that
    (`knew`: whether the author of the second knew the first) did it again."""
    own = [held(states[end], earlier) for end in ends]
    every = set().union(*own)
    if len(ends) == 1:
        return every
    given_up = {states[step] for end, mine in zip(ends, own, strict=True) for step in path(end, overs, states)
                if states[step] in earlier and states[step] not in mine}
    return every - {one for one in given_up & every if not _again(one, ends, own, overs, states, earlier, knew)}


def _again(shift: One, ends: Sequence[One], own: Sequence[set[One]], overs: Mapping[One, One], states: Mapping[One, One],
           earlier: Mapping[One, One], knew: Callable[[One, One], bool]) -> bool:
    """Whether somebody did a shift again who knew of all who gave it up."""
    done: list[One] = []
    undone: list[One] = []
    for end, mine in zip(ends, own, strict=True):
        last = None
        for step in path(end, overs, states):
            if (shift in held(states[step], earlier)) != (shift in mine):
                if shift not in mine and last is not None:
                    undone.append(last)
                break
            last = step
        if shift in mine and last is not None:
            done.append(last)
    return any(all(knew(one, other) for one in undone) for other in done)


def lost(carried: Collection[One], earlier: Mapping[One, One], deltas: Mapping[One, int]) -> list[tuple[One, One]]:
    """Shifts to the left, each with a shift to the right that counted for the clip when they were made and counts no more."""
    gone = {one for one in earlier if deltas[one] > 0 and one not in carried}
    if not gone:
        return []
    found: list[tuple[One, One]] = []
    over: dict[One, tuple[One, ...]] = {}
    for one, before in earlier.items():  # what a state was made from comes before it
        over[one] = (*over.get(before, ()), one) if one in gone else over.get(before, ())
        if deltas[one] < 0 and one in carried:
            found += [(one, push) for push in over[one]]
    return found
