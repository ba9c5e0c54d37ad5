"""Choosing a colour.

Owns: the swatch with its hexadecimal field and the dialog behind it. Refuses: where the colour goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QColorDialog, QHBoxLayout, QLineEdit, QWidget

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

_HEX = re.compile(r"^#?([0-9A-Fa-f]{6})([0-9A-Fa-f]{2})?$")


class Swatch(QAbstractButton):
    """A colour that can be clicked; over a checker where it is not opaque."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.colour: str | None = "#FFFFFF"
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedSize(QSize(theme.px(34), theme.px(20)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(self._theme.color("focus" if self.hasFocus() else "line-control"))
        if self.colour is None:
            painter.setBrush(self._theme.color("input"))
            painter.drawRoundedRect(box, 3, 3)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "–")
        else:
            painter.setBrush(Qt.BrushStyle.Dense4Pattern)
            painter.drawRoundedRect(box, 3, 3)
            painter.setBrush(colour_of(self.colour))
            painter.drawRoundedRect(box, 3, 3)
        painter.end()


class ColourField(QWidget):
    """Swatch and hexadecimal value. `picked("#RRGGBB" or "#RRGGBBAA", gesture)`; None is shown as mixed."""

    picked = Signal(str, str)

    def __init__(self, theme: Theme, name: str, *, alpha: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._alpha = alpha
        self._name = name
        self._gesture = 0
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        self.swatch = Swatch(theme, name)
        self.swatch.clicked.connect(self._choose)
        self.field = QLineEdit()
        self.field.setFont(theme.font("mono"))
        self.field.setMaxLength(9)
        self.field.setFixedWidth(theme.px(86 if alpha else 72))
        self.field.setAccessibleName(f"{name}, hexadecimal")
        self.field.editingFinished.connect(self._typed)
        layout.addWidget(self.swatch)
        layout.addWidget(self.field)
        layout.addStretch(1)

    def set(self, colour: str | None) -> None:
        self.swatch.colour = colour
        self.swatch.update()
        if not self.field.hasFocus():
            self.field.setText("" if colour is None else colour.lstrip("#").upper())
            self.field.setPlaceholderText("Mixed" if colour is None else "")

    def _typed(self) -> None:
        match = _HEX.match(self.field.text().strip())
        if match is None:
            self.field.setText((self.swatch.colour or "").lstrip("#").upper())
            return
        colour = f"#{match[1]}{match[2] or ''}".upper() if self._alpha else f"#{match[1]}".upper()
        if colour != (self.swatch.colour or "").upper():
            self.picked.emit(colour, "")

    def _choose(self) -> None:
        self._gesture += 1
        gesture = f"colour {self._name} {id(self)} {self._gesture}"
        before = self.swatch.colour
        dialog = QColorDialog(colour_of(before or "#FFFFFF"), self.window())
        dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
        dialog.setOption(QColorDialog.ColorDialogOption.ShowAlphaChannel, self._alpha)
        dialog.setWindowTitle(self._name)
        dialog.currentColorChanged.connect(lambda c: self.picked.emit(hex_of(c, self._alpha), gesture))
        dialog.rejected.connect(lambda: before and self.picked.emit(before, gesture))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()


def colour_of(text: str) -> QColor:
    """#RRGGBB or #RRGGBBAA as a QColor."""
    match = _HEX.match(text)
    if match is None:
        return QColor("#FFFFFF")
    colour = QColor(f"#{match[1]}")
    colour.setAlpha(int(match[2] or "FF", 16))
    return colour


def hex_of(colour: QColor, alpha: bool) -> str:
    plain = f"#{colour.red():02X}{colour.green():02X}{colour.blue():02X}"
    return f"{plain}{colour.alpha():02X}" if alpha and colour.alpha() < 255 else plain
