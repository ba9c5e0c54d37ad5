"""What lies under the pointer on the lanes.

Owns: hit zones and their order. Refuses: what a press there does (tools and gestures say).
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect

from app.desktop.canvas.lane_layer import clip_box, transition_box
from app.desktop.canvas.levels import gain_y, opacity_y
from app.desktop.canvas.overlay import fade_spots
from app.desktop.canvas.rows import Row
from app.desktop.canvas.state import TimelineState
from editor_core.schema import Clip, Transition


@dataclass(frozen=True)
class Hit:
    """`part` is one of head, tail, body, fade_in, fade_out, level, transition, transition_head, transition_tail, gap, lane, none.

    `head` and `tail` are a clip's edges. `gap` is an empty stretch between clips (or before the first), `lane` the empty rest.
    `ticks` is the exact time under the pointer.
    """

    part: str
    ticks: int
    row: Row | None = None
    clip: Clip | None = None
    transition: Transition | None = None
    gap: tuple[int, int] = (0, 0)


def hit(state: TimelineState, x: float, y: float, selected: tuple[str, ...] = (), *, wide: bool = False,
        lines: str = "") -> Hit:
    """What a viewport pixel meets.

    `selected` clips' edges come first and reach a little outside; `wide` widens trim zones (a trim tool is active); `lines` is
    the id of the clip whose fade handles and level line are shown.
    """
    ticks = state.scale.ticks(x)
    row = state.row_at(y)
    if row is None:
        return Hit("none", ticks)
    top = y - (row.clip_top - state.scroll_y)
    if not 0 <= top < row.clip_height:
        return Hit("lane", ticks, row)
    zone = state.m.trim_zone_wide if wide else state.m.trim_zone
    clip = row.at(ticks)
    near = _selected_edge(state, row, x, selected, zone)
    if clip is not None and clip.id == lines and (found := _lines(state, row, clip, x, y)) and (near is None or found != "level"):
        return Hit(found, ticks, row, clip)
    joined = _transition(state, row, x, y)
    if joined is not None and near is None:
        return Hit(joined[1], ticks, row, clip, joined[0])
    if near is not None:
        return Hit(near[1], ticks, row, near[0])
    if clip is None:
        return _empty(row, ticks)
    return Hit(_edge(clip_box(state, row, clip), x, zone) or "body", ticks, row, clip)


def _edge(box: QRect, x: float, zone: int) -> str:
    """head, tail or nothing: zones shrink on short clips so that a third always stays body."""
    reach = min(zone, (box.width() + 1) // 3)
    if x < box.left() + reach:
        return "head"
    if x > box.right() + 1 - reach:
        return "tail"
    return ""


def _selected_edge(state: TimelineState, row: Row, x: float, selected: tuple[str, ...], zone: int) -> tuple[Clip, str] | None:
    if not selected or len(selected) > 50:
        return None
    for clip in row.clips[slice(*row.between(state.scale.ticks(x - 8), state.scale.ticks(x + 8) + 1))]:
        if clip.id in selected:
            box = clip_box(state, row, clip)
            if box.left() - 3 <= x < box.left():
                return clip, "head"
            if box.right() + 1 < x <= box.right() + 4:
                return clip, "tail"
            edge = _edge(box, x, zone)
            if edge:
                return clip, edge
    return None


def _lines(state: TimelineState, row: Row, clip: Clip, x: float, y: float) -> str:
    for part, spot in zip(("fade_in", "fade_out"), fade_spots(state, clip), strict=True):
        if spot is not None and abs(x - spot.x()) <= 6 and abs(y - spot.y()) <= 6:
            return part
    box = clip_box(state, row, clip)
    body = box.adjusted(1, state.m.name_bar, -1, -1)
    if row.clip_height < state.m.bare_height or body.height() < 18 or body.width() < state.m.lod_label or _edge(box, x, state.m.trim_zone):
        return ""
    line = gain_y(clip.gain_db, body.top(), body.height()) if clip.is_sound else opacity_y(clip.opacity, body.top(), body.height())
    return "level" if abs(y - line) <= 3 else ""


def _transition(state: TimelineState, row: Row, x: float, y: float) -> tuple[Transition, str] | None:
    for transition in row.transitions:
        box = transition_box(state, row, transition)
        if box is not None and box.adjusted(-2, 0, 2, 0).contains(int(x), int(y)):
            reach = min(5, box.width() // 4)
            if x < box.left() + reach:
                return transition, "transition_head"
            if x > box.right() - reach:
                return transition, "transition_tail"
            return transition, "transition"
    return None


def _empty(row: Row, ticks: int) -> Hit:
    after = next((c for c in row.clips if c.start > ticks), None)
    if after is None:
        return Hit("lane", ticks, row)
    before = max((c.end for c in row.clips if c.end <= ticks), default=0)
    return Hit("gap", ticks, row, gap=(before, after.start))
