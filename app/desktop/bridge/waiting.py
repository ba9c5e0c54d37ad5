"""What waits in the room to be brought in, as the person meets it.

Owns: showing the review of what waits, telling what came in by itself after an absence. Refuses: holding it back and bringing it in (see
`app.services.collab.live`), the review's page.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from editor_core.sync.merging import Merged

if TYPE_CHECKING:
    from app.desktop.bridge.together import Together
    from app.desktop.bridge.workbench import Workbench
    from app.services.collab.returning import RoomIncoming

log = logging.getLogger(__name__)


class Waiting(QObject):
    """Belongs to `Together`."""

    def __init__(self, bench: Workbench, together: Together) -> None:
        super().__init__(together)
        self._bench, self._together = bench, together
        self._pending: RoomIncoming | None = None
        self._missed: list[str] = []
        self._tell_missed = QTimer(self, singleShot=True, interval=400)
        self._tell_missed.timeout.connect(self._say_missed)

    def came_in(self, merged: Merged, quietly: bool) -> None:
        """Something was brought in; `quietly` after an absence."""
        self._pending = None
        if quietly:
            self._missed += [line.actor for line in merged.change.merged]
            self._tell_missed.start()

    def _say_missed(self) -> None:
        """What came in by itself after an absence, in one line."""
        missed, self._missed = self._missed, []
        if missed:
            self._bench.comments.notices.away(len(missed), len(set(missed)))

    def review(self, incoming: RoomIncoming) -> None:
        """So much waits, or it met what was done here, that it shall be looked at."""
        incoming.absence = True
        self._pending = incoming
        if not self._show(incoming):
            self._bench.say(f"{self._together.waiting} changes of others wait; take them with Collaborate, Take what waits", "warn")

    def _show(self, incoming: RoomIncoming) -> bool:
        """A review that cannot be shown must not keep what waits from being taken."""
        try:
            self._bench.shell.open_review(incoming)
        except Exception:
            log.exception("the review cannot be shown")
            return False
        return True

    def take(self) -> None:
        """Brings in what waits: after an absence by way of a review, else at once."""
        live = self._together.live
        if live is None:
            return
        incoming = self.incoming() if self._together.now.returning else None
        if incoming is None or not self._show(incoming):
            live.take_waiting()

    def incoming(self) -> RoomIncoming | None:
        """What waits, for a review."""
        live = self._together.live
        if live is None or not self._together.waiting:
            return None
        self._pending = self._pending or live.incoming()
        return self._pending

    def forget(self) -> None:
        """It comes in without a review."""
        self._pending = None
