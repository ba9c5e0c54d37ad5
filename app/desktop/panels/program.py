"""The Program viewer's place in the window.

Owns: its header. Refuses: the viewer itself (see `canvas`).
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench

PANEL = PanelSpec("program", "Program", "center", "monitor-play", order=40, context="viewer", workspaces=("edit", "review"))


def build(bench: Workbench) -> QWidget:
    from app.desktop.canvas.viewer import build_program

    return build_program(bench)
