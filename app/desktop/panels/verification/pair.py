"""The cut's frame and the file's beside each other.

Owns: painting the two, and the words where there are none. Refuses: making them.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.bridge.frame_pairs import Pair
from app.desktop.theme.theme import Theme
from app.desktop.widgets.basics import plain_tip


class PairView(QWidget):
    """Left the cut, right the file, each whole."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.pair: Pair | None = None
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Cut against file")

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self._theme.px(92))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(180), self._theme.px(72))

    def show_pair(self, pair: Pair | None, words: str = "") -> None:
        """The pair, or `words` in its place."""
        self.pair, self.words = pair, pair.problem if pair is not None and pair.problem else words
        self.setToolTip(plain_tip(self.words) if self.words else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        pair = self.pair
        if pair is None or pair.cut is None or pair.file is None:
            painter.fillRect(self.rect(), theme.color("viewer"))
            painter.setFont(theme.font("label"))
            painter.setPen(QColor("#B8BBC1"))
            painter.drawText(self.rect().adjusted(theme.px(8), 0, -theme.px(8), 0), Qt.AlignmentFlag.AlignCenter
                             | Qt.TextFlag.TextWordWrap, self.words)
            painter.end()
            return
        half = (self.width() - theme.px(4)) // 2
        for n, (image, name) in enumerate(((pair.cut, "Cut"), (pair.file, "File"))):
            self._picture(painter, image, name, QRect(n * (self.width() - half), 0, half, self.height()))
        painter.end()

    def _picture(self, painter: QPainter, image: QImage, name: str, box: QRect) -> None:
        theme = self._theme
        painter.fillRect(box, theme.color("viewer"))
        size = image.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRect(box.left() + (box.width() - size.width()) // 2, box.top() + (box.height() - size.height()) // 2,
                                size.width(), size.height()), image)
        painter.setFont(theme.font("tick", 600))
        width = painter.fontMetrics().horizontalAdvance(name) + theme.px(10)
        label = QRect(box.left() + theme.px(4), box.bottom() - theme.px(20), width, theme.px(16))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(10, 11, 12, 209))
        painter.drawRoundedRect(label, 3, 3)
        painter.setPen(QColor("#FFFFFF"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, name)
