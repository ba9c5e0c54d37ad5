"""What is drawn over the lanes while something is going on.

Owns: the picture of a drag (ghost clips, what they would overwrite, ripple marks, snap guide), selection rings, box select.
Refuses: deciding any of it: tools and gestures fill in an `Overlay`, the lanes widget paints it.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.desktop.canvas.clip_painter import ClipPainter, hatch, paint_transition, title_of, token_of
from app.desktop.canvas.lane_layer import clip_box, lane_rect, transition_box
from app.desktop.canvas.levels import gain_y, opacity_y
from app.desktop.canvas.look import Look
from app.desktop.canvas.metrics import RING
from app.desktop.canvas.state import TimelineState
from editor_core.schema import Clip, Transition


@dataclass(frozen=True)
class Overlay:
    """What a gesture shows. Times in ticks.

    `ghosts`: clips as they would be. `moved`: clips pushed along, drawn plainly. `beyond`: clips on a track that would be made.
    `hidden`: ids whose present place is dimmed. `struck`: (track, start, end) that would be erased. `arrows`: (track, at, ticks
    moved) where later clips would shift. `guide`: the time snapped to. `lines`: (track, time) of a razor. `box`: a selection box
    in viewport pixels, `picked` what it would select. `drop_row`: the track a drop would go to. `blocked`: nothing would happen on
    release. `stops`: (track, time) of edges that could not go further.
    """

    ghosts: tuple[Clip, ...] = ()
    moved: tuple[Clip, ...] = ()
    beyond: tuple[Clip, ...] = ()
    hidden: frozenset[str] = frozenset()
    struck: tuple[tuple[str, int, int], ...] = ()
    arrows: tuple[tuple[str, int, int], ...] = ()
    guide: int | None = None
    lines: tuple[tuple[str, int], ...] = ()
    box: QRect | None = None
    picked: tuple[str, ...] = ()
    drop_row: str = ""
    blocked: bool = False
    stops: tuple[tuple[str, int], ...] = ()


NOTHING = Overlay()
MANY = 40
"""Parts of an overlay up to which the smallest rectangle around them is worked out."""
PLAIN_FROM = 60
"""Ghosts that are seen from which on they are drawn without pictures, waves and words."""


def overlay_rect(state: TimelineState, overlay: Overlay) -> QRect:
    """The part of the lanes that an overlay touches."""
    many = len(overlay.ghosts) + len(overlay.moved) + len(overlay.hidden) + len(overlay.struck) > MANY
    if overlay.drop_row or overlay.beyond or overlay.box is not None or many:
        return QRect(0, 0, state.width, state.height)
    area = QRect()
    for ghost in (*overlay.ghosts, *overlay.moved):
        row = state.rows.of(ghost.track)
        if row is not None:
            area = area.united(clip_box(state, row, ghost).adjusted(-5, -5, 5, 5))
    for track, start, end in overlay.struck:
        row = state.rows.of(track)
        if row is not None:
            area = area.united(lane_rect(state, row, start, end))
    for track, at, _ in overlay.arrows:
        row = state.rows.of(track)
        if row is not None:
            area = area.united(QRect(state.scale.x(at) - 20, row.top - state.scroll_y, 40, row.height))
    times = [time for _, time in (*overlay.lines, *overlay.stops)] + ([overlay.guide] if overlay.guide is not None else [])
    for time in times:
        area = area.united(QRect(state.scale.x(time) - 2, 0, 5, state.height))
    for clip_id in overlay.hidden:
        clip = state.snapshot.find(Clip, clip_id)
        row = state.rows.of(clip.track) if clip is not None else None
        if clip is not None and row is not None:
            area = area.united(lane_rect(state, row, clip.start, clip.end))
    return area


class OverlayPainter:
    """Draws overlays and rings with one look."""

    def __init__(self, state: TimelineState, look: Look, clips: ClipPainter) -> None:
        self.state = state
        self.clips = clips
        self.set_look(look)

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        self.look = look
        self._strike = hatch(look.soft("danger", 0.5), 8, 2)

    def rings(self, painter: QPainter, clips: list[Clip]) -> None:
        """Rings and end handles around selected clips."""
        focus, canvas = self.look.colour("focus"), self.look.colour("canvas")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for clip in clips:
            row = self.state.rows.of(clip.track)
            if row is None:
                continue
            box = QRectF(clip_box(self.state, row, clip))
            if box.right() < -6 or box.left() > self.state.width + 6:
                continue
            painter.setPen(QPen(canvas, 1))
            painter.drawRoundedRect(box.adjusted(-2.5, -2.5, 2.5, 2.5), 5, 5)
            painter.setPen(QPen(focus, RING))
            painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 4, 4)
            if box.width() >= 16:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(focus)
                painter.drawRoundedRect(QRectF(box.left() - 1, box.top(), 5, box.height()), 2, 2)
                painter.drawRoundedRect(QRectF(box.right() - 4, box.top(), 5, box.height()), 2, 2)
                painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def frames(self, painter: QPainter, boxes: list[QRect]) -> None:
        """Plain frames around clips of which there are too many for rings."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.look.colour("focus"), RING))
        painter.drawRects([box.adjusted(0, 0, -1, -1) for box in boxes])

    def fade_handles(self, painter: QPainter, clip: Clip) -> None:
        """The two dots at the ends of a clip's fades."""
        row = self.state.rows.of(clip.track)
        if row is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.look.colour("accent-fill"), 1.5))
        painter.setBrush(QColor(Qt.GlobalColor.white))
        for spot in fade_spots(self.state, clip):
            if spot is not None:
                painter.drawEllipse(QPointF(spot.x() + 0.5, spot.y() + 0.5), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def level_line(self, painter: QPainter, clip: Clip) -> None:
        """The line of a clip's gain or opacity, where it can be dragged."""
        row = self.state.rows.of(clip.track)
        if row is None or row.clip_height < self.state.m.bare_height + 10:
            return
        body = clip_box(self.state, row, clip).adjusted(1, self.state.m.name_bar, -1, -1)
        if body.width() < self.state.m.lod_label:
            return
        y = gain_y(clip.gain_db, body.top(), body.height()) if clip.is_sound else opacity_y(clip.opacity, body.top(), body.height())
        painter.fillRect(QRect(body.left(), y - 1, body.width(), 3), self.look.soft("canvas", 0.35))
        painter.fillRect(QRect(body.left(), y, body.width(), 1), self.look.colour("clip-audio-text"))

    def transitions(self, painter: QPainter, ids: tuple[str, ...]) -> None:
        """Selected transitions with their ring."""
        for transition_id in ids:
            transition = self.state.snapshot.find(Transition, transition_id)
            row = self.state.rows.of(transition.track) if transition is not None else None
            if transition is not None and row is not None and (box := transition_box(self.state, row, transition)) is not None:
                paint_transition(painter, self.look, box, selected=True)

    def paint(self, painter: QPainter, overlay: Overlay) -> None:
        """Everything of an overlay except the words at the cursor."""
        state, look = self.state, self.look
        if overlay.drop_row:
            row = state.rows.of(overlay.drop_row)
            if row is not None:
                painter.fillRect(QRect(0, row.top - state.scroll_y, state.width, row.height - 1), look.soft("accent", 0.10))
        for clip_id in overlay.hidden:
            self._dim(painter, clip_id)
        struck = [area for one in overlay.struck if (area := self._area(*one)) is not None]
        for area in struck:
            painter.fillRect(area, look.soft("canvas", 0.55))
            painter.setBrushOrigin(area.left(), area.top())
            painter.fillRect(area, self._strike)
        for clip in overlay.moved:
            self._plain(painter, clip)
        self._ghosts(painter, overlay)
        for ghost in overlay.beyond:
            self._ghost(painter, ghost, self._beyond(ghost), overlay.blocked)
        for area in struck if overlay.ghosts else ():  # again, where a ghost lies over it
            painter.fillRect(area.left(), area.bottom() - 3, area.width(), 4, look.colour("danger"))
        for track, at, moved in overlay.arrows:
            self._arrow(painter, track, at, moved)
        for track, time in overlay.lines:
            self._blade(painter, track, time)
        for track, time in overlay.stops:
            row = state.rows.of(track)
            if row is not None:
                painter.fillRect(QRect(state.scale.x(time) - 2, row.clip_top - state.scroll_y - 1, 4, row.clip_height + 2),
                                 look.colour("danger"))
        if overlay.guide is not None:
            painter.fillRect(QRect(state.scale.x(overlay.guide), 0, 1, state.height), look.colour("snap"))
        if overlay.box is not None:
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.setBrush(look.soft("accent", 0.14))
            painter.drawRect(overlay.box.adjusted(0, 0, -1, -1))
            found = [clip for i in overlay.picked if (clip := state.snapshot.find(Clip, i)) is not None]
            self.rings(painter, [clip for clip in found if state.scale.x(clip.end) > 0 and state.scale.x(clip.start) < state.width])

    def _ghosts(self, painter: QPainter, overlay: Overlay) -> None:
        """Those that are seen: as they would be, or as plain boxes where there are many."""
        state = self.state
        placed = [(ghost, clip_box(state, row, ghost)) for ghost in overlay.ghosts if (row := state.rows.of(ghost.track)) is not None]
        seen = [(ghost, box) for ghost, box in placed if box.right() >= -RING and box.left() <= state.width + RING]
        if len(seen) <= PLAIN_FROM:
            for ghost, box in seen:
                self._ghost(painter, ghost, box, overlay.blocked)
            return
        painter.setOpacity(0.86)
        for ghost, box in seen:
            painter.fillRect(box, self.look.colour(f"{token_of(ghost, ghost.asset in state.rows.offline)}-bar"))
        painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.look.colour("danger" if overlay.blocked else "focus"), 1))
        painter.drawRects([box.adjusted(0, 0, -1, -1) for _, box in seen])

    def _area(self, track: str, start: int, end: int) -> QRect | None:
        """Where clips lie on a track in a stretch of time."""
        row = self.state.rows.of(track)
        if row is None:
            return None
        left, right = max(-8, self.state.scale.x(start)), min(self.state.width + 8, self.state.scale.x(end))
        return QRect(left, row.clip_top - self.state.scroll_y, max(2, right - left - 1), row.clip_height)

    def _dim(self, painter: QPainter, clip_id: str) -> None:
        clip = self.state.snapshot.find(Clip, clip_id)
        row = self.state.rows.of(clip.track) if clip is not None else None
        if clip is None or row is None:
            return
        box = clip_box(self.state, row, clip)
        if box.right() >= 0 and box.left() <= self.state.width:
            painter.fillRect(box, self.look.soft("well", 0.62))

    def _plain(self, painter: QPainter, clip: Clip) -> None:
        row = self.state.rows.of(clip.track)
        if row is None:
            return
        box = clip_box(self.state, row, clip)
        if box.right() < 0 or box.left() > self.state.width:
            return
        token = token_of(clip, clip.asset in self.state.rows.offline)
        painter.setPen(self.look.colour(f"{token}-edge"))
        painter.setBrush(self.look.colour(f"{token}-bar"))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
        if box.width() >= self.look.m.lod_label:
            font = self.look.label_font
            label = self.look.label(title_of(clip, None), box.width() - 10, font)
            self.look.draw(painter, max(0, box.left()) + 5, box.top() + 1, label, f"{token}-text")

    def _beyond(self, ghost: Clip) -> QRect:
        """Where a clip is shown whose track does not exist yet: above the first or below the last row of its kind."""
        state = self.state
        height = state.m.row_audio if ghost.is_sound else state.m.row_video
        rows = [row for row in state.rows if (row.track.kind == "audio") == ghost.is_sound]
        if ghost.is_sound:
            top = (rows[-1].bottom if rows else state.rows.height) - state.scroll_y
            top = min(top, state.height - 24)
        else:
            top = max((rows[0].top if rows else 0) - state.scroll_y - height, -height + 24)
        left = state.scale.x(ghost.start)
        return QRect(left, top + state.m.clip_inset, max(2, state.scale.x(ghost.end) - left - 1), height - state.m.clip_foot)

    def _ghost(self, painter: QPainter, ghost: Clip, box: QRect, blocked: bool) -> None:
        was = self.state.snapshot.find(Clip, ghost.id)
        levels = was is not None and (was.gain_db, was.opacity) != (ghost.gain_db, ghost.opacity)
        painter.setOpacity(0.86)
        self.clips.paint(painter, self.state.snapshot, ghost, box, (0, self.state.width), self.state.scale.per_tick,
                         offline=ghost.asset in self.state.rows.offline, levels=levels, ghost=True)
        painter.setOpacity(1.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.look.colour("danger" if blocked else "focus"), RING))
        painter.drawRoundedRect(QRectF(box).adjusted(-1, -1, 1, 1), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _arrow(self, painter: QPainter, track: str, at: int, moved: int) -> None:
        row = self.state.rows.of(track)
        if row is None or not moved:
            return
        x = self.state.scale.x(at)
        y = row.top - self.state.scroll_y + row.height // 2
        sign = 1 if moved > 0 else -1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.look.colour("canvas"), 1))
        painter.setBrush(self.look.colour("snap"))
        points = [(0, -3), (8, -3), (8, -8), (16, 0), (8, 8), (8, 3), (0, 3)]
        painter.drawPolygon(QPolygonF([QPointF(x + sign * dx, y + dy) for dx, dy in points]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _blade(self, painter: QPainter, track: str, time: int) -> None:
        state = self.state
        x = state.scale.x(time)
        painter.fillRect(QRect(x, 0, 1, state.height), self.look.soft("text", 0.35))
        row = state.rows.of(track)
        if row is not None:
            painter.fillRect(QRect(x, row.clip_top - state.scroll_y, 1, row.clip_height), self.look.colour("danger"))


def fade_spots(state: TimelineState, clip: Clip) -> tuple[QPoint | None, QPoint | None]:
    """Where the fade handles of a clip stand, in viewport pixels; None where there is no room for them."""
    row = state.rows.of(clip.track)
    if row is None or row.clip_height < state.m.bare_height:
        return None, None
    box = clip_box(state, row, clip)
    if box.width() < 3 * state.m.fade_handle:
        return None, None
    y = box.top() + state.m.name_bar + 5
    per_tick = state.scale.per_tick
    left = box.left() + max(6, round(clip.fade_in * per_tick))
    right = box.right() - max(6, round(clip.fade_out * per_tick))
    return QPoint(min(left, box.right() - 6), y), QPoint(max(right, box.left() + 6), y)
