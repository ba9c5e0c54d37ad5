"""The lanes: clips on tracks.

Owns: painting in layers (cached lanes and clips, rings and ghosts, playhead), passing pointer and drop events to gestures.
Refuses: deciding what a gesture does.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.desktop.canvas.chosen import Chosen
from app.desktop.canvas.clip_painter import ClipPainter
from app.desktop.canvas.filmstrip import Filmstrip
from app.desktop.canvas.lane_layer import LaneLayer, clip_box, lane_rect
from app.desktop.canvas.look import Look
from app.desktop.canvas.overlay import NOTHING, Overlay, OverlayPainter, overlay_rect
from app.desktop.canvas.state import TimelineState
from app.desktop.canvas.touch import FINGERS, Touch
from app.desktop.canvas.waves import Waves
from app.desktop.canvas.wheel import pinched
from editor_core.schema import Clip


class Lanes(QWidget):
    """Paints the lanes of a `TimelineState`. `pointer` (see `gestures`) gets mouse, wheel and drop events."""

    def __init__(self, state: TimelineState, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.bench = state.bench
        self.pointer: Any = None
        self.overlay = NOTHING
        self.lines = ""
        self.peers: Any = None
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._clips = ClipPainter(look, Filmstrip(self.bench.tiles), Waves(self.bench.tiles))
        self._clips.stand_ins = state.stand_ins
        self._clips.said = self.bench.comments.on_clip
        self._said: dict[str, int] = {}
        self.bench.comments.changed.connect(self._comments_changed)
        self._layer = LaneLayer(state, look, self._clips)
        self._over = OverlayPainter(state, look, self._clips)
        self.look = look
        self._chosen = state.chosen = Chosen(state)
        self._chosen.set(self.bench.selection.clips, self.bench.selection.among)  # chosen in another workspace, before this was made
        self._touch = Touch(self)
        self._playhead = 0
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(lambda: self.update(self._layer.late))
        self._media: set[str] = set()
        self._media_soon = QTimer(self, singleShot=True, interval=30)
        self._media_soon.timeout.connect(self._media_came)
        state.zoomed.connect(self.repaint_all)
        state.rows_changed.connect(self.repaint_all)
        state.scrolled.connect(self._scrolled)
        state.spans_changed.connect(self._spans_changed)
        self.bench.tiles.ready.connect(self._ready)
        self.bench.selection.changed.connect(self._selection_changed)
        self.bench.transport.moved.connect(self._moved)
        self.bench.transport.marks_changed.connect(self.update)
        self._playhead = self.bench.transport.ticks

    def set_look(self, look: Look) -> None:
        """After a change of theme."""
        self.look = look
        self._clips.set_look(look)
        self._over.set_look(look)
        self._layer.set_look(look)
        self.update()

    def set_overlay(self, overlay: Overlay) -> None:
        """Shows what a gesture is about to do, in place of what was shown."""
        if overlay == self.overlay:
            return
        area = overlay_rect(self.state, self.overlay).united(overlay_rect(self.state, overlay))
        self.overlay = overlay
        self.update(area)

    def set_lines(self, clip_id: str) -> None:
        """Shows fade handles and level line of one clip."""
        if clip_id == self.lines:
            return
        for which in (self.lines, clip_id):
            self._update_clip(which)
        self.lines = clip_id

    def drift_box(self, clip: Clip, box: QRect) -> QRect:
        """Where the badge of being out of step lies on a clip drawn in `box`; empty when it has none."""
        return self._clips.drift_box(self.state.snapshot, clip, box)

    def repaint_all(self) -> None:
        """Everything anew at the next paint."""
        self._layer.invalidate()
        self.update()

    # ---- what changed -------------------------------------------------------------------------------------------

    def _scrolled(self, dx: int, dy: int) -> None:
        self._layer.scroll(dx, dy)
        self.update()

    def _spans_changed(self, spans: dict[str, tuple[int, int]]) -> None:
        for track, (start, end) in spans.items():
            row = self.state.rows.of(track)
            if row is not None:
                rect = lane_rect(self.state, row, start, end)
                self._layer.invalidate(rect)
                self.update(rect)

    def _comments_changed(self) -> None:
        """Badges of clips on which more or fewer comments stand than before."""
        now = self.bench.comments.counts()
        for clip_id in [clip for clip in now.keys() | self._said.keys() if now.get(clip) != self._said.get(clip)]:
            clip = self.state.snapshot.record(clip_id)
            row = self.state.rows.of(clip.track) if isinstance(clip, Clip) else None
            if isinstance(clip, Clip) and row is not None:
                rect = clip_box(self.state, row, clip)
                self._layer.invalidate(rect)
                self.update(rect)
        self._said = now

    def _selection_changed(self) -> None:
        now = self.bench.selection.clips
        changed = self.bench.selection.among.symmetric_difference(self._chosen.ids)
        self._chosen.set(now, self.bench.selection.among)
        if len(changed) > 200:
            self.update()
        else:
            for clip_id in changed:
                self._update_clip(clip_id)
        self.update_transitions()

    def update_transitions(self) -> None:
        """Transitions carry their own ring, which is part of the overlay."""
        if self.bench.selection.transitions or self._had_transitions:
            self.update()
        self._had_transitions = bool(self.bench.selection.transitions)

    _had_transitions = False

    def _update_clip(self, clip_id: str) -> None:
        clip = self.state.snapshot.record(clip_id) if clip_id else None
        row = self.state.rows.of(clip.track) if isinstance(clip, Clip) else None
        if isinstance(clip, Clip) and row is not None:
            self.update(clip_box(self.state, row, clip).adjusted(-5, -5, 5, 5))

    def _moved(self, ticks: int) -> None:
        old, new = self.state.scale.x(self._playhead), self.state.scale.x(ticks)
        self._playhead = ticks
        if old != new:
            self.update(QRect(old - 1, 0, 3, self.height()))
            self.update(QRect(new - 1, 0, 3, self.height()))

    def _ready(self, asset: str) -> None:
        self._media.add(asset)
        if not self._media_soon.isActive():
            self._media_soon.start()

    def _media_came(self) -> None:
        came, self._media = self._media, set()
        left, right = self.state.scale.ticks(0), self.state.scale.ticks(self.width())
        for row in self.state.rows:
            first, last = row.between(left, right)
            for clip in row.clips[first:last]:
                if clip.asset in came:
                    rect = clip_box(self.state, row, clip)
                    self._layer.invalidate(rect)
                    self.update(rect)

    # ---- painting -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.state.resize(self.width(), self.height())
        self._layer.resize(self.size(), self.devicePixelRatioF())
        self._layer.invalidate()

    def paintEvent(self, event: QPaintEvent) -> None:
        self._layer.resize(self.size(), self.devicePixelRatioF())
        pixmap = self._layer.paint()
        painter = QPainter(self)
        ratio = pixmap.devicePixelRatio()
        for rect in event.region():
            painter.drawPixmap(rect, pixmap, QRect(round(rect.x() * ratio), round(rect.y() * ratio), round(rect.width() * ratio),
                                                   round(rect.height() * ratio)))
        self._paint_over(painter, event.rect())
        painter.end()
        if not self._layer.late.isEmpty():
            self._later.start()

    def _paint_over(self, painter: QPainter, area: QRect) -> None:
        state = self.state
        transport = self.bench.transport
        if transport.mark_in is not None or transport.mark_out is not None:
            start, end = transport.marks()
            band = QRect(state.scale.x(start), 0, state.scale.x(end) - state.scale.x(start), state.rows.height - state.scroll_y)
            painter.fillRect(band.intersected(area), self.look.soft("accent", 0.035))
        if area.width() > 3:  # otherwise only the playhead moved over what is painted below
            self._paint_selection(painter)
            if self.lines and not self.overlay.ghosts:
                self._paint_lines(painter)
            if self.overlay is not NOTHING:
                self._clips.waves.begin()
                self._over.paint(painter, self.overlay)
            self._paint_gap(painter)
            if not self.state.end and self.overlay is NOTHING:
                self._paint_empty(painter)
        else:
            self._paint_selection(painter, area)
        if self.peers is not None and self.peers.people:
            self.peers.paint_lanes(painter)
        x = state.scale.x(transport.ticks)
        if -2 <= x <= self.width():
            painter.fillRect(QRect(x - 1, 0, 3, self.height()), self.look.soft("canvas", 0.25))
            painter.fillRect(QRect(x, 0, 1, self.height()), self.look.colour("playhead"))

    def _paint_selection(self, painter: QPainter, area: QRect | None = None) -> None:
        left, right = (0, self.width()) if area is None else (area.left(), area.right())
        clips, boxes = self._chosen.seen(left, right, self.overlay.hidden)
        if clips:
            self._over.rings(painter, clips)
        if boxes:
            self._over.frames(painter, boxes)
        if area is None:
            self._over.transitions(painter, self.bench.selection.transitions)

    def _paint_empty(self, painter: QPainter) -> None:
        look, middle = self.look, self.rect().center()
        keys = self.bench.actions.keys("media.import") if "media.import" in self.bench.actions else []
        words = look.label("Drop footage here" + (f", or press {keys[0]}" if keys else ""), self.width() - 20, look.body_font)
        left = middle.x() - round(words.width / 2)
        painter.drawPixmap(middle.x() - look.m.px(10), middle.y() - look.m.px(28), look.icon("film", "text-3", 20))
        look.draw(painter, left, middle.y(), words, "text-3")

    def _paint_gap(self, painter: QPainter) -> None:
        gap = self.bench.late.get("gap")
        row = self.state.rows.of(gap[0]) if gap else None
        if gap and row is not None:
            left, right = self.state.scale.x(gap[1]), self.state.scale.x(gap[2])
            area = QRect(left, row.clip_top - self.state.scroll_y, max(2, right - left - 1), row.clip_height)
            painter.setPen(self.look.colour("focus"))
            painter.setBrush(self.look.soft("accent", 0.16))
            painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _paint_lines(self, painter: QPainter) -> None:
        clip = self.state.snapshot.find(Clip, self.lines)
        row = self.state.rows.of(clip.track) if clip is not None else None
        if clip is not None and row is not None:
            self._over.level_line(painter, clip)
            self._over.fade_handles(painter, clip)

    def event(self, event: QEvent) -> bool:
        if event.type() in FINGERS and (pinched(self.state, event) or self._touch.take(event)):
            return True
        return super().event(event)

    # ---- events to gestures -------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pointer.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.pointer.wheel(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        spot = self._keyboard_spot() if by_key else event.pos()
        self.pointer.context_menu(spot, self.mapToGlobal(spot) if by_key else event.globalPos())
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointer.hover(event.position(), event.modifiers())

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer.leave()

    def dragEnterEvent(self, event: Any) -> None:
        self.pointer.drag_enter(event)

    def dragMoveEvent(self, event: Any) -> None:
        self.pointer.drag_move(event)

    def dragLeaveEvent(self, event: Any) -> None:
        self.pointer.drag_leave()

    def dropEvent(self, event: Any) -> None:
        self.pointer.drop(event)

    def _keyboard_spot(self) -> QPoint:
        clip = next((c for i in self._chosen.ids if (c := self.state.snapshot.find(Clip, i)) is not None), None)
        row = self.state.rows.of(clip.track) if clip is not None else None
        return clip_box(self.state, row, clip).center() if clip is not None and row is not None else self.rect().center()
