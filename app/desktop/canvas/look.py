"""Colours, fonts, icons and fitted labels for painted widgets.

Owns: QColors by token name, the few fonts of painted text, labels cut to width and kept, the drag and clip palettes.
Refuses: tokens themselves and icon files (the theme has them), and anything about clips.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap, QStaticText, QTextOption

from app.desktop.canvas.metrics import Metrics

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

_LABELS_KEPT = 6000


class Label:
    """A line of text cut to a width, ready to draw at its top left."""

    __slots__ = ("static", "text", "width")

    def __init__(self, text: str, static: QStaticText, width: float) -> None:
        self.text = text
        self.static = static
        self.width = width


class Look:
    """What painted widgets draw with, for one theme. Made anew when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.m = Metrics.at(theme.scale)
        self._colours: dict[str, QColor] = {}
        self._labels: OrderedDict[tuple[str, int, int], Label] = OrderedDict()
        self.label_font = theme.font("label")
        self.tick_font = theme.font("tick")
        self.strong_font = theme.font("strong")
        self.body_font = theme.font("body")
        self.timecode_font = theme.font("timecode_large")
        self.name_font = theme.font("body", 500)
        self.chip_font = theme.font("label", 600)
        self.badge_font = QFont(self.tick_font)
        self.badge_font.setPixelSize(max(8, round(9.5 * theme.scale)))
        self.badge_font.setWeight(QFont.Weight.DemiBold)
        self._metrics: dict[int, QFontMetricsF] = {}
        self._fonts = (self.label_font, self.tick_font, self.badge_font, self.strong_font, self.body_font,
                       self.name_font, self.chip_font)

    def colour(self, token: str) -> QColor:
        """The colour of a token."""
        known = self._colours.get(token)
        if known is None:
            known = self._colours[token] = self.theme.color(token)
        return known

    def soft(self, token: str, alpha: float) -> QColor:
        """The colour of a token at an opacity of 0 to 1."""
        key = f"{token}*{alpha}"
        known = self._colours.get(key)
        if known is None:
            known = self._colours[key] = self.theme.color(token, alpha)
        return known

    def icon(self, name: str, token: str, size: int) -> QPixmap:
        """An icon in a token's colour, `size` pixels square at 100 %."""
        return self.theme.pixmap(name, token, size)

    def label(self, text: str, width: int, font: QFont) -> Label:
        """Text cut with an ellipsis to fit `width` pixels; kept, because the same labels are drawn again and again."""
        number = next((i for i, known in enumerate(self._fonts) if known is font), 0)
        key = (text, width, number)
        known = self._labels.get(key)
        if known is not None:
            return known
        metrics = self.metrics(font)
        cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        static = QStaticText(cut)
        static.setTextFormat(Qt.TextFormat.PlainText)
        static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.NoWrap)
        static.setTextOption(option)
        static.prepare(font=font)
        made = Label(cut, static, metrics.horizontalAdvance(cut))
        self._labels[key] = made
        if len(self._labels) > _LABELS_KEPT:
            self._labels.popitem(last=False)
        return made

    def metrics(self, font: QFont) -> QFontMetricsF:
        known = self._metrics.get(id(font))
        if known is None:
            known = self._metrics[id(font)] = QFontMetricsF(font)
        return known

    def draw(self, painter: QPainter, x: float, y: float, label: Label, font: QFont, token: str) -> None:
        """Draws a label with its top left at (x, y)."""
        painter.setFont(font)
        painter.setPen(self.colour(token))
        painter.drawStaticText(QPointF(x, y), label.static)
