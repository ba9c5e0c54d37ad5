"""The cached picture of lanes and clips.

Owns: the pixmap under everything else on the lanes, which parts of it are stale, shifting it on scroll, painting rows into it.
Refuses: the playhead, selection, ghosts and guides, which are drawn over it.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap, QRegion

from app.desktop.canvas.clip_painter import ClipPainter, hatch, paint_transition
from app.desktop.canvas.columns import KINDS
from app.desktop.canvas.look import Look
from app.desktop.canvas.metrics import RUNS_BELOW
from app.desktop.canvas.rows import AT_ONCE, Row
from app.desktop.canvas.state import TimelineState
from editor_core.schema import Clip, Transition

AT_A_TIME = 9
"""Rows that are painted at a time, without clips that have names and pictures; the others have their turn right after."""
DETAILED = 30
"""Clips with names and pictures that count as one row more."""
_ROUND_FROM = 24
"""Clips of this many pixels have softened corners."""
_RUN_TOKENS = {"video": "clip-video", "audio": "clip-audio", "title": "clip-title", "solid": "clip-generator",
               "caption": "clip-caption"}


class LaneLayer:
    """A pixmap as large as the lanes' viewport. `paint` brings the stale part up to date and returns the pixmap."""

    def __init__(self, state: TimelineState, look: Look, painter: ClipPainter) -> None:
        self.state = state
        self.clips = painter
        self._pixmap = QPixmap()
        self._stale = QRegion()
        self._left = 0.0
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        self.look = look
        self._locked: QBrush | None = None
        self._veil: QBrush | None = None
        self._run_colours = _run_colours(look)
        self.invalidate()

    def resize(self, size: QSize, ratio: float) -> None:
        wanted = size * ratio
        if self._pixmap.size() != wanted:
            self._pixmap = QPixmap(wanted)
            self._pixmap.setDevicePixelRatio(ratio)
            self.invalidate()

    def invalidate(self, rect: QRect | None = None) -> None:
        """Marks a part, or everything, for painting."""
        whole = QRect(0, 0, 1 << 20, 1 << 20)
        self._stale = QRegion(whole) if rect is None else self._stale.united(rect)

    def scroll(self, dx: int, dy: int) -> None:
        """Shifts what is painted and marks the strips that appear."""
        ratio = self._pixmap.devicePixelRatio()
        width, height = self.state.width, self.state.height
        if abs(dx) >= width or abs(dy) >= height or ratio != int(ratio):
            self.invalidate()
            return
        self._pixmap.scroll(int(dx * ratio), int(dy * ratio), self._pixmap.rect())
        self._stale.translate(dx, dy)
        if dx:
            self.invalidate(QRect(0 if dx > 0 else width + dx, 0, abs(dx), height))
            self._invalidate_sticky(dx)
        if dy:
            self.invalidate(QRect(0, 0 if dy > 0 else height + dy, width, abs(dy)))

    def _invalidate_sticky(self, dx: int) -> None:
        """Names stay at the left edge while their clip runs out of view, so they move when everything else is shifted."""
        state = self.state
        for row in state.rows:
            top = row.clip_top - state.scroll_y
            for x in {0, max(0, dx)}:
                clip = row.at(state.scale.ticks(x))
                if clip is not None:
                    right = min(state.width, state.scale.x(clip.end))
                    left = min(0, state.scale.x(clip.start)) if x == 0 else 0
                    self.invalidate(QRect(max(0, left), top, right + abs(dx), row.clip_height))

    def paint(self) -> QPixmap:
        """The pixmap, up to date but for waveforms that had to wait: those are stale again, and `late` says so."""
        bounds = QRect(0, 0, self.state.width, self.state.height)
        stale = self._stale.intersected(bounds)
        self._stale = QRegion()
        if stale.isEmpty() or self._pixmap.isNull():
            return self._pixmap
        self.clips.waves.begin()
        self.clips.late.clear()
        painter = QPainter(self._pixmap)
        rects = list(stale)
        if len(rects) > 24:
            rects = [stale.boundingRect()]
        self._left = AT_A_TIME
        for rect in rects:
            painter.setClipRect(rect)
            left = self._paint_rect(painter, rect)
            if not left.isEmpty():
                self._stale = self._stale.united(left)
        painter.end()
        for rect in self.clips.late:
            self._stale = self._stale.united(rect)
        return self._pixmap

    @property
    def late(self) -> QRegion:
        """What was left out of the last paint for lack of time."""
        return self._stale

    def _paint_rect(self, painter: QPainter, rect: QRect) -> QRect:
        """Paints rows from the top until there were enough of them for now; gives the rest."""
        state = self.state
        rows = [row for row in state.rows if row.bottom - state.scroll_y > rect.top() and row.top - state.scroll_y <= rect.bottom()]
        bare = QRegion(rect)
        for row in rows:
            bare -= QRect(rect.left(), row.top - state.scroll_y, rect.width(), row.height - 1)
        for between in bare:
            painter.fillRect(between, self.look.colour("panel"))
        for row in rows:
            top = row.top - state.scroll_y
            if self._left <= 0:
                return QRect(rect.left(), top, rect.width(), rect.bottom() - top + 1)
            self._left -= 1
            lane = QRect(rect.left(), top, rect.width(), row.height - 1)
            painter.fillRect(lane, self._locked_brush() if row.track.locked else self.look.colour("well"))
            if row.track.hidden or row.track.muted:
                painter.setOpacity(0.5)
            self._paint_row(painter, row, rect)
            painter.setOpacity(1.0)
            if row.track.locked:
                painter.fillRect(lane, self._veil_brush())
        return QRect()

    def _paint_row(self, painter: QPainter, row: Row, rect: QRect) -> None:
        state, scale = self.state, self.state.scale
        first, last = row.between(scale.ticks(rect.left() - 2), scale.ticks(rect.right() + 3))
        if first == last or (not row.ready and last - first > AT_ONCE):
            return  # so many are painted once they are indexed, in a moment
        starts, ends, looks = row.part(first, last)
        lefts, rights = scale.xs(starts), scale.xs(ends)
        self._paint_bodies(painter, row, rect, lefts, rights, looks)
        top = row.clip_top - state.scroll_y
        seen = (rect.left(), rect.right() + 1)
        offline = state.rows.offline
        view, per_tick = state.snapshot, scale.per_tick
        height = row.clip_height
        detailed = np.flatnonzero(rights - lefts > state.m.lod_label).tolist()
        self._left -= len(detailed) / DETAILED
        for number in detailed:
            clip = row.clips[first + number]
            left = int(lefts[number])
            box = QRect(left, top, int(rights[number]) - left - 1, height)
            self.clips.inside(painter, view, clip, box, seen, per_tick, offline=clip.asset in offline)
        for transition in row.transitions:
            area = transition_box(state, row, transition)
            if area is not None and area.right() >= rect.left() and area.left() <= rect.right():
                paint_transition(painter, self.look, area, selected=False)

    def _paint_bodies(self, painter: QPainter, row: Row, rect: QRect, lefts: np.ndarray, rights: np.ndarray,
                      looks: np.ndarray) -> None:
        """Bar, body and edges of all clips of a row at once: rows of pixels, stretched over the clips' height."""
        origin = rect.left()
        width = rect.width()
        starts = np.clip(lefts - origin, 0, width)
        ends = np.clip(np.maximum(rights - 1, lefts + 1) - origin, 0, width)
        lengths = ends - starts
        total = int(lengths.sum())
        if not total:
            return
        offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        columns = np.arange(total) + offsets
        each = np.repeat(looks, lengths)
        body = np.zeros((4, width), np.uint32)
        for line in range(3):
            body[line, columns] = self._run_colours[line][each]
        wide = lengths > 2
        edge_colours = self._run_colours[2][looks]
        left_edges = wide & (lefts >= origin)
        right_edges = (lengths >= RUNS_BELOW) & (rights - 1 <= origin + width)
        for edges, places in ((left_edges, starts), (right_edges, ends - 1)):
            body[:, places[edges]] = edge_colours[edges]
        body[3] = body[2]
        round_ends = lengths >= _ROUND_FROM
        for edges, places in ((left_edges & round_ends, starts), (right_edges & round_ends, ends - 1)):
            corners = edge_colours[edges]
            body[3, places[edges]] = corners & 0xFFFFFF | (corners >> 24) * 2 // 5 << 24
        image = QImage(body.data, width, 4, width * 4, QImage.Format.Format_ARGB32)
        top, height = row.clip_top - self.state.scroll_y, row.clip_height
        bar = self.state.m.name_bar if row.clip_height >= self.state.m.bare_height else 1
        painter.drawImage(QRect(origin, top, width, 1), image, QRect(0, 3, width, 1))
        if bar > 1:
            painter.drawImage(QRect(origin, top + 1, width, bar - 1), image, QRect(0, 1, width, 1))
        painter.drawImage(QRect(origin, top + bar, width, height - bar - 1), image, QRect(0, 0, width, 1))
        painter.drawImage(QRect(origin, top + height - 1, width, 1), image, QRect(0, 3, width, 1))

    def _locked_brush(self) -> QBrush:
        if self._locked is None:
            self._locked = hatch(self.look.colour("line"), 8, 2, self.look.colour("well"))
        return self._locked

    def _veil_brush(self) -> QBrush:
        """Stripes over the clips of a locked track: they are seen, and seen to stay."""
        if self._veil is None:
            colour = QColor(self.look.colour("well"))
            colour.setAlpha(110)
            self._veil = hatch(colour, 8, 3)
        return self._veil


def _run_colours(look: Look) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Body, bar and edge colours as ARGB by `Row.looks`."""
    tables = []
    for suffix in ("", "-bar", "-edge"):
        table = np.zeros(64, np.uint32)
        for number, kind in enumerate(KINDS):
            for flags in (0, 8, 16, 24):
                colour = look.colour(("clip-offline" if flags & 16 else _RUN_TOKENS[kind]) + suffix)
                alpha = 115 if flags & 8 else 255
                table[number + flags] = (colour.rgb() & 0xFFFFFF) | alpha << 24
        tables.append(table)
    return tables[0], tables[1], tables[2]


def clip_box(state: TimelineState, row: Row, clip: Clip) -> QRect:
    """Where a clip is drawn in the viewport."""
    left = state.scale.x(clip.start)
    width = max(2, state.scale.x(clip.end) - left - 1)
    return QRect(left, row.clip_top - state.scroll_y, width, row.clip_height)


def transition_box(state: TimelineState, row: Row, transition: Transition) -> QRect | None:
    """Where a transition is drawn, or None when its cut is not on the row."""
    clip = state.snapshot.find(Clip, transition.to_clip)
    if clip is None or clip.track != row.track.id:
        return None
    cut = clip.start
    start = cut - transition.duration // 2
    left, right = state.scale.x(start), state.scale.x(start + transition.duration)
    if right - left < 12:
        middle = state.scale.x(cut)
        left, right = middle - 6, middle + 6
    bare = row.clip_height < state.m.bare_height
    top = row.clip_top - state.scroll_y + (2 if bare else state.m.name_bar + 1)
    height = row.clip_height - 4 if bare else min(24, row.clip_height - state.m.name_bar - 2)
    return QRect(left, top, right - left, height)


def union_rect(rects: list[QRect]) -> QRect:
    """The smallest rectangle around all."""
    whole = QRect()
    for rect in rects:
        whole = whole.united(rect)
    return whole


def lane_rect(state: TimelineState, row: Row, start: int, end: int) -> QRect:
    """The part of a row's lane that a stretch of time covers, with room for edges and rings."""
    left, right = state.scale.x(start) - 5, state.scale.x(end) + 6
    left, right = max(left, -8), min(right, state.width + 8)
    return QRect(left, row.top - state.scroll_y, max(0, right - left), row.height)


__all__ = ["LaneLayer", "clip_box", "lane_rect", "transition_box", "union_rect"]
