"""The timeline's place in the window.

Owns: its header. Refuses: the timeline itself (see `canvas`).
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.theme.connect import connect_for

PANEL = PanelSpec("timeline", "Timeline", "bottom", "clapperboard", order=60, context="timeline", workspaces=("edit", "review"))


def build(bench: Workbench) -> QWidget:
    from app.desktop.canvas.timeline import build_timeline

    shown = build_timeline(bench)
    connect_for(bench.media.changed, shown.state.locations_changed, shown)
    return shown
