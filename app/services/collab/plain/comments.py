"""A project's comments in a plain room.

Owns: which of them the room's document lacks, taking in those of others. Refuses: sockets and the document's form (see
`editor_core.sync.plain_comments`).

Nothing of that document is kept in the project file: it is fetched at each connection, and only then is put in what it lacks, so that
nobody writes an act a second time. Everything here happens on the thread that owns the document.
"""

from __future__ import annotations

import logging

from app.services.collab.transport import NoRelay
from editor_core.comments.acts import ActRefused
from editor_core.comments.talk import Talk
from editor_core.sync.errors import UpdateRefused
from editor_core.sync.plain_comments import PlainComments

log = logging.getLogger(__name__)


class PlainTalk:
    """The comments of one project, while it is connected. `brought` counts the acts of others that came in."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._document = PlainComments()
        self._looked = 0
        self.brought = 0

    def begin(self) -> None:
        """A new connection."""
        self.close()
        self._document, self._looked = PlainComments(), 0

    def close(self) -> None:
        """Lets go of the document's memory."""
        self._document.close()

    def state(self) -> bytes:
        """The document's state vector."""
        return self._document.state()

    def update_for(self, state: bytes) -> bytes:
        """What one lacks who has `state`. Raises UpdateRefused."""
        return self._document.update_for(state)

    def outgoing(self) -> bytes:
        """What was said here and is not there yet, empty for nothing; only for who knows what is there."""
        comments = self._talk.comments
        new, self._looked = comments.ids[self._looked:], len(comments)
        return self._document.add(comments.raw(act_id) for act_id in new)

    def take(self, update: bytes) -> bool:
        """Takes in what came; whether there were new acts. Raises UpdateRefused, NoRelay where a new connection is needed."""
        try:
            came = self._document.take(update)
        except UpdateRefused as error:
            if self._document.worn:
                raise NoRelay(f"The comments of this plain room are fetched again: {error}") from None
            raise
        try:
            new = len(self._talk.receive(came)[0])
        except ActRefused as error:
            raise UpdateRefused(str(error)) from None
        self.brought += new
        return bool(new)
