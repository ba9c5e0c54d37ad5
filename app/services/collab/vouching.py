"""Who came by a link takes part from then on, whatever becomes of the link: the maker of a room says so once (SPEC 3.11.1).

Owns: that. Refuses: letting in (the relay does), giving back a room that a relay lost (see `giving_back`).
"""

from __future__ import annotations

from app.services.collab.announcing import Do, announce
from app.services.collab.exchange import here
from app.services.collab.lan import meeting
from app.services.collab.participant import Participant
from app.services.collab.transport import Transport
from app.services.identity import new_session
from editor_core.sync.envelope import public
from editor_core.sync.members import Grant, Member


class _Said(Exception):
    """It is known already."""


async def vouch(one: Participant, do: Do = here, transport: Transport | None = None) -> bool:
    """Says, as the maker of a room, that those who came by links that last for a time take part; whether there was something to say. A
    grant of the role that one of them has stands for all who were known then. `do` and `transport` as for `announce`; it is signed by a
    session of its own, because this device's may be connected. Raises AppError."""
    if await do(lambda: _owed(one)) is None:
        return False
    mine = public(one.key)

    def grant() -> Grant:
        member = _owed(one)
        if member is None:
            raise _Said
        return Grant(mine, one.members.heads, member.key, member.role, member.actor, member.person, one.members.until(member.key))

    async def fill() -> list[bytes]:
        return list(one.rooms.bodies(await do(lambda: one.rooms.beyond({}))))

    try:
        if transport is not None:
            await announce(one, grant, do, session=new_session(), transport=transport)
        else:
            async with meeting(one.room.relay, one.room.id, one.session, fill):
                await announce(one, grant, do, session=new_session())
    except _Said:
        return False
    return True


def _owed(one: Participant) -> Member | None:
    if one.members.moved is not None or one.members.maker != one.room.key:
        return None
    return one.members.unvouched()


__all__ = ["vouch"]
