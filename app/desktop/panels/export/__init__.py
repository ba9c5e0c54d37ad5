"""The export that is being set up: picture, range, settings in plain words.

Owns: the panel's place and its parts. Refuses: exporting.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench

PANEL = PanelSpec("export", "Export", "center", "upload", order=20, context="deliver", workspaces=("deliver",))


def build(bench: Workbench) -> QWidget:
    from app.desktop.panels.export.view import ExportPanel

    return ExportPanel(bench)
