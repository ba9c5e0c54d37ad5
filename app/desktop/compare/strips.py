"""Two strips, one above the other: the tracks of both cuts with what differs marked.

Owns: painting them, the playhead, zoom and scroll, clicks. Refuses: finding differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.desktop.compare.pair import SIDES, Pair
from editor_core.document import Snapshot
from editor_core.edits.wording import called
from editor_core.schema import Clip, Track
from editor_core.sync.differences import Difference
from editor_core.timing import TICKS_PER_SECOND, format_timecode

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

COLOURS = {"added": "diff-added", "removed": "diff-removed", "changed": "diff-changed", "moved": "diff-moved"}
MOST_ROWS = 6
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


class Strips(QWidget):
    """`went(ticks)` for a click in time, `picked(record id)` for a click on something that differs."""

    went = Signal(object)
    picked = Signal(str)

    def __init__(self, theme: Theme, pair: Pair, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._pair = theme, pair
        self._kinds: Mapping[str, str] = {}
        self.chosen = ""
        self._start, self._span = 0.0, 0.0
        self._boxes: list[tuple[QRectF, str]] = []
        self._drawn: tuple[Any, QPixmap] | None = None
        self.setMouseTracking(True)
        self.setAccessibleName("Both cuts, with what differs marked")
        pair.transport.moved.connect(lambda _: self._follow())
        self._head = theme.px(92)
        self.setMinimumHeight(self.sizeHint().height())

    def show_differences(self, found: list[Difference]) -> None:
        self._kinds = {one.id: one.kind for one in found}
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def choose(self, record: str) -> None:
        self.chosen = record
        self.update()

    def sizeHint(self) -> QSize:
        rows = sum(len(self._rows(side)) for side in SIDES)
        return QSize(600, self._theme.px(22 + 18 * max(2, rows) + 14))

    def _rows(self, side: str) -> list[Track]:
        """The tracks that are shown: from the top, those with clips."""
        view = self._pair.cuts[side].view
        used = [t for t in view.tracks() if view.clips_on(t.id) or (side == "right" and self._gone(t.id))]
        pictures = [t for t in used if t.kind != "audio"][::-1]
        sounds = [t for t in used if t.kind == "audio"]
        return [*pictures[:MOST_ROWS - 2], *sounds[:max(2, MOST_ROWS - len(pictures))]]

    def _gone(self, track: str) -> list[Clip]:
        """Clips of the left cut that the right one no longer has."""
        return [c for c in self._pair.cuts["left"].view.clips_on(track) if self._kinds.get(c.id) == "removed"]

    @property
    def _end(self) -> int:
        return max(TICKS_PER_SECOND, *(cut.view.end() for cut in self._pair.cuts.values()))

    def _window(self) -> tuple[float, float]:
        span = self._span or self._end * 1.03
        return max(0.0, min(self._start, self._end * 1.03 - span)), span

    def _x(self, ticks: float) -> float:
        start, span = self._window()
        return self._head + (ticks - start) / span * (self.width() - self._head)

    def _ticks(self, x: float) -> int:
        start, span = self._window()
        return max(0, round(start + (x - self._head) / max(1, self.width() - self._head) * span))

    def _follow(self) -> None:
        start, span = self._window()
        at = self._pair.transport.ticks
        if not start <= at <= start + span:
            self._start = max(0.0, at - span * 0.2)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        start, span = self._window()
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            at = self._ticks(event.position().x())
            wanted = min(self._end * 1.03, max(2 * TICKS_PER_SECOND, span * (0.8 if turn > 0 else 1.25)))
            self._start, self._span = at - (at - start) * wanted / span, wanted
        else:
            self._start = max(0.0, start - turn / 120 * span * 0.1)
        self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = next((i for box, i in reversed(self._boxes) if box.contains(event.position())), "")
        if hit in self._kinds:
            self.picked.emit(hit)
        elif event.position().x() >= self._head:
            self.went.emit(self._ticks(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and event.position().x() >= self._head:
            self.went.emit(self._ticks(event.position().x()))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.drawPixmap(0, 0, self._picture())
        x = round(self._x(self._pair.transport.ticks))
        if x >= self._head:
            painter.fillRect(x, theme.px(8), 1, self.height() - theme.px(8), theme.color("playhead"))
        painter.end()

    def _picture(self) -> QPixmap:
        """All but the playhead; painted again only when something of it is another."""
        ratio = self.devicePixelRatioF()
        views = tuple(cut.view for cut in self._pair.cuts.values())
        key = (self._window(), self.size(), ratio, self.chosen, self._kinds, views)
        if self._drawn is None or self._drawn[0] != key:
            made = QPixmap(self.size() * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(self._theme.color("panel"))
            self._boxes = []
            painter = QPainter(made)
            y = self._paint_ruler(painter)
            for side in SIDES:
                y = self._paint_side(painter, side, y)
            painter.end()
            self._drawn = (key, made)
        return self._drawn[1]

    def _paint_ruler(self, painter: QPainter) -> int:
        theme = self._theme
        height = theme.px(22)
        start, span = self._window()
        rate = self._pair.transport.rate
        wanted = span / TICKS_PER_SECOND / max(1, (self.width() - self._head) / theme.px(104))
        step = next((s for s in _STEPS if s >= wanted), _STEPS[-1]) * TICKS_PER_SECOND
        painter.setFont(theme.font("tick"))
        at = int(start // step) * step
        while at <= start + span:
            x = self._x(at)
            if x >= self._head:
                painter.fillRect(QRectF(x, height - theme.px(6), 1, theme.px(6)), theme.color("line"))
                painter.setPen(theme.color("text-3"))
                painter.drawText(QRectF(x + 4, 0, 120, height - 2), Qt.AlignmentFlag.AlignVCenter, format_timecode(at, rate))
            at += step
        painter.fillRect(0, height, self.width(), 1, theme.color("line-subtle"))
        return height + theme.px(4)

    def _paint_side(self, painter: QPainter, side: str, y: int) -> int:
        theme, cut = self._theme, self._pair.cuts[side]
        rows = self._rows(side)
        tall = theme.px(18)
        height = tall * max(1, len(rows))
        painter.setFont(theme.font("strong"))
        painter.setPen(theme.color("text"))
        name = painter.fontMetrics().elidedText(cut.name, Qt.TextElideMode.ElideRight, self._head - theme.px(40))
        painter.drawText(QRectF(theme.px(10), y, self._head - theme.px(36), tall), Qt.AlignmentFlag.AlignVCenter, name)
        for number, track in enumerate(rows):
            top = y + number * tall
            painter.setFont(theme.font("tick"))
            painter.setPen(theme.color("text-3"))
            label = QRectF(self._head - theme.px(30), top, theme.px(24), tall)
            painter.drawText(label, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, cut.view.track_label(track))
            self._paint_row(painter, side, cut.view, track, top, tall)
        painter.fillRect(0, y + height + theme.px(3), self.width(), 1, theme.color("line-subtle"))
        return y + height + theme.px(7)

    def _paint_row(self, painter: QPainter, side: str, view: Snapshot, track: Track, top: int, tall: int) -> None:
        start, span = self._window()
        painter.save()
        painter.setClipRect(self._head, top, self.width() - self._head, tall)
        if side == "right":  # below what is there now: two names in one place could not be read
            for clip in self._gone(track.id):
                self._paint_clip(painter, self._pair.cuts["left"].view, clip, top, tall, "gone")
        for clip in view.clips_between(track.id, int(start), int(start + span) + 1):
            self._paint_clip(painter, view, clip, top, tall, side)
        painter.restore()

    def _paint_clip(self, painter: QPainter, view: Snapshot, clip: Clip, top: int, tall: int, side: str) -> None:
        theme = self._theme
        left, right = self._x(clip.start), self._x(clip.end)
        box = QRectF(left, top + 1, max(2.0, right - left - 1), tall - 3)
        kind = self._kinds.get(clip.id, "")
        marked = kind and not (kind == "added" and side == "left")
        family = {"audio": "audio", "title": "title", "caption": "caption", "solid": "generator"}.get(clip.kind, "video")
        if side == "gone":
            painter.setPen(QPen(theme.color("diff-removed"), 1, Qt.PenStyle.DashLine))
            painter.setBrush(QBrush(theme.color("diff-removed", 0.35), Qt.BrushStyle.BDiagPattern))
            painter.drawRect(box)
        else:
            painter.fillRect(box, theme.color(f"clip-{family}"))
            painter.setPen(QPen(theme.color(COLOURS[kind]), 2) if marked else QPen(theme.color(f"clip-{family}-edge"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if clip.id == self.chosen:
            painter.setPen(QPen(theme.color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        if box.width() > theme.px(24):
            painter.setFont(theme.font("tick"))
            painter.setPen(theme.color("diff-removed" if side == "gone" else f"clip-{family}-text"))
            shown = box.adjusted(max(0.0, self._head - box.left()) + theme.px(4), 0, -theme.px(3), 0)
            words = painter.fontMetrics().elidedText(called(view, clip), Qt.TextElideMode.ElideRight, max(0, round(shown.width())))
            painter.drawText(shown, Qt.AlignmentFlag.AlignVCenter, words)
        self._boxes.append((box, clip.id))
