"""Labels, buttons, lines and rows in the theme's look.

Owns: making Qt's plain widgets as the specification has them. Refuses: anything painted by hand.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.desktop.theme.connect import connect_for
from editor_core.edits.wording import one_line

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class Words(QLabel):
    """A line of text that ends in … where there is no room; the whole text is its tooltip then."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)
        self.setTextFormat(Qt.TextFormat.PlainText)  # a name is not markup
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
        self.setText(text)

    def setText(self, text: str) -> None:
        text = one_line(text)  # a file's or a timeline's name may have line breaks, and would push what lies below it
        if text and text == self._whole:
            return
        self._whole = text
        self.setAccessibleName(text)
        super().setText(text)
        self._cut()

    @property
    def whole(self) -> str:
        return self._whole

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def _cut(self) -> None:
        cut = QFontMetrics(self.font()).elidedText(self._whole, Qt.TextElideMode.ElideRight, max(10, self.width()))
        if cut != self.text():
            super().setText(cut)
        self.setToolTip(plain_tip(self._whole) if cut != self._whole else "")


class IconLabel(QLabel):
    """An icon that is no button, in a token colour of the theme; follows theme and scale."""

    def __init__(self, theme: Theme, name: str, colour: str = "text-3", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._name, self._colour, self._size = theme, name, colour, size
        self._show()
        theme.follow(self._show, self)

    def set(self, name: str | None = None, colour: str | None = None) -> None:
        if (name or self._name, colour or self._colour) != (self._name, self._colour):
            self._name, self._colour = name or self._name, colour or self._colour
            self._show()

    def _show(self) -> None:
        self.setPixmap(self._theme.pixmap(self._name, self._colour, self._size))


class LiveIconButton(QToolButton):
    """A 24 px icon button of its own: for controls that are part of a widget, with a name for tooltip and screen readers."""

    def __init__(self, theme: Theme, icon: str, name: str, call: Callable[[], object] | None = None, *, checkable: bool = False,
                 colour: str = "text-2", size: int = 16, side: int = 24, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._icon, self._colour, self._size, self._side = theme, icon, colour, size, side
        self.setToolTip(plain_tip(name))
        self.setAccessibleName(name.split("\n")[0])
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if call is not None:
            self.clicked.connect(lambda _checked=False: call())
        self._dress()
        theme.follow(self._dress, self)

    def set_icon(self, icon: str, name: str | None = None) -> None:
        self._icon = icon
        if name:
            self.setToolTip(plain_tip(name))
            self.setAccessibleName(name)
        self._dress()

    def _dress(self) -> None:
        self.setIcon(self._theme.icon(self._icon, self._colour, self._size))
        self.setIconSize(QSize(self._theme.px(self._size), self._theme.px(self._size)))
        self.setFixedSize(self._theme.px(self._side), self._theme.px(self._side))


def action_button(theme: Theme, action: QAction, *, text: bool = False, side: int = 24, size: int = 16) -> QToolButton:
    """An icon button for an action; name, tooltip, enabled and checked state are the action's."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setIconSize(QSize(theme.px(size), theme.px(size)))
    if text:
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    else:
        button.setFixedSize(theme.px(side), theme.px(side))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    button.setAccessibleName(action.text())
    connect_for(action.changed, lambda: button.setAccessibleName(action.text()), button)  # the action outlives its buttons
    return button


def button(theme: Theme, text: str, call: Callable[[], object] | None = None, *, kind: str = "", icon: str = "",
           compact: bool = False, large: bool = False) -> QPushButton:
    """A push button: kind primary, outline, ghost, link or plain."""
    made = QPushButton(f" {text}" if icon else text)
    made.setAccessibleName(text)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    if kind:
        made.setProperty("kind", kind)
    if compact:
        made.setProperty("compact", "true")
    if large:
        made.setProperty("large", "true")
    made.setFont(theme.font("section" if large else "strong" if kind == "primary" else "body", 500 if kind != "primary" else 600))
    if icon:
        made.setIcon(theme.icon(icon, "text-on-accent" if kind == "primary" else "text-2", 16 if large else 14))
        made.setIconSize(QSize(theme.px(16 if large else 14), theme.px(16 if large else 14)))
    made.setCursor(Qt.CursorShape.ArrowCursor)
    if call is not None:
        made.clicked.connect(lambda _checked=False: call())
    return made


def label(theme: Theme, text: str = "", role: str = "", font: str = "body", *, wrap: bool = False, cut: bool = False) -> QLabel:
    """A label: role secondary, tertiary, ok, warn, danger or accent for its colour; `cut` ends it in … where it is too long."""
    made = Words() if cut else QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)  # names and words of others must not become markup
    made.setText(text)
    made.setFont(theme.font(font, 400 if font == "label" else None))
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    if isinstance(made, Words):
        made.setText(text)
    return made


def plain_tip(text: str) -> str:
    """A text as a tooltip shows it: wrapped, and as it is, because Qt would read words of others as markup."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>"


def set_role(widget: QWidget, name: str, value: str) -> None:
    """Sets a dynamic property and makes the style sheet look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def show_button(button: QWidget, on: bool) -> None:
    """Shows or hides a header button, also while no header holds it."""
    button.setProperty("off", not on)
    button.setVisible(on and button.parentWidget() is not None)


def clear(layout: QLayout) -> None:
    """Takes every widget out of a layout and of those in it; they vanish at once and are deleted when Qt comes round."""
    while layout.count():
        item = layout.takeAt(0)
        inner = item.layout() if item is not None else None
        if inner is not None:
            clear(inner)
            inner.deleteLater()
            continue
        gone = item.widget() if item is not None else None
        if gone is not None:
            gone.hide()
            gone.deleteLater()


def frame(surface: str) -> QFrame:
    made = QFrame()
    made.setProperty("surface", surface)
    return made


def line(vertical: bool = False) -> QFrame:
    """A 1 px divider."""
    made = QFrame()
    made.setProperty("line", "v" if vertical else "h")
    made.setFrameShape(QFrame.Shape.NoFrame)
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


Item = QWidget | QLayout | int | None


def row(*items: Item, spacing: int = 6, margins: Sequence[int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """A horizontal layout; a number is fixed space, None takes what is left."""
    layout = QHBoxLayout()
    _fill(layout, items, spacing, margins)
    return layout


def column(*items: Item, spacing: int = 0, margins: Sequence[int] = (0, 0, 0, 0)) -> QVBoxLayout:
    layout = QVBoxLayout()
    _fill(layout, items, spacing, margins)
    return layout


def _fill(layout: QHBoxLayout | QVBoxLayout, items: Sequence[Item], spacing: int, margins: Sequence[int]) -> None:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        elif isinstance(item, Words):
            layout.addWidget(item, 1)
        else:
            layout.addWidget(item)


class Busy(QWidget):
    """The 2 px line in a header that says work goes on; invisible while there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._fraction: float | None = None
        self.setFixedHeight(2)

    def set(self, fraction: float | None) -> None:
        """0 to 1; None is no work."""
        if fraction != self._fraction:
            self._fraction = fraction
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._fraction is None:
            return
        painter = QPainter(self)
        painter.fillRect(0, 0, round(self.width() * self._fraction), self.height(), self._theme.color("accent"))
        painter.end()
