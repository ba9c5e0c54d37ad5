"""The ruler, the marker lane and the cache bar above the lanes.

Owns: painting times, the in-out band, markers and the playhead's head; scrubbing, dragging in and out, dragging markers.
Refuses: the lanes; changing the document except by `marker.set` when a marker was dragged.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.desktop.canvas.comment_marks import CommentMarks
from app.desktop.canvas.look import Look
from app.desktop.canvas.marker_flags import paint_marker
from app.desktop.canvas.metrics import DRAG_START
from app.desktop.canvas.state import TimelineState
from app.desktop.canvas.wheel import pinched, turn
from app.desktop.widgets.basics import plain_tip
from editor_core.document import Snapshot
from editor_core.schema import Marker
from editor_core.timing import TICKS_PER_SECOND, Rate, format_timecode

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
_FINE = 0.1
"""How far the playhead goes with Ctrl held, as a share of the pointer's way."""
_GRIP = 9
"""The upper pixels of the band between in and out that move both; below them the playhead is set."""



def ruler_steps(per_tick: float, rate: Rate, label_width: float) -> tuple[int, int]:
    """Distance of labelled and of small ticks in ticks, so that labels have `label_width` pixels of room."""
    frame = rate.ticks_per_frame
    wanted = label_width / per_tick
    frames = [n for n in (1, 2, 5, 10) if n < rate.nominal / 2]
    second = rate.nominal * frame
    steps = [n * frame for n in frames] + [n * second for n in _SECONDS]
    big = next((step for step in steps if step >= wanted), steps[-1])
    if big <= frame:
        return big, big
    small = next((big // n for n in (10, 5, 4, 3, 2) if big % n == 0 and (big // n) % frame == 0 and big / n * per_tick >= 5), big)
    return big, small


class Ruler(QWidget):
    """`menu_asked(marker id or "", ticks, global position)` for the right button."""

    menu_asked = Signal(str, object, object)
    marker_opened = Signal(str)

    def __init__(self, state: TimelineState, look: Look, snap: Callable[[int], tuple[int, bool]],
                 parent: QWidget | None = None) -> None:
        """`snap(ticks)` gives the nearest snapping time and whether it is near enough."""
        super().__init__(parent)
        self.state = state
        self.bench = state.bench
        self.look = look
        self._snap = snap
        self._grab: str = ""
        self._from = (0.0, 0, 0)
        self._marker: Marker | None = None
        self._ghost: Marker | None = None
        self._guide: int | None = None
        self._old_x = 0
        self._fine = (0.0, 0)
        self.peers: Any = None
        self.comments = CommentMarks(state, self.bench)
        self.bench.comments.changed.connect(self.update)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setAccessibleName("Ruler")
        for signal in (state.zoomed, state.rows_changed):
            signal.connect(self.update)
        state.scrolled.connect(lambda dx, dy: self.update() if dx else None)
        self.bench.transport.moved.connect(self._moved)
        self.bench.transport.marks_changed.connect(self.update)
        self.bench.frames.kept_changed.connect(self._kept)
        self.bench.selection.changed.connect(self.update)

    def set_look(self, look: Look) -> None:
        self.look = look
        self.update()

    def follow(self, before: Snapshot, after: Snapshot) -> None:
        """Repaints when a marker or the timeline's rate changed."""
        if before.timeline != after.timeline or not after.shares(before, Marker):
            self.update()

    def _moved(self, ticks: int) -> None:
        x = self.state.scale.x(ticks)
        for at in (self._old_x, x):
            self.update(QRect(at - 9, 0, 19, self.height()))
        self._old_x = x

    # ---- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        m, look = self.look.m, self.look
        painter = QPainter(self)
        area = event.rect()
        painter.setClipRect(area)
        painter.fillRect(0, 0, self.width(), m.ruler, look.colour("raised"))
        painter.fillRect(0, m.ruler, self.width(), m.markers, look.colour("panel"))
        self._paint_cache(painter)
        self._paint_band(painter)
        self._paint_times(painter, area)
        for marker, beyond in self._spaced(self._markers()):
            shown = self._ghost if self._ghost is not None and self._ghost.id == marker.id else marker
            paint_marker(painter, look, self.state.scale, shown, self.width(), chosen=marker.id in self.bench.selection.markers,
                         room=lambda left, beyond=beyond: min(beyond - left, self.comments.room(left, look)))
        if self.peers is not None and self.peers.people:
            self.peers.paint_ruler(painter)
        self.comments.paint(painter, look, area)
        self._paint_playhead(painter)
        if self._guide is not None:
            painter.fillRect(self.state.scale.x(self._guide), 0, 1, self.height(), look.colour("snap"))

    def _spaced(self, markers: Iterable[Marker]) -> Iterable[tuple[Marker, int]]:
        """Markers with the pixel before which their words must end: where the next one stands."""
        ordered = sorted(markers, key=lambda one: one.start)
        ends = [self.state.scale.x(after.start) - self.look.m.px(8) for after in ordered[1:]]
        return zip(ordered, [*ends, self.width()], strict=False)  # where there is none, none

    def _kept(self) -> None:
        self.update(QRect(0, self.look.m.ruler + self.look.m.markers, self.width(), self.look.m.cache_bar))

    def _paint_cache(self, painter: QPainter) -> None:
        """Which frames of the film are in memory: ready, or made out of date by an edit."""
        m, look, scale = self.look.m, self.look, self.state.scale
        top = m.ruler + m.markers
        painter.fillRect(0, top, self.width(), m.cache_bar, look.colour("raised"))
        end = min(self.width(), scale.x(self.state.end))
        if end > 0:
            painter.fillRect(0, top, end, m.cache_bar, look.soft("cache-none", 0.35))
        frames = self.bench.frames
        for runs, token in ((frames.stale, "cache-stale"), (frames.ready, "cache-ready")):
            colour = look.colour(token)
            for start, stop in runs:
                left, right = scale.x(start), min(end, max(scale.x(stop), scale.x(start) + 1))
                if right > 0 and left < end:
                    painter.fillRect(left, top, right - left, m.cache_bar, colour)

    def _paint_band(self, painter: QPainter) -> None:
        transport = self.bench.transport
        if transport.mark_in is None and transport.mark_out is None:
            return
        start, end = transport.marks()
        left, right = self.state.scale.x(start), self.state.scale.x(end)
        painter.fillRect(left, 0, right - left, self.look.m.ruler, self.look.colour("inout"))
        for x in (left if transport.mark_in is not None else None, right - 2 if transport.mark_out is not None else None):
            if x is not None:
                painter.fillRect(x, 0, 2, self.look.m.ruler, self.look.colour("accent"))

    def _paint_times(self, painter: QPainter, area: QRect) -> None:
        m, look, scale, rate = self.look.m, self.look, self.state.scale, self.state.rate
        big, small = ruler_steps(scale.per_tick, rate, 100 * m.scale)
        line, soft = look.colour("line-control"), look.soft("line-control", 0.55)
        first = max(0, scale.ticks(area.left() - 110 * m.scale) // small * small)
        last = scale.ticks(area.right() + 2)
        font = look.tick_font
        for ticks in range(first, last + 1, small):
            x = scale.x(ticks)
            if ticks % big:
                painter.fillRect(x, m.ruler - m.px(5), 1, m.px(5), soft)
                continue
            painter.fillRect(x, m.ruler - m.px(10), 1, m.px(10), line)
            words = look.label(format_timecode(ticks, rate), m.px(120), font)
            look.draw(painter, x + m.px(5), m.px(3), words, "text-3")

    def _paint_playhead(self, painter: QPainter) -> None:
        m, look = self.look.m, self.look
        x = self._old_x = self.state.scale.x(self.bench.transport.ticks)
        if not -9 <= x <= self.width() + 9:
            return
        painter.fillRect(x, m.px(12), 1, self.height() - m.px(12), look.colour("playhead"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(look.colour("canvas"))
        painter.setBrush(look.colour("playhead"))
        head = [(-5.5, 4), (5.5, 4), (5.5, 11), (0, 16.2), (-5.5, 11)]
        painter.drawPolygon(QPolygonF([QPointF(x + 0.5 + dx * m.scale, dy * m.scale) for dx, dy in head]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # ---- what is where ------------------------------------------------------------------------------------------

    def _markers(self) -> list[Marker]:
        shown = self.state.snapshot.project.main_timeline
        return [marker for marker in self.state.snapshot.of_kind(Marker) if marker.timeline == shown]

    def marker_rect(self, marker: Marker) -> QRectF:
        """Where a marker can be grabbed, in this widget's pixels."""
        m, x = self.look.m, self.state.scale.x(marker.start)
        if marker.duration:
            return QRectF(x, m.ruler, max(6, self.state.scale.x(marker.start + marker.duration) - x), m.markers)
        return QRectF(x - 6 * m.scale, m.ruler, 13 * m.scale, m.markers)

    def marker_at(self, x: float, y: float) -> Marker | None:
        """The marker under a pixel, the last made on top; points before ranges."""
        found = [k for k in self._markers() if self.marker_rect(k).contains(x, y)]
        return min(reversed(found), key=lambda k: k.duration, default=None)

    def _part(self, x: float, y: float) -> str:
        m, transport = self.look.m, self.bench.transport
        if y >= m.ruler:
            return "marker" if self.marker_at(x, y) is not None else "playhead"
        if abs(x - self.state.scale.x(transport.ticks)) <= 7 * m.scale:
            return "playhead"
        if transport.mark_in is not None and abs(x - self.state.scale.x(transport.mark_in)) <= 5:
            return "in"
        if transport.mark_out is not None and abs(x - self.state.scale.x(transport.mark_out)) <= 5:
            return "out"
        if y < _GRIP * m.scale and transport.mark_in is not None and transport.mark_out is not None:
            start, end = transport.marks()
            if self.state.scale.x(start) < x < self.state.scale.x(end):
                return "band"
        return "playhead"

    # ---- pointer ------------------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is dragged here."""
        return bool(self._grab)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x, y = event.position().x(), event.position().y()
        if event.button() is Qt.MouseButton.RightButton and self._grab:
            self._cancel()
            return
        if event.button() is Qt.MouseButton.MiddleButton and not self._grab:
            self._grab, self._from = "pan", (x, self.state.scale.scroll, 0)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        if event.button() is not Qt.MouseButton.LeftButton or self._grab:
            return
        transport = self.bench.transport
        if (said := self.comments.at(x, y, self.look)) is not None:
            self._grab = "comment"
            self.comments.hold(said, x, stretch=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            return
        self._grab = self._part(x, y)
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._grab = "marker range" if self._grab == "marker" else "range"
        self._fine = (x, transport.ticks)
        self._from = (x, transport.mark_in if transport.mark_in is not None else -1,
                      transport.mark_out if transport.mark_out is not None else -1)
        if self._grab.startswith("marker"):
            self._marker = self.marker_at(x, y)
            assert self._marker is not None
            self.bench.selection.set(markers=[self._marker.id])
        elif self._grab == "playhead":
            self._scrub(event)
        elif self._grab in ("in", "out") and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._grab = "band"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, y = event.position().x(), event.position().y()
        if not self._grab:
            part = self._part(x, y)
            self.setCursor({"in": Qt.CursorShape.SizeHorCursor, "out": Qt.CursorShape.SizeHorCursor, "band": Qt.CursorShape.OpenHandCursor,
                            "marker": Qt.CursorShape.PointingHandCursor}.get(part, Qt.CursorShape.ArrowCursor))
            self._tell(x, y, event)
            return
        if self._grab == "pan":
            self.state.scroll_to(round(self._from[1] - (x - self._from[0])), beyond=True)
        elif self._grab == "playhead":
            self._scrub(event)
        elif self._grab == "comment":
            self.comments.drag(x, lambda ticks: self._near(ticks, self.bench.tools.snapping))
        elif self._grab.startswith("marker"):
            if abs(x - self._from[0]) >= DRAG_START or self._ghost is not None:
                if why := self.bench.barred("marker.set"):
                    self.bench.say(why, "warn")
                    self._cancel()
                else:
                    self._drag_marker(x)
        else:
            self._drag_marks(x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) or not self._grab:
            return
        ghost, marker = self._ghost, self._marker
        grab, self._grab, self._ghost, self._marker, self._guide = self._grab, "", None, None, None
        if grab == "comment":
            self.comments.drop()
        elif grab == "marker" and marker is not None:
            if ghost is None:
                self.bench.transport.seek(marker.start)
            elif ghost.start != marker.start:
                self.bench.run("marker.set", {"marker": marker.id, "at": ghost.start})
        elif grab == "marker range" and marker is not None and ghost is not None:
            self.bench.run("marker.set", {"marker": marker.id, "at": ghost.start, "duration": ghost.duration})
        elif grab == "pan":
            self.unsetCursor()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        marker = self.marker_at(event.position().x(), event.position().y())
        if marker is not None:
            self.marker_opened.emit(marker.id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        marker = self.marker_at(event.pos().x(), event.pos().y())
        self.menu_asked.emit(marker.id if marker else "", self.state.frame_at_x(event.pos().x()), event.globalPos())

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn(self.state, event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.NativeGesture and pinched(self.state, event):
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._grab:
            self._cancel()
        else:
            super().keyPressEvent(event)

    def _cancel(self) -> None:
        grab, self._grab, self._ghost, self._marker, self._guide = self._grab, "", None, None, None
        if grab in ("in", "out", "band", "range"):
            _, mark_in, mark_out = self._from
            self.bench.transport.set_marks(None if mark_in < 0 else mark_in, None if mark_out < 0 else mark_out)
        self.comments.let_go()
        self.update()

    def _near(self, ticks: int, snapping: bool) -> int:
        """A time, snapped where wanted; shows the guide."""
        self._guide = None
        if snapping:
            found, near = self._snap(ticks)
            if near:
                self._guide = found
                ticks = found
        self.update()
        return self.state.snap_frame(ticks)

    def _scrub(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if x < 0 or x > self.width():
            self.state.scroll_by(math.ceil((x if x < 0 else x - self.width()) / 4), beyond=True)
        ticks = self.state.frame_under_x(min(max(x, 0.0), float(self.width())))
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            ticks = self.state.snap_frame(self._fine[1] + round(self.state.scale.span(x - self._fine[0]) * _FINE))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            ticks = self._near(ticks, True)
        elif self._guide is not None:
            self._guide = None
            self.update()
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._fine = (x, ticks)
        self.bench.transport.scrub(ticks)

    def _drag_marker(self, x: float) -> None:
        assert self._marker is not None
        moved = self.state.scale.span(x - self._from[0])
        there = self._near(max(0, self._marker.start + moved), self.bench.tools.snapping)
        start, duration = there, self._marker.duration
        if self._grab == "marker range":
            start, duration = min(there, self._marker.start), abs(there - self._marker.start)
        self._ghost = Marker(id=self._marker.id, timeline=self._marker.timeline, start=start, duration=duration,
                             text=self._marker.text, color=self._marker.color)

    def _drag_marks(self, x: float) -> None:
        transport = self.bench.transport
        pressed, mark_in, mark_out = self._from
        here = self._near(self.state.scale.ticks(x), self.bench.tools.snapping)
        if self._grab == "in":
            transport.set_marks(here, None if mark_out < 0 else max(mark_out, here + transport.frame))
        elif self._grab == "out":
            transport.set_marks(None if mark_in < 0 else min(mark_in, max(0, here - transport.frame)), here)
        elif self._grab == "band" and mark_in >= 0 and mark_out >= 0:
            moved = max(-mark_in, self.state.scale.span(x - pressed))
            transport.set_marks(mark_in + moved, mark_out + moved)
        elif self._grab == "range" and abs(x - pressed) >= DRAG_START:
            there = self.state.frame_at_x(pressed)
            low, high = sorted((here, there))
            transport.set_marks(low, max(high, low + transport.frame))

    def _tell(self, x: float, y: float, event: QMouseEvent) -> None:
        if (said := self.comments.at(x, y, self.look)) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            QToolTip.showText(event.globalPosition().toPoint(), plain_tip(self.comments.words(said)), self)
            return
        marker = self.marker_at(x, y)
        if marker is not None:
            where = format_timecode(marker.start, self.state.rate)
            text = marker.text or "Marker"
            length = f", {marker.duration / TICKS_PER_SECOND:.1f} s" if marker.duration else ""
            QToolTip.showText(event.globalPosition().toPoint(), plain_tip(f"{text}\n{where}{length}"), self)

    def labels(self) -> Iterator[str]:
        """Words that are on the marker lane, for assistive technology and tests."""
        return (marker.text for marker in self._markers())
