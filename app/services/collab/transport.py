"""Ways to reach a room: from its address to an open line.

Owns: lines of messages, the WebSocket transport, which transport an address asks for, errors in words. Refuses: knowing what is sent.

An address is `ws://HOST:PORT` or `wss://HOST:PORT` of a relay, `iroh:TICKET` of one that is found by its key, or `lan:`, a room that is
found on the local network. (`plain+ws://`
addresses speak another protocol, see `app.services.collab.plain`.)
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import socket as socket_module
import ssl
from collections.abc import Iterable
from typing import Any, Protocol

from blake3 import blake3
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from app.services.errors import AppError
from editor_core.sync.messages import MAX_MESSAGE

ANSWER_WITHIN = 10.0
"""Seconds for a connection to be made."""
BUFFER = 256 * 1024
"""Bytes on their way in the system's buffers: proof that the line is alive must not stand behind minutes of content."""
_HASH = "ProEditor 2026 room on the local network v1"
REFUSED, LATER = 1008, 1013
"""The close codes of a relay that cuts somebody off, and of one that asks to come again."""


class NoRelay(AppError):
    """The relay cannot be reached, or went away. Trying again may help."""


class RelayRefuses(AppError):
    """The relay does not let this device in, or cut it off. Trying again does not help."""


class LineClosed(Exception):
    """The line ended. `refused` says why, where the other side cut it off, `later` why it asks to come again, where it does."""

    def __init__(self, refused: str | None = None, later: str = "") -> None:
        super().__init__(refused or later or "the line ended")
        self.refused = refused
        self.later = later


class Line(Protocol):
    """Whole messages, in order, both ways. `send` and `receive` raise LineClosed."""

    async def send(self, raw: bytes | Iterable[bytes]) -> None:
        """A message; one that is given in pieces arrives as one."""
        ...

    async def receive(self) -> bytes | str:
        """The next message."""
        ...

    async def close(self) -> None: ...


class Transport(Protocol):
    """Opens lines to rooms at addresses of one kind."""

    async def line(self, address: str, room: bytes) -> Line:
        """Raises NoRelay, RelayRefuses."""
        ...


class WebSocketLine:
    """A line over a WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, raw: bytes | Iterable[bytes]) -> None:
        try:
            await self.socket.send(raw)
        except ConnectionClosed as error:
            raise closed(error) from None

    async def receive(self) -> bytes | str:
        try:
            return await self.socket.recv()
        except ConnectionClosed as error:
            raise closed(error) from None

    async def close(self) -> None:
        await self.socket.close()


class WebSockets:
    """To a relay at a fixed address. `within` is how many seconds it may take to answer."""

    def __init__(self, within: float = ANSWER_WITHIN) -> None:
        self._within = within

    async def line(self, address: str, room: bytes) -> WebSocketLine:
        return await self.at(f"{address}/v1?room={announced(room)}", address)

    async def over(self, way: socket_module.socket, room: bytes) -> WebSocketLine:
        """A line through a connected socket, whatever is behind it. Raises NoRelay, RelayRefuses."""
        return await self.at(f"ws://p2p/v1?room={announced(room)}", "there", way=way)

    async def at(self, url: str, address: str, *, longest: int = MAX_MESSAGE, way: socket_module.socket | None = None) -> WebSocketLine:
        """A line to a whole URL; `address` is what people are told, `longest` bounds messages in bytes. Raises NoRelay, RelayRefuses."""
        options: dict[str, Any] = {} if way is None else {"sock": way}
        try:
            socket = await connect(url, max_size=longest, compression=None, open_timeout=self._within, ping_interval=4, ping_timeout=6,
                                   close_timeout=1, user_agent_header=None, proxy=None, write_limit=BUFFER, **options)
        except ssl.SSLError as error:
            raise RelayRefuses(f"The certificate of {address} is not trusted here: {error.reason}") from None
        except (OSError, TimeoutError, InvalidHandshake, ValueError) as error:
            raise NoRelay(f"The relay {address} does not answer ({short(error)}); is it running, and is the address right?") from None
        bound_buffer(socket.transport)
        return WebSocketLine(socket)


def transport_for(address: str) -> Transport:
    """What reaches rooms at an address. Raises RelayRefuses for an address of a kind that is not known."""
    scheme = address.partition(":")[0]
    if scheme in ("ws", "wss"):
        return WebSockets()
    if scheme == "lan":
        from app.services.collab.lan import Lan

        return Lan()
    if scheme == "iroh":
        from app.services.collab.p2p import Iroh

        return Iroh()
    raise RelayRefuses(f"{address} is an address of a kind that this version of ProEditor does not know; update it")


def announced(room: bytes) -> str:
    """A room's name for those who share out rooms or look for them: nobody learns its id from it, who knows the id knows it."""
    return blake3(room, derive_key_context=_HASH).hexdigest(12)


def closed(error: ConnectionClosed) -> LineClosed:
    """The end of a WebSocket as the end of a line."""
    if error.rcvd is not None and error.rcvd.code == REFUSED:
        return LineClosed(error.rcvd.reason or "it gave no reason")
    if error.rcvd is not None and error.rcvd.code == LATER:
        return LineClosed(later=error.rcvd.reason)
    return LineClosed()


def gone(error: LineClosed, address: str) -> AppError:
    """What the end of a line to an address means, in words."""
    if error.refused is not None:
        return RelayRefuses(f"The relay refuses: {error.refused}")
    if error.later:
        return NoRelay(f"The relay {address} says: {error.later}")
    return NoRelay(f"The connection to {address} ended; edits are kept and go out with the next sync")


_ERRNO = re.compile(r"\[Errno (\d+)\]")


def short(error: Exception) -> str:
    """An error's own words, for a sentence about it."""
    found = _ERRNO.search(str(error))  # "[Errno 111] Connect call failed ('127.0.0.1', 99)", perhaps several of them
    if found is not None and isinstance(error, OSError):
        return os.strerror(int(found[1])).lower()
    strerror = getattr(error, "strerror", None)
    return str(strerror or error or type(error).__name__)[:120]


def bound_buffer(transport: asyncio.Transport) -> None:
    """Keeps the system from buffering more than `BUFFER` bytes for a connection."""
    line = transport.get_extra_info("socket")
    if line is not None:
        line.setsockopt(socket_module.SOL_SOCKET, socket_module.SO_SNDBUF, BUFFER)


_NEAR = tuple(ipaddress.ip_network(one) for one in (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fe80::/10", "fc00::/7"))


def is_near(host: str) -> bool:
    """Whether an address or name is this machine's or the local network's: loopback, private or link-local, `localhost`, `*.local`."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local")):
        return True
    try:
        found = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in _NEAR)
