"""The whole film as a strip with the range that is exported.

Owns: painting it, dragging the marks, seeking. Refuses: marks themselves (the transport has them).
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.bridge import Workbench
from app.desktop.widgets.numbers import short_time
from editor_core.schema import Clip, Track
from editor_core.timing import TICKS_PER_SECOND, format_timecode

_GRIP = 7


class RangeStrip(QWidget):
    """Thumbnails of the lowest picture track; a frame around the range; the playhead. Drag its ends, click to go."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._drag = ""
        self.setFixedHeight(bench.theme.px(58))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName("Range of the export")
        bench.tiles.ready.connect(self._paint_again)
        bench.transport.moved.connect(self._paint_again)
        bench.deliver.changed.connect(self.update)
        bench.listen(lambda *_: self.update(), self)

    def _paint_again(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(400, self._bench.theme.px(58))

    @property
    def _band(self) -> QRect:
        px = self._bench.theme.px
        return QRect(px(12), px(10), max(1, self.width() - px(24)), px(26))

    def _x(self, ticks: int) -> int:
        band, end = self._band, max(1, self._bench.snapshot.end())
        return band.left() + round(min(1.0, ticks / end) * band.width())

    def _ticks(self, x: float) -> int:
        band, end = self._band, self._bench.snapshot.end()
        return round(min(1.0, max(0.0, (x - band.left()) / band.width())) * end)

    def paintEvent(self, event: QPaintEvent) -> None:
        bench, theme, band = self._bench, self._bench.theme, self._band
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), theme.color("well"))
        painter.fillRect(band, theme.color("input"))
        if bench.snapshot.end():
            self._film(painter, band)
        start, end = bench.deliver.range
        left, right = self._x(start), self._x(end)
        shade = QColor(0, 0, 0, 178)
        painter.fillRect(QRect(band.left(), band.top(), left - band.left(), band.height()), shade)
        painter.fillRect(QRect(right, band.top(), band.right() + 1 - right, band.height()), shade)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setWidthF(2)
        pen.setColor(theme.color("accent"))
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRect(left, band.top() - 2, max(2, right - left), band.height() + 4), 4, 4)
        here = self._x(bench.transport.ticks)
        painter.fillRect(QRect(here, band.top() - theme.px(5), 1, band.height() + theme.px(10)), theme.color("playhead"))
        self._words(painter, left, right, start, end)
        painter.end()

    def _film(self, painter: QPainter, band: QRect) -> None:
        bench, view = self._bench, self._bench.snapshot
        tracks = [t for t in view.tracks("video") if view.clips_on(t.id) and not t.hidden]
        wide = round(band.height() * view.timeline.width / view.timeline.height)
        step = max(TICKS_PER_SECOND // 2, view.end() * wide // max(1, band.width()))
        painter.save()
        painter.setClipRect(band)
        for x in range(band.left(), band.right(), max(4, wide)):
            at = self._ticks(x)
            clip = self._seen(tracks, at)
            box = QRect(x, band.top(), wide, band.height())
            if isinstance(clip, Clip) and clip.asset and not clip.is_sound:
                image = bench.tiles.thumbnail(clip.asset, clip.source_range.start + at - clip.start, band.height(), step)
                if image is not None:
                    painter.drawImage(box, image)
            elif clip is not None:
                painter.fillRect(box, bench.theme.color("clip-title" if clip.kind == "title" else "clip-generator"))
        painter.restore()

    def _seen(self, tracks: list[Track], at: int) -> Clip | None:
        """The topmost clip at a time that the export shows: what is switched off is not in the file."""
        found = (self._bench.snapshot.clip_at(t.id, at) for t in tracks)
        return next((c for c in found if c is not None and c.enabled), None)

    def _words(self, painter: QPainter, left: int, right: int, start: int, end: int) -> None:
        theme, rate = self._bench.theme, self._bench.rate
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color("text-2"))
        top = self._band.bottom() + theme.px(4)
        begin = f"In {format_timecode(start, rate)}"
        finish = f"Out {format_timecode(end, rate)} · {short_time(max(0, end - start), rate)}"
        wide = painter.fontMetrics().horizontalAdvance(finish)
        first = painter.fontMetrics().horizontalAdvance(begin)
        left = max(self._band.left(), min(left, self._band.right() - wide - first - theme.px(16)))
        right = max(min(right, self._band.right() + 1), left + first + theme.px(16) + wide)
        painter.drawText(QRect(left, top, first + 4, theme.px(16)), Qt.AlignmentFlag.AlignVCenter, begin)
        last = QRect(right - wide - 2, top, wide + 2, theme.px(16))
        painter.drawText(last, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, finish)

    def _end_at(self, x: float) -> str:
        start, end = self._bench.deliver.range
        for name, at in (("in", self._x(start)), ("out", self._x(end))):
            if abs(x - at) <= _GRIP:
                return name
        return ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = self._end_at(event.position().x()) or "seek"
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x, transport = event.position().x(), self._bench.transport
        if not self._drag:
            self.setCursor(Qt.CursorShape.SizeHorCursor if self._end_at(x) else Qt.CursorShape.ArrowCursor)
            return
        ticks = self._ticks(x)
        if self._drag == "seek":
            transport.scrub(ticks)
        elif self._drag == "in":
            transport.set_marks(min(ticks, transport.marks()[1] - transport.frame), transport.mark_out)
        else:
            transport.set_marks(transport.mark_in, max(ticks, transport.marks()[0] + transport.frame))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = ""
