"""The lines to a plain room: one a document, to this machine or the local network alone.

Owns: opening them, refusing what is further away. Refuses: what is said on them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from app.services.collab.transport import NoRelay, WebSocketLine, WebSockets, is_near
from app.services.errors import AppError
from editor_core.sync.yprotocol import MAX_UPDATE


class TooFar(AppError):
    """A plain room that is neither on this machine nor on the local network."""


class Lines(dict[str, WebSocketLine]):
    """A line for each document; also an async context manager."""

    async def __aenter__(self) -> Lines:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for line in self.values():
            with contextlib.suppress(Exception):
                await line.close()


async def open_lines(address: str, room: bytes, documents: Iterable[str]) -> Lines:
    """A line to each document of a room. Raises TooFar, NoRelay, RelayRefuses."""
    await near(address)
    lines = Lines()
    try:
        for name in documents:
            line = await WebSockets().at(f"{address}/plain/{room.hex()}/{name}", address, longest=MAX_UPDATE + 2**16)
            lines[name] = line
            if not is_near(str(line.socket.remote_address[0])):
                raise TooFar(f"{address} is neither this machine nor on the local network; plain rooms are for these only")
    except BaseException:
        await lines.__aexit__()
        raise
    return lines


async def near(address: str) -> None:
    """Raises TooFar unless every address of the host is this machine's or the local network's; NoRelay where there is none."""
    parts = urlsplit(address)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NoRelay(f"{parts.hostname} is not known here ({error.strerror})") from None
    if not all(is_near(str(one[4][0])) for one in found):
        raise TooFar(f"{parts.hostname} is neither this machine nor on the local network; plain rooms are for these only, because "
                     "nothing in them is signed or sealed. Share without --plain instead")
