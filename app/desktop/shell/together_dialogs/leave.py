"""Leave: asks before working together ends.

Owns: the question. Refuses: ending it (see `bridge.together`).
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.desktop.bridge import Workbench
from app.desktop.shell.together_dialogs.asking import Asking
from app.desktop.widgets.basics import button, label, line, row


class Leave(Asking):
    """Asks before ending it."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(bench.theme, "Leave the shared film", parent)
        theme, together = bench.theme, bench.together
        words = "The connection ends and is not made again. The film stays on this computer as it is, and you can go on editing it alone."
        self._layout.addWidget(label(theme, words, "secondary", wrap=True))
        if together.to_send:
            self._layout.addWidget(label(theme, f"{together.to_send} of your changes were not sent yet; others will not get them.", "warn",
                                         "label", wrap=True))
        self._layout.addWidget(line())
        go = button(theme, "Leave", self._leave, kind="primary", icon="log-out")
        self._bench = bench
        self._layout.addLayout(row(None, button(theme, "Stay", self.reject), go, spacing=theme.px(8)))

    def _leave(self) -> None:
        self._bench.together.leave()
        self.accept()
