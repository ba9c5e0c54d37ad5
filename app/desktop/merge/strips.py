"""The three cuts as strips under one ruler, with what differs marked.

Owns: painting mine, theirs and merged over one scale, marks for added, removed, changed, moved and to be decided, the one playhead,
pointing and zooming. Refuses: editing; nothing here can be dragged but the playhead.

Each mark has a pattern besides its colour: added has a full edge and a plus, removed is hatched and struck through, moved has a dashed
edge, changed a full edge, to be decided a dotted one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.canvas.clip_painter import hatch, title_of, token_of
from app.desktop.canvas.look import Look
from app.desktop.canvas.time_scale import TimeScale
from app.desktop.merge.players import SIDES
from editor_core.document import Snapshot
from editor_core.document.view import by_start
from editor_core.schema import Clip, MediaReference, Track
from editor_core.timing import TICKS_PER_SECOND, format_timecode

HEAD, RULER, LANE = 120, 22, 18
MOST_LANES = 4
_STEPS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
_SMOOTH = QPainter.RenderHint.Antialiasing


@dataclass(frozen=True)
class Mark:
    """What to say of a clip on one side: added, removed, changed, moved or decide; `clip` is drawn where that side has it not."""

    kind: str
    clip: Clip | None = None


class _Side:
    """One side: its lanes from top to bottom, each with its clips and their starts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.view: Snapshot | None = None
        self.lanes: list[tuple[str, tuple[Clip, ...], list[int]]] = []
        self.marks: dict[str, Mark] = {}
        self.labels = ""

    def take(self, view: Snapshot, tracks: list[str], marks: dict[str, Mark]) -> None:
        self.view, self.marks = view, marks
        self.lanes = []
        names = []
        for track_id in tracks:
            track = view.find(Track, track_id)
            clips = view.clips_on(track_id)
            gone = [m.clip for m in marks.values() if m.clip is not None and m.clip.track == track_id]
            if track is None and not gone:
                continue
            row = by_start((*clips, *gone)) if gone else clips
            self.lanes.append((track_id, row, [clip.start for clip in row]))
            if track is not None:
                names.append(view.track_label(track))
        self.labels = ", ".join(names)


class Strips(QWidget):
    """`went(ticks)` when the playhead is put somewhere, `picked(clip id)` when a clip is clicked."""

    went = Signal(object)
    picked = Signal(str)

    def __init__(self, bench: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self.look = Look(bench.theme)
        self.scale = TimeScale(12.0)
        self.sides = {name: _Side(name) for name in SIDES}
        self.names = {"mine": "Mine", "theirs": "Theirs", "merged": "Merged"}
        self.range: tuple[int, int] | None = None
        self.playhead = 0
        self._layer: QPixmap | None = None
        self._edges = {kind: bench.theme.color(f"diff-{kind}") for kind in ("added", "removed", "changed", "moved")}
        self._edges["decide"] = bench.theme.color("diff-conflict")
        self._hatch = hatch(self._soft(self._edges["removed"], 0.55), 8, 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Strips of mine, theirs and merged")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # what is shown

    def take(self, side: str, view: Snapshot, tracks: list[str], marks: dict[str, Mark]) -> None:
        """A side's cut, the tracks of it that are shown from top to bottom, and marks by clip."""
        self.sides[side].take(view, tracks, marks)
        self._layer = None
        self.updateGeometry()
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def fit(self, end: int) -> None:
        """Shows the film from its start, whole where it is no longer than two minutes (ticks)."""
        room = max(200, self.width() - self._head)
        seconds = min(120.0, max(5.0, end / TICKS_PER_SECOND * 1.04))
        self.scale = TimeScale(room / seconds)
        self._layer = None
        self.update()

    def show_range(self, start: int, end: int) -> None:
        """Marks the change that is looked at, and scrolls to it where it is out of sight (ticks)."""
        self.range = (start, end)
        room = max(1, self.width() - self._head)
        wide = self.scale.span(room)
        if end - start > wide * 0.8:
            self.scale.pixels_per_second = max(0.01, room * 0.6 * TICKS_PER_SECOND / max(1, end - start))
        left, right = self.scale.x(start), self.scale.x(end)
        if left < room * 0.08 or right > room * 0.92:
            self.scale.scroll = max(0, self.scale.content_x((start + end) // 2) - room // 2)
        self._layer = None
        self.update()

    def set_playhead(self, ticks: int) -> None:
        """Moves the playhead; the page turns when it leaves the view."""
        old, self.playhead = self.playhead, ticks
        room = self.width() - self._head
        if not 0 <= self.scale.x(ticks) <= room:
            self.scale.scroll = max(0, self.scale.content_x(ticks) - room // 8)
            self._layer = None
            self.update()
            return
        for at in (old, ticks):
            x = self._head + self.scale.x(at)
            self.update(QRect(x - 8, 0, 17, self.height()))

    @property
    def _head(self) -> int:
        return self.look.m.px(HEAD)

    def _px(self, pixels: float) -> int:
        return self.look.m.px(pixels)

    def sizeHint(self) -> QSize:
        lanes = sum(max(1, len(side.lanes)) for side in self.sides.values())
        return QSize(600, self._px(RULER) + lanes * self._px(LANE) + len(self.sides) * self._px(5))

    # pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and event.position().x() >= self._head:
            clip = self._clip_at(event.position())
            if clip and event.position().y() > self._px(RULER):
                self.picked.emit(clip)
            else:
                self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position().x())

    def _go(self, x: float) -> None:
        self.went.emit(self.scale.ticks(max(0.0, x - self._head)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            at = max(0.0, event.position().x() - self._head)
            self.scale.zoom(self.scale.pixels_per_second * 1.0015 ** delta.y(), at, 400.0)
        else:
            self.scale.scroll = max(0, self.scale.scroll - (delta.x() or delta.y()))
        self._layer = None
        self.update()
        event.accept()

    def _clip_at(self, spot: QPointF) -> str:
        ticks = self.scale.ticks(spot.x() - self._head)
        for top, _, clips, starts, _ in self._lanes():
            if top <= spot.y() < top + self._px(LANE):
                at = bisect_right(starts, ticks) - 1
                return clips[at].id if at >= 0 and clips[at].end > ticks else ""
        return ""

    def _lanes(self) -> list[tuple[int, _Side, tuple[Clip, ...], list[int], str]]:
        """(top, side, clips, starts, track) of every lane, from top to bottom."""
        found = []
        y = self._px(RULER)
        for side in self.sides.values():
            y += self._px(2)
            for track, clips, starts in side.lanes:
                found.append((y, side, clips, starts, track))
                y += self._px(LANE)
            y += self._px(3) + (0 if side.lanes else self._px(LANE))
        return found

    # painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._layer = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._layer is None:
            ratio = self.devicePixelRatioF()
            self._layer = QPixmap(self.size() * ratio)
            self._layer.setDevicePixelRatio(ratio)
            under = QPainter(self._layer)
            self._paint(under)
            under.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._layer)
        x = self._head + self.scale.x(self.playhead)
        if x >= self._head:
            colour = self.look.colour("playhead")
            painter.fillRect(x, 0, 1, self.height(), colour)
            painter.setRenderHint(_SMOOTH)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(x - 5, 1, 11, 9), 2, 2)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        look = self.look
        painter.fillRect(self.rect(), look.colour("panel"))
        painter.fillRect(QRect(self._head, self._px(RULER), self.width(), self.height()), look.colour("well"))
        painter.setClipRect(QRect(self._head, 0, self.width() - self._head, self.height()))
        if self.range is not None:
            left, right = (self._head + self.scale.x(at) for at in self.range)
            shade = self._soft(self._edges["decide"], 0.10)
            painter.fillRect(QRect(left, self._px(RULER), max(2, right - left), self.height()), shade)
        for top, side, clips, starts, _ in self._lanes():
            self._paint_lane(painter, top, side, clips, starts)
        if self.range is not None:
            for at in self.range:
                painter.fillRect(self._head + self.scale.x(at), self._px(RULER), 1, self.height(), self._edges["decide"])
        painter.setClipping(False)
        self._paint_ruler(painter)
        self._paint_heads(painter)

    def _paint_lane(self, painter: QPainter, top: int, side: _Side, clips: tuple[Clip, ...], starts: list[int]) -> None:
        room = self.width() - self._head
        first = max(0, bisect_right(starts, self.scale.ticks(0)) - 1)
        last = bisect_left(starts, self.scale.ticks(room))
        height = self._px(LANE) - 2
        drawn = -1
        for clip in clips[first:last]:
            left = self._head + self.scale.x(clip.start)
            right = self._head + self.scale.x(clip.end)
            mark = side.marks.get(clip.id)
            if right <= drawn and mark is None:
                continue  # narrower than a pixel and covered by the one before
            box = QRect(left, top, max(2, right - left - 1), height)
            self._paint_clip(painter, side, clip, box, mark)
            drawn = max(drawn, right)

    def _paint_clip(self, painter: QPainter, side: _Side, clip: Clip, box: QRect, mark: Mark | None) -> None:
        look = self.look
        token = token_of(clip, False)
        kind = mark.kind if mark is not None else ""
        edge = self._edges.get(kind)
        gone = kind == "removed"
        painter.setBrush(QBrush(look.colour(token if not gone else "well")))
        painter.setPen(QPen(look.colour(f"{token}-edge"), 1))
        if box.width() < 6 and edge is None:
            painter.fillRect(box, look.colour(f"{token}-bar"))
            return
        painter.setRenderHint(_SMOOTH)
        area = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        if edge is not None:
            styles = {"moved": Qt.PenStyle.DashLine, "decide": Qt.PenStyle.DotLine}
            painter.setPen(QPen(edge, 1 if gone else 2, styles.get(kind, Qt.PenStyle.SolidLine)))
            area = QRectF(box).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(area, 2.5, 2.5)
        if gone:
            painter.setBrush(self._hatch)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(area, 2.5, 2.5)
        painter.setRenderHint(_SMOOTH, False)
        self._paint_words(painter, side, clip, box, token, kind)

    def _paint_words(self, painter: QPainter, side: _Side, clip: Clip, box: QRect, token: str, kind: str) -> None:
        left = max(box.left(), self._head) + self._px(5)
        room = box.right() - left - self._px(4)
        if room < 14 or side.view is None:
            return
        look = self.look
        asset = side.view.find(MediaReference, clip.asset) if clip.asset else None
        words = title_of(clip, asset)
        words = f"+ {words}" if kind == "added" else words
        made = look.label(words, room, look.label_font)
        y = box.top() + (box.height() - look.label_height) / 2
        look.draw(painter, left, y, made, "diff-removed" if kind == "removed" else f"{token}-text")
        if kind == "removed":
            painter.fillRect(left, box.center().y(), round(made.width), 1, self._edges["removed"])

    def _paint_ruler(self, painter: QPainter) -> None:
        look, height = self.look, self._px(RULER)
        painter.fillRect(QRect(0, 0, self.width(), height), look.colour("panel"))
        rate = self._bench.rate
        step = next((s for s in _STEPS if s * self.scale.pixels_per_second >= self._px(92)), _STEPS[-1]) * TICKS_PER_SECOND
        room = self.width() - self._head
        at = self.scale.ticks(0) // step * step
        while self.scale.x(at) <= room:
            x = self._head + self.scale.x(at)
            if x >= self._head:
                painter.fillRect(x, height - 6, 1, 6, look.colour("line-control"))
                look.draw(painter, x + 4, (height - look.metrics(look.tick_font).height()) / 2,
                          look.label(format_timecode(at, rate), 120, look.tick_font), "text-3")
            at += step
        painter.fillRect(0, height - 1, self.width(), 1, look.colour("line-subtle"))

    def _paint_heads(self, painter: QPainter) -> None:
        look = self.look
        y = self._px(RULER)
        for side in self.sides.values():
            height = self._px(5) + max(1, len(side.lanes)) * self._px(LANE)
            painter.fillRect(QRect(0, y, self._head, height), look.colour("panel"))
            middle = y + height / 2
            room = self._head - self._px(16)
            look.draw(painter, self._px(10), middle - look.label_height - 1,
                      look.label(self.names[side.name], room, look.strong_font), "text")
            look.draw(painter, self._px(10), middle, look.label(side.labels or "nothing there", room, look.tick_font), "text-3")
            painter.fillRect(0, y + height - 1, self.width(), 1, look.colour("line-subtle"))
            y += height
        painter.fillRect(self._head - 1, 0, 1, self.height(), look.colour("line-subtle"))

    @staticmethod
    def _soft(colour: QColor, alpha: float) -> QColor:
        softer = QColor(colour)
        softer.setAlphaF(alpha)
        return softer
