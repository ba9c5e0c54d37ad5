"""Snapping: the times that edges and the playhead are drawn to.

Owns: what can be snapped to, and the nearest of it. Refuses: pixels (the tolerance is given in ticks) and moving anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from operator import add, attrgetter
from typing import Literal

import msgspec

from editor_core.document import View
from editor_core.schema import Clip, Marker

SnapKind = Literal["playhead", "head", "tail", "marker", "mark", "start"]
_BACK = 8
"""Clips before a time among which one that ends there is looked for first; only where clips overlap is it another."""
_START, _LENGTH = attrgetter("start"), attrgetter("source_range.duration")
_RANK: dict[str, int] = {"playhead": 0, "head": 1, "tail": 2, "marker": 3, "mark": 4, "start": 5}


class SnapPoint(msgspec.Struct, frozen=True):
    """A time in ticks that catches. `source` is the clip or marker it comes from, empty for the playhead, marks and the start."""

    ticks: int
    kind: SnapKind
    source: str = ""

    @property
    def words(self) -> str:
        """What caught, for people."""
        return {"playhead": "playhead", "head": "start of clip", "tail": "end of clip", "marker": "marker", "mark": "in or out",
                "start": "start of timeline"}[self.kind]


class Snapped(msgspec.Struct, frozen=True):
    """`by` ticks bring `moved` (the time that was offered) onto `point`."""

    by: int
    moved: int
    point: SnapPoint


def snap_points(view: View, exclude: Collection[str] = (), playhead: int | None = None,
                marks: Iterable[int] = ()) -> list[SnapPoint]:
    """All points of the main timeline by time, one a time (the playhead before edges, edges before markers).

    `exclude` are ids of clips (and markers) that are being moved; `marks` are in and out.
    """
    left_out = frozenset(exclude)
    found = _singles(view, left_out, playhead, marks)
    for track in view.tracks():
        found.extend(_edges(view.clips_on(track.id), left_out))
    best = _best(found)
    return [best[ticks] for ticks in sorted(best)]


def _singles(view: View, left_out: Collection[str], playhead: int | None, marks: Iterable[int]) -> list[SnapPoint]:
    """Everything but the edges of clips."""
    found = [SnapPoint(0, "start")]
    if playhead is not None:
        found.append(SnapPoint(playhead, "playhead"))
    found.extend(SnapPoint(ticks, "mark") for ticks in marks)
    for marker in view.of_kind(Marker):
        if marker.id not in left_out and marker.timeline == view.timeline.id:
            found.append(SnapPoint(marker.start, "marker", marker.id))
            if marker.duration:
                found.append(SnapPoint(marker.start + marker.duration, "marker", marker.id))
    return found


def _best(points: Iterable[SnapPoint]) -> dict[int, SnapPoint]:
    """One point for each time: the playhead before edges, edges before markers."""
    best: dict[int, SnapPoint] = {}
    for point in points:
        known = best.get(point.ticks)
        if known is None or _RANK[point.kind] < _RANK[known.kind]:
            best[point.ticks] = point
    return best


def _edges(clips: Iterable[Clip], left_out: Collection[str]) -> Iterable[SnapPoint]:
    for clip in clips:
        if clip.id not in left_out:
            yield SnapPoint(clip.start, "head", clip.id)
            yield SnapPoint(clip.end, "tail", clip.id)


class Magnet:
    """What `snap_points` gives for a view, for asking many times in a large film: edges are numbers, and only the one that catches
    becomes a point. Nothing is gathered before it is asked for."""

    def __init__(self, view: View, exclude: Collection[str] = (), playhead: int | None = None, marks: Iterable[int] = ()) -> None:
        self._view, self._left_out = view, frozenset(exclude)
        self._playhead, self._marks = playhead, tuple(marks)

    @cached_property
    def _singles(self) -> dict[int, SnapPoint]:
        return _best(_singles(self._view, self._left_out, self._playhead, self._marks))

    @cached_property
    def _rows(self) -> list[Sequence[Clip]]:
        rows = [self._view.clips_on(track.id) for track in self._view.tracks()]
        if not self._left_out:
            return list(rows)
        return [[clip for clip in row if clip.id not in self._left_out] for row in rows]

    @cached_property
    def _times(self) -> list[int]:
        times = set(self._singles)
        for row in self._rows:
            times.update(map(_START, row))
            times.update(map(add, map(_START, row), map(_LENGTH, row)))
        return sorted(times)

    def pull(self, times: Iterable[int], tolerance: int) -> Snapped | None:
        """As `snap_any`."""
        best: tuple[int, int, int] | None = None
        known = self._times
        for ticks in dict.fromkeys(times):
            position = bisect_left(known, ticks)
            near = known[max(0, position - 1):position + 1]
            there = min(near, key=lambda time: (abs(time - ticks), time), default=None)
            if there is not None and abs(there - ticks) <= tolerance and (best is None or abs(there - ticks) < abs(best[0])):
                best = there - ticks, ticks, there
        return Snapped(best[0], best[1], self._point(best[2])) if best is not None else None

    def _point(self, ticks: int) -> SnapPoint:
        """What lies at a time of which it is known that something does."""
        single = self._singles.get(ticks)
        if single is not None and single.kind == "playhead":
            return single
        for row in self._rows:
            at = bisect_left(row, ticks, key=_START)
            if at < len(row) and row[at].start == ticks:
                return SnapPoint(ticks, "head", row[at].id)
        for row in self._rows:
            at = bisect_left(row, ticks, key=_START)
            for clip in row[max(0, at - _BACK):at][::-1]:
                if clip.end == ticks:
                    return SnapPoint(ticks, "tail", clip.id)
        if single is not None:
            return single
        return next(SnapPoint(ticks, "tail", clip.id) for row in self._rows for clip in row if clip.end == ticks)


def snap(ticks: int, points: Sequence[SnapPoint], tolerance: int) -> SnapPoint | None:
    """The nearest point within `tolerance` ticks (inclusive), the earlier one of two as near; None if there is none."""
    position = bisect_left(points, ticks, key=lambda point: point.ticks)
    near = points[max(0, position - 1):position + 1]
    best = min(near, key=lambda point: (abs(point.ticks - ticks), point.ticks), default=None)
    return best if best is not None and abs(best.ticks - ticks) <= tolerance else None


def snap_any(times: Iterable[int], points: Sequence[SnapPoint], tolerance: int) -> Snapped | None:
    """The smallest shift that brings one of several times (the edges of what is dragged) onto a point."""
    best: Snapped | None = None
    for ticks in times:
        point = snap(ticks, points, tolerance)
        if point is not None and (best is None or abs(point.ticks - ticks) < abs(best.by)):
            best = Snapped(point.ticks - ticks, ticks, point)
    return best
