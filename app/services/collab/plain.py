"""A project in a plain room: y-protocols with a relay on this machine or the local network, where Yjs clients may take part.

Owns: what goes out and comes in there, when what came is brought into the document, the exchange's order. Refuses: addresses further
away, the other documents than `timeline` and `journal`, and believing anything: see `editor_core.sync.plain`.

What is done here is given as the update bytes that the replica made of it, both documents by a line of their own; at every connection
both sides tell by state vectors what they have. What came waits until it fits together, or `GRACE` is over: a Yjs client writes fields
without any change in the journal.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import logging
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.exchange import QUIET, Exchange, here
from app.services.collab.links import PLAIN, PlainLink, format_plain
from app.services.collab.transport import LineClosed, NoRelay, RelayRefuses, WebSocketLine, WebSockets, is_near
from app.services.deciding import conflicts_plain
from app.services.errors import AppError
from app.services.merging import Coming, merger_of
from app.services.open_project import DURABLE_WITHIN, OpenProject
from editor_core.document import ChangeSet, DocumentError, Snapshot, Stamp, entry_of
from editor_core.schema import Project
from editor_core.storage import StorageError
from editor_core.storage.rooms import Room, Rooms
from editor_core.sync.arriving import in_order
from editor_core.sync.envelope import public
from editor_core.sync.errors import SyncError, UpdateRefused
from editor_core.sync.fingerprint import fingerprint
from editor_core.sync.merging import Merged
from editor_core.sync.messages import Present
from editor_core.sync.parcel import unseal
from editor_core.sync.plain import Mirror
from editor_core.sync.yprotocol import MAX_UPDATE, Aware, NotSpoken, Step1, Step2, Update, read, write

log = logging.getLogger(__name__)

SETTLE = 0.03
"""Seconds without anything coming after which what came is looked at."""
GRACE = 1.0
"""Seconds after which what came is taken though it does not fit together."""
DOCUMENTS = ("timeline", "journal")
RENEW = 15.0
"""Seconds after which a client says again where it is; Yjs forgets who is silent for 30 s."""
_OURS = "proeditor"
NOTHING_NEW = b"\x00\x00"
"""A Yjs update (version 1) without changes and without deletions."""


class TooFar(AppError):
    """A plain room that is neither on this machine nor on the local network."""


class Everyone:
    """Who takes part in a plain room: whoever is there, as an editor, and nobody knows them."""

    def __init__(self, name: str) -> None:
        self.name = name

    def role(self, key: bytes) -> str:
        """Of any device."""
        return "editor"

    def present(self) -> tuple[()]:
        """There is no list of them."""
        return ()


class Notes:
    """What a film knows of its plain room: nothing is kept of who wrote what."""

    def __init__(self, participant: PlainParticipant) -> None:
        self._participant = participant
        self.room = participant.room
        self.have: dict[str, dict[int, int]] = {}
        self.actors: dict[int, bytes] = {}

    @property
    def carried(self) -> Collection[Stamp]:
        """Stamps of what was given."""
        return self._participant.given


class PlainParticipant:
    """One project in one plain room; used as a `Participant`. Belongs to the document's thread."""

    encrypted = False
    held_back = 0

    def __init__(self, project: OpenProject, session: int) -> None:
        """Raises AppError for a project that is in no plain room."""
        found = Rooms(project.file).room
        if found is None or not found.relay.startswith(PLAIN):
            raise AppError(f"{project.path.name} is in no plain room")
        self.project = project
        self.session = session
        self.room: Room = found
        self.merger = merger_of(project)
        self.mirror = Mirror()
        self.members = Everyone(found.name)
        self.rooms = Notes(self)
        self._given = 0
        self.given: dict[Stamp, tuple[int, int]] = {}
        self._brought: set[Stamp] = set()
        self._since = 0.0

    @property
    def role(self) -> str:
        """Everyone in a plain room is an editor."""
        return "editor"

    def begin(self) -> None:
        """A new mirror of what is here, for a new connection."""
        self.close()
        self.mirror = Mirror()
        self.mirror.apply_update(self.project.file.replica.state())
        self.mirror.watch()
        self._give_up_to(len(self.project.door.history.entries))
        self._since = 0.0

    def _give_up_to(self, count: int) -> None:
        self.given.update((line.stamp, (0, 0)) for line in self.project.door.history.entries[self._given:count])
        self._given = count

    def close(self) -> None:
        """Lets go of the mirror's memory."""
        self.mirror.close()

    def outgoing(self) -> list[tuple[bytes, bytes]]:
        """What was done here and not given yet: updates of `timeline` and `journal`, a pair a change."""
        lines = self.project.door.history.entries
        made: list[tuple[bytes, bytes]] = []
        for line in lines[self._given:]:
            if line.stamp not in self._brought:
                parcel = unseal(self._parcel(line.stamp))
                self.mirror.add(parcel.timeline, parcel.journal)
                made.append((parcel.timeline, parcel.journal))
        self._give_up_to(len(lines))
        return made

    def _parcel(self, stamp: Stamp) -> bytes:
        try:
            return self.project.file.parcel(stamp)
        except StorageError:
            self.project.file.flush()
            return self.project.file.parcel(stamp)

    def take(self, document: str, update: bytes) -> bool:
        """Takes what came into the mirror; whether it was new. Raises UpdateRefused."""
        try:
            new = self.mirror.take(document, update)
        except UpdateRefused:
            if self.mirror.broken:
                self.begin()
            raise
        if new:
            self._since = self._since or time.monotonic()
        return new

    @property
    def ready(self) -> bool:
        """Whether what came can be brought in now."""
        return self.mirror.pending and (self.mirror.settled() or time.monotonic() - self._since > GRACE)

    def unread(self) -> list[tuple[int, int]]:
        """Nothing waits in the file."""
        return []

    def coming(self, *, at_most: int = 0, everything: bool = False) -> tuple[Coming, list[tuple[int, int]]]:
        """What came and fits together, as changes and a parcel; what was written without changes is in the parcel alone. A place stands
        for all of it."""
        if not self.ready:
            return Coming([], [], False), []
        return Coming(in_order(self.mirror.arrived.values(), self.merger.order)[0], [self.mirror.parcel()], False), [(0, 0)]

    def apply(self) -> int:
        """Brings what came into the document, durable on return; how many changes, or records that were written without one.

        Raises AppError, StorageError.
        """
        before = len(self.mirror.touched)
        merged = self._merge(wait=True)
        return 0 if merged is None else len(merged.change.merged) or before

    def bring(self, arriving: Coming, places: Iterable[tuple[int, int]], *, wait: bool = True) -> Merged | None:
        """As `apply`, if there are places; durable on return unless `wait` is False."""
        return self._merge(wait=wait) if list(places) else None

    def _merge(self, *, wait: bool) -> Merged | None:
        mirror, film = self.mirror, self.project
        if not mirror.pending:
            return None
        mirror.find_new()
        changes, late = in_order(mirror.arrived.values(), self.merger.order)
        parcel = mirror.parcel()
        touched = {record_id: fields - {"type"} for record_id, fields in mirror.touched.items()}
        mirror.clear()
        mirror.arrived.update({change.stamp: change for change in late})
        self._since = 0.0
        try:
            merged = self.merger.merge(changes, [parcel], stamp=film.door.next_stamp(), actor=film.door.actor.id,
                                       time=int(time.time() * 1000), also=touched)
        except (SyncError, DocumentError) as error:
            raise AppError(f"What came from the plain room cannot be merged: {error}") from error
        if merged is not None:
            self._bring(merged, wait)
        return merged

    def _bring(self, merged: Merged, wait: bool) -> None:
        film = self.project
        tickets: list[Any] = []

        def record(change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
            tickets.append(film.file.record_received(change, before, after, merged.parcel))
            film.door.history.add(entry_of(change))

        film.document.apply(merged.change, record)
        self._brought.add(merged.change.stamp)
        for ticket in tickets if wait else ():
            ticket.wait(DURABLE_WITHIN)

    @property
    def waiting(self) -> int:
        """Changes, or records written without one, that came and are not in the document."""
        return len(self.mirror.arrived) or int(self.mirror.pending)


class Lines(dict[str, WebSocketLine]):
    """A line for each document; also an async context manager."""

    async def __aenter__(self) -> Lines:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for line in self.values():
            with contextlib.suppress(Exception):
                await line.close()


class PlainExchange(Exchange):
    """The exchange of a project in a plain room; used as every `Exchange`."""

    def __init__(self, participant: PlainParticipant, on_document: Callable[[Callable[[], Any]], Awaitable[Any]] = here,
                 came: Callable[[], Awaitable[int]] | None = None) -> None:
        super().__init__(cast(Any, participant), on_document, came)
        self.plain = participant
        self._lines: Lines | None = None
        self._asked: dict[str, int] = {}
        self._unsure = False
        self._arrived = asyncio.Event()
        self._clock = 0

    async def show(self, state: bytes, *, slow: bool = False) -> None:
        if slow:
            self._introduced = state
        else:
            self._shown = state
        if self._lines is not None:
            await self._send(self._lines, "timeline", self._here())

    @property
    def round_trip(self) -> float:
        return float(self._lines["timeline"].socket.latency) if self._lines is not None else 0.0

    async def drop(self) -> None:
        if self._lines is not None:
            await self._lines["timeline"].close()

    async def _connect(self) -> Any:
        one = self.plain
        address = "ws://" + one.room.relay.removeprefix(PLAIN)
        await _near(address)
        lines = Lines()
        try:
            for name in DOCUMENTS:
                line = await WebSockets().at(f"{address}/plain/{one.room.id.hex()}/{name}", address, longest=MAX_UPDATE + 2**16)
                lines[name] = line
                if not is_near(str(line.socket.remote_address[0])):
                    raise TooFar(f"{address} is neither this machine nor on the local network; plain rooms are for these only")
        except BaseException:
            await lines.__aexit__()
            raise
        self.report.connections += 1
        self._caught_up = self._giving = self._unsure = False
        self._asked = {}
        self._moved = time.monotonic()
        return lines

    async def _with(self, lines: Any, end: Any) -> None:
        await self._do(self.plain.begin)
        for name in DOCUMENTS:
            await self._ask(lines, name)
        if self._shown or self._introduced:
            await self._send(lines, "timeline", self._here())
        self._lines = lines
        works = (*(self._hear(lines, name) for name in DOCUMENTS), self._tell(lines), self._settle(), self._renew(lines), end)
        tasks = [asyncio.ensure_future(one) for one in works]
        self.online = True
        self._trouble = None
        self.on_line()
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self.online = False
            self._lines = None
            self.peers.clear()
            self.slow.clear()
            self.on_line()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._do(self.plain.close)

    async def _send(self, lines: Lines, name: str, said: Step1 | Step2 | Update | Aware) -> None:
        try:
            await lines[name].send(write(said))
        except LineClosed as error:
            raise self._gone(error) from None

    def _gone(self, error: LineClosed) -> AppError:
        if error.refused is not None:
            return RelayRefuses(f"The relay refuses: {error.refused}")
        address = self.plain.room.relay.removeprefix("plain+")
        return NoRelay(f"The connection to {address} ended; edits are kept and go out with the next sync")

    async def _ask(self, lines: Lines, name: str) -> None:
        """What the relay has more; its answer also says that all that was sent before is on its disk."""
        self._asked[name] = self._asked.get(name, 0) + 1
        await self._send(lines, name, Step1(await self._do(lambda: self.plain.mirror.state_of(name))))

    async def _hear(self, lines: Lines, name: str) -> None:
        while True:
            try:
                said = read(await lines[name].receive())
            except LineClosed as error:
                raise self._gone(error) from None
            except NotSpoken as error:
                raise RelayRefuses(f"The relay of this plain room does not speak y-protocols: {error}") from None
            if isinstance(said, Aware):
                self._aware(said)
                continue
            self._moved = time.monotonic()
            if isinstance(said, Step1):
                state = said.state
                update = await self._do(lambda: self.plain.mirror.update_for(name, state))  # noqa: B023
                await self._send(lines, name, Step2(update))
                if name == "journal" and update != NOTHING_NEW:  # all that was done apart goes out as one
                    self.report.sent += 1
                self._unsure = True
            elif isinstance(said, (Step2, Update)):
                await self._take(name, said.update)
                if isinstance(said, Step2):
                    self._asked[name] = max(0, self._asked.get(name, 0) - 1)
                    if not any(self._asked.values()):
                        self._unsure = self._unsure and not self._caught_up
                        self._caught_up = True
                        self._changed.set()
                        self.on_line()

    async def _take(self, name: str, update: bytes) -> None:  # type: ignore[override]
        try:
            if await self._do(lambda: self.plain.take(name, update)):
                self.report.received += 1
                self._arrived.set()
        except UpdateRefused as error:
            log.warning("an update of a plain room was refused: %s", error)
            self.report.refused.append(("", str(error)))

    async def _settle(self) -> None:
        """Brings in what came, once it fits together; with `came` says so, once."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await asyncio.sleep(SETTLE)
            if await self._do(lambda: self.plain.ready):
                self.report.applied += await (self._came() if self._came is not None else self._do(self.plain.apply))
                self._moved = time.monotonic()
            elif await self._do(lambda: self.plain.mirror.pending):
                self._arrived.set()

    async def _tell(self, lines: Any) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._giving = True
            for timeline, journal in await self._do(self.plain.outgoing):
                for name, update in (("journal", journal), ("timeline", timeline)):
                    if update:
                        await self._send(lines, name, Update(update))
                self.report.sent += 1
                self._unsure = True
                self._moved = time.monotonic()
            self._giving = False

    async def _idle(self) -> None:
        while True:
            quiet = time.monotonic() - self._moved
            coming = await self._do(lambda: self.plain.mirror.pending)
            open_ends = not self._caught_up or self._giving or self._changed.is_set() or coming or any(self._asked.values())
            if not open_ends and self._unsure and self._lines is not None:
                self._unsure = False
                for name in DOCUMENTS:
                    await self._ask(self._lines, name)
            elif not open_ends and quiet >= QUIET:
                self.report.acknowledged = self.report.sent
                return
            await asyncio.sleep(0.02 if open_ends else max(0.01, QUIET - quiet))

    # where everyone is

    def _here(self) -> Aware:
        self._clock += 1
        said = {"at": base64.b64encode(self._shown).decode(), "is": base64.b64encode(self._introduced).decode()}
        return Aware(((self.plain.session, self._clock, json.dumps({_OURS: said})),))

    async def _renew(self, lines: Lines) -> None:
        while True:
            await asyncio.sleep(RENEW)
            if self._shown or self._introduced:
                await self._send(lines, "timeline", self._here())

    def _aware(self, said: Aware) -> None:
        states: dict[int, bytes] = {}
        slow: dict[int, bytes] = {}
        for client, _, text in said.clients:
            found = json.loads(text)
            if found is None:
                states[client] = b""
            elif isinstance(found, dict) and isinstance(found.get(_OURS), dict):
                states[client], introduced = (_bytes(found[_OURS].get(name)) for name in ("at", "is"))
                if introduced:
                    slow[client] = introduced
        self._present(Present({client: state for client, state in states.items() if state or client in self.peers}, slow))

    @property
    def unacknowledged(self) -> int:
        return int(self._unsure)

    def as_plain(self, *, bring: bool = True) -> dict[str, Any]:
        one, told = self.plain, self.report
        return {"room": one.room.id.hex(), "relay": one.room.relay, "role": one.role, "plain": True, "sent": told.sent,
                "received": told.received, "acknowledged": told.acknowledged, "applied": told.applied, "waiting": one.waiting,
                "held_back": 0, "refused": [{"author": author, "reason": reason} for author, reason in told.refused], "members": [],
                "conflicts": conflicts_plain(one.project), "fingerprint": fingerprint(one.project.snapshot)}


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""


async def _near(address: str) -> None:
    """Raises TooFar unless every address of the host is this machine's or the local network's; NoRelay where there is none."""
    parts = urlsplit(address)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoRelay(f"{parts.hostname} is not known here ({error.strerror})") from None
    if not all(is_near(str(one[4][0])) for one in found):
        raise TooFar(f"{parts.hostname} is neither this machine nor on the local network; plain rooms are for these only, because "
                     "nothing in them is signed or sealed. Share without --plain instead")


def share_plain(project: OpenProject, key: Ed25519PrivateKey, session: int, relay: str) -> dict[str, Any]:
    """Puts a project into a plain room at a relay (`ws://HOST:PORT`); everything is there on return. Raises AppError, StorageError."""
    scheme, _, host = relay.partition("://")
    if scheme != "ws":
        raise AppError("Plain rooms are not for relays with TLS; write ws://HOST:PORT of a relay on this machine or the local network")
    asyncio.run(_near(relay))
    rooms = Rooms(project.file)
    if rooms.room is not None and not rooms.room.relay.startswith(PLAIN):
        raise AppError(f"{project.path.name} is shared in a room with members; a film cannot be in a plain room as well")
    name = next((p.name for p in project.snapshot.of_kind(Project)), project.path.stem)[:100]
    room = Room(id=rooms.room.id if rooms.room is not None else secrets.token_bytes(16), relay=PLAIN + host, key=public(key), name=name)
    rooms.enter(room).wait(DURABLE_WITHIN)
    exchange = PlainExchange(PlainParticipant(project, session))
    asyncio.run(exchange.until_idle())
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
