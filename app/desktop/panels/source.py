"""The Source viewer's place in the window.

Owns: its header. Refuses: the viewer itself (see `canvas`).
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench

PANEL = PanelSpec("source", "Source", "left", "monitor-play", order=30, context="source")


def build(bench: Workbench) -> QWidget:
    from app.desktop.canvas.viewer import build_source

    return build_source(bench)
