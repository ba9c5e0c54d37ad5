"""Sharing a project in a plain room, and making a film of one.

Owns: both. Refuses: the exchange itself (see `exchange`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.exchange import durable, here
from app.services.collab.links import PLAIN, PlainLink, format_plain
from app.services.collab.plain.exchange import PlainExchange
from app.services.collab.plain.lines import near
from app.services.collab.plain.participant import PlainParticipant
from app.services.collab.words import PLAINLY
from app.services.errors import AppError
from app.services.open_project import DURABLE_WITHIN, OpenProject
from editor_core.schema import Project
from editor_core.storage.rooms import Room, Rooms, room_of
from editor_core.sync.envelope import public


def refuse_plain(project: OpenProject) -> None:
    """Raises AppError for a project in a plain room, which has no members."""
    room = room_of(project.file)
    if room is not None and room.relay.startswith(PLAIN):
        raise AppError(f"{project.path.name} is in a plain room, which has no members: whoever has the link is in. {PLAINLY}")


def share_plain(project: OpenProject, key: Ed25519PrivateKey, session: int, relay: str) -> dict[str, Any]:
    """As `sharing_plain`, on the thread that owns the document."""
    return asyncio.run(sharing_plain(project, key, session, relay))


async def sharing_plain(project: OpenProject, key: Ed25519PrivateKey, session: int, relay: str,
                        do: Callable[[Callable[[], Any]], Awaitable[Any]] = here) -> dict[str, Any]:
    """Puts a project into a plain room at a relay (`ws://HOST:PORT`); everything is there on return. `do` runs what touches the
    project. Raises AppError, StorageError."""
    scheme, _, host = relay.partition("://")
    if scheme != "ws":
        raise AppError("Plain rooms are not for relays with TLS; write ws://HOST:PORT of a relay on this machine or the local network")
    await near(relay)

    def enter() -> Any:
        rooms = Rooms(project.file)
        if rooms.room is not None and not rooms.room.relay.startswith(PLAIN):
            raise AppError(f"{project.path.name} is shared in a room with members; a film cannot be in a plain room as well")
        name = next((p.name for p in project.snapshot.of_kind(Project)), project.path.stem)[:100]
        room = Room(id=rooms.room.id if rooms.room is not None else secrets.token_bytes(16), relay=PLAIN + host, key=public(key), name=name)
        return room, rooms.enter(room)

    room, ticket = await do(enter)
    await durable(ticket)
    exchange = await do(lambda: PlainExchange(PlainParticipant(project, session), do))
    await exchange.until_idle()
    return {"link": format_plain(PlainLink(room.relay, room.id)), "room": room.id.hex(), "plain": True,
            "yjs": f"{relay}/plain/{room.id.hex()}/timeline"}


def join_plain(link: PlainLink, film: Path, key: Ed25519PrivateKey, session: int, *,
               making: Callable[[Path], AbstractContextManager[OpenProject]]) -> dict[str, Any]:
    """Makes a film of a plain room. Raises AppError, StorageError."""
    with making(film) as project:
        Rooms(project.file).enter(Room(id=link.room, relay=link.relay, key=public(key))).wait(DURABLE_WITHIN)
        exchange = PlainExchange(PlainParticipant(project, session))
        asyncio.run(exchange.until_idle())
        if not project.snapshot.of_kind(Project):
            raise AppError("The room holds no film yet; ask whoever shared it to run `proeditor sync`")
    return exchange.as_plain()
