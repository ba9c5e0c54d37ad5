"""The connection of the open project with its room: made, kept for as long as the person wants it, ended.

Owns: entering the room beside the window, working offline by choice, remembering what the relay was given. Refuses: what goes over the
connection (see `together`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.services.collab.telling import Heard
from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.storage import StorageError

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench
    from app.desktop.makers import Sharing
    from app.services.collab.live import LiveSession

log = logging.getLogger(__name__)
OFFLINE = "together/offline"
"""Setting: project files that the person works on offline."""
HELD = "together/held"
"""Setting: project files whose person has others' changes wait."""
RETURNING = "together/returning"
"""Setting: project files of which a review was open: what it is about waits for it, also when the film is next opened."""
GIVEN = "together/given"
"""Setting: by project file, what of one's own changes the relay had the last time."""
GIVEN_KEPT = 50
"""Project files of which that is remembered."""


class RoomLine(QObject):
    """Belongs to `Together`. `opened` when there is a live session, `failed` when none could be made."""

    opened = Signal()
    failed = Signal(str)

    def __init__(self, bench: Workbench, project: OpenProject, lent: Sharing | None, heard: Heard, busy: Callable[[], bool],
                 parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._project, self._lent, self._heard, self._busy = bench, project, lent, heard, busy
        self._film = str(project.path)
        self.film = project.path
        self.live: LiveSession | None = None
        self.opening = self.closed = False
        self.relay = ""
        """Where the live session began."""
        self.ended = ""
        """Why there will be no connection, in words."""

    @property
    def by_choice(self) -> bool:
        """Whether the person chose to work offline."""
        return self._film in self._bench.settings.get(OFFLINE, [])

    def choose(self, offline: bool) -> None:
        """Remembers whether the person works offline on this film."""
        others = [one for one in self._bench.settings.get(OFFLINE, []) if one != self._film]
        self._bench.settings.set(OFFLINE, [*others, self._film] if offline else others)

    def hold(self, on: bool) -> None:
        """Remembers whether others' changes wait in this film."""
        self._note(HELD, on)

    def review(self, on: bool) -> None:
        """Remembers whether they wait for a review."""
        self._note(RETURNING, on)

    def _note(self, setting: str, on: bool) -> None:
        known = self._bench.settings.get(setting, {})
        if on != bool(known.get(self._film)):
            others = {film: held for film, held in known.items() if film != self._film}
            self._bench.settings.set(setting, {**others, **({self._film: True} if on else {})})

    def open(self) -> None:
        """Gets the device key and reads what is kept of the room, beside the window."""
        if self._lent is None or self.live is not None or self.opening or self.closed or self.by_choice:
            return
        self.opening = True
        lent, settings, post = self._lent, self._bench.settings, self._bench.post
        held = bool(settings.get(HELD, {}).get(self._film, False))
        returning = bool(settings.get(RETURNING, {}).get(self._film, False))
        known = {int(session): int(count) for session, count in settings.get(GIVEN, {}).get(self._film, {}).items()}

        def run() -> None:
            from app.services.collab.live import LiveSession

            try:
                live = LiveSession(self._project, lent.key(), lent.session, lent.profile.name or "Somebody", post.promise, self._heard,
                                   self._busy, held=held, returning=returning, known=known)
            except (AppError, StorageError) as error:
                post(self._not_opened, str(error))
            except Exception as error:
                log.exception("the room cannot be entered")
                post(self._not_opened, f"The room cannot be entered: {error}")
            else:
                post(self._opened, live)

        threading.Thread(target=run, name="enter-room", daemon=True).start()

    def _opened(self, live: LiveSession) -> None:
        self.opening = False
        if self.closed or self.live is not None or self.by_choice:
            live.close()
            return
        self.live, self.relay, self.ended = live, live.participant.room.relay, ""
        live.start()
        live.changed()
        self.opened.emit()

    def _not_opened(self, why: str) -> None:
        self.opening, self.ended = False, why
        self.failed.emit(why)

    def stop(self) -> None:
        """Ends the connection; what is not given yet stays in the film."""
        live, self.live = self.live, None
        if live is not None:
            known = {film: given for film, given in self._bench.settings.get(GIVEN, {}).items() if film != self._film}
            known[self._film] = {str(session): count for session, count in live.given.items()}
            self._bench.settings.set(GIVEN, dict(list(known.items())[-GIVEN_KEPT:]))
            live.close()
