"""Tabs as panel headers: several panels in one place.

Owns: dressing Qt's tab bars, and the buttons of the panel in front beside its tab. Refuses: words on tabs (see `tab_words`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QTabBar, QWidget
from shiboken6 import isValid

from app.desktop.shell.docks import Menu, PanelDock
from app.desktop.shell.tab_words import docks_of, show_words

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme


class TabHeaders(QObject):
    """Keeps headers right while docks are tabbed, split, floated and closed.

    The buttons of the panel in front sit on the free right part of its tab bar. Qt rebuilds tab bars at will, so this looks
    again after each change instead of remembering bars.
    """

    def __init__(self, theme: Theme, window: QMainWindow, docks: Callable[[], list[PanelDock]], menu: Menu,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._window, self._docks, self._menu = theme, window, docks, menu
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.arrange)
        self._seen: set[int] = set()
        self._boxes: dict[int, _Buttons] = {}
        self.after: Callable[[], None] = lambda: None

    def watch(self, dock: PanelDock) -> None:
        dock.dockLocationChanged.connect(self._later)
        dock.topLevelChanged.connect(self._later)
        dock.visibilityChanged.connect(self._later)
        dock.counted.connect(self._later)

    def _later(self, *_: object) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def arrange(self) -> None:
        for dock in self._docks():
            peers = [d for d in self._window.tabifiedDockWidgets(dock) if d.isVisibleTo(self._window) or not d.isHidden()]
            if peers and not dock.isFloating() and not dock.isHidden():
                dock.tabbed()
            else:
                dock.alone()
        live = self.bars()
        for number in [n for n in self._boxes if n not in {id(bar) for bar in live}]:
            self._boxes.pop(number).put_away()
        for bar in live:
            self._dress(bar)
        self.after()

    def bars(self) -> list[QTabBar]:
        """The tab bars in use; Qt leaves old ones behind, hidden."""
        return [bar for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
                if bar.isVisible() and bar.count() > 1]

    def dock_of(self, bar: QTabBar) -> PanelDock | None:
        """The panel in front of a tab bar."""
        return self._behind(bar, bar.currentIndex())

    def _behind(self, bar: QTabBar, index: int) -> PanelDock | None:
        found = docks_of(bar, self._docks())
        return found[index] if 0 <= index < len(found) else None

    def _dress(self, bar: QTabBar) -> None:
        if id(bar) not in self._seen:
            self._seen.add(id(bar))
            number = id(bar)
            bar.destroyed.connect(lambda: self._seen.discard(number))
            bar.currentChanged.connect(self._later)
            bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            bar.customContextMenuRequested.connect(lambda point, b=bar: self._context(b, point))
            bar.setFont(self._theme.font("body", 500))
            bar.installEventFilter(self)
        bar.setExpanding(False)
        bar.setDrawBase(False)
        bar.setElideMode(Qt.TextElideMode.ElideRight)
        bar.setUsesScrollButtons(True)
        show_words(self._theme, bar, self._docks())
        box = self._boxes.get(id(bar))
        if box is None:
            box = self._boxes[id(bar)] = _Buttons(self._theme, self._window, bar)
        box.show_for(self.dock_of(bar))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QTabBar) and watched.isVisible():
            show_words(self._theme, watched, self._docks())
        return False

    def _context(self, bar: QTabBar, point: QPoint) -> None:
        index = bar.tabAt(point)
        dock = self._behind(bar, index if index >= 0 else bar.currentIndex())
        if dock is not None:
            self._menu(dock, bar.mapToGlobal(point))


class _Buttons(QWidget):
    """Header buttons of the panel in front, over the right end of a tab bar.

    A child of the window, not of the bar: Qt deletes bars with all that is in them, and the buttons belong to their panels.
    """

    def __init__(self, theme: Theme, window: QMainWindow, bar: QTabBar) -> None:
        super().__init__(window)
        self._theme, self._bar = theme, bar
        self._owner: PanelDock | None = None
        self._inside: list[QWidget] = []
        """Its buttons. Asking the layout for its items would leave Python objects behind for items that Qt has deleted."""
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, theme.px(6), 0)
        self._row.setSpacing(theme.px(2))
        self._row.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar.installEventFilter(self)

    def show_for(self, dock: PanelDock | None) -> None:
        wanted = dock.buttons if dock is not None and dock.header is None else []
        self._take_out([button for button in self._held() if button not in wanted])
        self._owner = dock
        self._inside = list(wanted)
        for button in wanted:
            self._row.addWidget(button)
            button.setVisible(button.property("off") is not True)
        self._place()
        self.setVisible(bool(wanted))
        self.raise_()

    def put_away(self) -> None:
        """The bar is not used any more."""
        self._take_out(self._held())
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self._place()
        elif event.type() == QEvent.Type.Hide:
            self.hide()
        return False

    def _held(self) -> list[QWidget]:
        return [button for button in self._inside if isValid(button) and button.parentWidget() is self]

    def _take_out(self, buttons: list[QWidget]) -> None:
        for button in buttons:
            self._row.removeWidget(button)
            if button.parentWidget() is self and self._owner is not None and isValid(self._owner):
                button.setParent(self._owner.content)
                button.hide()

    def _place(self) -> None:
        bar = self._bar
        if not isValid(bar):
            return
        used = bar.tabRect(bar.count() - 1).right() + 1 if bar.count() else 0
        width = min(self.sizeHint().width(), max(0, bar.width() - used))
        box = bar.geometry()
        self.setGeometry(box.right() + 1 - width, box.top(), width, box.height() - 1)
