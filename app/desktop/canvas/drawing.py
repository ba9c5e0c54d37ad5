"""Drawings of comments over the picture: showing them, and making them.

Owns: painting strokes, arrows, rectangles and words in their author's colour; the four tools; the field for words. Refuses: comments
themselves (`bench.comments`), and the handles of clips, which have the pointer while no tool is on.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QLineEdit

from app.desktop.canvas.handles import Handles
from app.desktop.canvas.look import Look
from app.desktop.canvas.picture import Picture
from app.desktop.theme.connect import connect_for
from editor_core.comments import Shape
from editor_core.comments.acts import MAX_POINTS, UNIT

LINE = 6
"""Thousandths of the frame's height."""
LETTERS = 40
_STEP = 2.0
"""Pixels that a pen moves before there is another point."""


def thinned(points: Sequence[tuple[float, float]], most: int, tolerance: float) -> list[tuple[float, float]]:
    """A path with fewer points that stays within `tolerance` of it (Ramer, Douglas and Peucker), at most `most` of them."""
    keep = [False] * len(points)
    keep[0] = keep[-1] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        far, where = 0.0, -1
        (ax, ay), (bx, by) = points[first], points[last]
        length = math.hypot(bx - ax, by - ay)
        for number in range(first + 1, last):
            x, y = points[number]
            off = abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length if length else math.hypot(x - ax, y - ay)
            if off > far:
                far, where = off, number
        if far > tolerance:
            keep[where] = True
            spans += [(first, where), (where, last)]
    found = [point for point, kept in zip(points, keep, strict=True) if kept]
    return found if len(found) <= most else thinned(found, most, tolerance * 2)


class DrawingLayer:
    """Over the program picture, above the handles; takes the pointer while a drawing tool is on."""

    def __init__(self, picture: Picture, handles: Handles) -> None:
        self.picture = picture
        self.handles = handles
        self.bench = picture.bench
        self._path: list[tuple[float, float]] = []
        self._field: QLineEdit | None = None
        self._shown: list[Any] = []
        talk = self.bench.comments
        talk.changed.connect(picture.update)
        connect_for(talk.drafted, self._drafted, picture)  # comments outlive the window's widgets
        connect_for(self.bench.transport.moved, self._moved, picture)

    @property
    def look(self) -> Look:
        return self.handles.look

    @look.setter
    def look(self, look: Look) -> None:
        self.handles.look = look

    @property
    def doing(self) -> str:
        """What the pointer does on the picture: drawing, what the handles do, or nothing."""
        return "drawing" if self._path else self.handles.doing

    def _moved(self, _ticks: int) -> None:
        """The frame that comes repaints the picture; this is for where none comes."""
        now = self._threads()
        if now != self._shown:
            self._shown = now
            self.picture.update()

    def _drafted(self) -> None:
        if not self.bench.comments.tool:
            self._end_words(keep=False)
            self._path = []
        self.picture.setCursor(Qt.CursorShape.CrossCursor if self.bench.comments.tool else Qt.CursorShape.ArrowCursor)
        self.picture.update()

    def _threads(self) -> list[Any]:
        transport = self.bench.transport
        return self.bench.comments.at_playhead(transport.ticks, playing=transport.playing)

    # painting

    def paint(self, painter: QPainter) -> None:
        """Handles, then what is drawn with comments here, then what is being drawn."""
        talk = self.bench.comments
        if not talk.tool:
            self.handles.paint(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for one in self._threads():
            for author, shape in one.thread.drawing:
                self._shape(painter, shape, talk.colour_token(author), talk.ink_token(author))
        if talk.draft is not None:
            mine = (talk.colour_token(talk.me), talk.ink_token(talk.me))
            for shape in talk.shapes:
                self._shape(painter, shape, *mine)
            if self._path and (shape := self._made()) is not None:
                self._shape(painter, shape, *mine)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _points(self, shape: Shape) -> list[QPointF]:
        width, height = self.picture.size_of()
        pairs: Iterable[tuple[int, int]] = zip(shape.points[::2], shape.points[1::2], strict=False)
        return [self.picture.from_frame(x / UNIT * width, y / UNIT * height) for x, y in pairs]

    def _shape(self, painter: QPainter, shape: Shape, token: str, ink: str) -> None:
        colour = QColor(self.look.colour(token))
        height = self.picture.target().height()
        if shape.kind == "text":
            self._words(painter, shape, colour, self.look.colour(ink))
            return
        line = max(1.5, shape.width / 1000 * height)
        points = self._points(shape)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(0, 0, 0, 90), line + 2), QPen(colour, line)):
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            if shape.kind == "rectangle":
                painter.drawRoundedRect(QRectF(points[0], points[1]).normalized(), line, line)
            elif shape.kind == "arrow":
                painter.drawLine(points[0], points[1])
                painter.drawPolyline(_head(points[0], points[1], max(3.2 * line, 8.0)))
            else:
                painter.drawPath(_smooth(points))

    def _font(self, shape: Shape) -> QFont:
        font = QFont(self.look.strong_font)
        font.setPixelSize(max(9, round(shape.width / 1000 * self.picture.target().height())))
        return font

    def _words(self, painter: QPainter, shape: Shape, colour: QColor, ink: QColor) -> None:
        font = self._font(shape)
        metrics = QFontMetricsF(font)
        spot = self._points(shape)[0]
        pad = metrics.height() * 0.35
        box = QRectF(spot.x(), spot.y() - metrics.height() / 2 - pad * 0.6, metrics.horizontalAdvance(shape.text) + 2 * pad,
                     metrics.height() + 1.2 * pad)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(box, 3, 3)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shape.text)

    # pointer

    def press(self, event: QMouseEvent) -> Any:
        tool = self.bench.comments.tool
        if not tool or event.button() is not Qt.MouseButton.LeftButton:
            return self.handles.press(event)
        self._end_words(keep=True)
        if tool == "text":
            self._begin_words(event.position())
        else:
            self._path = [self._fraction(event.position())]
        return True

    def move(self, event: QMouseEvent) -> Any:
        tool = self.bench.comments.tool
        if not tool:
            return self.handles.move(event)
        self.picture.setCursor(Qt.CursorShape.IBeamCursor if tool == "text" else Qt.CursorShape.CrossCursor)
        if self._path:
            spot = self._fraction(event.position())
            target = self.picture.target()
            x, y = self._path[-1]
            if tool != "stroke":
                self._path = [self._path[0], spot]
            elif math.hypot((spot[0] - x) * target.width(), (spot[1] - y) * target.height()) >= _STEP:
                self._path.append(spot)
            self.picture.update()
        return True

    def release(self, event: QMouseEvent) -> Any:
        if not self.bench.comments.tool:
            return self.handles.release(event)
        shape = self._made() if self._path else None
        self._path = []
        if shape is not None:
            self.bench.comments.draw(shape)
        self.picture.update()
        return True

    def double_click(self, event: QMouseEvent) -> Any:
        return True if self.bench.comments.tool else self.handles.double_click(event)

    def key(self, event: QKeyEvent) -> bool:
        talk = self.bench.comments
        if talk.tool and event.key() == Qt.Key.Key_Escape:
            if self._path:
                self._path = []
                self.picture.update()
            else:
                talk.set_tool("")
            return True
        if talk.draft is not None and talk.shapes and event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            talk.undraw()
            return True
        return bool(self.handles.key(event))

    def _fraction(self, spot: QPointF) -> tuple[float, float]:
        target = self.picture.target()
        return (min(1.0, max(0.0, (spot.x() - target.x()) / target.width())),
                min(1.0, max(0.0, (spot.y() - target.y()) / target.height())))

    def _made(self) -> Shape | None:
        """What has been drawn so far; None while it is too small to be meant."""
        tool, target = self.bench.comments.tool, self.picture.target()
        xs, ys = [x for x, _ in self._path], [y for _, y in self._path]
        if len(self._path) < 2 or max((max(xs) - min(xs)) * target.width(), (max(ys) - min(ys)) * target.height()) < 3:
            return None
        points = thinned(self._path, MAX_POINTS, 0.6 / target.width()) if tool == "stroke" else [self._path[0], self._path[-1]]
        return Shape(tool, tuple(round(value * UNIT) for point in points for value in point), LINE)

    # words

    def _begin_words(self, spot: QPointF) -> None:
        field = self._field = QLineEdit(self.picture)
        field.setMaxLength(200)
        field.setFont(self.look.strong_font)
        field.setPlaceholderText("Words, then Enter")
        field.setAccessibleName("Words on the picture")
        field.setProperty("spot", self._fraction(spot))
        width = self.look.m.px(180)
        field.setGeometry(int(min(spot.x(), self.picture.width() - width)), int(spot.y() - self.look.m.px(13)), width, self.look.m.px(26))
        field.returnPressed.connect(lambda: self._end_words(keep=True))
        field.show()
        field.setFocus()

    def _end_words(self, *, keep: bool) -> None:
        field, self._field = self._field, None
        if field is None:
            return
        words, (x, y) = field.text().strip(), field.property("spot")
        field.hide()
        field.deleteLater()
        self.picture.setFocus()
        if keep and words:
            self.bench.comments.draw(Shape("text", (round(x * UNIT), round(y * UNIT)), LETTERS, words))


def _head(tail: QPointF, head: QPointF, size: float) -> QPolygonF:
    """The two strokes of an arrow's head."""
    angle = math.atan2(head.y() - tail.y(), head.x() - tail.x())
    sides = [QPointF(head.x() - size * math.cos(angle + turn), head.y() - size * math.sin(angle + turn)) for turn in (0.5, -0.5)]
    return QPolygonF([sides[0], head, sides[1]])


def _smooth(points: list[QPointF]) -> QPainterPath:
    """A path through the middles of its parts, which has no corners."""
    path = QPainterPath(points[0])
    for before, point in itertools.pairwise(points[1:]):
        path.quadTo(before, (before + point) / 2)
    path.lineTo(points[-1])
    return path
