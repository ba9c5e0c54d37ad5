"""Rooms on the local network: found by zeroconf, hosted by one of those who are in them.

Owns: what is announced (a hash of the room's id, a number that ranks hosts, a port), finding it, a relay inside this process and its
thread, who hosts next. Refuses: announcing anything unless a room was shared on the local network and its host stays connected;
names and ids of people, films or rooms on the wire.

Any of those in a room can host it: a room's relay keeps nothing that is not in the films, and a new one is filled from its host's
film. When the host leaves, those who saw each other wait in the order of their sessions, so that the first hosts before the others
would; where two begin at the same time all the same, the one with the lower session stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import ifaddr
from zeroconf import InterfaceChoice, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from app.services.collab.links import LAN
from app.services.collab.transport import NoRelay, WebSocketLine, WebSockets, announced, is_near
from app.services.errors import AppError
from editor_core.sync.envelope import header_of

log = logging.getLogger(__name__)

KIND = "_proeditor._tcp.local."
LOOK = 1.2
"""Seconds that hosts are looked for before it is held that there is none."""
SOON = 0.15
"""Seconds in which others that were asked have answered too."""
STEP = 0.5
"""Seconds between the turns of those who might host next."""
TURNS = 4
"""Turns that those without a known place are spread over."""
ANSWER = 1.5
"""Seconds for a host on the local network to answer."""
JOIN = 6.0
"""Seconds that somebody who may not host looks for one who does."""


class Host(NamedTuple):
    """Who hosts a room. The lower `rank` stays where there are two; `address` is one of a relay."""

    rank: int
    address: str


Fill = Callable[[], Awaitable[Sequence[bytes]]]
"""What a new host begins with: a film's envelopes in the order they were kept."""


def _interfaces() -> list[str] | InterfaceChoice:
    given = os.environ.get("PROEDITOR_LAN", "").replace(",", " ").split()
    return given or InterfaceChoice.All


def _own_addresses() -> list[str]:
    """IPv4 addresses under which neighbours reach this machine."""
    given = _interfaces()
    if isinstance(given, list):
        return given
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4 and is_near(str(ip.ip))]
    return [ip for ip in found if not ip.startswith("127.")] or ["127.0.0.1"]


class Neighbours:
    """Who hosts one room at present, as far as is heard. Belongs to the loop that starts it; also an async context manager."""

    def __init__(self, room: bytes, changed: Callable[[], None] = lambda: None) -> None:
        self._name = announced(room)
        self._changed = changed
        self._found: dict[str, Host] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Neighbours:
        """Raises NoRelay where there is no network."""
        try:
            self.zeroconf = AsyncZeroconf(interfaces=_interfaces())
            self._browser = AsyncServiceBrowser(self.zeroconf.zeroconf, KIND, handlers=[self._heard])
        except OSError as error:
            raise NoRelay(f"The local network cannot be searched: {error.strerror or error}") from None
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._browser.async_cancel()
        await self.zeroconf.async_close()

    def hosts(self) -> list[Host]:
        """By rank."""
        return sorted(set(self._found.values()))

    def _heard(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if not name.startswith(f"{self._name}-"):
            return
        if state_change is ServiceStateChange.Removed:
            if self._found.pop(name, None) is not None:
                self._changed()
            return
        task = asyncio.get_running_loop().create_task(self._learn(zeroconf, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _learn(self, zeroconf: Zeroconf, name: str) -> None:
        info = AsyncServiceInfo(KIND, name)
        if not await info.async_request(zeroconf, 1000) or not info.port:
            return
        rank = (info.properties or {}).get(b"n") or b""
        addresses = [one for one in info.parsed_addresses() if is_near(one)]
        if addresses and rank.isdigit() and len(rank) <= 16:
            own = set(_own_addresses())
            address = next((one for one in addresses if one in own), addresses[0])
            self._found[name] = Host(int(rank), f"ws://{address}:{info.port}")
            self._changed()


async def find(room: bytes, within: float = LOOK) -> list[Host]:
    """Who hosts a room, by rank; empty when nobody was found in time. Raises NoRelay."""
    heard = asyncio.Event()
    async with Neighbours(room, heard.set) as neighbours:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await heard.wait()
                await asyncio.sleep(SOON)
        return neighbours.hosts()


class LanHost:
    """Hosts a room in a thread of this process until closed. `over` is called on that thread when somebody else hosts it."""

    def __init__(self, room: bytes, rank: int, envelopes: Sequence[bytes]) -> None:
        """Begins with a film's envelopes; hosting has begun on return. Raises AppError."""
        self.room = room
        self.rank = rank
        self.address = ""
        self._folder = Path(tempfile.mkdtemp(prefix="proeditor-lan-"))
        self._begun = threading.Event()
        self._trouble: Exception | None = None
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
        serving = asyncio.create_task(relay.run("0.0.0.0", 0, None, ready.set_result))  # noqa: S104
        try:
            while not ready.done():
                if serving.done():
                    serving.result()
                await asyncio.sleep(0.005)
            port = int(ready.result().rpartition(":")[2])
            again = asyncio.Event()
            async with Neighbours(self.room, again.set) as neighbours:
                await self._announce(neighbours.zeroconf, port)
                self.address = f"ws://127.0.0.1:{port}"
                self._begun.set()
                await self._while_best(neighbours, again, serving)
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    async def _announce(self, zeroconf: AsyncZeroconf, port: int) -> None:
        addresses = [socket.inet_aton(one) for one in _own_addresses()]
        name = f"{announced(self.room)}-{os.urandom(4).hex()}"
        info = AsyncServiceInfo(KIND, f"{name}.{KIND}", addresses=addresses, port=port, properties={"n": str(self.rank)},
                                server=f"{name}.local.")
        self._info = info
        await zeroconf.async_register_service(info, cooperating_responders=True)

    async def _while_best(self, neighbours: Neighbours, again: asyncio.Event, serving: asyncio.Task[None]) -> None:
        """Hosts until cancelled, or until one of lower rank hosts the room and answers."""
        heard = asyncio.ensure_future(again.wait())
        try:
            while not serving.done():
                waited: list[asyncio.Future[Any]] = [serving, heard]
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
                if heard.done():
                    again.clear()
                    heard = asyncio.ensure_future(again.wait())
                for host in neighbours.hosts():
                    if host.rank < self.rank and await _answers(host):
                        log.info("another machine hosts the room; this one stops")
                        return
            serving.result()
        finally:
            heard.cancel()
            with contextlib.suppress(Exception):
                await neighbours.zeroconf.async_unregister_service(self._info)


async def _answers(host: Host) -> bool:
    where, _, port = host.address.removeprefix("ws://").rpartition(":")
    try:
        async with asyncio.timeout(ANSWER):
            _, writer = await asyncio.open_connection(where, int(port))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


class Lan:
    """The transport of rooms on the local network for one session in one of them; finds its host, or hosts where `may_host`.

    Belongs to one loop at a time. `known` are the sessions that this one saw in the room while there was a host.
    """

    def __init__(self, session: int = 0, fill: Fill | None = None) -> None:
        self._session = session
        self._fill = fill
        self._host: LanHost | None = None
        self._at = -1
        self.may_host = False
        self.known: frozenset[int] = frozenset()

    async def line(self, address: str, room: bytes) -> WebSocketLine:
        """A line to whoever hosts the room. Raises NoRelay."""
        began = time.monotonic()
        turn: float | None = None
        while True:
            if self._host is not None and not self._host.hosting:
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
        envelopes = await self._fill()
        self._host = await asyncio.to_thread(LanHost, room, self._session, envelopes)
        log.info("this machine hosts the room on the local network")

    @property
    def hosting(self) -> bool:
        """Whether this process hosts the room."""
        return self._host is not None and self._host.hosting

    async def close(self) -> None:
        """Ends hosting, if this process does."""
        host, self._host = self._host, None
        if host is not None:
            await asyncio.to_thread(host.close)


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
