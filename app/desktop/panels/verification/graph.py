"""Loudness along the time of an exported film.

Owns: painting the file's curve, the mix's beside it, the place of a finding; clicks on it. Refuses: measuring.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.theme.theme import Theme
from editor_core.timing import TICKS_PER_SECOND
from render.export.report import Report

_LOWEST = -60.0
_LEAST_SPAN = 18.0


class LoudnessGraph(QWidget):
    """`asked(ticks of the timeline)` when a time on it is clicked."""

    asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._report: Report | None = None
        self._mark: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(380), self._theme.px(92))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._theme.px(72))

    def show_report(self, report: Report | None, mark: int | None) -> None:
        """`mark` is the timeline's time of the finding, in ticks."""
        self._report, self._mark = report, mark
        curve = report.loudness if report is not None else None
        self.setAccessibleName("Loudness over time" if curve is None else
                               f"Loudness over time, {max(curve.file):.1f} LUFS at the loudest".replace("-", "minus "))
        self.setToolTip("Short-term loudness in LUFS. Filled: the file. Dashed: the timeline's mix. A click goes there.")
        self.update()

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest LUFS that are shown."""
        curve = self._report.loudness if self._report is not None else None
        if curve is None:
            return _LOWEST, 0.0
        heard = [value for value in (*curve.file, *curve.mix) if value > _LOWEST] or [_LOWEST]
        top = min(0.0, max(heard) + 3.0)
        return min(top - _LEAST_SPAN, max(_LOWEST, min(heard) - 3.0)), top

    def _length(self) -> int:
        curve = self._report.loudness if self._report is not None else None
        return curve.step * len(curve.file) if curve is not None else 0

    def x_of(self, ticks: int) -> float:
        """Pixel of a timeline's time."""
        start = self._report.start if self._report is not None else 0
        return self.width() * (ticks - start) / max(1, self._length())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._report is not None and self._report.loudness is not None:
            share = min(1.0, max(0.0, event.position().x() / max(1, self.width())))
            self.asked.emit(self._report.start + round(share * self._length()))

    def paintEvent(self, event: QPaintEvent) -> None:
        report, theme = self._report, self._theme
        if report is None or report.loudness is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._mark is not None:
            left = self.x_of(self._mark)
            width = max(theme.px(6), self.width() * 3 * TICKS_PER_SECOND / max(1, self._length()))
            painter.fillRect(QRectF(left, 0, width, self.height()), theme.color("warn-soft"))
            painter.fillRect(QRectF(left, 0, max(1.0, theme.px(1.5)), self.height()), theme.color("warn"))
        shape = self._line(report.loudness.file)
        filled = QPolygonF([QPointF(0, self.height()), *shape, QPointF(shape[-1].x(), self.height())])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("ok", 0.16))
        painter.drawPolygon(filled)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("text-3"), 1, Qt.PenStyle.DashLine))
        painter.drawPolyline(self._line(report.loudness.mix))
        painter.setPen(QPen(theme.color("ok"), theme.px(1.5)))
        painter.drawPolyline(shape)
        painter.setFont(theme.font("tick"))
        painter.setPen(theme.color("text-3"))
        low, high = self.span
        for value, where in ((high, Qt.AlignmentFlag.AlignTop), (low, Qt.AlignmentFlag.AlignBottom)):
            painter.drawText(self.rect(), where | Qt.AlignmentFlag.AlignRight, f"{value:.0f}".replace("-", "−"))
        painter.end()

    def _line(self, values: tuple[float, ...]) -> list[QPointF]:
        low, high = self.span
        each = self.width() / max(1, len(values))
        tall = self.height() - 2
        return [QPointF((n + 1) * each, 1 + tall * (high - min(high, max(low, value))) / (high - low)) for n, value in enumerate(values)]
