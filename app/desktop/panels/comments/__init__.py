"""The Comments panel: what people say about the film, to read, answer, resolve and write.

Owns: the panel's place and its parts (cards, composer, view). Refuses: drawing on the picture and marks on the timeline (the canvas has
them), and saying anything itself (commands do).
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench

PANEL = PanelSpec("comments", "Comments", "right", "message-square", order=81, context="comments", workspaces=("edit", "review"))


def build(bench: Workbench) -> QWidget:
    from app.desktop.panels.comments.view import CommentsPanel

    return CommentsPanel(bench)
