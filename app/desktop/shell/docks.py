"""Panels in their frames: docks, and the 32 px header of a panel that stands alone.

Owns: dressing QDockWidget as the specification has it. Refuses: which panels there are and where (see `layouts`), tabs as headers (see
`tab_headers`), the panel in the middle (see `middle`), the focus outline (see `frame_overlay`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec
from app.desktop.widgets.basics import Words, frame

if TYPE_CHECKING:
    from app.desktop.shell.middle import CentralPanel
    from app.desktop.theme.theme import Theme

Menu = Callable[["PanelDock | CentralPanel", QPoint], None]


class PanelHeader(QFrame):
    """The 32 px header of a panel that stands alone: its name as a tab, a note, its buttons."""

    def __init__(self, theme: Theme, dock: PanelDock | CentralPanel) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.setObjectName("panelHeader")
        self.setFixedHeight(theme.size("panel_header"))
        bar = QHBoxLayout(self)
        slim = dock.spec.slim
        bar.setContentsMargins(theme.px(2 if slim else 4), 0, theme.px(2 if slim else 6), 1)
        bar.setSpacing(0 if slim else theme.px(2))
        self.tab = QLabel(dock.spec.title)
        self.tab.setObjectName("headerTab")
        self.tab.setFont(theme.font("strong"))
        self.tab.setFixedHeight(theme.px(24))
        self.tab.setFixedWidth(self.tab.fontMetrics().horizontalAdvance(dock.spec.title) + theme.px(12 if slim else 20))
        self.tab.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note = Words("", self)
        self.note.setProperty("role", "tertiary")
        self.note.setFont(theme.font("body"))
        bar.addWidget(self.tab)
        if callable(getattr(dock.content, "header_note", None)):
            bar.addSpacing(theme.px(4))
            bar.addWidget(self.note, 1)
        else:
            self.note.hide()
            bar.addStretch(1)
        self.slot = QHBoxLayout()
        self.slot.setSpacing(theme.px(2))
        bar.addLayout(self.slot)


class PanelDock(QDockWidget):
    """One panel. Its title bar is a header while it stands alone, and empty while it is one of several tabs.

    `counted` when another number of things waits in it.
    """

    counted = Signal()

    def __init__(self, theme: Theme, spec: PanelSpec, content: QWidget, menu: Menu, window: QMainWindow) -> None:
        super().__init__(spec.title, window)
        self.hide()  # until it is placed
        self.spec = spec
        self.content = content
        self.theme = theme
        self._menu = menu
        self.setObjectName(f"dock.{spec.id}")
        self.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable
                         | QDockWidget.DockWidgetFeature.DockWidgetClosable)
        body = frame("panel")
        body.setMinimumSize(40, 40)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(content)
        self.setWidget(body)
        offered = getattr(content, "header_widgets", None)
        self.buttons: list[QWidget] = offered() if callable(offered) else []
        self.header: PanelHeader | None = None
        self.count = 0
        """How many things wait in the panel; its tab says so."""
        self.alone()

    def alone(self) -> None:
        """The panel has a place of its own."""
        if self.header is not None:
            return
        self.setWindowTitle(self.spec.title)  # a tab may have had less of it
        self.header = PanelHeader(self.theme, self)
        for button in self.buttons:
            self.header.slot.addWidget(button)
            button.setVisible(button.property("off") is not True)
        bar = self.titleBarWidget()
        self.setTitleBarWidget(self.header)
        self.note()
        if bar is not None:
            bar.deleteLater()

    def tabbed(self) -> None:
        """The panel shares its place: the tab bar is the header, and takes the buttons (see `TabHeaders`)."""
        if self.header is None:
            return
        for button in self.buttons:
            button.setParent(self.content)  # never without a parent: it would outlive the panel
            button.hide()
        header, self.header = self.header, None
        empty = QWidget()
        empty.setFixedHeight(0)
        self.setTitleBarWidget(empty)
        header.deleteLater()

    def note(self) -> None:
        """Asks the panel again for the words behind its title."""
        words = getattr(self.content, "header_note", None)
        if self.header is not None and callable(words):
            self.header.note.setText(words())
        told = getattr(self.content, "tab_count", None)
        count = int(told()) if callable(told) else 0
        if count != self.count:
            self.count = count
            self.counted.emit()

    def contextMenuEvent(self, event: object) -> None:
        position = event.pos()  # type: ignore[attr-defined]
        if self.header is not None and position.y() <= self.header.height():
            self._menu(self, event.globalPos())  # type: ignore[attr-defined]
