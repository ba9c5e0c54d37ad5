"""The Media panel: what is in the project, to look at, find and cut in.

Owns: the panel's place and its parts (model, cards, view). Refuses: importing itself (the workbench does).
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench

PANEL = PanelSpec("media", "Media", "left", "film", order=10, context="media")


def build(bench: Workbench) -> QWidget:
    from app.desktop.panels.media.view import MediaPanel

    return MediaPanel(bench)
