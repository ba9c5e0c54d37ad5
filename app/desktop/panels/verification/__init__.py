"""Verification: how an exported file compares with the cut.

Owns: the panel's declaration. Refuses: everything else (see the modules).
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import PanelSpec, Workbench

PANEL = PanelSpec("verification", "Verification", "right", "badge-check", order=40, context="deliver", workspaces=("deliver",))


def build(bench: Workbench) -> QWidget:
    from app.desktop.panels.verification.view import VerificationPanel

    return VerificationPanel(bench)
