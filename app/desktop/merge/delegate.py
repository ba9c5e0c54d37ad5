"""How a line of the list of changes looks, and what its small controls do.

Owns: painting ticks, thumbnails, coloured words, results and their segments; clicks on them. Refuses: what the words are (see `table`).
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.desktop.canvas.look import Look
from app.desktop.merge.players import badge_of, paint_badge
from app.desktop.merge.table import CLIP, MINE, RESULT, ROW, THEIRS, TICK, TIME, Changes, Index
from app.services.review.rows import Row
from editor_core.schema import Clip

TALL, LOW, HEADING = 40, 26, 26
OFTEN = 10
"""Letters below which words stand in most rows: they are kept as pictures of their own."""
MANY = 400
"""With more rows than that they are low and without thumbnails."""
_KINDS = {"clip": "film", "title": "type", "solid": "square", "caption": "captions", "audio": "audio-lines", "video": "film"}


class ChangePainter(QStyledItemDelegate):
    """Paints the cells of `Changes`."""

    def __init__(self, bench: Any, model: Changes, parent: Any = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._model = model
        self.look = Look(bench.theme)
        self._badges: dict[tuple[str, str, int, float], QPixmap] = {}

    @property
    def low(self) -> bool:
        return len(self._model.lines) > MANY

    def height(self, number: int) -> int:
        """Of a line of the model, in pixels."""
        line = self._model.lines[number]
        return self.look.m.px(HEADING if isinstance(line, str) else LOW if self.low else TALL)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(60, self.height(index.row()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW)
        look, box = self.look, option.rect
        if isinstance(row, str):
            painter.fillRect(box, look.colour("raised"))
            if index.column() == 0:
                whole = QRect(box.left() + look.m.px(12), box.top(), 400, box.height())
                painter.setFont(look.strong_font)
                painter.setPen(look.colour("text-2"))
                painter.setClipping(False)
                painter.drawText(whole, int(Qt.AlignmentFlag.AlignVCenter), row)
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, look.colour("accent-soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, look.colour("hover"))
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, look.colour("line-subtle"))
        paint = {TICK: self._tick, TIME: self._time, CLIP: self._clip, MINE: self._mine, THEIRS: self._theirs, RESULT: self._result}
        paint[index.column()](painter, box, row)

    def _tick(self, painter: QPainter, box: QRect, row: Row) -> None:
        look = self.look
        state = self._model.state(row)[0]
        side = look.m.px(16)
        area = QRect(box.center().x() - side // 2, box.center().y() - side // 2, side, side)
        if state == "open":
            painter.drawPixmap(area.topLeft(), look.icon("triangle-alert", "warn", 16))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = state != "out"
        painter.setPen(Qt.PenStyle.NoPen if on else QPen(look.colour("line-control"), 1))
        painter.setBrush(look.colour("accent-fill" if on else "input"))
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if on:
            painter.drawPixmap(area.left() + (side - look.m.px(12)) // 2, area.top() + (side - look.m.px(12)) // 2,
                               look.icon("check", "text-on-accent", 12))

    def _time(self, painter: QPainter, box: QRect, row: Row) -> None:
        self._words(painter, box, self._model._text(row, TIME, Qt.ItemDataRole.DisplayRole), "accent")

    def _clip(self, painter: QPainter, box: QRect, row: Row) -> None:
        look = self.look
        left = box.left() + look.m.px(8)
        if not self.low:
            thumb = QRect(left, box.top() + look.m.px(6), look.m.px(48), look.m.px(27))
            paint_thumbnail(painter, self._bench, look, thumb, self._record(row))
            left = thumb.right() + look.m.px(8)
        room = box.right() - left - 4
        if self.low or not row.track:
            look.write(painter, left, box.center().y() - look.label_height / 2, row.name, room, look.name_font, "text")
            return
        look.write(painter, left, box.center().y() - look.label_height, row.name, room, look.name_font, "text")
        look.write(painter, left, box.center().y() + 1, row.track, room, look.tick_font, "text-3")

    def _record(self, row: Row) -> Clip | None:
        found = self._model.reviewer.outlook
        if found is None or not row.clip:
            return None
        sides = found.sides
        every = [view.record(row.clip) for view in (sides.merged, sides.mine, sides.theirs)]
        return next((r for r in every if isinstance(r, Clip) and not r.deleted), next((r for r in every if isinstance(r, Clip)), None))

    def _mine(self, painter: QPainter, box: QRect, row: Row) -> None:
        self._change(painter, box, row.mine, row.mine_kind)

    def _theirs(self, painter: QPainter, box: QRect, row: Row) -> None:
        self._change(painter, box, row.theirs, row.theirs_kind)

    def _change(self, painter: QPainter, box: QRect, text: str, kind: str) -> None:
        if not text:
            self._words(painter, box, "No change", "text-3")
            return
        side = self.look.m.px(8)
        dot = QRectF(box.left() + self.look.m.px(8), box.center().y() - side / 2 + 0.5, side, side)
        paint_kind(painter, self.look, dot, kind)
        self._words(painter, box.adjusted(side + self.look.m.px(6), 0, 0, 0), text, "text")

    def _words(self, painter: QPainter, box: QRect, text: str, token: str) -> None:
        look = self.look
        left = box.left() + look.m.px(8)
        y = box.center().y() - look.metrics(look.body_font).height() / 2 + 0.5
        if len(text) < OFTEN:
            look.draw(painter, left, y, look.label(text, box.right() - left - 4, look.body_font), token)
        else:
            look.write(painter, left, y, text, box.right() - left - 4, look.body_font, token)

    def _result(self, painter: QPainter, box: QRect, row: Row) -> None:
        look = self.look
        state, text = self._model.state(row)
        segments = self._boxes(box, row)
        if segments:
            self._paint_segments(painter, segments, self._model.chosen(row))
            if state in ("open", "decided"):
                right = round(segments[-1][1].right())
                words = text.removeprefix("Decided: ")
                self._words(painter, QRect(right, box.top(), box.right() - right, box.height()), words, "warn" if state == "open" else "ok")
            return
        left = box.left() + look.m.px(8)
        middle = box.center().y()
        side = look.m.px(18)
        if state in ("open", "decided"):
            icon, token = ("circle-dashed", "warn") if state == "open" else ("circle-check", "ok")
            painter.drawPixmap(left, middle - look.m.px(8), look.icon(icon, token, 16))
        else:
            mine = row.sides == "mine"
            initials, colour = badge_of(self._bench, row.people[0] if row.people else "", mine)
            painter.setOpacity(0.4 if state == "out" else 1.0)
            painter.drawPixmap(left, middle - side // 2, self._badge(initials, colour, side, painter.device().devicePixelRatioF()))
            painter.setOpacity(1.0)
            token = "text-3" if state == "out" else "text-2"
        self._words(painter, box.adjusted(side + look.m.px(6), 0, 0, 0), text, token)

    def _badge(self, initials: str, colour: str, side: int, ratio: float) -> QPixmap:
        """The mark of a person, as a picture: most rows have one of two."""
        key = (initials, colour, side, ratio)
        made = self._badges.get(key)
        if made is None:
            made = self._badges[key] = QPixmap(QSize(side, side) * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            paint_badge(painter, self.look.theme, QRectF(0, 0, side, side), initials, colour)
            painter.end()
        return made

    def _boxes(self, box: QRect, row: Row) -> list[tuple[str, QRectF, str]]:
        look = self.look
        left, height = box.left() + look.m.px(8), look.m.px(22)
        found: list[tuple[str, QRectF, str]] = []
        for choice, word in self._model.segments(row):
            width = look.metrics(look.name_font).horizontalAdvance(word) + look.m.px(16)
            found.append((choice, QRectF(left, box.center().y() - height / 2, width, height), word))
            left += round(width)
        return found

    def _paint_segments(self, painter: QPainter, boxes: list[tuple[str, QRectF, str]], chosen: str) -> None:
        look = self.look
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(boxes[0][1].topLeft(), boxes[-1][1].bottomRight()).adjusted(-1.5, -1.5, 1.5, 1.5)
        painter.setPen(QPen(look.colour("line-subtle"), 1))
        painter.setBrush(look.colour("input"))
        painter.drawRoundedRect(whole, 5, 5)
        painter.setPen(Qt.PenStyle.NoPen)
        for choice, area, _ in boxes:
            if choice == chosen:
                painter.setBrush(look.colour("pressed"))
                painter.drawRoundedRect(area, 3, 3)
        painter.setFont(look.name_font)
        for choice, area, word in boxes:
            painter.setPen(look.colour("text" if choice == chosen else "text-2"))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), word)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        row = index.data(ROW)
        if not isinstance(row, Row) or not isinstance(event, QMouseEvent) or event.button() is not Qt.MouseButton.LeftButton:
            return False
        if event.type() is not QEvent.Type.MouseButtonRelease:
            return False
        if index.column() == TICK:
            self._model.reviewer.tick(row)
            return True
        if index.column() == RESULT:
            spot = QPointF(event.position())
            for choice, area, _ in self._boxes(option.rect, row):
                if area.contains(spot):
                    self._model.reviewer.choose(row, choice)
                    return True
        return False


def paint_kind(painter: QPainter, look: Look, dot: QRectF, kind: str) -> None:
    """The small square of a kind of change."""
    token = {"decide": "diff-conflict"}.get(kind, f"diff-{kind}")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour(token))
    painter.drawRoundedRect(dot, 2, 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_thumbnail(painter: QPainter, bench: Any, look: Look, box: QRect, clip: Clip | None) -> None:
    """The first picture of a clip, or the sign of its kind."""
    painter.fillRect(box, look.colour("viewer"))
    image: QImage | None = None
    if clip is not None and clip.asset and not clip.is_sound:
        image = bench.tiles.thumbnail(clip.asset, max(0, clip.source_range.start), box.height())
    if image is not None and not image.isNull():
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(box), image, QRectF(0, 0, image.width(), image.height()))
        return
    size = look.m.px(14)
    name = _KINDS.get(clip.kind, "film") if clip is not None else "git-merge"
    sign = look.icon(name, "text-3" if look.theme.dark else "badge-ink", 14)  # the viewer's colour is dark in both
    painter.drawPixmap(box.center().x() - size // 2, box.center().y() - size // 2, sign)
