"""A project's exchange of media with the others in its room, beside that of edits.

Owns: connecting and going on after interruptions, where what arrives is put, checking it against what the project says, the report.
Refuses: the forms of messages (see `line`), what is given and fetched (see `giving`, `fetching`), and decoding: whatever comes is looked
at by media workers alone, and only when every byte of it was checked.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.connection import open_connection
from app.services.collab.media.fetching import Coming, Fetching
from app.services.collab.media.giving import Giving, MakeStandIn
from app.services.collab.media.holdings import Holdings, Wanted, free_name
from app.services.collab.media.line import MediaLine, Sealing
from app.services.collab.transport import NoRelay, RelayRefuses
from app.services.errors import AppError
from assets.pieces import MOST_PIECES, PIECE, Arrival
from editor_core.schema import MediaReference
from editor_core.sync.media_messages import Ask as AskPiece
from editor_core.sync.media_messages import AskList, Here, Said, Who
from render import stand_in

log = logging.getLogger(__name__)

Upto = Literal["none", "previews", "proxies", "originals"]
RETRY = (0.3, 8.0)
"""Seconds to the first and between later tries to connect."""
QUIET = 1.0
"""Seconds in which nothing is given or wanted, after which an exchange is over."""
ARRIVING = ".arriving"
"""Where parts of files are kept, beside where the whole will lie."""
OVERWRONG = 20
"""Unintelligible messages from one session, after which it is not listened to."""


@dataclass(frozen=True)
class Member:
    """This session in its room: how a media line is opened."""

    relay: str
    room: bytes
    key: Ed25519PrivateKey
    session: int
    sealing: Sealing


@dataclass(frozen=True)
class Shelf:
    """What the exchange needs of this machine. `locate(asset, path)` is told where an original has come to lie; `arrived` hears of
    everything that came; `quick_hash` says what a file is, by a media worker; `make` makes a stand-in."""

    holdings: Holdings
    lists: Path
    media_folder: Path
    make: MakeStandIn
    quick_hash: Callable[[Path], Awaitable[str]]
    locate: Callable[[str, Path], Awaitable[None]]
    known: Callable[[str], list[Path]] = lambda content_hash: []
    """Where media of a hash was seen on this machine in other projects."""
    arrived: Callable[[Wanted, Path], None] = lambda wanted, path: None


@dataclass
class MediaReport:
    """What an exchange did: (name, kind, bytes) of what came, names of what was here already, names of what nobody has."""

    came: list[tuple[str, str, int]] = field(default_factory=list)
    here: list[str] = field(default_factory=list)
    given: int = 0
    received: int = 0
    refused: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)

    def as_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"came": [{"name": name, "kind": kind, "bytes": size} for name, kind, size in self.came], "already_here": self.here,
                "given_bytes": self.given, "received_bytes": self.received, "refused": self.refused,
                "missing": [{"name": name, "why": why} for name, why in self.missing]}


class MediaExchange:
    """One project's. Belongs to a loop; `upto` says what is fetched of what is missing."""

    def __init__(self, member: Callable[[], Member], shelf: Shelf, upto: Upto = "none", *, cap: float = 0.0, metered: bool = False) -> None:
        """`cap` bytes a second at most are given, 0 for no cap; `metered` fetches and gives previews alone."""
        self._member = member
        self._shelf = shelf
        self.upto: Upto = upto
        self.giving = Giving(shelf.holdings, shelf.lists, shelf.make, cap, metered)
        self.fetching = Fetching(self._folder, self._size, self._take)
        self.report = MediaReport()
        self.online = False
        self._looked: set[str] = set()
        self._offences: dict[int, int] = {}
        self._moved = 0.0

    @property
    def metered(self) -> bool:
        return self.giving.metered

    def choose(self, upto: Upto, metered: bool) -> None:
        """Something else is wanted from now on."""
        self.upto, self.giving.metered = upto, metered
        self.look_again()

    def look_again(self) -> None:
        """The project's media, or what lies here, may have changed."""
        upto: Upto = "previews" if self.metered and self.upto != "none" else self.upto
        self.fetching.want(self._shelf.holdings.missing(upto))

    def coming(self) -> list[Coming]:
        """Files on their way."""
        return self.fetching.coming()

    async def stay(self) -> None:
        """Gives and fetches over interruptions until it is cancelled. Raises RelayRefuses when it is not let in."""
        await self._find_here()
        self.look_again()
        delay = RETRY[0]
        while True:
            try:
                await self._once()
                delay = RETRY[0]
            except NoRelay as error:
                log.info("no media line: %s", error)
            await asyncio.sleep(delay)
            delay = min(delay * 2, RETRY[1])

    async def until_had(self) -> MediaReport:
        """Waits, while `stay` runs, until what is wanted is here or nobody has it."""
        while not self.online or (self.fetching.open and not self.fetching.hopeless):
            await asyncio.sleep(0.1)
        return self.done()

    async def until_idle(self) -> MediaReport:
        """Until all that is wanted is here or nobody has it, and nobody wants anything. Raises NoRelay, RelayRefuses."""
        await self._find_here()
        self.look_again()
        line = asyncio.ensure_future(self._once())
        watch = asyncio.ensure_future(self._idle())
        try:
            await asyncio.wait((line, watch), return_when=asyncio.FIRST_COMPLETED)
            if line.done():
                line.result()
        finally:
            for task in (line, watch):
                task.cancel()
            await asyncio.gather(line, watch, return_exceptions=True)
        return self.done()

    def done(self) -> MediaReport:
        """The report as it stands; what is kept for half-done files alone stays on the disk."""
        for folder in (self._shelf.media_folder, self._shelf.holdings.stand_ins):
            with contextlib.suppress(OSError):
                (folder / ARRIVING).rmdir()
        report, fetching = self.report, self.fetching
        report.given, report.received, report.refused = self.giving.given, fetching.got, fetching.wrong
        upto: Upto = "previews" if self.metered and self.upto != "none" else self.upto
        report.missing = list(dict.fromkeys((self._name(one), fetching.given_up.get(one, "nobody who is here has it"))
                                            for one in self._shelf.holdings.missing(upto)))  # once a file, not once a preview as well
        return report

    async def _idle(self) -> None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        while True:
            await asyncio.sleep(0.05)
            fetching, giving = self.fetching, self.giving
            seen = fetching.got + giving.given
            busy = giving.busy or fetching.active or (fetching.open and not fetching.hopeless) or seen != self._moved or not self.online
            self._moved = seen
            if busy:
                since = loop.time()
            elif loop.time() - since >= QUIET:
                return

    async def _once(self) -> None:
        """One connection, until it ends."""
        one = self._member()
        async with await open_connection(one.relay, one.room, one.key, one.session, media=True) as connection:
            line = MediaLine(connection, one.room, one.session, one.sealing, self._offence)
            tasks = [asyncio.ensure_future(work) for work in
                     (self._listen(line), self.giving.work(line.to), self.fetching.work(line.to, line.to_all), self._until_moved(one.room))]
            self.online = True
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                self.online = False
                self.giving.stop()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _until_moved(self, room: bytes) -> None:
        """Until the film goes on in another room; the next connection is made there."""
        while self._member().room == room:
            await asyncio.sleep(1)

    async def _listen(self, line: MediaLine) -> None:
        present: set[int] = set()
        async for heard in line.heard():
            if isinstance(heard, Here):
                for session in present - set(heard.sessions):
                    self.giving.gone(session)
                present = set(heard.sessions)
                self.fetching.here(present)
                continue
            session, message = heard
            if self._offences.get(session, 0) >= OVERWRONG:
                continue
            await self._hear(session, message, line)

    async def _hear(self, session: int, message: Said, line: MediaLine) -> None:
        if isinstance(message, (Who, AskList, AskPiece)):
            await self.giving.hear(session, message, line.to)
        else:
            await self.fetching.hear(session, message)

    def _offence(self, session: int, reason: str) -> None:
        log.warning("session %x says what cannot be understood about media: %s", session, reason)
        self._offences[session] = self._offences.get(session, 0) + 1

    # what arrives

    def _folder(self, wanted: Wanted) -> Path:
        return (self._shelf.media_folder if wanted.kind == "original" else self._shelf.holdings.stand_ins) / ARRIVING

    def _size(self, wanted: Wanted) -> tuple[int, int]:
        reference = self._shelf.holdings.reference(wanted.hash)
        if reference is None:
            return 0, 0
        if wanted.kind == "original":
            return reference.size, reference.size or MOST_PIECES * PIECE
        return 0, stand_in.longest(reference, wanted.kind)

    def _name(self, wanted: Wanted) -> str:
        reference = self._shelf.holdings.reference(wanted.hash)
        return reference.name if reference is not None else wanted.hash

    async def _take(self, wanted: Wanted, arrival: Arrival) -> str:
        """Gives what has arrived its name, after one more look; why it is not taken, or nothing."""
        reference = self._shelf.holdings.reference(wanted.hash)
        if reference is None:
            arrival.drop()
            return "the project does not name it any more"
        loop = asyncio.get_running_loop()
        size = arrival.pieces.size
        if wanted.kind == "original":
            target = await loop.run_in_executor(None, self._placed, arrival, reference)
            if why := await self._not_it(target, reference):
                with contextlib.suppress(OSError):
                    target.unlink()
                return why
            await self._shelf.locate(reference.id, target)
        else:
            kind: stand_in.Kind = wanted.kind
            target = self._shelf.holdings.stand_ins / stand_in.name_of(reference.hash, kind)
            try:
                await loop.run_in_executor(None, arrival.finish, target)
            except FileExistsError:
                arrival.drop()
        self.report.came.append((reference.name, wanted.kind, size))
        self._shelf.arrived(wanted, target)
        return ""

    def _placed(self, arrival: Arrival, reference: MediaReference) -> Path:
        while True:
            target = free_name(self._shelf.media_folder, reference.name)
            try:
                arrival.finish(target)
            except FileExistsError:
                continue
            return target

    async def _not_it(self, path: Path, reference: MediaReference) -> str:
        try:
            found = await self._shelf.quick_hash(path)
        except Exception as error:
            return f"it cannot be read: {error}"
        return "" if found == reference.hash else "it is not the file that the project names"

    async def _find_here(self) -> None:
        """Originals that lie on this machine already, where other projects saw them, need not come."""
        holdings = self._shelf.holdings
        if self.upto == "none":
            return
        for one in holdings.missing("originals"):
            reference = holdings.reference(one.hash)
            if reference is None or one.hash in self._looked:
                continue
            self._looked.add(one.hash)
            for path in self._shelf.known(one.hash):
                if path.is_file() and path.stat().st_size == reference.size and not await self._not_it(path, reference):
                    await self._shelf.locate(reference.id, path)
                    self.report.here.append(reference.name)
                    break


def wish(word: str) -> Upto:
    """What `--media` says. Raises AppError."""
    known: tuple[Upto, ...] = ("none", "previews", "proxies", "originals")
    found = next((one for one in known if one == word.strip().lower()), None)
    if found is None:
        raise AppError(f"{word!r} is no choice of media; write none, previews, proxies or originals")
    return found


__all__ = ["MediaExchange", "MediaReport", "Member", "RelayRefuses", "Shelf", "Upto", "wish"]
