"""Rooms on the local network: found by zeroconf, hosted by one of those who are in them.

Owns: what is announced (a hash of the room's id, a number that ranks hosts, a port), a relay inside this process and its thread, who
hosts next. Refuses: announcing anything unless a room was shared on the local network and its host stays connected; names and ids of
people, films or rooms on the wire; finding hosts (see `neighbours`).

Any of those in a room can host it: a room's relay keeps nothing that is not in the films, and a new one is filled from its host's
film. When the host leaves, those who saw each other wait in the order of their sessions, so that mostly the first hosts before the
others would; whoever hosts first is joined by all. Where two begin at the same time all the same, or in networks that come together
later, the one with the lower session stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from app.services.collab.links import LAN
from app.services.collab.neighbours import ANSWER, KIND, LOOK, SOON, Host, Neighbours, answers, find, find_all, own_addresses
from app.services.collab.transport import NoRelay, WebSocketLine, WebSockets, announced
from app.services.errors import AppError
from editor_core.sync.envelope import EnvelopeRefused, header_of

log = logging.getLogger(__name__)

STEP = 0.5
"""Seconds between the turns of those who might host next."""
TURNS = 4
"""Turns that those without a known place are spread over."""
JOIN = 6.0
"""Seconds that somebody who may not host looks for one who does."""
AGAIN = 20.0
"""Seconds between two looks of a host for others that host the room too: networks that were apart come together without a word."""
FOLDER = "proeditor-lan-"
STALE = 300.0
"""Seconds for which a host's folder is left alone in any case: its relay may not have taken it yet."""
DOUBT = 2.0
"""Seconds until one that was heard of and did not answer is tried again, the first time; each time it is twice as long, up to AGAIN."""

Herald = Callable[[], Awaitable[tuple[bytes, Sequence[bytes]]]]
"""A room that went on in the one that is hosted, and the statements that say so; none of them for no such room."""
FIRST = 0
"""Rank of those who host a room only to say where it goes on: they stay."""
Fill = Callable[[], Awaitable[Sequence[bytes]]]
"""What a new host begins with: a film's envelopes in the order they were kept."""


class LanHost:
    """Hosts a room in a thread of this process until closed. `over` is called on that thread when somebody else hosts it."""

    def __init__(self, room: bytes, rank: int, envelopes: Sequence[bytes]) -> None:
        """Begins with a film's envelopes; hosting has begun on return. Raises AppError."""
        self.room = room
        self.rank = rank
        self.address = ""
        _clear_up()
        self._folder = Path(tempfile.mkdtemp(prefix=FOLDER))
        self._begun = threading.Event()
        self._trouble: Exception | None = None
        self._looked = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._fill(envelopes)
        self._thread = threading.Thread(target=self._run, name="lan-host", daemon=True)
        self._thread.start()
        self._begun.wait(15)
        if not self.address:
            self.close()
            raise AppError(f"This machine cannot host the room: {self._trouble or 'it took too long'}")

    def _fill(self, envelopes: Sequence[bytes]) -> None:
        from app.services.relay.store import RelayStore, Row

        told = sorted(((header_of(raw), raw) for raw in envelopes), key=lambda one: one[0].document != "members")
        store = RelayStore(self._folder)
        store.add([Row(self.room, number, head.document, head.session, head.sequence, head.actor, raw)
                   for number, (head, raw) in enumerate(told, 1)])
        store.close()

    @property
    def hosting(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive() and bool(self.address)

    def close(self) -> None:
        """Says that it leaves, and ends. Blocks for less than a second."""
        loop, task = self._loop, self._task
        if loop is not None and task is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(task.cancel)
        self._thread.join(5)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except asyncio.CancelledError:
            pass
        except NoRelay as error:
            self._trouble = error
            log.info("hosting ended: %s", error)
        except Exception as error:
            self._trouble = error
            log.exception("hosting a room on the local network failed")
        finally:
            self.address = self.address if self._begun.is_set() else ""
            self._begun.set()

    async def _main(self) -> None:
        from app.services.relay.server import Relay

        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        relay = Relay(self._folder, only=self.room)
        ready: asyncio.Future[str] = self._loop.create_future()
        serving = asyncio.create_task(relay.run("", 0, None, ready.set_result, _listening()))
        try:
            while not ready.done():
                if serving.done():
                    serving.result()
                await asyncio.sleep(0.005)
            port = int(ready.result().rpartition(":")[2])
            while await self._announced(port, serving):
                log.info("this machine's addresses are others; the room is announced anew")
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _announced(self, port: int, serving: asyncio.Task[None]) -> bool:
        """Hosts until cancelled or somebody else does (False), or until this machine is known under other addresses (True)."""
        again = asyncio.Event()
        async with Neighbours(self.room, again.set) as neighbours:
            addresses = own_addresses()
            info = await neighbours.announce(self.room, self.rank, port)
            self.address = f"ws://127.0.0.1:{port}"
            self._begun.set()
            doubt = DOUBT
            try:
                while await self._is_best(neighbours):
                    if own_addresses() != addresses:
                        return True
                    doubted = any(host.rank < self.rank for host in neighbours.hosts())
                    if await self._news(again, serving, doubt if doubted else AGAIN):
                        doubt = DOUBT
                    elif doubted:
                        doubt = min(2 * doubt, AGAIN)
                log.info("another machine hosts the room; this one stops")
                return False
            finally:
                await neighbours.withdraw(info)

    async def _news(self, again: asyncio.Event, serving: asyncio.Task[None], within: float) -> bool:
        """Whether others came or went within so many seconds. Raises what ended the relay."""
        heard = asyncio.ensure_future(again.wait())
        waited: list[asyncio.Future[Any]] = [serving, heard]
        try:
            await asyncio.wait(waited, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            heard.cancel()
        if serving.done():
            serving.result()
            raise AppError("the relay ended")
        found = again.is_set()
        again.clear()
        return found

    async def _is_best(self, neighbours: Neighbours) -> bool:
        """Whether nobody of lower rank hosts the room and answers."""
        others = neighbours.hosts()
        if all(host.rank >= self.rank for host in others) and time.monotonic() - self._looked >= AGAIN:
            self._looked = time.monotonic()
            with contextlib.suppress(NoRelay):
                others = await find_all(self.room)
        for host in others:
            if host.rank < self.rank and await answers(host):
                return False
        return True


def _clear_up() -> None:
    """Removes what hosts left that were killed: parts of films lie there."""
    from app.services.relay.store import left_over

    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > STALE and left_over(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _listening() -> socket.socket:
    """A port for those who come by IPv4 and, where this machine has it, by IPv6."""
    if socket.has_dualstack_ipv6():
        with contextlib.suppress(OSError):
            return socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("0.0.0.0", 0))  # noqa: S104


class Lan:
    """The transport of rooms on the local network for one session in one of them; finds its host, or hosts where `may_host`.

    Belongs to one loop at a time. `known` are the sessions that this one saw in the room while there was a host.
    """

    def __init__(self, session: int = 0, fill: Fill | None = None, herald: Herald | None = None) -> None:
        self._session = session
        self._fill = fill
        self._herald = herald
        self._host: LanHost | None = None
        self._beginnings: list[_Beginning] = []
        self._at = -1
        self.may_host = False
        self.known: frozenset[int] = frozenset()

    async def line(self, address: str, room: bytes) -> WebSocketLine:
        """A line to whoever hosts the room. Raises NoRelay."""
        began = time.monotonic()
        turn: float | None = None
        while True:
            if self._host is not None and (not self._host.hosting or self._host.room != room):
                await self.close()
            if self._host is not None:
                return await WebSockets(ANSWER).line(self._host.address, room)
            hosts = await find(room)
            for host in hosts:
                with contextlib.suppress(NoRelay):
                    found = await WebSockets(ANSWER).line(host.address, room)
                    self._at = host.rank
                    return found
            waited = time.monotonic() - began
            if not self.may_host or self._fill is None:
                if waited > JOIN or self._fill is not None:
                    raise NoRelay("Nobody who has this room open is on the local network now; somebody must have the film open, or run "
                                  "`proeditor sync FILM --for 1h`")
                continue
            turn = self._turn() if turn is None else turn
            if waited < LOOK + turn:
                await asyncio.sleep(min(STEP / 2, LOOK + turn - waited))
                hosts = await find(room, SOON)
                if hosts:
                    continue
            if time.monotonic() - began >= LOOK + turn:
                await self._begin(room)

    def _turn(self) -> float:
        """Seconds after which it is this session's turn to host."""
        if self.known:
            return STEP * sorted({*self.known, self._session} - {self._at}).index(self._session)
        return STEP * TURNS * (self._session % 997) / 997

    async def _begin(self, room: bytes) -> None:
        assert self._fill is not None
        self._host = await self._begun(room, self._session, await self._fill())
        log.info("this machine hosts the room on the local network")
        before, statements = await self._herald() if self._herald is not None else (b"", ())
        if statements:
            try:
                await self._begun(before, FIRST, statements)
            except (AppError, EnvelopeRefused) as error:
                log.warning("nobody is told where the room before went on: %s", error)

    async def _begun(self, room: bytes, rank: int, envelopes: Sequence[bytes]) -> LanHost:
        beginning = _Beginning()
        self._beginnings.append(beginning)
        return await asyncio.to_thread(beginning.host, room, rank, envelopes)

    @property
    def hosting(self) -> bool:
        """Whether this process hosts the room."""
        return self._host is not None and self._host.hosting

    async def close(self) -> None:
        """Ends hosting, if this process does."""
        beginnings, self._beginnings, self._host = self._beginnings, [], None
        for beginning in beginnings:
            await asyncio.to_thread(beginning.end)


class _Beginning:
    """A host that begins on another thread, and may be ended before it has begun."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ended = False
        self._host: LanHost | None = None

    def host(self, room: bytes, rank: int, envelopes: Sequence[bytes]) -> LanHost:
        made = LanHost(room, rank, envelopes)
        with self._lock:
            self._host = made
            ended = self._ended
        if ended:
            made.close()
        return made

    def end(self) -> None:
        with self._lock:
            self._ended = True
            made = self._host
        if made is not None:
            made.close()


@contextlib.asynccontextmanager
async def meeting(address: str, room: bytes, session: int, fill: Fill) -> AsyncIterator[None]:
    """While it is entered, a room on the local network has a host: this process, where nobody is found. Rooms at other addresses have
    their relay. Raises NoRelay, AppError."""
    if address != LAN:
        yield
        return
    host = None if await find(room) else await asyncio.to_thread(LanHost, room, session, await fill())
    try:
        yield
    finally:
        if host is not None:
            await asyncio.to_thread(host.close)


__all__ = ["KIND", "Host", "Lan", "LanHost", "announced", "find", "meeting"]
