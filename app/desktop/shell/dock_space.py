"""One workspace: docks in a window of their own inside the main window.

Owns: building the panels of a workspace, placing, remembering, floating, maximising, which panel has focus.
Refuses: what is in the panels, top bar and status bar.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import logging
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCursor, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QMenu, QTabWidget, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.shell.docks import PanelDock
from app.desktop.shell.frame_overlay import FrameOverlay
from app.desktop.shell.layouts import LAYOUTS, NARROW, stand
from app.desktop.shell.middle import CentralPanel, Middle
from app.desktop.shell.reveal import Reveal
from app.desktop.shell.tab_headers import TabHeaders

log = logging.getLogger(__name__)
LAYOUT_VERSION = 2


def discover_panels(package: ModuleType) -> list[tuple[PanelSpec, Callable[[Workbench], QWidget]]]:
    """Every panel module of a package, in tab order."""
    found = []
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        spec = getattr(module, "PANEL", None)
        if isinstance(spec, PanelSpec):
            found.append((spec, module.build))
    return sorted(found, key=lambda pair: (pair[0].order, pair[0].id))


def _give_keys(content: QWidget, reason: Qt.FocusReason) -> None:
    """Gives the focus to the part of a panel that it names by `focus_target`, else to the panel."""
    target = getattr(content, "focus_target", None)
    wanted = target() if callable(target) else content
    (wanted or content).setFocus(reason)


class DockSpace(QMainWindow):
    """The docks of one workspace. `focused(panel id)` when another panel got the focus."""

    focused = Signal(str)

    def __init__(self, bench: Workbench, name: str, panels: list[tuple[PanelSpec, Callable[[Workbench], QWidget]]]) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self._bench, self.name = bench, name
        self.panels: dict[str, PanelDock | CentralPanel] = {}
        self._focus = ""
        self._maximised: tuple[str, QByteArray] | None = None
        self._placed = False
        self._shares: dict[str, tuple[float, float]] = {}
        self._sized_for = (0, 0)
        self._resize: Callable[[], None] = lambda: None
        self.setDockNestingEnabled(True)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        for corner, area in ((Qt.Corner.TopLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
                             (Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
                             (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
                             (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)):
            self.setCorner(corner, area)
        self._headers = TabHeaders(bench.theme, self, lambda: list(self.docks.values()), self._menu, self)
        self._reveal = Reveal(self)
        self._save_soon = QTimer(self, singleShot=True, interval=800)
        self._save_soon.timeout.connect(self.remember)
        self._growing = self._grow(panels)

    def grow(self) -> bool:
        """Makes the next of its panels; whether there is more to make. It is to be shown when it has all."""
        return next(self._growing, self) is None

    def _grow(self, panels: list[tuple[PanelSpec, Callable[[Workbench], QWidget]]]) -> Iterator[None]:
        bench = self._bench
        for spec, build in panels:
            content = self._build(spec, build)
            yield
            if spec.area == "center" and self.centralWidget() is None:
                middle = CentralPanel(bench.theme, spec, content, self._menu)
                self.setCentralWidget(Middle(middle))
                middle.middle.changed.connect(self._floated)
                self.panels[spec.id] = middle
            else:
                dock = PanelDock(bench.theme, spec, content, self._menu, self)
                self._headers.watch(dock)
                self.panels[spec.id] = dock
            yield
        self._overlay = FrameOverlay(bench.theme, self)
        self._headers.after = self._outline
        self._outline_soon = QTimer(self, singleShot=True, interval=0)
        self._outline_soon.timeout.connect(self._outline)
        for panel in self.panels.values():
            panel.installEventFilter(self)

    @property
    def _middle(self) -> CentralPanel | None:
        return next((panel for panel in self.panels.values() if isinstance(panel, CentralPanel)), None)

    def _floated(self) -> None:
        self._outline()
        if self._placed:
            self._save_soon.start()

    @property
    def docks(self) -> dict[str, PanelDock]:
        """The panels that stand around the middle."""
        return {name: panel for name, panel in self.panels.items() if isinstance(panel, PanelDock)}

    def place(self) -> None:
        """Puts the docks where they were last time, or to their standard places; once the space has its size."""
        if self._placed:
            return
        self._placed = True
        resize = self._standard()
        kept = self._bench.settings.get(f"layout/{self.name}", {})
        try:
            state = QByteArray(base64.b64decode(str(kept.get("state", "")), validate=True))
        except (ValueError, binascii.Error):
            state = QByteArray()
        same = (kept.get("panels") == sorted(self.panels) and kept.get("scale", 1.0) == self._bench.theme.scale
                and kept.get("narrow", self._narrow) == self._narrow)
        if not (same and len(state) and self.restoreState(state, LAYOUT_VERSION)):
            if kept:
                log.info("the remembered layout of %s does not fit; the standard one is used", self.name)
            self._size(resize)
        else:
            QTimer.singleShot(30, self, self._note_shares)
        self._headers.arrange()
        spot = kept.get("middle")
        if same and isinstance(spot, list) and len(spot) == 4 and self._middle is not None:
            self._middle.setFloating(True, QRect(*map(int, spot)))

    @property
    def placed(self) -> bool:
        """Whether its panels are where they are to stand."""
        return self._placed

    @property
    def revealing(self) -> bool:
        """Whether its panels are just being painted, one after the other."""
        return self._reveal.busy

    def shown(self, show: Callable[[], None]) -> None:
        """Has `show` bring the space into view, and the panels painted one after the other, that in focus first."""
        self._reveal.hold(dock for dock in self.panels.values() if not dock.isFloating())
        show()
        first = self.panels.get(self._focus), self.panels.get("timeline")
        self._reveal.begin(lambda dock: (dock is not first[0], dock is not first[1]))

    def reset(self) -> None:
        """Every panel back to its standard place."""
        self._maximised = None
        self.centralWidget().show()
        self._size(self._standard())
        self.remember()

    @property
    def _narrow(self) -> bool:
        """Whether panels stand otherwise, for want of width: what was arranged on a wide screen does not fit a small one."""
        return self.width() < self._bench.theme.px(NARROW)

    def remember(self) -> None:
        if self._placed and self._maximised is None:
            self._note_shares()
            state = bytes(self.saveState(LAYOUT_VERSION).data())
            kept: dict[str, Any] = {"panels": sorted(self.panels), "state": base64.b64encode(state).decode(),
                                    "scale": self._bench.theme.scale, "narrow": self._narrow}
            own = self._middle.middle.floating if self._middle is not None else None
            if own is not None:
                kept["middle"] = list(own.geometry().getRect())
            self._bench.settings.set(f"layout/{self.name}", kept)

    def show_panel(self, panel: str) -> bool:
        """Brings a panel to the front and gives it the focus. False when this workspace has none of that id."""
        dock = self.panels.get(panel)
        if dock is None:
            return False
        if self._maximised is not None and self._maximised[0] != panel:
            self.maximise()
        if panel in self.docks and stand(self, self.docks, panel):
            self._headers.arrange()
        dock.show()
        dock.raise_()
        if dock.isFloating():
            dock.activateWindow()
        self.focus(panel)
        _give_keys(dock.content, Qt.FocusReason.ShortcutFocusReason)
        return True

    def take_keys(self) -> None:
        """Keys go to the panel in focus of this workspace, else to none: Qt would hand them to the next button of the top bar."""
        panel = self.panels.get(self._focus)
        if panel is not None:
            _give_keys(panel.content, Qt.FocusReason.OtherFocusReason)
        else:
            self.setFocus()

    def bring_keys(self, panel: str) -> None:
        """Keys go to the panel in focus where a list or field of another panel would keep them: a press on a button or on
        bare ground takes the focus to the panel, but Qt leaves the keys where they were."""
        here = QApplication.focusWidget()
        if panel != self._focus or here is None or QApplication.activePopupWidget() or QApplication.activeModalWidget():
            return
        if self.panel_of(here) not in ("", panel):
            _give_keys(self.panels[panel].content, Qt.FocusReason.MouseFocusReason)

    def focus(self, panel: str) -> None:
        """Marks the panel whose context keys are looked up in."""
        if panel != self._focus and panel in self.panels:
            self._focus = panel
            self._outline()
            self.focused.emit(panel)

    @property
    def focused_panel(self) -> str:
        return self._focus

    @property
    def context(self) -> str:
        """The keymap context of the panel in focus."""
        dock = self.panels.get(self._focus)
        return dock.spec.context if dock is not None else "global"

    def panel_of(self, widget: QWidget | None) -> str:
        """The panel that a widget belongs to; empty if none."""
        while widget is not None:
            if isinstance(widget, (PanelDock, CentralPanel)) and widget in self.panels.values():
                return widget.spec.id
            widget = widget.parentWidget()
        return ""

    def next_panel(self, direction: int) -> None:
        """Focus goes to the next panel that can be seen."""
        shown = [i for i, dock in self.panels.items() if dock.isVisible() and not dock.visibleRegion().isEmpty()]
        if shown:
            here = shown.index(self._focus) if self._focus in shown else -direction
            self.show_panel(shown[(here + direction) % len(shown)])

    def maximise(self) -> None:
        """The panel under the pointer (or in focus) takes the whole space; again: everything comes back."""
        if self._maximised is not None:
            _, state = self._maximised
            self._maximised = None
            self.centralWidget().show()
            self.restoreState(state, LAYOUT_VERSION)
            self._headers.arrange()
            return
        self._maximise(self.panel_of(QApplication.widgetAt(QCursor.pos())) or self._focus)

    def _maximise(self, under: str) -> None:
        if self._maximised is not None:
            self.maximise()
            return
        if under not in self.panels or self.panels[under].isFloating():
            return
        self._maximised = (under, self.saveState(LAYOUT_VERSION))
        for panel, dock in self.panels.items():
            if panel != under and not dock.isFloating():
                (dock.middle if isinstance(dock, CentralPanel) else dock).hide()
        self.focus(under)

    def toggle(self, panel: str) -> None:
        dock = self.docks.get(panel)  # the middle always shows
        if dock is not None:
            dock.setVisible(dock.isHidden())
            if not dock.isHidden():
                self.show_panel(panel)

    def close_panels(self) -> None:
        """Before the space goes: panels may have something to put away."""
        self._save_soon.stop()
        self._growing.close()
        self.remember()
        for dock in self.panels.values():
            dock.removeEventFilter(self)
            closing = getattr(dock.content, "put_away", None)
            if callable(closing):
                closing()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide):
            if not self._outline_soon.isActive():
                self._outline_soon.start()
            if self._placed and self.isVisible():
                self._save_soon.start()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._outline()
        if self._placed and self._shares and event.oldSize().isValid() and self._maximised is None:
            QTimer.singleShot(0, self, self._keep_shares)

    def _note_shares(self) -> None:
        """How much of the space each panel has, to keep that when the window grows or shrinks; Qt would take it all from the middle."""
        width, height = max(1, self.width()), max(1, self.height())
        self._shares = {name: (dock.width() / width, dock.height() / height) for name, dock in self.docks.items()
                        if not dock.isFloating() and not dock.visibleRegion().isEmpty()}

    def _keep_shares(self) -> None:
        docks = self.docks
        there = {name: docks[name] for name in self._shares if name in docks and not docks[name].visibleRegion().isEmpty()}
        areas: dict[Qt.DockWidgetArea, list[str]] = {}
        for name, dock in there.items():
            if not dock.isFloating():
                areas.setdefault(self.dockWidgetArea(dock), []).append(name)
        for area, names in areas.items():  # one area after the other: Qt mixes them up otherwise
            below = area in (Qt.DockWidgetArea.BottomDockWidgetArea, Qt.DockWidgetArea.TopDockWidgetArea)
            for way in (Qt.Orientation.Vertical, Qt.Orientation.Horizontal) if below else (Qt.Orientation.Horizontal,):
                index, whole = (0, self.width()) if way == Qt.Orientation.Horizontal else (1, self.height())
                least = 1 if below else self._bench.theme.px(300 if area == Qt.DockWidgetArea.RightDockWidgetArea else 240)
                sizes = [self._bench.theme.px(60) if there[n].spec.slim and index == 0
                         else max(least, round(self._shares[n][index] * whole)) for n in names]
                self.resizeDocks([there[n] for n in names], sizes, way)

    def _build(self, spec: PanelSpec, build: Callable[[Workbench], QWidget]) -> QWidget:
        try:
            return build(self._bench)
        except Exception:
            log.exception("the panel %s could not be built", spec.id)
            stand_in = QWidget()
            words = QLabel(f"{spec.title} could not be shown; the log has the details.")
            words.setWordWrap(True)
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            QVBoxLayout(stand_in).addWidget(words)
            return stand_in

    def _size(self, resize: Callable[[], None]) -> None:
        """Sizes now and once more when Qt has laid the docks out; it does not keep to what it is told before."""
        self._resize, self._sized_for = resize, (self.width(), self.height())
        resize()
        self._shares = {}
        QTimer.singleShot(0, self, resize)
        QTimer.singleShot(30, self, self._settled)

    def _settled(self) -> None:
        """Sizes are what they shall be from here on, unless the window was resized meanwhile: then they are worked out again."""
        if self._shares:
            return
        if self._sized_for != (self.width(), self.height()):
            self._sized_for = (self.width(), self.height())
            self._resize()
            QTimer.singleShot(30, self, self._settled)
        else:
            self._note_shares()

    def _standard(self) -> Callable[[], None]:
        for panel in self.panels.values():
            if panel.isFloating():
                panel.setFloating(False)
        for dock in self.docks.values():
            self.removeDockWidget(dock)
        resize = LAYOUTS[self.name](self, self.docks, self._bench.theme)
        self._headers.arrange()
        return resize

    def _outline(self) -> None:
        if not self.isVisible():
            return  # what is seen when it is shown again is what was seen before, as a rule
        boxes: list[tuple[QRect, bool]] = []
        bars = {front.spec.id: bar for bar in self._headers.bars() if (front := self._headers.dock_of(bar)) is not None}
        for panel, dock in self.panels.items():
            if dock.isFloating() or not dock.isVisible() or dock.visibleRegion().isEmpty():
                continue
            box = QRect(dock.mapTo(self, QPoint(0, 0)), dock.size())
            bar = bars.get(panel)
            if bar is not None and isinstance(dock, PanelDock) and dock.header is None:
                box = box.united(bar.geometry())
            boxes.append((box, panel == self._focus))
        self._overlay.show_boxes(boxes)

    def _menu(self, dock: PanelDock | CentralPanel, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries: list[tuple[str, Callable[[], object]]] = [("Maximise or restore", lambda: self._maximise(dock.spec.id))]
        floating = dock.isFloating()
        entries.append(("Put back into the window" if floating else "Float", lambda: dock.setFloating(not floating)))
        if isinstance(dock, PanelDock):
            entries.append(("Close panel", dock.hide))
        for words, call in entries:
            entry = QAction(words, menu)
            entry.triggered.connect(lambda _checked=False, c=call: c())
            menu.addAction(entry)
        menu.popup(at)
