"""Removing who takes part in a room: on request, and those whose time is over, when it is (SPEC 2.8).

Owns: saying so in full. Refuses: judging who may (see `editor_core.sync.members`), giving the room its next key (see `participant`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from app.services.collab.announcing import Do, announce, everything, opened
from app.services.collab.connection import open_connection
from app.services.collab.exchange import Exchange, here
from app.services.collab.lan import meeting
from app.services.collab.membership import time_is_over
from app.services.collab.participant import Participant
from app.services.collab.reporting import TimeIsOver
from app.services.collab.transport import Transport
from app.services.collab.vouching import vouch
from app.services.errors import AppError
from app.services.identity import new_session
from editor_core.sync.envelope import public
from editor_core.sync.members import Revoke, kept_of

log = logging.getLogger(__name__)

LOOK = 0.5
"""Seconds between looks whether somebody's time is over."""


class _Gone(Exception):
    """Somebody else has removed them meanwhile."""


async def remove_expired(one: Participant, do: Do = here, clock: Callable[[], float] | None = None) -> int:
    """Removes, for an owner, those whose time is over: the relay lets them in no more, and they shall not have the next key. How many.
    Raises AppError."""
    over = time_is_over(one.members, clock or one.clock) if one.role == "owner" else []
    if over:
        async with meeting(one.room.relay, one.room.id, one.session, Exchange(one, do).envelopes):
            for key in over:
                await remove(one, key, do)
            if one.encrypted:
                await Exchange(one, do).until_idle()
    return len(over)


async def end_times(one: Participant, do: Do, transport: Transport | None, caught_up: Callable[[], bool],
                    removed: Callable[[], None]) -> None:
    """Beside an exchange, for ever: raises TimeIsOver when this device's time is over; removes others, for an owner, when theirs is, and
    tells of it: the room needs its next key. The maker of the room vouches for who came since."""
    known = 0
    while True:
        await asyncio.sleep(LOOK)
        if not caught_up():
            continue
        if len(one.members) != known:
            known = len(one.members)
            try:
                await vouch(one, do, transport)
            except AppError as error:
                log.info("who came cannot be vouched for now: %s", error)
        if not one.members.limited:
            continue
        if await do(lambda: one.expired):
            raise TimeIsOver
        try:
            if await remove_at_once(one, do, transport):
                removed()
        except AppError as error:
            log.info("whose time is over cannot be removed now: %s", error)


async def remove_at_once(one: Participant, do: Do, transport: Transport | None) -> int:
    """The same beside an exchange that is connected, which hears of it as everybody does and gives the next key. Raises AppError."""
    over = await do(lambda: time_is_over(one.members, one.clock) if one.role == "owner" else [])
    for key in over:
        await remove(one, key, do, session=new_session(), transport=transport)
    return len(over)


async def remove(one: Participant, key: bytes, do: Do, *, session: int = 0, transport: Transport | None = None) -> None:
    """Removes a device and takes back the link by which it came. `session` signs it where this device's own is connected already.
    Raises AppError."""
    mine = public(one.key)

    def removal() -> Revoke:
        if one.members.role(key) is None:
            raise _Gone
        wrote = [session for session, actor in one.rooms.actors.items() if actor == key]
        return Revoke(mine, one.members.heads, key, kept_of({d: one.rooms.covered(d) for d in one.rooms.have}, wrote))

    def taking_back() -> Revoke:
        if link is None or one.members.invite(link.key) is None:
            raise _Gone
        return Revoke(mine, one.members.heads, link.key)

    link = await do(lambda: one.came_by(key))
    await _meet_authors(one, do, transport)
    for statement in (removal, taking_back):
        with contextlib.suppress(_Gone):
            await announce(one, statement, do, session=session, transport=transport)


async def _meet_authors(one: Participant, do: Do, transport: Transport | None) -> None:
    """Learns who wrote what this film has from a snapshot: what stays of a member who is removed must be said in full."""
    covered = {session for counts in one.rooms.floors.values() for session in counts}
    if covered <= one.rooms.actors.keys():
        return
    async with await open_connection(one.room.relay, one.room.id, one.key, new_session(), transport=transport) as connection:
        headers = [opened(raw, one.room.id).header for raw in await everything(connection, {"timeline": {1: 1}})]
    authors = {header.session: header.actor for header in headers if header.document != "members"}
    await do(lambda: one.rooms.actors.update({session: author for session, author in authors.items() if session in covered}))
