"""What the window remembers of a film besides the film: where the playhead stood, the marks, the tool in hand.

Owns: taking them from the settings and putting them there. Refuses: anything that belongs into the film.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench

log = logging.getLogger(__name__)
KEPT = 50
"""Films whose place is remembered."""


class KeptPlace(QObject):
    """Of the film that is open; puts things where they were when it is made."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._film = str(bench.project_path)
        bench.tools.tool = str(bench.settings.get("timeline/tool", "select"))
        bench.tools.snapping = bool(bench.settings.get("timeline/snapping", True))
        bench.tools.linked = bool(bench.settings.get("timeline/linked", True))
        bench.tools.changed.connect(self._keep_switches)
        self._restore()
        self.soon = QTimer(self, interval=2000, singleShot=True)  # a kill finds playhead and marks where they were, too
        self.soon.timeout.connect(self._keep)
        bench.transport.moved.connect(self._moved)
        bench.transport.marks_changed.connect(self._moved)

    def close(self) -> None:
        """The film is being closed."""
        self.soon.stop()
        self._keep()

    def _restore(self) -> None:
        transport = self._bench.transport
        place = self._bench.settings.get("places", {}).get(self._film, [0, None, None])
        try:
            ticks, mark_in, mark_out = place
            transport.ticks = max(0, int(ticks) // transport.frame * transport.frame)
            transport.mark_in, transport.mark_out = mark_in, mark_out
        except (TypeError, ValueError):
            log.info("the remembered place in %s does not fit", self._film)

    def _moved(self, *_ticks: int) -> None:
        if not self.soon.isActive():
            self.soon.start()

    def _keep(self) -> None:
        transport, settings = self._bench.transport, self._bench.settings
        places = dict(settings.get("places", {}))
        places.pop(self._film, None)
        places[self._film] = [transport.ticks, transport.mark_in, transport.mark_out]
        settings.set("places", dict(list(places.items())[-KEPT:]))

    def _keep_switches(self) -> None:
        tools, settings = self._bench.tools, self._bench.settings
        settings.set("timeline/snapping", tools.snapping)
        settings.set("timeline/linked", tools.linked)
