"""Signs in the timeline's header: the branch that the film is on, and how much needs attention.

Owns: the two signs. Refuses: branches and matters themselves (see `bridge.versions`, `bridge.attention`).
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton


class Sign(QToolButton):
    """An icon with words, invisible while there is nothing to say; a click shows a panel."""

    def __init__(self, bench: Any, icon: str, colour: str, panel: str) -> None:
        super().__init__()
        theme = bench.theme
        self.bench = bench
        self.setProperty("fact", "true")
        self.setFont(theme.font("body"))
        self.setIcon(theme.icon(icon, colour, 14))
        self.setIconSize(QSize(theme.px(14), theme.px(14)))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet(f"QToolButton {{ color: {theme.color(colour).name()}; }}")
        self.clicked.connect(lambda: bench.shell.show_panel(panel))

    def say(self, words: str, tip: str) -> None:
        self.setText(f" {words}")
        self.setToolTip(tip)
        self.setAccessibleName(tip or words)
        self.setProperty("off", not words)
        self.setVisible(bool(words) and self.parentWidget() is not None)


class BranchSign(Sign):
    """The branch, while it is not the main one."""

    def __init__(self, bench: Any) -> None:
        super().__init__(bench, "git-branch", "peer-lime", "versions")
        bench.versions.changed.connect(self.tell)
        self.tell()

    def tell(self) -> None:
        name = self.bench.versions.current
        self.say("" if name == "main" else name, f"This is the branch {name}; main stays as it is")


class MatterSign(Sign):
    """How many matters need attention."""

    def __init__(self, bench: Any) -> None:
        super().__init__(bench, "circle-alert", "warn", "attention")
        bench.attention.changed.connect(self.tell)
        self.tell()

    def tell(self) -> None:
        count = len(self.bench.attention.rows)
        self.say(str(count) if count else "", f"{count} thing{'s' if count != 1 else ''} to look at")
