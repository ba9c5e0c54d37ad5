"""The words behind a panel's title.

Owns: asking the dock around a panel to read them again. Refuses: the words.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def refresh_note(panel: QWidget) -> None:
    """Tells the nearest widget around `panel` that has a `note()` that the panel's `header_note()` has changed."""
    around = panel.parentWidget()
    while around is not None and not callable(getattr(around, "note", None)):
        around = around.parentWidget()
    if around is not None:
        around.note()  # type: ignore[attr-defined]
