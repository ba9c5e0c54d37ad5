"""Who on the local network hosts a room at present.

Owns: zeroconf, this machine's addresses, hearing hosts and learning where they are, whether one answers. Refuses: announcing anything
but what a host gives it, hosting (see `lan`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from typing import NamedTuple

import ifaddr
from zeroconf import InterfaceChoice, ServiceStateChange, Zeroconf
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from app.services.collab.transport import NoRelay, announced, is_near

KIND = "_proeditor._tcp.local."
LOOK = 1.2
"""Seconds that hosts are looked for before it is held that there is none."""
SOON = 0.15
"""Seconds in which others that were asked have answered too."""
ANSWER = 1.5
"""Seconds for a host on the local network to answer."""
_TRIES = 8
"""How often a host that was heard of is asked where it is, a second each: on a radio network single answers are lost."""


class Host(NamedTuple):
    """Who hosts a room. The lower `rank` stays where there are two; `address` is one of a relay, and one host may have several."""

    rank: int
    address: str


def _interfaces() -> list[str] | InterfaceChoice:
    given = os.environ.get("PROEDITOR_LAN", "").replace(",", " ").split()
    return given or InterfaceChoice.All


def own_addresses() -> list[str]:
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
        self._found: dict[str, tuple[Host, ...]] = {}
        self._learning: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Neighbours:
        """Raises NoRelay where there is no network."""
        try:
            self.zeroconf = AsyncZeroconf(interfaces=_interfaces())
            self._browser = AsyncServiceBrowser(self.zeroconf.zeroconf, KIND, handlers=[self._heard])
        except OSError as error:
            raise NoRelay(f"The local network cannot be searched: {error.strerror or error}") from None
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._learning.values():
            task.cancel()
        await self._browser.async_cancel()
        await self.zeroconf.async_close()

    def hosts(self) -> list[Host]:
        """By rank; every address of each."""
        return sorted({host for hosts in self._found.values() for host in hosts}, key=lambda host: host.rank)

    async def announce(self, room: bytes, rank: int, port: int) -> AsyncServiceInfo:
        """Says that this machine hosts a room; `withdraw` takes it back."""
        addresses = [socket.inet_aton(one) for one in own_addresses()]
        name = f"{announced(room)}-{os.urandom(4).hex()}"
        info = AsyncServiceInfo(KIND, f"{name}.{KIND}", addresses=addresses, port=port, properties={"n": str(rank)},
                                server=f"{name}.local.")
        await self.zeroconf.async_register_service(info, cooperating_responders=True)
        return info

    async def withdraw(self, info: AsyncServiceInfo) -> None:
        """Says that it hosts it no longer."""
        with contextlib.suppress(Exception):
            await self.zeroconf.async_unregister_service(info)

    def _heard(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if not name.startswith(f"{self._name}-"):
            return
        task = self._learning.pop(name, None)
        if task is not None:
            task.cancel()
        if state_change is ServiceStateChange.Removed:
            if self._found.pop(name, None) is not None:
                self._changed()
            return
        self._learning[name] = asyncio.get_running_loop().create_task(self._learn(zeroconf, name))

    async def _learn(self, zeroconf: Zeroconf, name: str) -> None:
        info = AsyncServiceInfo(KIND, name)
        for _ in range(_TRIES):
            if await info.async_request(zeroconf, 1000) and info.port:
                break
        else:
            return
        rank = (info.properties or {}).get(b"n") or b""
        addresses = [one for one in info.parsed_addresses() if is_near(one)]
        if addresses and rank.isdigit() and len(rank) <= 16:
            own = set(own_addresses())
            near_first = sorted(addresses, key=lambda one: one not in own)
            self._found[name] = tuple(Host(int(rank), f"ws://{address}:{info.port}") for address in near_first)
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


async def find_all(room: bytes) -> list[Host]:
    """As `find`, by who hosts it too: does not return at the first answer. Raises NoRelay."""
    async with Neighbours(room) as neighbours:
        await asyncio.sleep(LOOK)
        return neighbours.hosts()


async def answers(host: Host) -> bool:
    """Whether there is somebody at a host's address."""
    where, _, port = host.address.removeprefix("ws://").rpartition(":")
    try:
        async with asyncio.timeout(ANSWER):
            _, writer = await asyncio.open_connection(where, int(port))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
