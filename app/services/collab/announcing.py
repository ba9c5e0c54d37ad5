"""Asking a room's relay for everything, and saying something about its members that counts once the relay has taken it.

Owns: both, for sharing, moving and changing who takes part. Refuses: knowing what is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from app.services.collab.connection import Connection, RelayRefuses, open_connection
from app.services.collab.exchange import durable, here
from app.services.collab.participant import Participant
from app.services.collab.transport import Transport
from app.services.errors import AppError
from editor_core.sync.envelope import Envelope, EnvelopeRefused, Have, header_of, open_envelope
from editor_core.sync.members import Members, Statement
from editor_core.sync.messages import Ack, CaughtUp, Envelopes, Want

ANSWER_WITHIN = 30.0
TRIES = 4

Do = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs something on the thread that owns the document."""


async def everything(connection: Connection, have: Have | None = None) -> list[bytes]:
    """All that the relay has beside `have`; to who has nothing of the film it gives the newest snapshot for what that holds."""
    await connection.send(Want(have or {}))
    raws: list[bytes] = []
    async for message in connection.messages():
        if isinstance(message, Envelopes):
            raws.extend(message.raw)
        elif isinstance(message, CaughtUp):
            break
    return raws


def known_members(room: bytes, raws: Iterable[bytes]) -> Members:
    """The members as some envelopes of a room tell. Raises RelayRefuses."""
    members = Members(room)
    for raw in raws:
        if header_of(raw).document == "members":
            envelope = opened(raw, room)
            try:
                members.add(envelope)
            except EnvelopeRefused as error:
                raise RelayRefuses(f"The relay sends a list of members that cannot be: {error}") from None
    return members


def opened(raw: bytes, room: bytes) -> Envelope:
    """An envelope of a room. Raises RelayRefuses."""
    try:
        return open_envelope(raw, room=room)
    except EnvelopeRefused as error:
        raise RelayRefuses(f"The relay sends what is not of this room: {error}") from None


async def announce(one: Participant, statement: Callable[[], Statement], do: Do = here, *, session: int = 0,
                   transport: Transport | None = None) -> None:
    """Says something about the members that the relay must take before it counts: it may have heard of changes meanwhile. `session` is
    for who is connected already, and would sign two things in one place otherwise. Raises AppError, what `statement` raises."""
    for attempt in range(TRIES):
        async with await open_connection(one.room.relay, one.room.id, one.key, session or one.session, transport=transport) as connection:
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await connection.send(Want(await do(lambda: {d: dict(counts) for d, counts in one.rooms.have.items()})))
                    async for message in connection.messages():
                        if isinstance(message, Envelopes):
                            await _keep(one, message.raw, do)
                        elif isinstance(message, CaughtUp):
                            break

                    def said() -> Envelope:
                        envelope = one.signed(statement(), session)
                        one.members.check(envelope)
                        return envelope

                    envelope = await do(said)
                    await connection.put([envelope.raw])
                    while not isinstance(await connection.receive(), Ack):
                        pass
            except EnvelopeRefused as error:
                raise AppError(f"That cannot be done: {error}") from None
            except RelayRefuses:
                if attempt == TRIES - 1:
                    raise
                continue
            await _keep(one, [envelope.raw], do)
            return


async def _keep(one: Participant, raws: list[bytes], do: Do) -> None:
    looked = one.look(raws)
    _, ticket = await do(lambda: one.keep(looked))
    await durable(ticket)
