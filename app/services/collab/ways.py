"""Which exchange a project needs: the room it is in says so.

Owns: that choice. Refuses: everything else.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.exchange import Exchange, here
from app.services.collab.links import PLAIN
from app.services.collab.participant import Participant
from app.services.collab.plain import PlainExchange, PlainParticipant
from app.services.open_project import OpenProject
from editor_core.storage.rooms import room_of


def exchange_for(project: OpenProject, key: Ed25519PrivateKey, session: int,
                 on_document: Callable[[Callable[[], Any]], Awaitable[Any]] = here,
                 came: Callable[[], Awaitable[int]] | None = None) -> Exchange:
    """The exchange of a shared project, with its `participant`; `came` as in `Exchange`. Belongs to the thread that owns the document.

    Raises NotShared, AppError, StorageError.
    """
    room = room_of(project.file)
    if room is not None and room.relay.startswith(PLAIN):
        return PlainExchange(PlainParticipant(project, session), on_document, came)
    return Exchange(Participant(project, key, session), on_document, came)
