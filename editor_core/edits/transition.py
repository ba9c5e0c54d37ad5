"""Transitions: a dissolve over the cut between two clips that touch.

    before  |-----A-----|-----B-----|      after  |-----A--[=|=]--B-----|

Owns: the handles and lengths a transition needs, and the words when there are too few. Refuses: drawing.

A transition of `d` ticks covers `[cut - before, cut + after)` with `before = (d / 2 in whole frames, down)` and
`after = d - before`: the first clip must have `after` ticks of media beyond its end, the second `before` ticks ahead of its start.
"""

from __future__ import annotations

from typing import NamedTuple

from editor_core.document import Draft, View
from editor_core.edits.errors import EditError
from editor_core.edits.lanes import require_open
from editor_core.edits.shape import transitions_of
from editor_core.edits.source import after, before
from editor_core.edits.wording import called, length
from editor_core.schema import Clip, Transition
from editor_core.timing import Rate


class Reach(NamedTuple):
    """How far a transition may go to either side of a cut, in ticks."""

    back: int
    ahead: int


def halves(duration: int, rate: Rate) -> Reach:
    """The parts of a transition before and after its cut, in whole frames: the shorter part comes first."""
    back = duration // (2 * rate.ticks_per_frame) * rate.ticks_per_frame
    return Reach(back, duration - back)


def longest(reach: Reach, rate: Rate) -> int:
    """The longest centred transition within a reach, in ticks; 0 when not even one frame fits."""
    frame = rate.ticks_per_frame
    back, ahead = reach.back // frame, reach.ahead // frame
    return (2 * back + 1 if ahead > back else 2 * ahead) * frame


def handles(view: View, first: Clip, second: Clip) -> tuple[int | None, int | None]:
    """Ticks of media after `first` and before `second`; None where there is no limit."""
    return after(view, first), before(view, second)


def reach(view: View, first: Clip, second: Clip, besides: str = "") -> Reach:
    """What media, clip lengths and other transitions (but for `besides`) leave for a transition between two touching clips."""
    rate = view.timeline.rate
    back, ahead = first.duration, second.duration
    for other in transitions_of(view, first.id):
        if other.to_clip == first.id and other.id != besides:
            back -= halves(other.duration, rate).ahead
    for other in transitions_of(view, second.id):
        if other.from_clip == second.id and other.id != besides:
            ahead -= halves(other.duration, rate).back
    tail, head = handles(view, first, second)
    ahead = ahead if tail is None else min(ahead, tail)
    back = back if head is None else min(back, head)
    return Reach(max(0, back), max(0, ahead))


def add_transition(draft: Draft, first: Clip, second: Clip, kind: str, duration: int) -> Transition:
    """A transition of `duration` ticks (whole frames). Raises EditError for clips that do not touch, or too few handles."""
    require_open(draft, (first, second))
    if first.track != second.track or first.end != second.start:
        raise EditError(f"{called(draft, first)} and {called(draft, second)} do not touch on one track, so there is no cut to join; "
                        "`from` is the clip before the cut, `to` the one after it")
    if any(t.from_clip == first.id for t in transitions_of(draft, second.id)):
        raise EditError(f"There is already a transition between {called(draft, first)} and {called(draft, second)}; "
                        "select it to change its kind and length (in a script: transition.set)")
    _require_reach(draft, first, second, duration, "")
    made = Transition(id=draft.new_id("x"), track=first.track, from_clip=first.id, to_clip=second.id, duration=duration)
    return draft.put(draft.create(made), kind=kind)


def set_transition(draft: Draft, transition: Transition, duration: int) -> Transition:
    """Gives a transition another length in ticks. Raises EditError as `add_transition` does."""
    first, second = draft.get(Clip, transition.from_clip), draft.get(Clip, transition.to_clip)
    require_open(draft, (first, second))
    _require_reach(draft, first, second, duration, transition.id)
    return draft.put(transition, duration=duration)


def _require_reach(draft: Draft, first: Clip, second: Clip, duration: int, besides: str) -> None:
    rate = draft.timeline.rate
    if duration < rate.ticks_per_frame:
        raise EditError("A transition needs a duration of at least one frame")
    need, have = halves(duration, rate), reach(draft, first, second, besides)
    if need.back <= have.back and need.ahead <= have.ahead:
        return
    tail, head = handles(draft, first, second)
    most = longest(have, rate)
    shorter = f"make it {length(most, rate)} or shorter" if most else ""
    if (tail is None or need.ahead <= tail) and (head is None or need.back <= head):
        short, part, free = (first, need.back, have.back) if need.back > have.back else (second, need.ahead, have.ahead)
        remedy = shorter or f"make the transition at the other end of {called(draft, short)} shorter first"
        raise EditError(f"A transition of {length(duration, rate)} does not fit: it would cover {length(part, rate)} of "
                        f"{called(draft, short)}, of which {length(free, rate)} are free; {remedy}")
    raise EditError(
        f"Too few handles for a transition of {length(duration, rate)}: it needs {length(need.ahead, rate)} of "
        f"{called(draft, first)} after the cut, which has {_has(tail, rate)}, and {length(need.back, rate)} of "
        f"{called(draft, second)} before it, which has {_has(head, rate)}; "
        + (f"{shorter}, or trim" if shorter else "trim") + " the clips back from the cut to free some of their media")


def _has(handle: int | None, rate: Rate) -> str:
    return "no limit" if handle is None else length(handle // rate.ticks_per_frame * rate.ticks_per_frame, rate)
