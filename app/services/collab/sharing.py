"""Sharing a project, joining a shared one, and who takes part.

Owns: making rooms and invites, redeeming them, granting and removing. Refuses: the exchange itself (see `exchange`).
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.announcing import ANSWER_WITHIN, Do, announce, everything, known_members
from app.services.collab.connection import open_connection
from app.services.collab.exchange import Exchange, durable, here
from app.services.collab.lan import meeting
from app.services.collab.links import LAN, PLAIN, SECRET, Link, format_link
from app.services.collab.membership import find_invite, time_is_over
from app.services.collab.moving import encrypt as encrypt_room
from app.services.collab.participant import NotShared, Participant, begin
from app.services.collab.removing import remove, remove_expired
from app.services.errors import AppError
from app.services.identity import Profile
from app.services.open_project import OpenProject
from editor_core.schema import Project
from editor_core.storage.journal import Ticket
from editor_core.storage.rooms import Room, Rooms
from editor_core.sync.envelope import make, public
from editor_core.sync.members import (
    ROLES,
    Genesis,
    Grant,
    Invite,
    Members,
    Revoke,
    Role,
    encode,
    invite_key,
    redeem_statement,
    room_of,
)
from editor_core.sync.messages import Ack


def share(project: OpenProject, key: Ed25519PrivateKey, session: int, profile: Profile, *, relay: str, role: Role,
          expires: float, encrypt: bool | None = None) -> dict[str, Any]:
    """As `sharing`, on the thread that owns the document."""
    return asyncio.run(sharing(project, key, session, profile, relay=relay, role=role, expires=expires, encrypt=encrypt))


async def sharing(project: OpenProject, key: Ed25519PrivateKey, session: int, profile: Profile, *, relay: str, role: Role,
                  expires: float, encrypt: bool | None = None, do: Do = here, taking_part: Participant | None = None) -> dict[str, Any]:
    """Puts a project into a room (a new one, if it is in none) and makes a link; everything is on the relay on return. `taking_part` is
    who takes part in the room for this project already: two of them would each know what the other does not.

    `expires` is a span in seconds, 0 for no end; `encrypt` makes a new room one that its members alone can read (None: as it is; a new one
    where it needs no relay, which is from peer to peer); `do` runs what touches the project. Raises AppError, StorageError.
    """
    async with AsyncExitStack() as held:
        return await _sharing(project, key, session, profile, relay, role, expires, encrypt, do, held, taking_part)


async def _sharing(project: OpenProject, key: Ed25519PrivateKey, session: int, profile: Profile, relay: str, role: Role, expires: float,
                   encrypt: bool | None, do: Do, held: AsyncExitStack, taking_part: Participant | None) -> dict[str, Any]:
    if (await do(lambda: Rooms(project.file).room)) is None:
        name = next((p.name for p in project.snapshot.of_kind(Project)), project.path.stem)[:100]
        sealed = encrypt if encrypt is not None else not relay.startswith(("ws://", "wss://"))
        genesis = Genesis(public(key), "" if sealed else name, secrets.token_bytes(16), profile.id, profile.name[:100], sealed)
        room = Room(id=room_of(genesis), relay=relay, key=public(key), name=name)
        await held.enter_async_context(meeting(relay, room.id, session, _nothing))
        await _reach(room, key, session, relay)
        first = make(key, room=room.id, document="members", session=session, sequence=1, payload=encode(genesis))

        def enter() -> tuple[Participant, Ticket]:
            begin(project, room, [first])
            one = Participant(project, key, session)
            return one, one.give_everything()

        one, given = await do(enter)
        await durable(given)
    else:
        if (await do(lambda: Rooms(project.file).room)).relay.startswith(PLAIN):
            raise AppError(f"{project.path.name} is in a plain room; a film cannot be in a room with members as well")
        one = taking_part or await do(lambda: Participant(project, key, session))
        if relay != one.room.relay:
            if relay != LAN:
                await _reach(one.room, key, session, relay)  # a film does not leave its relay for one that is not there
            await durable(await do(lambda: one.go_to(relay)))
        await held.enter_async_context(meeting(relay, one.room.id, session, Exchange(one, do).envelopes))
    if one.role != "owner":
        raise AppError(f"Only owners may invite others; you are {one.role or 'not a member'} in this room")
    if encrypt is not None and encrypt != one.encrypted:
        if one.encrypted:
            raise AppError("The room of this film is encrypted, and stays so; to share it in the clear, share a copy of it")
        await encrypt_room(one, do)
        await held.enter_async_context(meeting(relay, one.room.id, session, Exchange(one, do).envelopes))
    await Exchange(one, do).until_idle()
    for over in time_is_over(one.members):
        await remove(one, over, do)
    secret = secrets.token_bytes(SECRET)
    until = int(time.time() + expires) if expires else 0
    await announce(one, lambda: Invite(public(key), one.members.heads, public(invite_key(secret)), role, until), do)
    if one.encrypted:
        await Exchange(one, do).until_idle()  # who has the link is given the room's key
    return {"link": format_link(Link(one.room.relay, one.room.id, role, secret)), "room": one.room.id.hex(), "encrypted": one.encrypted}


def join(link: Link, film: Path, key: Ed25519PrivateKey, session: int, profile: Profile, *,
         making: Callable[[Path], AbstractContextManager[OpenProject]]) -> dict[str, Any]:
    """Redeems an invite and makes a film of the room. `making` gives an empty project that becomes the file when all went well.

    Raises AppError, StorageError.
    """
    link, came = asyncio.run(_redeem(link, key, session, profile))
    with making(film) as project:
        begin(project, Room(id=link.room, relay=link.relay, key=public(key)), [])
        one = Participant(project, key, session)
        one.redeem(link.secret)
        taken = one.take(came)
        if taken.refused:
            raise AppError(f"The relay handed on what it should have refused ({taken.refused[0][1]}); no film was made")
        one.apply(everything=True)
        report = Exchange(one).as_plain()
        if not project.snapshot.of_kind(Project):
            if taken.spoiled:
                raise AppError(f"What the room holds cannot be used: {taken.spoiled[0][1]} (by {taken.spoiled[0][0]})")
            if one.waiting:
                raise AppError("The key of this room was not given to you yet; try again when somebody who owns the room is connected")
            raise AppError("The room holds no film yet; ask whoever shared it to run `proeditor sync`")
    return report


async def _redeem(link: Link, key: Ed25519PrivateKey, session: int, profile: Profile) -> tuple[Link, list[bytes]]:
    """Joins the room if this device has not, and fetches everything; the link as it is in the room where that one goes on, if it does."""
    first = link
    for _ in range(2):
        came = await _redeem_in(link, key, session, profile)
        members = known_members(link.room, came)
        if link != first and not members.sealed:
            break
        if members.moved is None:
            return link, came
        link = link._replace(room=members.moved)
    raise AppError("The room that this link leads to is said to go on in an encrypted one, which it does not; ask for a new link")


async def _redeem_in(link: Link, key: Ed25519PrivateKey, session: int, profile: Profile) -> list[bytes]:
    async with await open_connection(link.relay, link.room, key, session, link.secret) as connection:
        if not connection.welcome.exists:
            raise AppError("There is no such room on this relay")
        async with asyncio.timeout(ANSWER_WITHIN):
            if may_as_much(connection.welcome.role, link.role):
                return await everything(connection)
            came = await everything(connection)
            members = known_members(link.room, came)
            if members.moved is not None:
                return came
            invite = members.invite(public(invite_key(link.secret)))
            if invite is None:
                raise AppError("The invite is not valid any more; ask for a new link")
            statement = redeem_statement(link.secret, room=link.room, by=public(key), role=invite.role, previous=members.heads,
                                         actor=profile.id, person=profile.name)
            envelope = make(key, room=link.room, document="members", session=session, sequence=1, payload=encode(statement))
            await connection.put([envelope.raw])
            while not isinstance(await connection.receive(), Ack):
                pass
    # on a line of its own: on this one, what others say while they join as well would come before what it builds on
    async with await open_connection(link.relay, link.room, key, session, link.secret) as connection:
        return await everything(connection)


async def _nothing() -> list[bytes]:
    """What a room that is being made begins with."""
    return []


async def _reach(room: Room, key: Ed25519PrivateKey, session: int, relay: str) -> None:
    """Whether a relay answers, before anything is changed here. Raises NoRelay, RelayRefuses."""
    await (await open_connection(relay, room.id, key, session)).close()


def may_as_much(role: str, wanted: Role) -> bool:
    """Whether a role (empty for none) allows what another does."""
    return role in ROLES and ROLES.index(next(r for r in ROLES if r == role)) >= ROLES.index(wanted)


def grant(one: Participant, prefix: str, role: Role, until: int = 0) -> None:
    """Gives a member another role, until some time (Unix seconds, 0 for no end), and takes back the link by which it came, known to the
    relay on return. Raises AppError."""
    asyncio.run(change_member(one, prefix, role, until=until))


def revoke(one: Participant, prefix: str) -> None:
    """Removes a member and takes back the link by which it came, or takes back a link by the beginning of its key; what was written
    stays. The relay knows on return. Raises AppError."""
    asyncio.run(change_member(one, prefix, None))


async def change_member(one: Participant, prefix: str, role: Role | None, do: Do = here, *, until: int = 0) -> None:
    """Gives a member another role until some time, or removes it (None), or takes back a link. `do` runs what touches the project.
    Raises AppError."""
    async with meeting(one.room.relay, one.room.id, one.session, Exchange(one, do).envelopes):
        await Exchange(one, do).until_idle()
        if one.role != "owner":
            raise AppError("Only owners may change who takes part")
        mine = public(one.key)
        invite = find_invite(one.members, prefix) if role is None else None
        if invite is not None:
            taken_back = invite.key
            await announce(one, lambda: Revoke(mine, one.members.heads, taken_back), do)
        else:
            member = find_member(one.members, prefix)
            await remove(one, member.key, do)
            if role is not None:
                given = role
                await announce(one, lambda: Grant(mine, one.members.heads, member.key, given, member.actor, member.person, until), do)
        if one.encrypted:
            await Exchange(one, do).until_idle()  # a key that leaves out who was removed


LEAST_OF_A_KEY = 4
"""A letter may begin one key alone by chance, and Ed and Ada are names as well as beginnings of keys."""


def find_member(members: Members, prefix: str) -> Any:
    """The one member whose key begins so, with 4 letters or more, or whose name or id it is. Raises AppError."""
    word = prefix.strip().lower()
    found = [m for m in members.present()
             if word and ((len(word) >= LEAST_OF_A_KEY and m.key.hex().startswith(word)) or word in (m.person.lower(), m.actor.lower()))]
    if len(found) != 1:
        known = ", ".join(f"{m.key.hex()[:8]} {m.person}" for m in members.present())
        raise AppError(f"{prefix!r} names {'several members' if found else 'no member'}; they are: {known}")
    return found[0]


__all__ = ["NotShared", "change_member", "find_member", "grant", "join", "remove_expired", "revoke", "share", "sharing"]
