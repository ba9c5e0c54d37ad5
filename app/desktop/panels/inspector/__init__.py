"""The Inspector: everything about what is selected.

Owns: the panel's place and its parts. Refuses: other panels.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench

PANEL = PanelSpec("inspector", "Inspector", "right", "sliders-horizontal", order=80, context="inspector", workspaces=("edit", "review"))


def build(bench: Workbench) -> QWidget:
    from app.desktop.panels.inspector.view import Inspector

    return Inspector(bench)
