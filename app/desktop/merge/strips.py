"""The three cuts as strips under one ruler, with what differs marked.

Owns: painting mine, theirs and merged over one scale, marks for added, removed, changed, moved and to be decided, the one playhead,
pointing and zooming. Refuses: editing; nothing here can be dragged but the playhead.

Each mark has a pattern besides its colour: added has a full edge and a plus, removed is hatched and struck through, moved has a dashed
edge, changed a full edge, to be decided a dotted one (and hatched as well where the clip is not there as it stands).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.canvas.clip_painter import hatch, title_of, token_of
from app.desktop.canvas.look import Look
from app.desktop.canvas.time_scale import TimeScale
from app.desktop.merge.lanes import Mark, Side
from app.desktop.merge.players import SIDES
from editor_core.document import Snapshot
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TICKS_PER_SECOND, format_timecode

HEAD, RULER, LANE = 120, 22, 18
MOST_LANES = 4
WIDEST, MOST_BOXES = 400, 300
"""Pixels up to which a clip is kept as a picture, and how many of them are kept."""
_STEPS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200)
_SMOOTH = QPainter.RenderHint.Antialiasing


class Strips(QWidget):
    """`went(ticks)` when the playhead is put somewhere, `picked(clip id)` when a clip is clicked, `ranged(start, end)` when a stretch is
    dragged over with Shift."""

    went = Signal(object)
    ranged = Signal(object, object)
    picked = Signal(str)

    def __init__(self, bench: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self.look = Look(bench.theme)
        self.scale = TimeScale(12.0)
        self.sides = {name: Side(name) for name in SIDES}
        self.names = {"mine": "Mine", "theirs": "Theirs", "merged": "Merged"}
        self.range: tuple[int, int] | None = None
        self.marked: tuple[int | None, int | None] = (None, None)
        self._from: int | None = None
        self.playhead = 0
        self._layers: dict[str, QPixmap] = {}
        self._fresh: set[str] = set()
        self._boxes: dict[tuple[str, str, bool, int, int, float], QPixmap] = {}
        self._brushes: dict[str, tuple[QBrush, QPen, QColor]] = {}
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
        room = self.sides[side].room
        self.sides[side].take(view, tracks, marks)
        if self.sides[side].room != room:
            self._fresh.clear()
            self.updateGeometry()
            self.setFixedHeight(self.sizeHint().height())
        self._fresh.discard(side)
        self.update()

    def expect(self, lanes: int) -> None:
        """Has room for so many lanes of each side until it is known which there are: then what lies below need not move."""
        for side in self.sides.values():
            side.expected = max(1, lanes)
        self.setFixedHeight(self.sizeHint().height())

    def fit(self, end: int) -> None:
        """Shows the film from its start, whole where it is no longer than two minutes (ticks)."""
        room = max(200, self.width() - self._head)
        seconds = min(120.0, max(5.0, end / TICKS_PER_SECOND * 1.04))
        self.scale = TimeScale(room / seconds)
        self._anew()

    def _go_on(self) -> None:
        self.update()

    def _anew(self) -> None:
        """All is painted anew."""
        self._fresh.clear()
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
        self._anew()

    def set_marked(self, start: int | None, end: int | None) -> None:
        """The range that choices can be made for (ticks); None: without that end."""
        self.marked = start, end
        self.update()

    def set_playhead(self, ticks: int) -> None:
        """Moves the playhead; the page turns when it leaves the view."""
        old, self.playhead = self.playhead, ticks
        room = self.width() - self._head
        if not 0 <= self.scale.x(ticks) <= room:
            self.scale.scroll = max(0, self.scale.content_x(ticks) - room // 8)
            self._anew()
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
        lanes = sum(side.room for side in self.sides.values())
        return QSize(600, self._px(RULER) + lanes * self._px(LANE) + len(self.sides) * self._px(5))

    # pointer

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and event.position().x() >= self._head:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._from = self.scale.ticks(max(0.0, event.position().x() - self._head))
                return
            clip = self._clip_at(event.position())
            if clip and event.position().y() > self._px(RULER):
                self.picked.emit(clip)
            else:
                self._go(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            if self._from is None:
                self._go(event.position().x())
                return
            here = self.scale.ticks(max(0.0, event.position().x() - self._head))
            if here != self._from:
                self.ranged.emit(min(self._from, here), max(self._from, here))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None

    def _go(self, x: float) -> None:
        self.went.emit(self.scale.ticks(max(0.0, x - self._head)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            at = max(0.0, event.position().x() - self._head)
            self.scale.zoom(self.scale.pixels_per_second * 1.0015 ** delta.y(), at, 400.0)
        else:
            self.scale.scroll = max(0, self.scale.scroll - (delta.x() or delta.y()))
        self._anew()
        event.accept()

    def _clip_at(self, spot: QPointF) -> str:
        ticks = self.scale.ticks(spot.x() - self._head)
        for top, _, clips, starts, _ in self._lanes():
            if top <= spot.y() < top + self._px(LANE):
                at = bisect_right(starts, ticks) - 1
                return clips[at].id if at >= 0 and clips[at].end > ticks else ""
        return ""

    def _lanes(self) -> list[tuple[int, Side, tuple[Clip, ...], list[int], str]]:
        """(top, side, clips, starts, track) of every lane, from top to bottom."""
        found = []
        y = self._px(RULER)
        for side in self.sides.values():
            y += self._px(2)
            for track, clips, starts in side.lanes:
                found.append((y, side, clips, starts, track))
                y += self._px(LANE)
            y += self._px(3) + (side.room - len(side.lanes)) * self._px(LANE)
        return found

    # painting

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fresh.clear()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        made = 0
        for name, top, height in self._bands():
            if name not in self._fresh and made < 1:  # the ruler and a side; the others a moment later
                self._layers[name] = self._layer(name, top, height)
                self._fresh.add(name)
                made += bool(name)
            layer = self._layers.get(name)
            if layer is None:
                painter.fillRect(0, top, self.width(), height, self.look.colour("well"))
            else:
                painter.drawPixmap(0, top, layer)
        if len(self._fresh) <= len(self.sides):
            self._bench.turns.add(self._go_on, self)
        self._paint_marked(painter)
        x = self._head + self.scale.x(self.playhead)
        if x >= self._head:
            colour = self.look.colour("playhead")
            painter.fillRect(x, 0, 1, self.height(), colour)
            painter.setRenderHint(_SMOOTH)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(x - 5, 1, 11, 9), 2, 2)
        painter.end()

    def _paint_marked(self, painter: QPainter) -> None:
        start, end = self.marked
        if start is None and end is None:
            return
        colour, height = self.look.colour("accent"), self._px(RULER)
        painter.setClipRect(QRect(self._head, 0, self.width() - self._head, self.height()))
        left = self._head if start is None else self._head + self.scale.x(start)
        right = self.width() if end is None else self._head + self.scale.x(end)
        painter.fillRect(QRect(left, height - 4, max(0, right - left), 4), self._soft(colour, 0.8))
        painter.fillRect(QRect(left, height, max(0, right - left), self.height()), self._soft(colour, 0.08))
        for at, ticks in ((left, start), (right - 1, end)):
            if ticks is not None:
                painter.fillRect(at, height - 4, 1, self.height(), colour)
        painter.setClipping(False)

    def _bands(self) -> list[tuple[str, int, int]]:
        """(name, top, height) of what is painted by itself: the ruler and each side, so that a choice paints one side anew."""
        found, y = [("", 0, self._px(RULER))], self._px(RULER)
        for name, side in self.sides.items():
            height = self._px(5) + side.room * self._px(LANE)
            found.append((name, y, height))
            y += height
        return found

    def _layer(self, name: str, top: int, height: int) -> QPixmap:
        ratio = self.devicePixelRatioF()
        layer = QPixmap(QSize(self.width(), height) * ratio)
        layer.setDevicePixelRatio(ratio)
        painter = QPainter(layer)
        painter.translate(0, -top)
        if name:
            self._paint_side(painter, self.sides[name], QRect(0, top, self.width(), height))
        else:
            self._paint_ruler(painter)
        painter.end()
        return layer

    def _paint_side(self, painter: QPainter, side: Side, band: QRect) -> None:
        look, head = self.look, self._head
        painter.fillRect(band, look.colour("well"))
        painter.setClipRect(band.adjusted(head, 0, 0, 0))
        if self.range is not None:
            left, right = (head + self.scale.x(at) for at in self.range)
            shade = self._soft(self._edges["decide"], 0.10)
            painter.fillRect(QRect(left, band.top(), max(2, right - left), band.height()), shade)
        for top, other, clips, starts, _ in self._lanes():
            if other is side:
                self._paint_lane(painter, top, side, clips, starts)
        if self.range is not None:
            for at in self.range:
                painter.fillRect(head + self.scale.x(at), band.top(), 1, band.height(), self._edges["decide"])
        painter.setClipping(False)
        self._paint_head(painter, side, band)

    def _paint_lane(self, painter: QPainter, top: int, side: Side, clips: tuple[Clip, ...], starts: list[int]) -> None:
        head, room, marks = self._head, self.width() - self._head, side.marks
        first = max(0, bisect_right(starts, self.scale.ticks(0)) - 1)
        last = bisect_left(starts, self.scale.ticks(room))
        height, least = self._px(LANE) - 2, self._px(9) + 14
        drawn, x = -1, self.scale.x
        words: list[tuple[Clip, QRect, Mark | None]] = []
        painter.setRenderHint(_SMOOTH)
        for clip in clips[first:last]:
            left, right = head + x(clip.start), head + x(clip.end)
            mark = marks.get(clip.id)
            if right <= drawn and mark is None:
                continue  # narrower than a pixel and covered by the one before
            box = QRect(left, top, max(2, right - left - 1), height)
            self._paint_clip(painter, clip, box, mark)
            if words and words[-1][1].right() > left:  # words of one that lies under another end where that begins
                words[-1][1].setRight(left - 1)
            if box.width() > least:
                words.append((clip, box, mark))
            drawn = max(drawn, right)
        painter.setRenderHint(_SMOOTH, False)
        for clip, box, mark in words:
            self._paint_words(painter, side, clip, box, mark)

    def _dress(self, token: str) -> tuple[QBrush, QPen, QColor]:
        """Brush and pen of a kind of clip, and the colour of one that is narrow."""
        found = self._brushes.get(token)
        if found is None:
            look = self.look
            found = self._brushes[token] = (QBrush(look.colour(token)), QPen(look.colour(f"{token}-edge"), 1), look.colour(f"{token}-bar"))
        return found

    def _paint_clip(self, painter: QPainter, clip: Clip, box: QRect, mark: Mark | None) -> None:
        token, width = token_of(clip, False), box.width()
        kind = mark.kind if mark is not None else ""
        gone = mark is not None and mark.clip is not None
        if kind not in self._edges and width < 6:
            painter.fillRect(box, self._dress(token)[2])
        elif width > WIDEST:
            self._paint_box(painter, box, token, kind, gone)
        else:
            painter.drawPixmap(box.left(), box.top(), self._box(token, kind, gone, width, box.height()))

    def _box(self, token: str, kind: str, gone: bool, width: int, height: int) -> QPixmap:
        """A clip without words as a picture: most clips in sight look like others."""
        key = (token, kind, gone, width, height, self.devicePixelRatioF())
        made = self._boxes.get(key)
        if made is None:
            if len(self._boxes) > MOST_BOXES:
                self._boxes.clear()
            made = self._boxes[key] = QPixmap(QSize(width, height) * key[-1])
            made.setDevicePixelRatio(key[-1])
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setRenderHint(_SMOOTH)
            self._paint_box(painter, QRect(0, 0, width, height), token, kind, gone)
            painter.end()
        return made

    def _paint_box(self, painter: QPainter, box: QRect, token: str, kind: str, gone: bool) -> None:
        brush, pen, _ = self._dress(token)
        edge = self._edges.get(kind)
        painter.setBrush(brush if not gone else QBrush(self.look.colour("well")))
        painter.setPen(pen)
        area = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        if edge is not None:
            styles = {"moved": Qt.PenStyle.DashLine, "decide": Qt.PenStyle.DotLine}
            painter.setPen(QPen(edge, 1 if kind == "removed" else 2, styles.get(kind, Qt.PenStyle.SolidLine)))
            area = QRectF(box).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(area, 2.5, 2.5)
        if gone:
            painter.setBrush(self._hatch)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRoundedRect(area, 2.5, 2.5)

    def _paint_words(self, painter: QPainter, side: Side, clip: Clip, box: QRect, mark: Mark | None) -> None:
        left = max(box.left(), self._head) + self._px(5)
        room = box.right() - left - self._px(4)
        if room < 14 or side.view is None:
            return
        look = self.look
        asset = side.view.find(MediaReference, clip.asset) if clip.asset else None
        words = title_of(clip, asset)
        gone = mark is not None and mark.clip is not None
        words = f"+ {words}" if mark is not None and mark.kind == "added" else words
        made = look.label(words, room, look.label_font)
        y = box.top() + (box.height() - look.label_height) / 2
        look.draw(painter, left, y, made, "diff-removed" if gone else f"{token_of(clip, False)}-text")
        if gone:
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

    def _paint_head(self, painter: QPainter, side: Side, band: QRect) -> None:
        look, middle, room = self.look, band.top() + band.height() / 2, self._head - self._px(16)
        painter.fillRect(QRect(0, band.top(), self._head, band.height()), look.colour("panel"))
        name = look.label(self.names[side.name], room, look.strong_font)
        words = side.labels or ("nothing there" if side.view is not None else "")
        above = look.label_height + 1 if words and band.height() >= 2 * look.label_height else look.label_height / 2
        look.draw(painter, self._px(10), middle - above, name, "text")
        if above > look.label_height:
            look.draw(painter, self._px(10), middle, look.label(words, room, look.tick_font), "text-3")
        painter.fillRect(0, band.bottom(), self.width(), 1, look.colour("line-subtle"))
        painter.fillRect(self._head - 1, band.top(), 1, band.height(), look.colour("line-subtle"))

    @staticmethod
    def _soft(colour: QColor, alpha: float) -> QColor:
        softer = QColor(colour)
        softer.setAlphaF(alpha)
        return softer
