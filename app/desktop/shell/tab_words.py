"""What the tabs of panels say: names where there is room for them, else icons with the names as tooltips.

Owns: words, icons and spacing of the tabs of one bar. Refuses: which panels share a place, and their header buttons (see `docks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from shiboken6 import getCppPointer

from app.desktop.widgets.basics import set_role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtWidgets import QTabBar

    from app.desktop.shell.docks import PanelDock
    from app.desktop.theme.theme import Theme

WIDE, TIGHT = (9, 4), (5, 2)
"""Space inside a tab at either end, and before it, at 100 %; the style sheet has the same figures."""
ICON = 14
_SPARE = 3
"""Qt rounds widths of text up, and keeps a pixel or two between."""


def docks_of(bar: QTabBar, docks: Iterable[PanelDock]) -> list[PanelDock | None]:
    """The panel behind each tab, in order. Qt keeps the address of the dock with its tab; names may be cut or left out."""
    known = {getCppPointer(dock)[0]: dock for dock in docks}
    return [known.get(bar.tabData(index)) for index in range(bar.count())]


def title_of(dock: PanelDock, short: bool = False) -> str:
    """A panel's name with how many things wait in it; `short`: only the number."""
    count = dock.count
    if short:
        return str(count) if count else ""
    return f"{dock.spec.title} {count}" if count else dock.spec.title


def show_words(theme: Theme, bar: QTabBar, docks: Iterable[PanelDock]) -> None:
    """Gives the tabs as many words as fit beside the widest row of header buttons: all, or only that of the panel in front."""
    shown = docks_of(bar, docks)
    room = bar.width() - max((_buttons(theme, dock) for dock in shown if dock is not None), default=0)
    full = [title_of(dock) if dock is not None else bar.tabText(n) for n, dock in enumerate(shown)]
    tight = _width(theme, bar, full, WIDE) > room
    icons = tight and _width(theme, bar, full, TIGHT) > room
    set_role(bar, "tight", "true" if tight else "false")
    bar.setIconSize(QSize(theme.px(ICON), theme.px(ICON)))
    for index, dock in enumerate(shown):
        if dock is None:
            continue
        sign = icons and index != bar.currentIndex() and bool(dock.spec.icon)
        words = title_of(dock, short=sign)
        if bar.tabText(index) != words or dock.windowTitle() != words:
            dock.setWindowTitle(words)
            bar.setTabText(index, words)
        bar.setTabIcon(index, theme.icon(dock.spec.icon, "text-3", ICON) if sign else QIcon())
        bar.setTabToolTip(index, full[index] if icons else "")
        bar.setAccessibleTabName(index, full[index])


def _width(theme: Theme, bar: QTabBar, words: list[str], spacing: tuple[int, int]) -> int:
    inside, before = spacing
    metrics = bar.fontMetrics()
    return sum(metrics.horizontalAdvance(one) + theme.px(2 * inside + before) + _SPARE for one in words)


def _buttons(theme: Theme, dock: PanelDock) -> int:
    """Pixels that the header buttons of a panel take."""
    widths = [button.sizeHint().width() if button.maximumWidth() > 1000 else button.maximumWidth()
              for button in dock.buttons if button.property("off") is not True]
    return sum(widths) + theme.px(2) * len(widths) + theme.px(6) if widths else 0
