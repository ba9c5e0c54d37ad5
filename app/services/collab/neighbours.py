"""Who on the local network hosts a room at present.

Owns: zeroconf, this machine's addresses, hearing hosts and learning where they are, whether one answers. Refuses: announcing anything
but what a host gives it, hosting (see `lan`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from ipaddress import ip_address
from typing import NamedTuple

import ifaddr
from zeroconf import InterfaceChoice, IPVersion, ServiceStateChange, Zeroconf
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


_MOST = 8
"""Most addresses of a host that are tried."""


class Host(NamedTuple):
    """Who hosts a room. The lower `rank` stays where there are two; `address` is one of a relay, and one host may have several."""

    rank: int
    address: str


def _given() -> list[str]:
    return os.environ.get("PROEDITOR_LAN", "").replace(",", " ").split()


def _zeroconf() -> AsyncZeroconf:
    """By IPv4 and IPv6, where the machine has both. Loopback has no multicast of IPv6: what is only for this machine is said by IPv4.

    Raises OSError where there is no network.
    """
    given = list(dict.fromkeys("127.0.0.1" if one == "::1" else one for one in _given()))
    if given:
        return AsyncZeroconf(interfaces=given)
    try:
        return AsyncZeroconf(interfaces=InterfaceChoice.All, ip_version=IPVersion.All)
    except OSError:
        return AsyncZeroconf(interfaces=InterfaceChoice.All)


def own_addresses() -> list[str]:
    """Addresses under which neighbours reach this machine; link-local ones of IPv6 with their interface, as `fe80::1%2`."""
    given = _given()
    if given:
        return given
    found = [_text(ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    return [one for one in found if is_near(one) and not ip_address(one).is_loopback] or ["127.0.0.1"]


def _text(ip: ifaddr.IP) -> str:
    if isinstance(ip.ip, str):
        return ip.ip
    address, _, scope = ip.ip
    return f"{address}%{scope}" if scope else str(address)


def _packed(address: str) -> bytes:
    """An address as it is announced: its interface is for others another."""
    return ip_address(address.partition("%")[0]).packed


def _reachable(addresses: list[str]) -> list[str]:
    """What to try of a host's addresses, the best first: this machine's own, then IPv4, then IPv6. A link-local address of which it is not
    known by which interface it was heard is tried by each."""
    own = own_addresses()
    bare = {one.partition("%")[0] for one in own}
    scopes = list(dict.fromkeys(one.partition("%")[2] for one in own if "%" in one))
    found: list[str] = []
    for one in sorted(filter(is_near, addresses), key=lambda one: (one.partition("%")[0] not in bare, ":" in one, "fe80" in one)):
        lost = one.lower().startswith("fe80:") and "%" not in one
        found += [f"{one}%{scope}" for scope in scopes] if lost else [one]
    return list(dict.fromkeys(found))[:_MOST]


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
            self.zeroconf = _zeroconf()
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
        addresses = list(dict.fromkeys(_packed(one) for one in own_addresses()))
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
        addresses = _reachable(info.parsed_scoped_addresses(IPVersion.All))
        if addresses and rank.isdigit() and len(rank) <= 16:
            self._found[name] = tuple(Host(int(rank), f"ws://{f'[{one}]' if ':' in one else one}:{info.port}") for one in addresses)
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
            _, writer = await asyncio.open_connection(where.strip("[]"), int(port))
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
