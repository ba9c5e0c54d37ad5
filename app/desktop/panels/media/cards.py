"""Painting media as cards.

Owns: the card of the grid with poster, badges, hover scrub. Refuses: which rows there are.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.desktop.bridge import Workbench
from app.desktop.panels.media.model import ROW, Index, MediaRow
from editor_core.edits.wording import one_line
from editor_core.timing import TICKS_PER_SECOND

_KIND_ICON = {"video": "film", "sound": "audio-lines", "still": "image", "unreadable": "file-x"}


class CardPainter(QStyledItemDelegate):
    """A card: 66 px of picture, name, format and use count. `hover` is (asset, share of its length) under the pointer."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        self._bench, self._theme = bench, bench.theme
        self.width = self._theme.px(120)
        self.hover: tuple[str, float] | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self.width, round(self.width * 9 / 16) + self._theme.px(46))

    def picture_box(self, cell: QRect) -> QRect:
        """Where the poster is in a cell."""
        theme = self._theme
        inner = cell.adjusted(theme.px(3), theme.px(3), -theme.px(4), -theme.px(4))
        return QRect(inner.left(), inner.top(), inner.width(), round(inner.width() * 9 / 16))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, row = self._theme, index.data(ROW)
        cell: QRect = option.rect  # type: ignore[attr-defined]
        inner = cell.adjusted(theme.px(3), theme.px(3), -theme.px(4), -theme.px(4))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(inner), theme.px(5), theme.px(5))
        painter.fillPath(shape, theme.color("raised"))
        painter.setClipPath(shape)
        box = self.picture_box(cell)
        self._picture(painter, row, box)
        self._badges(painter, row, box)
        self._words(painter, row, QRect(inner.left(), box.bottom() + 1, inner.width(), inner.bottom() - box.bottom()))
        painter.setClipping(False)
        state = option.state  # type: ignore[attr-defined]
        if state & QStyle.StateFlag.State_Selected or row.reason:
            pen = painter.pen()
            pen.setWidthF(2.0)
            pen.setColor(theme.color("focus" if state & QStyle.StateFlag.State_Selected else "danger"))
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(inner).adjusted(-1, -1, 1, 1), theme.px(6), theme.px(6))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFont(self._theme.font("label"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        cell: QRect = option.rect  # type: ignore[attr-defined]
        box = self.picture_box(cell)
        editor.setGeometry(box.left(), box.bottom() + 1, box.width(), self._theme.px(24))

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(index.data(ROW).name)
            editor.selectAll()

    def _picture(self, painter: QPainter, row: MediaRow, box: QRect) -> None:
        theme, tiles = self._theme, self._bench.tiles
        painter.fillRect(box, QColor("#000000") if row.picture and row.shown else theme.color("well"))
        hovered = self.hover is not None and self.hover[0] == row.asset and row.duration > 0
        image = None
        if row.picture and row.shown:
            at = row.duration // 4 if row.duration < 40 * TICKS_PER_SECOND else 10 * TICKS_PER_SECOND
            if hovered and self.hover is not None:
                at = round(self.hover[1] * row.duration)
            step = max(TICKS_PER_SECOND // 4, row.duration // 24) if hovered else TICKS_PER_SECOND
            image = tiles.thumbnail(row.asset, at, round(box.height() * self.parent().devicePixelRatioF()), step)  # type: ignore[attr-defined]
        if image is not None:
            size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect(box.left() + (box.width() - size.width()) // 2, box.top() + (box.height() - size.height()) // 2,
                          size.width(), size.height())
            painter.drawImage(where, image)
        elif row.kind == "sound" and row.shown:
            self._wave(painter, row, box)
        else:
            side = theme.px(20)
            name, colour = ("unlink", "danger") if not row.shown else (_KIND_ICON[row.kind], "danger" if row.reason else "text-3")
            painter.drawPixmap(box.center().x() - side // 2, box.center().y() - side // 2, theme.pixmap(name, colour, 20))
        if hovered and self.hover is not None:
            x = box.left() + round(self.hover[1] * box.width())
            painter.fillRect(x, box.top(), 1, box.height(), QColor("#FFFFFF"))
            painter.fillRect(box.left(), box.bottom() - 2, box.width(), 3, QColor(0, 0, 0, 150))
            painter.fillRect(box.left(), box.bottom() - 2, x - box.left(), 3, QColor("#FFFFFF"))

    def _wave(self, painter: QPainter, row: MediaRow, box: QRect) -> None:
        theme = self._theme
        painter.fillRect(box, theme.color("clip-audio"))
        count = max(8, box.width() // 2)
        peaks = self._bench.tiles.peaks(row.asset, 0, max(1, row.duration), count)
        middle, half = box.center().y(), box.height() * 0.42
        if peaks is None:
            return
        path = QPainterPath()
        heights = abs(peaks[:, :2]).max(axis=1).tolist()
        for n, level in enumerate(heights):
            tall = max(0.5, min(1.0, level) * half)
            path.addRect(QRectF(box.left() + n * box.width() / count, middle - tall, max(1.0, box.width() / count - 0.5), 2 * tall))
        painter.fillPath(path, theme.color("wave"))

    def _badges(self, painter: QPainter, row: MediaRow, box: QRect) -> None:
        theme = self._theme
        painter.setFont(theme.font("tick", 600))
        x = box.left() + theme.px(4)
        state = row.coming or ("Proxy" if row.stand_in else "Offline") if row.offline else "Replaced" if row.replaced else ""
        quiet = bool(row.coming or row.stand_in)
        shown = ((state, "" if quiet else "danger"), *row.badges) if state else row.badges
        for words, kind in shown[:3]:
            x += self._badge(painter, words, kind, x, box.top() + theme.px(4)) + theme.px(3)
        if row.length:
            width = painter.fontMetrics().horizontalAdvance(row.length) + theme.px(8)
            self._badge(painter, row.length, "", box.right() - width - theme.px(3), box.bottom() - theme.px(19))

    def _badge(self, painter: QPainter, words: str, kind: str, x: int, y: int) -> int:
        theme = self._theme
        width = painter.fontMetrics().horizontalAdvance(words) + theme.px(8)
        box = QRect(x, y, width, theme.px(15))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush({"warn": theme.color("warn-fill"), "danger": theme.color("danger-fill")}.get(kind, QColor(10, 11, 12, 209)))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(theme.color("warn-ink") if kind == "warn" else QColor("#FFFFFF"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        return width

    def _words(self, painter: QPainter, row: MediaRow, box: QRect) -> None:
        theme = self._theme
        inner = box.adjusted(theme.px(6), theme.px(3), -theme.px(6), 0)
        line = theme.px(15)
        painter.setFont(theme.font("label", 500))
        painter.setPen(theme.color("text"))
        name = painter.fontMetrics().elidedText(one_line(row.name), Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(QRect(inner.left(), inner.top(), inner.width(), line), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(theme.font("label", 400))
        second = QRect(inner.left(), inner.top() + line, inner.width(), line)
        uses = f"{row.uses}×" if row.uses else ""
        painter.setPen(theme.color("danger" if not row.shown or row.replaced or row.reason else "text-3"))
        words = row.reason or ("Offline" if not row.shown else "Replaced" if row.replaced else row.format)
        room = second.width() - painter.fontMetrics().horizontalAdvance(uses) - theme.px(4)
        painter.drawText(second, Qt.AlignmentFlag.AlignVCenter, painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room))
        painter.setPen(theme.color("text-3"))
        painter.drawText(second, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, uses)
