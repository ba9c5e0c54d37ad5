"""The picture of a viewer.

Owns: showing the newest frame letterboxed, zoom and pan, the empty state. Refuses: handles (see `handles`), transport,
and asking for particular frames.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.desktop.canvas.guides import paint_guides
from app.desktop.canvas.look import Look
from app.desktop.canvas.trim_view import paint_panes

ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0)


class Picture(QWidget):
    """`frame_size()` gives the picture's full size in pixels. `over` may be set to something with `paint(painter)` and mouse
    methods that return True for events they used (see `handles.Handles`), `trim` to a `TrimMonitor`, whose panes stand in place of the
    picture while there are any, `peers` to others' pointers (see `picture_peers.PicturePeers`), `drops` to what takes drags (then
    `setAcceptDrops` as well; see `program_drop.ProgramDrop`)."""

    zoom_changed = Signal()
    dragged_out = Signal()
    double_clicked = Signal(QPointF)
    menu_asked = Signal(QPoint)

    def __init__(self, bench: Any, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bench = bench
        self.look = look
        self.image = QImage()
        self.size_of: Any = lambda: (1920, 1080)
        self.zoom: float | None = None
        self.pan = QPointF()
        self.guides: frozenset[str] = frozenset()
        self.empty: tuple[str, str] | None = None
        self.over: Any = None
        self.feed: Any = None
        self.peers: Any = None
        self.trim: Any = None
        self.drops: Any = None
        self.quiet = False
        self._grab: tuple[QPointF, QPointF] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(120, 68)

    def sizeHint(self) -> QSize:
        return QSize(640, 360)

    # ---- what is shown ------------------------------------------------------------------------------------------

    def show_frame(self, image: QImage, ticks: object = None) -> None:
        """Shows a frame; the one before is dropped."""
        self.image = image
        self.update(self.target().toAlignedRect().adjusted(-1, -1, 1, 1) if self.over is None else self.rect())

    def set_empty(self, words: tuple[str, str] | None) -> None:
        """(icon, sentence) shown instead of a picture; None for a picture."""
        if words != self.empty:
            self.empty = words
            self.update()

    def target(self) -> QRectF:
        """Where the picture is drawn, in this widget's pixels."""
        width, height = self.size_of()
        ratio = self.devicePixelRatioF()
        scale = min(self.width() / width, self.height() / height) if self.zoom is None else self.zoom / ratio
        shown = QRectF(0, 0, width * scale, height * scale)
        shown.moveCenter(QPointF(self.width() / 2, self.height() / 2) + (self.pan if self.zoom is not None else QPointF()))
        if self.zoom is None:
            shown = QRectF(round(shown.x()), round(shown.y()), round(shown.width()), round(shown.height()))
        return shown

    def to_frame(self, spot: QPointF) -> tuple[float, float]:
        """A widget pixel as a pixel of the frame."""
        target, (width, height) = self.target(), self.size_of()
        return (spot.x() - target.x()) * width / target.width(), (spot.y() - target.y()) * height / target.height()

    def from_frame(self, x: float, y: float) -> QPointF:
        """A pixel of the frame as a widget pixel."""
        target, (width, height) = self.target(), self.size_of()
        return QPointF(target.x() + x * target.width() / width, target.y() + y * target.height() / height)

    def set_zoom(self, zoom: float | None, keep: QPointF | None = None) -> None:
        """A factor of device pixels per frame pixel (0.1 to 8), None for fit; the frame pixel under `keep` stays there."""
        under = self.to_frame(keep) if keep is not None else None
        self.zoom = None if zoom is None else min(8.0, max(0.1, zoom))
        if self.zoom is None:
            self.pan = QPointF()
        elif under is not None and keep is not None:
            self.pan += keep - self.from_frame(*under)
        self._tell_feed()
        self.zoom_changed.emit()
        self.update()

    def zoom_by(self, factor: float, keep: QPointF | None = None) -> None:
        self.set_zoom(self.shown_zoom * factor, keep if keep is not None else QPointF(self.rect().center()))

    @property
    def shown_zoom(self) -> float:
        """Device pixels per frame pixel now."""
        return self.target().width() * self.devicePixelRatioF() / max(1, self.size_of()[0])

    def _tell_feed(self) -> None:
        if self.feed is not None:
            target, ratio = self.target(), self.devicePixelRatioF()
            self.feed.set_view(round(target.width() * ratio), round(target.height() * ratio))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._tell_feed()

    def showEvent(self, event: QEvent) -> None:
        self._tell_feed()

    # ---- painting -----------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        target = self.target()
        surround = self.look.colour("viewer")
        if self.trim is not None and self.trim.panes:
            painter.fillRect(self.rect(), surround)
            width, height = self.size_of()
            paint_panes(painter, self.look, self.rect().adjusted(6, 6, -6, -6), width / max(1, height), self.trim, self.bench.rate)
            return
        if self.empty is not None:
            painter.fillRect(self.rect(), surround)
            self._paint_empty(painter)
            if self.drops is not None and self.drops.active:
                self.drops.paint(painter)
            return
        if self.image.isNull():
            painter.fillRect(self.rect(), surround)
            painter.fillRect(target, QColor(Qt.GlobalColor.black))
        else:
            inner = target.toAlignedRect()
            for edge in (QRect(0, 0, self.width(), inner.top()), QRect(0, inner.bottom() + 1, self.width(), self.height()),
                         QRect(0, inner.top(), inner.left(), inner.height()),
                         QRect(inner.right() + 1, inner.top(), self.width(), inner.height())):
                painter.fillRect(edge, surround)
            exact = self.image.width() == round(target.width() * self.devicePixelRatioF())
            enlarged = self.zoom is not None and self.zoom >= 2
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact and not enlarged)
            painter.drawImage(target, self.image)
        if self.guides:
            paint_guides(painter, target, self.guides)
        if self.over is not None:
            self.over.paint(painter)
        if self.drops is not None and self.drops.active:
            self.drops.paint(painter)
        if self.peers is not None:
            self.peers.paint(painter, self.look)

    def _paint_empty(self, painter: QPainter) -> None:
        assert self.empty is not None
        icon, words = self.empty
        look, middle = self.look, self.rect().center()
        painter.drawPixmap(middle.x() - look.m.px(10), middle.y() - look.m.px(26), look.icon(icon, "text-3" if look.theme.dark
                                                                                          else "badge-ink", 20))
        painter.setFont(look.body_font)
        painter.setPen(QColor("#93979F" if look.theme.dark else "#C9CCD2"))
        painter.drawText(QRect(0, middle.y() + 2, self.width(), 24), int(Qt.AlignmentFlag.AlignHCenter), words)

    # ---- pointer ------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.MiddleButton:
            if self.zoom is None:
                self.set_zoom(self.shown_zoom)
            self._grab = (event.position(), QPointF(self.pan))
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self.over is not None and self.empty is None:
            self.over.press(event)
        elif event.button() is Qt.MouseButton.LeftButton:
            self._grab = (event.position(), QPointF(0, 0))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.MiddleButton and self._grab is not None:
            self.pan = self._grab[1] + event.position() - self._grab[0]
            self.update()
        elif self.over is not None and self.empty is None:
            self.over.move(event)
        elif self._grab is not None and (event.position() - self._grab[0]).manhattanLength() > 8:
            self._grab = None
            self.dragged_out.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.MiddleButton:
            self.unsetCursor()
        elif self.over is not None and self.empty is None:
            self.over.release(event)
        self._grab = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.over is not None and self.empty is None:
            self.over.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.empty is None and event.angleDelta().y():
            self.zoom_by(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.drops.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self.drops.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drops.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self.drops.drop(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.quiet:  # the right button has just given a drag up
            self.quiet = False
        elif self.empty is None:
            self.menu_asked.emit(event.globalPos())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.over is None or not self.over.key(event):
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.unsetCursor()
