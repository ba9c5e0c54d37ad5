"""The newest frame of the program, fitted into a widget.

Owns: painting it. Refuses: guides, handles, asking for frames.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.desktop.bridge import Workbench


class PictureView(QWidget):
    """Paints the newest frame of a deck, fitted, on the viewer's neutral surround."""

    def __init__(self, bench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._colour = "viewer"
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Program picture")
        bench.frames.arrived.connect(self._arrived)

    def picture_box(self) -> QRect:
        """Where the picture is painted: as large as fits, in the timeline's shape."""
        timeline = self._bench.snapshot.timeline
        scale = min(self.width() / timeline.width, self.height() / timeline.height)
        width, height = round(timeline.width * scale), round(timeline.height * scale)
        return QRect((self.width() - width) // 2, (self.height() - height) // 2, width, height)

    def _arrived(self, _image: QImage, _ticks: int) -> None:
        self.update(self.picture_box())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._bench.theme.color(self._colour) if self._colour != "black" else Qt.GlobalColor.black)
        image = self._bench.frames.image
        if not image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.picture_box(), image)
        painter.end()
