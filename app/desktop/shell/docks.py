"""Panels in their frames: docks, 32 px headers, tabs as headers, the focus outline.

Owns: dressing QDockWidget as the specification has it. Refuses: which panels there are and where (see `layout`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QLabel, QMainWindow, QTabBar, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec
from app.desktop.widgets.basics import Words, frame

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

Menu = Callable[["PanelDock", QPoint], None]


class PanelHeader(QFrame):
    """The 32 px header of a panel that stands alone: its name as a tab, a note, its buttons."""

    def __init__(self, theme: Theme, dock: PanelDock) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self.setObjectName("panelHeader")
        self.setFixedHeight(theme.size("panel_header"))
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(4), 0, theme.px(6), 1)
        bar.setSpacing(theme.px(2))
        self.tab = QLabel(dock.windowTitle())
        self.tab.setObjectName("headerTab")
        self.tab.setFont(theme.font("strong"))
        self.tab.setFixedHeight(theme.px(24))
        self.tab.setFixedWidth(self.tab.fontMetrics().horizontalAdvance(dock.windowTitle()) + theme.px(20))
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
    """One panel. Its title bar is a header while it stands alone, and empty while it is one of several tabs."""

    def __init__(self, theme: Theme, spec: PanelSpec, content: QWidget, menu: Menu) -> None:
        super().__init__(spec.title)
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
        self.alone()

    def alone(self) -> None:
        """The panel has a place of its own."""
        if self.header is not None:
            return
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
            button.setParent(None)
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
        self.after: Callable[[], None] = lambda: None

    def watch(self, dock: PanelDock) -> None:
        dock.dockLocationChanged.connect(self._later)
        dock.topLevelChanged.connect(self._later)
        dock.visibilityChanged.connect(self._later)

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
        for bar in self.bars():
            self._dress(bar)
        self.after()

    def bars(self) -> list[QTabBar]:
        """The tab bars in use; Qt leaves old ones behind, hidden."""
        return [bar for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
                if bar.isVisible() and bar.count() > 1]

    def dock_of(self, bar: QTabBar) -> PanelDock | None:
        """The panel in front of a tab bar."""
        title = bar.tabText(bar.currentIndex())
        return next((d for d in self._docks() if d.windowTitle() == title), None)

    def _dress(self, bar: QTabBar) -> None:
        if id(bar) not in self._seen:
            self._seen.add(id(bar))
            number = id(bar)
            bar.destroyed.connect(lambda: self._seen.discard(number))
            bar.currentChanged.connect(self._later)
            bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            bar.customContextMenuRequested.connect(lambda point, b=bar: self._context(b, point))
            bar.setFont(self._theme.font("body", 500))
        bar.setExpanding(False)
        bar.setDrawBase(False)
        bar.setElideMode(Qt.TextElideMode.ElideRight)
        bar.setUsesScrollButtons(True)
        front = self.dock_of(bar)
        box = next((child for child in bar.children() if isinstance(child, _Buttons)), None) or _Buttons(self._theme, bar)
        box.show_for(front)

    def _context(self, bar: QTabBar, point: QPoint) -> None:
        index = bar.tabAt(point)
        title = bar.tabText(index if index >= 0 else bar.currentIndex())
        dock = next((d for d in self._docks() if d.windowTitle() == title), None)
        if dock is not None:
            self._menu(dock, bar.mapToGlobal(point))


class _Buttons(QWidget):
    """Header buttons of the panel in front, on the right of a tab bar."""

    def __init__(self, theme: Theme, bar: QTabBar) -> None:
        super().__init__(bar)
        self._theme = theme
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, theme.px(6), 0)
        self._row.setSpacing(theme.px(2))
        self._row.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar.installEventFilter(self)

    def show_for(self, dock: PanelDock | None) -> None:
        wanted = dock.buttons if dock is not None else []
        while self._row.count():
            widget = self._row.takeAt(0).widget()
            if widget is not None and widget not in wanted and widget.parent() is self:
                widget.setParent(None)
        for button in wanted:
            self._row.addWidget(button)
            button.setVisible(button.property("off") is not True)
        self._place()
        self.show()

    def eventFilter(self, watched: QObject, event: object) -> bool:
        if event.type() in (event.Type.Resize, event.Type.Show):  # type: ignore[attr-defined]
            self._place()
        return False

    def _place(self) -> None:
        bar = self.parentWidget()
        if not isinstance(bar, QTabBar):
            return
        used = bar.tabRect(bar.count() - 1).right() + 1 if bar.count() else 0
        width = min(self.sizeHint().width(), max(0, bar.width() - used))
        self.setGeometry(bar.width() - width, 0, width, bar.height())


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
            self.setMask(region)
            self.update()
        self.raise_()

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
