"""A small still of a clip or of media, drawn when its tile arrives.

Owns: the picture's box, its words where there is no picture. Refuses: decoding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from editor_core.schema import Clip, MediaReference

if TYPE_CHECKING:
    from app.desktop.bridge import Workbench


class Still(QWidget):
    """`show_media(asset, ticks of its media)`, or `show_clip` for one clip's first third; 16:9."""

    def __init__(self, bench: Workbench, height: int = 36, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self._asset, self._ticks, self._words, self._colour = "", 0, "", ""
        self.setFixedSize(QSize(round(bench.theme.px(height) * 16 / 9), bench.theme.px(height)))
        bench.tiles.ready.connect(self._ready)

    def show_media(self, asset: str, ticks: int) -> None:
        self._asset, self._ticks, self._words, self._colour = asset, ticks, "", ""
        self.update()

    def show_clip(self, clip: Clip | None) -> None:
        self._asset, self._words, self._colour = "", "", ""
        if clip is not None:
            asset = self._bench.snapshot.find(MediaReference, clip.asset) if clip.asset else None
            if asset is not None and asset.video is not None and not clip.is_sound:
                self._asset, self._ticks = asset.id, clip.source_range.start + clip.duration // 3
            elif clip.kind == "solid":
                self._colour = clip.color
            else:
                self._words = clip.text.split("\n", 1)[0] if clip.text else "♪" if clip.is_sound else clip.name
        self.update()

    def _ready(self, asset: str) -> None:
        if asset == self._asset:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._bench.theme, QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(QRectF(self.rect()), theme.px(3), theme.px(3))
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), self._colour or theme.color("well"))
        tile = self._bench.tiles.thumbnail(self._asset, self._ticks, self.height()) if self._asset else None
        if tile is not None:
            size = tile.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            at = QRect((self.width() - size.width()) // 2, (self.height() - size.height()) // 2, size.width(), size.height())
            painter.drawImage(at, tile)
        elif self._words:
            painter.setPen(theme.color("text-3"))
            painter.setFont(theme.font("tick"))
            painter.drawText(self.rect().adjusted(2, 2, -2, -2), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._words)
        painter.end()
