"""The chip beside the project's name: which branch the film is on, and the menu of all of them.

Owns: the chip and its menu. Refuses: the work (see `actions.versions`, `bridge.versions`).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from app.desktop.bridge import Workbench
from app.desktop.shell.actions.versions import drop_branch, review_branch
from app.desktop.widgets.basics import plain_tip


class BranchChip(QToolButton):
    """Says the branch; a click offers the others."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._short = False
        theme = bench.theme
        self.setObjectName("branchChip")
        self.setProperty("chip", "true")
        self.setFont(theme.font("label"))
        self.setIcon(theme.icon("git-branch", "text-2", 14))
        self.setIconSize(QSize(theme.px(14), theme.px(14)))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; width: 0; }")
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)
        bench.versions.changed.connect(self._tell)
        self._tell()

    def be_short(self, on: bool) -> None:
        """In a narrow window: the sign without the branch's name."""
        if on != self._short:
            self._short = on
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly if on else Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._tell()

    def _tell(self) -> None:
        name = self._bench.versions.current
        self.setText("" if self._short else f" {name if len(name) < 28 else name[:27] + '…'}")
        self.setToolTip(plain_tip(f"The film is on {name}; click for other branches"))
        self.setAccessibleName(f"Branch {name}")

    def _fill(self, menu: QMenu) -> None:
        bench, menu_font = self._bench, self._bench.theme.font("body")
        menu.clear()
        menu.setFont(menu_font)
        found = bench.versions.branches
        for one in found:
            made = menu.addAction(one.name)
            made.setCheckable(True)
            made.setChecked(one.current)
            if not one.current:
                made.triggered.connect(lambda _checked=False, n=one.name: bench.shell.switch_branch(n))
        menu.addSeparator()
        menu.addAction(bench.actions.get("branch.new", watched=False))
        bench.actions.refresh(["branch.new", "version.save"])
        others = [one.name for one in found if not one.current]
        self._part(menu, "Compare with", others, lambda name: bench.shell.open_compare("", name, "branch"))
        self._part(menu, "Merge", others, lambda name: review_branch(bench, name))
        self._part(menu, "Drop", others, lambda name: drop_branch(bench, name))
        menu.addSeparator()
        menu.addAction(bench.actions.get("version.save", watched=False))
        menu.addAction("Versions and branches", lambda: bench.shell.show_panel("versions"))

    def _part(self, menu: QMenu, words: str, names: list[str], do: Callable[[str], None]) -> None:
        part = menu.addMenu(words)
        part.setFont(menu.font())
        part.setEnabled(bool(names))
        for name in names:
            part.addAction(name).triggered.connect(lambda _checked=False, n=name: do(n))
