"""A titled part of a panel that can be folded, and rows of label and fields.

Owns: the fold, the 26 px row grid. Refuses: what the fields are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.desktop.widgets.basics import LiveIconButton, label, line, set_role

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class Section(QWidget):
    """A heading that folds what is below it. `folded(bool)` so that the owner can remember."""

    folded = Signal(bool)

    def __init__(self, theme: Theme, title: str, *, open_: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        head = QWidget()
        head.setFixedHeight(theme.px(28))
        bar = QHBoxLayout(head)
        bar.setContentsMargins(theme.px(4), 0, theme.px(8), 0)
        bar.setSpacing(theme.px(4))
        self.toggle = QToolButton()
        self.toggle.setText(title)
        self.toggle.setAccessibleName(f"{title}, section")
        self.toggle.setProperty("heading", "true")
        self.toggle.setFont(theme.font("strong"))
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setIconSize(QSize(theme.px(14), theme.px(14)))
        self.toggle.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggle.clicked.connect(lambda: self.fold(self.body.isVisibleTo(self)))
        bar.addWidget(self.toggle)
        bar.addStretch(1)
        self.bar = bar
        outer.addWidget(head)
        self.body = QWidget()
        self.rows = QVBoxLayout(self.body)
        self.rows.setContentsMargins(0, 0, 0, theme.px(6))
        self.rows.setSpacing(0)
        outer.addWidget(self.body)
        outer.addWidget(line())
        self.fold(not open_, quiet=True)
        theme.follow(self._arrow, self)

    def fold(self, closed: bool, *, quiet: bool = False) -> None:
        self.body.setVisible(not closed)
        self._closed = closed
        self._arrow()
        if not quiet:
            self.folded.emit(closed)

    def _arrow(self) -> None:
        self.toggle.setIcon(self._theme.icon("chevron-right" if self._closed else "chevron-down", "text-3", 14))


class PropertyRow(QWidget):
    """Label 74 px | fields | reset. The reset shows only while `set_changed(True)`."""

    def __init__(self, theme: Theme, words: str, *fields: QWidget, reset: Callable[[], object] | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(theme.px(26))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(26), theme.px(2), theme.px(8), theme.px(2))
        layout.setSpacing(theme.px(6))
        self.label: QLabel = label(theme, words, "secondary")
        self.label.setFixedWidth(theme.px(74))
        layout.addWidget(self.label)
        for field in fields:
            layout.addWidget(field, 1 if field.sizePolicy().horizontalPolicy().name == "Expanding" else 0)
        self.reset: LiveIconButton | None = None
        space = QWidget()
        space.setFixedWidth(theme.px(18))
        if reset is not None:
            self.reset = LiveIconButton(theme, "rotate-ccw", f"Reset {words.lower()}", reset, size=12, side=18, parent=space)
            self.reset.move(0, theme.px(2))
            self.reset.hide()
        space.setFixedHeight(theme.px(22))
        layout.addWidget(space)

    def set_changed(self, changed: bool) -> None:
        if self.reset is not None:
            self.reset.setVisible(changed)
        set_role(self.label, "role", "" if changed else "secondary")
