"""Where panels stand in each workspace before anyone moves them.

Owns: areas, splits, tabs and sizes at 100 %. Refuses: remembering.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

if TYPE_CHECKING:
    from app.desktop.shell.docks import PanelDock
    from app.desktop.theme.theme import Theme

Docks = Mapping[str, "PanelDock"]
Layout = Callable[[QMainWindow, Docks, "Theme"], Callable[[], None]]
"""Places the docks; what it returns gives them their sizes, once they are laid out."""

NARROW = 1500
"""Below this width Source becomes a tab beside Media and the right column is 304 wide."""


def edit(space: QMainWindow, docks: Docks, theme: Theme) -> Callable[[], None]:
    """Media and Titles left, Source beside them, Program in the middle, Timeline and Meters below, the rest right."""
    areas = Qt.DockWidgetArea
    narrow = space.width() < theme.px(NARROW)
    _first(space, docks, areas.LeftDockWidgetArea, "media")
    if "source" in docks and "media" in docks and not narrow:  # before anything is tabbed: a tab cannot be split
        _first(space, docks, areas.LeftDockWidgetArea, "source")
        space.splitDockWidget(docks["media"], docks["source"], Qt.Orientation.Horizontal)
    _stack(space, docks, areas.LeftDockWidgetArea, ("media", "titles", "versions", "attention", *(("source",) if narrow else ())))
    _stack(space, docks, areas.RightDockWidgetArea, ("inspector", "history", "comments", "problems"))
    _first(space, docks, areas.BottomDockWidgetArea, "timeline")
    if "meters" in docks and "timeline" in docks:
        _first(space, docks, areas.BottomDockWidgetArea, "meters")
        space.splitDockWidget(docks["timeline"], docks["meters"], Qt.Orientation.Horizontal)
    right, left, meters = theme.px(304 if narrow else 344), theme.px(300 if narrow else 384), theme.px(60)

    def sizes() -> None:
        width, bottom = space.width(), round(space.height() * 534 / 1016)
        middle = width - left - right - 8
        _resize(space, docks, {"media": left, "inspector": right}, Qt.Orientation.Horizontal)
        if not narrow:
            _resize(space, docks, {"media": left, "source": round(middle * 500 / 1176)}, Qt.Orientation.Horizontal)
        _resize(space, docks, {"timeline": bottom}, Qt.Orientation.Vertical)
        _resize(space, docks, {"timeline": width - right - meters - 8, "meters": meters}, Qt.Orientation.Horizontal)

    return sizes


def deliver(space: QMainWindow, docks: Docks, theme: Theme) -> Callable[[], None]:
    """Presets left, the export in the middle, queue over verification right."""
    areas = Qt.DockWidgetArea
    _first(space, docks, areas.LeftDockWidgetArea, "presets")
    _first(space, docks, areas.RightDockWidgetArea, "queue")
    if "queue" in docks and "verification" in docks:
        _first(space, docks, areas.RightDockWidgetArea, "verification")
        space.splitDockWidget(docks["queue"], docks["verification"], Qt.Orientation.Vertical)
    narrow = space.width() < theme.px(NARROW)
    left, middle = theme.px(240 if narrow else 308), theme.px(560)

    def sizes() -> None:
        height, rest = space.height(), space.width() - left - 8
        queue = max(theme.px(300), min(round(rest * 876 / 1596), rest - middle))
        _resize(space, docks, {"presets": left, "queue": queue}, Qt.Orientation.Horizontal)
        _resize(space, docks, {"queue": round(height * 368 / 1016), "verification": round(height * 644 / 1016)},
                Qt.Orientation.Vertical)

    return sizes


def review(space: QMainWindow, docks: Docks, theme: Theme) -> Callable[[], None]:
    """People over Comments left, the picture in the middle, Timeline below both, Inspector and History right."""
    areas = Qt.DockWidgetArea
    _first(space, docks, areas.LeftDockWidgetArea, "people")
    if "people" in docks and "comments" in docks:
        _first(space, docks, areas.LeftDockWidgetArea, "comments")
        space.splitDockWidget(docks["people"], docks["comments"], Qt.Orientation.Vertical)
    _stack(space, docks, areas.RightDockWidgetArea, ("inspector", "history", "attention", "versions"))
    _first(space, docks, areas.BottomDockWidgetArea, "timeline")
    narrow = space.width() < theme.px(NARROW)
    left, right = theme.px(300 if narrow else 372), theme.px(304 if narrow else 424)

    def sizes() -> None:
        height = space.height()
        _resize(space, docks, {"people": left, "inspector": right}, Qt.Orientation.Horizontal)
        _resize(space, docks, {"timeline": round(height * 372 / 1016)}, Qt.Orientation.Vertical)
        _resize(space, docks, {"people": round(height * 226 / 1016), "comments": round(height * 410 / 1016)}, Qt.Orientation.Vertical)

    return sizes


LAYOUTS: dict[str, Layout] = {"edit": edit, "review": review, "deliver": deliver}


def stand(space: QMainWindow, docks: Docks, panel: str) -> bool:
    """Gives a panel that stands nowhere yet its place: a tab of the right column. False where it has one."""
    dock = docks[panel]
    if dock.isFloating() or space.dockWidgetArea(dock) != Qt.DockWidgetArea.NoDockWidgetArea:
        return False
    area = Qt.DockWidgetArea.RightDockWidgetArea
    others = (docks[one] for one in ("inspector", *docks) if one in docks and one != panel)
    beside = next((one for one in others if space.dockWidgetArea(one) == area), None)
    space.addDockWidget(area, dock)
    if beside is not None:
        space.tabifyDockWidget(beside, dock)
    return True


def _first(space: QMainWindow, docks: Docks, area: Qt.DockWidgetArea, panel: str) -> None:
    if panel in docks:
        space.addDockWidget(area, docks[panel])
        docks[panel].show()


def _stack(space: QMainWindow, docks: Docks, area: Qt.DockWidgetArea, panels: tuple[str, ...]) -> None:
    there = [docks[p] for p in panels if p in docks]
    for dock in there:
        if space.dockWidgetArea(dock) != area:
            space.addDockWidget(area, dock)
        dock.show()
    for dock in there[1:]:
        space.tabifyDockWidget(there[0], dock)
    if there:
        there[0].raise_()


def _resize(space: QMainWindow, docks: Docks, sizes: Mapping[str, int], way: Qt.Orientation) -> None:
    there = [(docks[p], max(1, size)) for p, size in sizes.items() if p in docks and not docks[p].isFloating()]
    if there:
        space.resizeDocks([dock for dock, _ in there], [size for _, size in there], way)
