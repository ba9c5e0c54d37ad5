"""Coming to a relay that may have lost what it had: who the members are is given back before anything else.

Owns: that. Refuses: giving what the members wrote, which goes as ever once this device is let in (SPEC 3.11).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from app.services.collab.connection import Connection, open_connection
from app.services.collab.participant import Participant
from app.services.collab.transport import Transport

Do = Callable[[Callable[[], Any]], Awaitable[Any]]


async def entered(one: Participant, do: Do, transport: Transport | None = None) -> Connection:
    """A connection to a participant's room, of which the relay knows all statements about members that are here. `do` runs what touches
    the project. Raises NoRelay, RelayRefuses."""
    connection = await open_connection(one.room.relay, one.room.id, one.key, one.session, transport=transport, copy=True)
    try:
        welcome = connection.welcome
        has = welcome.have if welcome.role or not welcome.exists else {}
        lacking = await do(lambda: _lacking(one, has))
        if lacking or (welcome.exists and not welcome.role):
            await connection.give_back(lacking)
    except BaseException:
        await connection.close()
        raise
    return connection


def _lacking(one: Participant, has: dict[str, dict[int, int]]) -> list[bytes]:
    if one.members.moved is not None:
        return []
    there = has.get("members", {})
    return list(one.rooms.bodies([place for place in one.rooms.all("members") if place[2] > there.get(place[1], 0)]))
