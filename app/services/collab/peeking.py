"""Looking through a link before joining.

Owns: the room's name and members as somebody with an invite may see them. Refuses: joining (see `sharing`).
"""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.connection import open_connection
from app.services.collab.links import Link
from app.services.errors import AppError
from editor_core.sync.envelope import EnvelopeRefused, open_envelope, public
from editor_core.sync.members import Member, Members, Role, invite_key
from editor_core.sync.messages import CaughtUp, Envelopes, Want

ANSWER_WITHIN = 15.0


class Peek(NamedTuple):
    """What a link leads to. `role` is what joining gives; `mine` says whether this device takes part already."""

    name: str
    role: Role
    members: tuple[Member, ...]
    mine: bool


def peek(link: Link, key: Ed25519PrivateKey, session: int) -> Peek:
    """The room behind a link. Raises AppError where the relay does not answer or the invite is over."""
    return asyncio.run(_peek(link, key, session))


async def _peek(link: Link, key: Ed25519PrivateKey, session: int, moved: bool = False) -> Peek:
    members = Members(link.room)
    async with await open_connection(link.relay, link.room, key, session, link.secret) as connection, asyncio.timeout(ANSWER_WITHIN):
        if not connection.welcome.exists:
            raise AppError("There is no such room on this relay")
        known = {name: counts for name, counts in connection.welcome.have.items() if name != "members"}
        await connection.send(Want(known))
        async for message in connection.messages():
            if isinstance(message, CaughtUp):
                break
            for raw in message.raw if isinstance(message, Envelopes) else ():
                try:
                    envelope = open_envelope(raw, room=link.room)
                    if envelope.header.document == "members":
                        members.add(envelope)
                except EnvelopeRefused as error:
                    raise AppError(f"The relay sends what is not of this room: {error}") from None
    if members.moved is not None and not moved:
        return await _peek(link._replace(room=members.moved), key, session, moved=True)
    mine = members.role(public(key))
    invite = members.invite(public(invite_key(link.secret)))
    if mine is None and (invite is None or (invite.expires and invite.expires < time.time())):
        raise AppError("The invite is not valid any more; ask for a new link")
    return Peek(members.name, mine or (invite.role if invite is not None else link.role), tuple(members.present()), mine is not None)
