"""How far an edge or a cut can go, and what stops it there.

Owns: limits from media, neighbours and least length, for drags that stop instead of being refused. Refuses: changing anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from editor_core.document import View
from editor_core.edits.partners import sharing_edge
from editor_core.edits.roll import touching
from editor_core.edits.source import after, allowed_end, allowed_start, before, shortest
from editor_core.edits.trim import Edge
from editor_core.edits.wording import called, length
from editor_core.schema import Clip
from editor_core.timing import MAX_TICKS, Rate


class Limits(NamedTuple):
    """The least and greatest time in ticks, and what is there: `no more media`, another clip, or the clip's own other edge."""

    least: int
    why_least: str
    most: int
    why_most: str

    def clamp(self, ticks: int) -> tuple[int, str]:
        """The time within the limits, and what stopped it ("" for nothing)."""
        if ticks < self.least:
            return self.least, self.why_least
        if ticks > self.most:
            return self.most, self.why_most
        return ticks, ""


NO_MEDIA = "no more media"
SHORTEST = "nothing would be left"
BEGINNING = "the timeline begins here"


def in_the_way(view: View, clip: Clip) -> str:
    """What is there when it is another clip."""
    return f"{called(view, clip)} is in the way"


def stopped(reason: str, wanted: int, got: int, rate: Rate) -> str:
    """What a person is told when a drag stops short: `no more media, 6 f short`. Empty for no reason."""
    return f"{reason}, {length(abs(wanted - got), rate)} short" if reason == NO_MEDIA else reason


def trim_limits(view: View, clip: Clip, edge: Edge, *, linked: bool = True, ripple: bool = False) -> Limits:
    """Where an edge can go with the linked edges that share it; with `ripple` neighbours do not matter."""
    return _together(_edge(view, one, edge, ripple) for one in (sharing_edge(view, clip, edge) if linked else [clip]))


def roll_limits(view: View, clip: Clip, edge: Edge, *, linked: bool = True) -> Limits:
    """Where the cut at an edge can go; without a touching clip nowhere."""
    other = touching(view, clip, edge)
    at = clip.start if edge == "head" else clip.end
    if other is None:
        return Limits(at, "no clip touches here", at, "no clip touches here")
    first, second = (clip, other) if edge == "tail" else (other, clip)
    tails = sharing_edge(view, first, "tail") if linked else [first]
    heads = sharing_edge(view, second, "head") if linked else [second]
    return _together([*(_edge(view, one, "tail", True) for one in tails), *(_edge(view, one, "head", True, floor=0) for one in heads)])


def slide_limits(view: View, clip: Clip, *, linked: bool = True) -> Limits:
    """How far a clip can slide, in ticks: until a neighbour that touches has no media or nothing left, or another clip is met."""
    return _together(_between(view, one) for one in (view.linked(clip) if linked else [clip]))


def _between(view: View, clip: Clip) -> Limits:
    """As `slide_limits`, for one clip."""
    previous, following = touching(view, clip, "head"), touching(view, clip, "tail")
    least, why_least, most, why_most = -clip.start, BEGINNING, MAX_TICKS, ""
    if previous is not None:
        tail = _edge(view, previous, "tail", True)
        least, why_least = max((least, why_least), (tail.least - previous.end, tail.why_least))
        most, why_most = tail.most - previous.end, tail.why_most
    if following is not None:
        head = _edge(view, following, "head", True, floor=0)
        least, why_least = max((least, why_least), (head.least - following.start, head.why_least))
        most, why_most = min((most, why_most), (head.most - following.start, head.why_most))
    row = view.clips_on(clip.track)
    if previous is None and (behind := [c for c in row if c.end <= clip.start and c.id != clip.id]):
        least, why_least = max((least, why_least), (behind[-1].end - clip.start, in_the_way(view, behind[-1])))
    if following is None and (ahead := [c for c in row if c.start >= clip.end and c.id != clip.id]):
        most, why_most = min((most, why_most), (ahead[0].start - clip.end, in_the_way(view, ahead[0])))
    return Limits(min(0, least), why_least, max(0, most), why_most)


def slip_limits(view: View, clips: Iterable[Clip]) -> Limits:
    """How far clips can slip, as ticks into the media."""
    handles = [(before(view, clip), after(view, clip)) for clip in clips]
    if not handles or any(head is None or tail is None for head, tail in handles):
        return Limits(0, "looks the same at any time", 0, "looks the same at any time")
    return Limits(max(-(head or 0) for head, _ in handles), NO_MEDIA, min(tail or 0 for _, tail in handles), NO_MEDIA)


def _edge(view: View, clip: Clip, edge: Edge, free: bool, floor: int | None = None) -> Limits:
    """Limits of one edge of one clip; `free` of neighbours."""
    rate = view.timeline.rate
    row = view.clips_on(clip.track)
    least_length = shortest(clip, rate)
    if edge == "head":
        unlimited = before(view, clip) is None
        least, why = (-MAX_TICKS if free else 0, NO_MEDIA) if unlimited else (allowed_start(view, clip, rate), NO_MEDIA)
        if floor is not None:
            least = max(least, floor)
        if not free:
            previous = next((c for c in reversed(row) if c.end <= clip.start and c.id != clip.id), None)
            if previous is not None and previous.end > least:
                least, why = previous.end, in_the_way(view, previous)
            least = max(least, 0)
        return Limits(min(least, clip.start), why, clip.end - least_length, SHORTEST)
    end = allowed_end(view, clip, rate)
    most, why = (MAX_TICKS, NO_MEDIA) if end is None else (end, NO_MEDIA)
    if not free:
        following = next((c for c in row if c.start >= clip.end and c.id != clip.id), None)
        if following is not None and following.start < most:
            most, why = following.start, in_the_way(view, following)
    return Limits(clip.start + least_length, SHORTEST, max(most, clip.end), why)


def _together(limits: Iterable[Limits]) -> Limits:
    every = list(limits)
    low, high = max(every, key=lambda one: one.least), min(every, key=lambda one: one.most)
    return Limits(low.least, low.why_least, high.most, high.why_most)
