"""The panel in the middle of a workspace, and the place that it leaves when it floats.

Owns: both. Refuses: docks around it (see `docks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec
from app.desktop.shell.docks import Menu, PanelHeader
from app.desktop.widgets.basics import button as make_button
from app.desktop.widgets.empty import Empty

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class CentralPanel(QFrame):
    """The panel in the middle, which the docks stand around. It floats like the others; see `Middle` for what stays behind then."""

    def __init__(self, theme: Theme, spec: PanelSpec, content: QWidget, menu: Menu) -> None:
        super().__init__()
        self.spec, self.content, self.theme, self._menu = spec, content, theme, menu
        self.setProperty("surface", "panel")
        self.setWindowTitle(spec.title)
        offered = getattr(content, "header_widgets", None)
        self.buttons: list[QWidget] = offered() if callable(offered) else []
        self.header = PanelHeader(theme, self)
        for button in self.buttons:
            self.header.slot.addWidget(button)
            button.setVisible(button.property("off") is not True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(content, 1)
        self.setMinimumSize(theme.px(200), theme.px(140))
        self._middle: Middle | None = None
        self.note()

    @property
    def middle(self) -> Middle:
        """What holds its place in the window."""
        assert self._middle is not None
        return self._middle

    def isFloating(self) -> bool:
        return self._middle is not None and self._middle.floating is not None

    def setFloating(self, on: bool, where: QRect | None = None) -> None:
        """Out of the window into one of its own, at `where` on the screen, or back."""
        self.middle.set_floating(on, where)

    def note(self) -> None:
        """Asks the panel again for the words behind its title."""
        words = getattr(self.content, "header_note", None)
        if callable(words):
            self.header.note.setText(words())

    def contextMenuEvent(self, event: object) -> None:
        if event.pos().y() <= self.header.height():  # type: ignore[attr-defined]
            self._menu(self, event.globalPos())  # type: ignore[attr-defined]


class Middle(QFrame):
    """The place of the central panel. While that floats, one line here says so and brings it back.

    Qt keeps the sizes of docks only while there is a widget in the middle: without one they creep by a few pixels at each layout.
    """

    changed = Signal()

    def __init__(self, panel: CentralPanel) -> None:
        super().__init__()
        self.panel = panel
        panel._middle = self
        self.floating: QFrame | None = None
        self.setProperty("surface", "panel")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        back = make_button(panel.theme, "Put it back", lambda: self.set_floating(False), kind="outline")
        self._note = Empty(panel.theme, panel.spec.icon, f"{panel.spec.title} has a window of its own", button=back)
        self._layout.addWidget(panel)
        self._layout.addWidget(self._note)
        self._note.hide()

    def set_floating(self, on: bool, where: QRect | None = None) -> None:
        if on == (self.floating is not None):
            return
        if on:
            size, corner = self.panel.size(), self.panel.mapToGlobal(QPoint(24, 24))
            self.floating = QFrame(self.parentWidget(), Qt.WindowType.Window)
            self.floating.setWindowTitle(self.panel.spec.title)
            self.floating.setProperty("surface", "panel")
            around = QVBoxLayout(self.floating)
            around.setContentsMargins(0, 0, 0, 0)
            around.addWidget(self.panel)
            self.floating.setGeometry(where if where is not None else QRect(corner, size))
            self.floating.installEventFilter(self)
            self.floating.show()
        else:
            gone, self.floating = self.floating, None
            assert gone is not None
            gone.removeEventFilter(self)
            self._layout.insertWidget(0, self.panel)
            gone.hide()
            gone.deleteLater()
        self.panel.show()
        self._note.setVisible(on)
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.floating and event.type() == QEvent.Type.Close:
            QTimer.singleShot(0, self, lambda: self.set_floating(False))
        elif watched is self.floating and event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self.changed.emit()
        return False
