"""From a tool's ghost to what the lanes draw.

Owns: sorting ghost clips into moved, erased and pushed along, and where arrows and guides stand. Refuses: painting, deciding.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect

from app.desktop.canvas.overlay import Overlay
from app.desktop.canvas.state import TimelineState
from editor_core.schema import Clip


def overlay_of(state: TimelineState, ghost: Any, box_y: tuple[int, int] | None = None) -> Overlay:
    """The overlay of a tool's ghost. `box_y` are the viewport pixels between which a selection box is drawn."""
    view = state.snapshot
    seen = state.scale.ticks(-8), state.scale.ticks(state.width + 8)
    ghosts: list[Clip] = []
    moved: list[Clip] = []
    beyond: list[Clip] = []
    hidden: set[str] = set()
    struck: list[tuple[str, int, int]] = []
    first: dict[str, tuple[int, int]] = {}
    families = {one.record.link for one in ghost.clips if one.record is not None and one.state == "moved" and one.record.link}
    rests: list[Clip] = []
    for one in ghost.clips:
        was = view.find(Clip, one.clip)
        if one.state == "gone":
            struck.append((one.track, one.start, one.start + one.duration))
            continue
        if one.record is None:
            continue
        if one.state == "new" and _is_rest(state, one.record):
            rests.append(one.record)
            continue
        partner = one.state == "shifted" and one.record.link in families
        if one.beyond is not None:
            beyond.append(one.record)
        elif partner or one.state in ("moved", "new", "same"):
            ghosts.append(one.record)
        if was is None:
            continue
        if one.state == "shifted" and not partner and was.track == one.track:
            _shifted(was, one.record, seen, moved, struck, hidden, first)
        elif (was.start, was.track) != (one.start, one.track) or was.duration != one.duration:
            hidden.add(one.clip)
    struck = [cut for one in struck if (cut := _without(one, rests))[1] < cut[2]]
    arrows = tuple((track, at, by) for track, (at, by) in first.items())
    return Overlay(ghosts=tuple(ghosts), moved=tuple(moved), beyond=tuple(beyond), hidden=frozenset(hidden), struck=tuple(struck),
                   arrows=arrows, guide=ghost.guide.ticks if ghost.guide is not None else None, lines=tuple(ghost.lines),
                   box=_box(state, ghost.box, box_y), picked=ghost.picked if ghost.box is not None else (),
                   blocked=bool(ghost.blocked), stops=_stops(state, ghost))


def _stops(state: TimelineState, ghost: Any) -> tuple[tuple[str, int], ...]:
    """The edges of a trim that was stopped short, on the tracks of the clips that it is about."""
    if not ghost.limit or not ghost.edges or ghost.blocked:
        return ()
    tracks = {one.track for one in ghost.clips if one.record is not None and one.state == "moved"}
    tracks |= {pane.clip.track for pane in ghost.panes if pane.clip is not None}
    return tuple((track, time) for track in sorted(tracks) for time in ghost.edges)


def _is_rest(state: TimelineState, clip: Clip) -> bool:
    """Whether a new clip is only what an overwrite or a split leaves of one that lies there now."""
    row = state.rows.of(clip.track)
    was = row.at(clip.start) if row is not None else None
    return was is not None and was.end >= clip.end and was.asset == clip.asset and \
        was.start - was.source_range.start == clip.start - clip.source_range.start


def _without(struck: tuple[str, int, int], rests: list[Clip]) -> tuple[str, int, int]:
    """A struck stretch up to the rest of the clip that stays behind it."""
    track, start, end = struck
    return track, start, min([end, *(clip.start for clip in rests if clip.track == track and start <= clip.start < end)])


def _shifted(was: Clip, now: Clip, seen: tuple[int, int], moved: list[Clip], struck: list[tuple[str, int, int]], hidden: set[str],
             first: dict[str, tuple[int, int]]) -> None:
    """A clip that gives way: pushed along as a whole, or cut back where something is put over it. What is not seen is left out."""
    length = was.source_range.duration
    if length == now.source_range.duration:
        known = first.get(was.track)
        if known is None or now.start < known[0]:
            first[was.track] = (now.start, now.start - was.start)
        if now.start < seen[1] and now.start + length > seen[0]:
            moved.append(now)
        if was.start < seen[1] and was.start + length > seen[0]:
            hidden.add(was.id)
        return
    if now.start > was.start:
        struck.append((was.track, was.start, now.start))
    if now.end < was.end:
        struck.append((was.track, now.end, was.end))
    if now.start < was.start or now.end > was.end:
        moved.append(now)


def _box(state: TimelineState, box: Any, box_y: tuple[int, int] | None) -> QRect | None:
    if box is None:
        return None
    left, right = state.scale.x(box.start), state.scale.x(box.end)
    if box_y is not None:
        top, bottom = sorted(box_y)
    else:
        rows = [row for track in box.tracks if (row := state.rows.of(track)) is not None]
        top = min((row.top for row in rows), default=0) - state.scroll_y
        bottom = max((row.bottom for row in rows), default=0) - state.scroll_y
    return QRect(left, top, max(1, right - left), max(1, bottom - top))
