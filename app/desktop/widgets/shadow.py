"""The soft shadow under what floats over the window.

Owns: a picture of it, made once, and a widget that lies under another one and goes where that goes. Refuses: what floats.

Qt's own effect draws the floating widget and everything in it into a picture and blurs that, for each letter that is typed there.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

_FOLLOWED = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ZOrderChange,
                       QEvent.Type.ParentChange})


@lru_cache(maxsize=8)
def soft_edge(blur: int, alpha: int) -> QPixmap:
    """A black square of 4 × `blur` + 1 pixels whose shade, `alpha` of 255 at most, fades over the outer 2 × `blur` pixels."""
    side = 4 * blur + 1
    line = np.zeros(side)
    line[blur:side - blur] = 1.0
    reach = np.arange(-blur, blur + 1)
    weights = np.exp(-0.5 * (reach / max(1.0, blur / 2)) ** 2)
    line = np.convolve(line, weights / weights.sum(), mode="same")
    shades = (np.outer(line, line) * alpha + 0.5).astype(np.uint32) << 24
    image = QImage(shades.data, side, side, side * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return QPixmap.fromImage(image)


class Shadow(QWidget):
    """Lies under `over`, a sibling: `blur` pixels wide, `drop` pixels lower, black with `alpha` of 255."""

    def __init__(self, over: QWidget, blur: int, drop: int, alpha: int) -> None:
        super().__init__(over.parentWidget())
        self._over, self._blur, self._drop, self._alpha = over, blur, drop, alpha
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        over.installEventFilter(self)
        over.destroyed.connect(self._gone)
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _FOLLOWED:
            self._follow()
        return False

    def _follow(self) -> None:
        over, parent = self._over, self._over.parentWidget()
        if parent is None:
            self.hide()
            return
        if self.parentWidget() is not parent:
            self.setParent(parent)
        self.setGeometry(over.geometry().adjusted(-self._blur, self._drop - self._blur, self._blur, self._drop + self._blur))
        self.setVisible(not over.isHidden())
        self.stackUnder(over)

    def _gone(self) -> None:
        if isValid(self):
            self.hide()
            self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, picture = QPainter(self), soft_edge(self._blur, self._alpha)
        corner = 2 * self._blur
        wide, high = self.width() - corner, self.height() - corner
        places = ((0, corner, 0, corner), (corner, wide, corner, corner + 1), (wide, wide + corner, corner + 1, 2 * corner + 1))
        heights = ((0, corner, 0, corner), (corner, high, corner, corner + 1), (high, high + corner, corner + 1, 2 * corner + 1))
        for left, right, x, x_end in places:
            for top, bottom, y, y_end in heights:
                if (x, y) != (corner, corner):  # the middle is covered
                    painter.drawPixmap(QRect(left, top, right - left, bottom - top), picture, QRect(x, y, x_end - x, y_end - y))
