"""Colours, fonts, icons and fitted labels for painted widgets.

Owns: QColors by token name, the few fonts of painted text, labels cut to width and kept, the drag and clip palettes.
Refuses: tokens themselves and icon files (the theme has them), and anything about clips.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QPainter, QPixmap

from app.desktop.canvas.metrics import Metrics
from editor_core.edits.wording import one_line

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

_LABELS_KEPT = 3000


class Label:
    """A line of text cut to a width; `picture(colour)` is it drawn, because a pixmap is painted much faster than text."""

    __slots__ = ("_font", "_height", "_pictures", "_ratio", "text", "width")

    def __init__(self, text: str, font: QFont, metrics: QFontMetricsF, ratio: float) -> None:
        self.text = text
        self.width = metrics.horizontalAdvance(text)
        self._font = font
        self._height = metrics.height()
        self._ratio = ratio
        self._pictures: dict[int, QPixmap] = {}

    def picture(self, colour: QColor) -> QPixmap:
        """The text in a colour, on nothing."""
        made = self._pictures.get(colour.rgba())
        if made is None:
            made = QPixmap(max(1, math.ceil((self.width + 2) * self._ratio)), max(1, math.ceil(self._height * self._ratio)))
            made.setDevicePixelRatio(self._ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            painter.setFont(self._font)
            painter.setPen(colour)
            painter.drawText(QPointF(0, QFontMetricsF(self._font).ascent()), self.text)
            painter.end()
            self._pictures[colour.rgba()] = made
        return made


class Look:
    """What painted widgets draw with, for one theme. Made anew when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        app = QGuiApplication.instance()
        self.ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
        self.m = Metrics.at(theme.scale)
        self._colours: dict[str, QColor] = {}
        self._labels: OrderedDict[tuple[str, int], Label] = OrderedDict()
        self._cut: OrderedDict[tuple[str, int, int], str] = OrderedDict()
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
        self._wide: dict[int, float] = {}
        self.label_height = self.metrics(self.label_font).height()
        self._icons: dict[tuple[str, str, int], QPixmap] = {}

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
        key = (name, token, size)
        known = self._icons.get(key)
        if known is None:
            known = self._icons[key] = self.theme.pixmap(name, token, size)
        return known

    def label(self, text: str, width: int, font: QFont) -> Label:
        """Text cut with an ellipsis to fit `width` pixels; kept, because the same labels are drawn again and again."""
        if not text.isprintable():
            text = one_line(text)
        known = self._whole(text, font)
        if known.width <= width:
            return known
        key = (text, width, id(font))
        cut = self._cut.get(key)
        if cut is None:
            cut = self._cut[key] = self.metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
            if len(self._cut) > _LABELS_KEPT:
                self._cut.popitem(last=False)
        return self._whole(cut, font)

    def _whole(self, text: str, font: QFont) -> Label:
        """A line of text as it is. Many widths cut a text alike, so that zooming finds most of them drawn."""
        key = (text, id(font))
        known = self._labels.get(key)
        if known is None:
            known = self._labels[key] = Label(text, font, self.metrics(font), self.ratio)
            if len(self._labels) > _LABELS_KEPT:
                self._labels.popitem(last=False)
        return known

    def metrics(self, font: QFont) -> QFontMetricsF:
        known = self._metrics.get(id(font))
        if known is None:
            known = self._metrics[id(font)] = QFontMetricsF(font)
        return known

    def write(self, painter: QPainter, x: float, y: float, text: str, width: int, font: QFont, token: str) -> None:
        """Writes text, cut to a width, as `draw` shows a label: for what is kept as a picture itself, so that nothing else need be."""
        if not (text.isascii() and text.isprintable() and len(text) * self._widest(font) <= width):  # measuring takes as long as writing
            text = self.label(text, width, font).text
        painter.setFont(font)
        painter.setPen(self.colour(token))
        painter.drawText(QPointF(round(x), round(y) + self.metrics(font).ascent()), text)

    def _widest(self, font: QFont) -> float:
        """Width of the widest letter of plain text."""
        known = self._wide.get(id(font))
        if known is None:
            metrics = self.metrics(font)
            known = self._wide[id(font)] = max(metrics.horizontalAdvance(one) for one in "@%MWm")
        return known

    def draw(self, painter: QPainter, x: float, y: float, label: Label, token: str) -> None:
        """Draws a label with its top left at (x, y), moved to whole pixels so that it stays sharp."""
        painter.drawPixmap(round(x), round(y), label.picture(self.colour(token)))
