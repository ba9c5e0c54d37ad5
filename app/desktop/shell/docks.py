"""Panels in their frames: docks, 32 px headers, tabs as headers, the focus outline.

Owns: dressing QDockWidget as the specification has it. Refuses: which panels there are and where (see `layout`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QTabBar, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.desktop.bridge import PanelSpec
from app.desktop.shell.tab_words import docks_of, show_words
from app.desktop.widgets.basics import Words, frame
from app.desktop.widgets.basics import button as make_button
from app.desktop.widgets.empty import Empty

if TYPE_CHECKING:
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


class FrameOverlay(QWidget):
    """Rounds the panels' corners and outlines the panel in focus, over the docks. Its mask leaves everything else alone."""

    def __init__(self, theme: Theme, window: QMainWindow) -> None:
        super().__init__(window)
        self._theme = theme
        self._boxes: list[tuple[QRect, bool]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def show_boxes(self, boxes: list[tuple[QRect, bool]]) -> None:
        """Panels as (rectangle, in focus)."""
        self.setGeometry(self.parentWidget().rect())
        if boxes != self._boxes or self.mask().isEmpty():
            self._boxes = boxes
            side = self._theme.px(6)
            region = QRegion()
            for box, focused in boxes:
                if focused:
                    region |= QRegion(box) - QRegion(box.adjusted(1, 1, -1, -1))
                for x in (box.left(), box.right() - side + 1):
                    for y in (box.top(), box.bottom() - side + 1):
                        region |= QRegion(x, y, side, side)
            old = self.mask()
            self.setMask(region)
            self._uncover(old)
            self.update()
        self.raise_()

    def _uncover(self, old: QRegion) -> None:
        """Has what was outlined before painted again by the panels below. Qt leaves opaque children out, so they are told one by one."""
        window = self.parentWidget()
        window.update(old)
        for child in window.findChildren(QWidget):
            if child.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent) and child.isVisible() and child.window() is window.window():
                child.update(old.translated(-child.mapTo(window, QPoint())))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self._theme.px(6)
        for box, focused in self._boxes:
            outside = QPainterPath()
            outside.addRect(box.toRectF())
            inside = QPainterPath()
            inside.addRoundedRect(box.toRectF(), radius, radius)
            painter.fillPath(outside - inside, self._theme.color("canvas"))
            if focused:
                painter.setPen(self._theme.color("line-control"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()
