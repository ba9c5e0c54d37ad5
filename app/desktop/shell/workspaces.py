"""The workspaces of a page, made when they are first asked for.

Owns: making them, at once or panel by panel while another one stands. Refuses: which of them is shown, and what stands in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QStackedWidget

import app.desktop.panels as panel_package
from app.desktop.bridge.undisturbed import undisturbed
from app.desktop.shell.dock_space import DockSpace, discover_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.desktop.bridge import Workbench


class Workspaces(QObject):
    """`made` are those that are there, by name. `focused(panel)` is told of their focus, `show(name)` when one that is visited can be."""

    def __init__(self, bench: Workbench, stack: QStackedWidget, focused: Callable[[str], None], show: Callable[[str], None]) -> None:
        super().__init__(stack)
        self._bench, self._stack, self._focused, self._show = bench, stack, focused, show
        self._panels = discover_panels(panel_package)
        self.made: dict[str, DockSpace] = {}
        self.begun: dict[str, DockSpace] = {}
        self._wanted = ""

    def __iter__(self) -> Iterator[DockSpace]:
        """All of them, also what is half made."""
        yield from (*self.made.values(), *self.begun.values())

    def get(self, name: str) -> DockSpace:
        """A workspace, made now if need be."""
        while name not in self.made:
            self._grow(name)
        return self.made[name]

    def of(self, panel: str) -> Sequence[str]:
        """In which workspaces a panel is."""
        return next((spec.workspaces for spec, _ in self._panels if spec.id == panel), ())

    def visit(self, name: str) -> None:
        """Has a workspace shown once it is there: it is made panel by panel, unless somebody goes elsewhere meanwhile (`stay`)."""
        self._wanted = name
        if name in self.made:
            self._show(name)
        else:
            self._bench.turns.add(self._go_on, self)

    def stay(self) -> None:
        """What is visited is not shown any more."""
        self._wanted = ""

    def _go_on(self) -> None:
        name, there = self._wanted, self.made.get(self._wanted)
        if not name:
            return
        if there is not None and there.placed:
            self._show(name)
            return
        with undisturbed(self._bench):
            if there is None:
                self._grow(name)
            else:
                there.resize(self._stack.size())
                there.place()
        self._bench.turns.add(self._go_on, self)

    def _grow(self, name: str) -> None:
        """A workspace with another of its panels, or with all of them."""
        space = self.begun.get(name)
        if space is None:
            mine = [(spec, build) for spec, build in self._panels if name in spec.workspaces]
            self.begun[name] = space = DockSpace(self._bench, name, mine)
            space.focused.connect(self._focused)
            self._stack.addWidget(space)
        elif not space.grow():
            self.made[name] = self.begun.pop(name)
