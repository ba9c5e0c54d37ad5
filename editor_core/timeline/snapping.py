"""Snapping: the times that edges and the playhead are drawn to.

Owns: what can be snapped to, and the nearest of it. Refuses: pixels (the tolerance is given in ticks) and moving anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import msgspec

from editor_core.document import View
from editor_core.schema import Clip, Marker

SnapKind = Literal["playhead", "head", "tail", "marker", "mark", "start"]
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
    found = [SnapPoint(0, "start")]
    if playhead is not None:
        found.append(SnapPoint(playhead, "playhead"))
    found.extend(SnapPoint(ticks, "mark") for ticks in marks)
    for track in view.tracks():
        found.extend(_edges(view.clips_on(track.id), left_out))
    for marker in view.of_kind(Marker):
        if marker.id not in left_out and marker.timeline == view.timeline.id:
            found.append(SnapPoint(marker.start, "marker", marker.id))
            if marker.duration:
                found.append(SnapPoint(marker.start + marker.duration, "marker", marker.id))
    best: dict[int, SnapPoint] = {}
    for point in found:
        known = best.get(point.ticks)
        if known is None or _RANK[point.kind] < _RANK[known.kind]:
            best[point.ticks] = point
    return [best[ticks] for ticks in sorted(best)]


def _edges(clips: Iterable[Clip], left_out: Collection[str]) -> Iterable[SnapPoint]:
    for clip in clips:
        if clip.id not in left_out:
            yield SnapPoint(clip.start, "head", clip.id)
            yield SnapPoint(clip.end, "tail", clip.id)


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
