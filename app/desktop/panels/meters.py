"""Level meters: two bars, peak hold, clip lights, short-term loudness, highest true peak.

Owns: painting and the hold. Refuses: measuring (the sound server does).
"""

from __future__ import annotations

import time

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.frames import SILENCE

PANEL = PanelSpec("meters", "Meters", "bottom", "audio-lines", order=70, context="global", slim=True)

MARKS = (0, 3, 6, 12, 18, 24, 36, 48, 60)
HOLD_SECONDS = 1.5
FALL_DB_PER_SECOND = 24.0
LOUDEST = -1.0
"""dBTP over which the highest peak is painted as a warning: EBU R 128's and the streaming services' limit."""


def build(bench: Workbench) -> QWidget:
    return Meters(bench)


def place_of(decibel: float) -> float:
    """Share of the meter's height, 0 to 1: the marks stand at equal distances."""
    level = -decibel
    for n in range(len(MARKS) - 1):
        if level <= MARKS[n + 1]:
            inside = max(0.0, (level - MARKS[n]) / (MARKS[n + 1] - MARKS[n]))
            return 1.0 - (n + inside) / (len(MARKS) - 1)
    return 0.0


class Meters(QWidget):
    """60 px wide. Bars fall slowly, peaks hold, a light over each bar stays on when it clipped; a click forgets all of that."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench, self._theme = bench, bench.theme
        self._shown = [SILENCE, SILENCE]
        self._held = [(SILENCE, 0.0), (SILENCE, 0.0)]
        self._last = time.monotonic()
        self._lufs = SILENCE
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Level meters")
        self.setToolTip("True peaks in dBTP, short-term loudness in LUFS. Below: the highest true peak since a click here reset it.\n"
                        "The light over a bar stays on once it went over 0 dBTP.")
        self._fall = QTimer(self, interval=33)
        self._fall.timeout.connect(self._sink)
        bench.levels.changed.connect(self._levels)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(60), self._theme.px(300))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(52), self._theme.px(120))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._bench.levels.reset()
        self._held = [(SILENCE, 0.0), (SILENCE, 0.0)]
        self.update()

    def _levels(self) -> None:
        now = time.monotonic()
        for n, peak in enumerate(self._bench.levels.peak):
            self._shown[n] = max(self._shown[n], peak)
            if peak >= self._held[n][0]:
                self._held[n] = (peak, now)
        self._lufs = self._bench.levels.lufs
        if not self._fall.isActive():
            self._last = now
            self._fall.start()
        self.update()

    def _sink(self) -> None:
        now = time.monotonic()
        drop = (now - self._last) * FALL_DB_PER_SECOND
        self._last = now
        for n, peak in enumerate(self._bench.levels.peak):
            self._shown[n] = max(peak, self._shown[n] - drop)
            held, since = self._held[n]
            if now - since > HOLD_SECONDS:
                self._held[n] = (max(self._shown[n], held - drop), since)
        if max(*self._shown, self._held[0][0], self._held[1][0]) <= -100:
            self._fall.stop()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        edge, foot, light = theme.px(8), theme.px(78), theme.px(8)
        bars = QRect(edge + theme.px(20), edge + light, self.width() - 2 * edge - theme.px(20), self.height() - foot - edge - light)
        painter.setFont(theme.font("tick"))
        painter.setPen(theme.color("text-3"))
        line = theme.px(12)
        for n, mark in enumerate(MARKS):
            y = bars.top() + round(n * (bars.height() - 1) / (len(MARKS) - 1))
            top = min(max(y - line // 2, bars.top() - theme.px(2)), bars.bottom() - line + theme.px(2))
            where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(theme.px(4), top, theme.px(20), line), where, str(mark))
        width = max(4, (bars.width() - theme.px(3)) // 2)
        for n in range(2):
            left = bars.left() + n * (width + theme.px(3))
            painter.fillRect(left, edge, width, light - theme.px(3),
                             theme.color("danger-fill" if self._bench.levels.clipped[n] else "meter-bed"))
            self._bar(painter, QRect(left, bars.top(), width, bars.height()), n)
        self._words(painter, bars.bottom() + theme.px(8))
        painter.end()

    def _bar(self, painter: QPainter, box: QRect, n: int) -> None:
        theme = self._theme
        painter.fillRect(box, theme.color("meter-bed"))
        top = place_of(self._shown[n])
        previous = 0.0
        for limit, colour in ((-18.0, "meter-low"), (-6.0, "meter-mid"), (0.0, "meter-high")):
            share = min(top, place_of(limit))
            if share > previous:
                high, low = round(share * box.height()), round(previous * box.height())
                painter.fillRect(box.left(), box.bottom() + 1 - high, box.width(), high - low, theme.color(colour))
            previous = max(previous, share)
        held = self._held[n][0]
        if held > -60:
            y = box.bottom() + 1 - round(place_of(held) * box.height())
            painter.fillRect(box.left(), y, box.width(), 2, theme.color("text"))

    def _words(self, painter: QPainter, top: int) -> None:
        theme, highest = self._theme, self._bench.levels.highest
        rows = ((_level(self._lufs), "section", "text"), ("LUFS-S", "tick", "text-3"),
                (_level(highest), "strong", "danger" if highest > LOUDEST else "text"), ("dBTP", "tick", "text-3"))
        for words, font, colour in rows:
            painter.setFont(theme.font(font))
            painter.setPen(theme.color(colour))
            height = painter.fontMetrics().height()
            painter.drawText(QRect(0, top, self.width(), height), Qt.AlignmentFlag.AlignCenter, words)
            top += height + theme.px(3 if font == "tick" else 0)


def _level(value: float) -> str:
    return "–" if value <= -99 else f"{value:.1f}".replace("-", "−")
