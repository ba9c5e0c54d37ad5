"""What other commands of the same person are done by the command that is connected with a film (`sync`, `run --live`).

Owns: edits, and what is asked of the room: sharing, members, encrypting, giving everything. Refuses: the socket it comes over (see
`app.services.owner`), doing the work itself. Everything here belongs to the loop that owns the document.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab import moving, sharing
from app.services.collab.exchange import Exchange
from app.services.collab.membership import members_plain
from app.services.collab.participant import Participant
from app.services.collab.plain import PlainParticipant, refuse_plain, sharing_plain
from app.services.errors import AppError
from app.services.identity import Profile
from app.services.open_project import OpenProject, answer
from app.services.together import align, needs_aligning
from editor_core.document import ChangeSet
from editor_core.storage.rooms import room_of

GIVEN_WITHIN = 60.0
"""Seconds that another command waits for what it did to be given."""
FINISHED_WITHIN = 60.0
"""Seconds that a command whose time is over goes on for what another asked of the room."""


class Handed:
    """Requests for one exchange."""

    def __init__(self, project: OpenProject, exchange: Exchange, key: Ed25519PrivateKey) -> None:
        self._project, self._exchange, self._key = project, exchange, key
        self._begun: set[asyncio.Task[Any]] = set()
        self._waiting: set[asyncio.Task[Any]] = set()

    async def serve(self, request: dict[str, Any]) -> Any:
        """The answer to one, as JSON values. Raises one of REFUSALS."""
        task = asyncio.current_task()
        assert task is not None
        what, args = str(request.get("what")), dict(request.get("args") or {})
        live = request.get("do") == "live"
        these = self._waiting if live and what == "sync" else self._begun
        these.add(task)
        try:
            return await self._live(what, args) if live else self._edit(request)
        finally:
            these.discard(task)
            self._exchange.something_changed()

    async def finish(self) -> None:
        """Ends: what was begun is finished, and who only waits for this connection makes one of its own."""
        for task in self._waiting:
            task.cancel()
        if self._begun or self._waiting:
            await asyncio.wait({*self._begun, *self._waiting}, timeout=FINISHED_WITHIN)

    def _edit(self, request: dict[str, Any]) -> Any:
        made: list[ChangeSet] = []
        leave = self._project.document.subscribe(lambda change, before, after: made.append(change))
        try:
            done = answer(self._project, request)
        finally:
            leave()
        if any(map(needs_aligning, made)):
            align(self._project)
        return done

    async def _live(self, what: str, args: dict[str, Any]) -> Any:
        one = self._exchange.participant
        if what == "sync":
            return await self._given(args)
        if what == "share":
            return await self._aside(lambda: self._share(args))
        if what in ("encrypt", "members"):
            refuse_plain(self._project)
        if what == "encrypt":
            return await self._aside(lambda: moving.encrypt(one))
        if what == "members":
            who, role, until = str(args.get("who", "")), args.get("role"), int(args.get("until", 0))
            if who:
                await self._aside(lambda: sharing.change_member(one, who, role, until=until))
            return members_plain(one)
        raise AppError("The command that is connected with this film cannot do that; try again when it is done")

    async def _aside(self, work: Callable[[], Awaitable[Any]]) -> Any:
        found = await self._exchange.aside(work)
        self._exchange.something_changed()
        return found

    async def _share(self, args: dict[str, Any]) -> Any:
        one, project = self._exchange.participant, self._project
        relay = str(args.get("relay"))
        if args.get("plain"):
            made = await sharing_plain(project, self._key, one.session, relay)
            if isinstance(one, PlainParticipant) and (room := room_of(project.file)) is not None:
                one.room = room
            return made
        if not isinstance(one, Participant):
            raise AppError(f"{project.path.name} is in a plain room; a film cannot be in a room with members as well")
        me = Profile(id=project.door.actor.id, name=project.door.actor.name)
        return await sharing.sharing(project, one.key, one.session, me, relay=relay, role=args.get("role", "editor"),
                                     expires=float(args.get("expires", 0)), encrypt=args.get("encrypt"), taking_part=one)

    async def _given(self, args: dict[str, Any]) -> dict[str, Any]:
        """What another command gets that would connect too: everything given over the connection that is there, or so many seconds of it.
        Raises AppError."""
        if args.get("media") not in (None, "none"):
            raise AppError("Another command is connected with this film, and fetches no media for this one; try again when that is done")
        exchange, seconds = self._exchange, args.get("seconds")
        try:
            async with asyncio.timeout(GIVEN_WITHIN):
                while not exchange.caught_up:
                    if exchange.trouble is not None and not exchange.online:
                        raise exchange.trouble
                    await asyncio.sleep(0.02)
                if seconds is None:
                    exchange.something_changed()
                    await exchange.quiet()
        except TimeoutError:
            raise AppError("The command that is connected with this film did not get everything out in time; it goes on trying") from None
        if isinstance(seconds, (int, float)):
            await asyncio.sleep(seconds)
        return exchange.as_plain()
