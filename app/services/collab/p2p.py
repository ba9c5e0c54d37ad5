"""From machine to machine over QUIC, by the other's key instead of an address: the optional extra `p2p` (iroh).

Owns: the transport for `iroh:TICKET` addresses and the relay's door for it; a stream carries the same WebSocket bytes as a connection to
a relay does. Refuses: knowing what is sent; contacting anybody but the machine that the ticket names, unless PROEDITOR_IROH_RELAY names
an iroh relay (one's own, as a rule), by which machines behind routers find each other.

The library's Python binding copies what is sent byte by byte in version 1.2.0 (8 MiB/s); the one function that does so is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.metadata
import logging
import os
import secrets
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from app.services.collab.transport import NoRelay, RelayRefuses, WebSocketLine, WebSockets
from app.services.errors import AppError

log = logging.getLogger(__name__)

SCHEME = "iroh:"
ALPN = b"proeditor/1"
VIA = "PROEDITOR_IROH_RELAY"
"""Environment variable: the iroh relay by which machines behind routers find each other."""
CHUNK = 256 * 1024
"""Bytes read at once."""
MAX_STREAMS = 500
"""Streams that a door serves at once."""
WITHIN = 15.0
"""Seconds for the other machine to be found and to answer."""
_PATCHED = "1.2.0"


def _library() -> Any:
    """Raises AppError where it is not installed."""
    try:
        import iroh
    except ImportError:
        raise AppError("Addresses with iroh: need the Python package iroh: pip install 'proeditor[p2p]'") from None
    if importlib.metadata.version("iroh") == _PATCHED:
        setattr(iroh.iroh_ffi._UniffiRustBufferBuilder, "write", _write_at_once)  # noqa: B010
    return iroh


def _write_at_once(self: Any, value: bytes) -> None:
    """In the place of the binding's own loop over bytes; same contract (upstream: iroh-ffi #229)."""
    raw = bytes(value)
    with self._reserve(len(raw)):
        if raw:
            ctypes.memmove(ctypes.addressof(self.rbuf.data.contents) + self.rbuf.len, raw, len(raw))


async def _endpoint(iroh: Any, **options: Any) -> Any:
    relay = os.environ.get(VIA, "")
    mode = iroh.RelayMode.custom_from_urls([relay]) if relay else iroh.RelayMode.disabled()
    return await iroh.Endpoint.bind(iroh.EndpointOptions(preset=iroh.preset_minimal(), relay_mode=mode, **options))


class IrohLine(WebSocketLine):
    """A WebSocket line through a stream."""

    def __init__(self, line: WebSocketLine, endpoint: Any, pump: asyncio.Task[None]) -> None:
        super().__init__(line.socket)
        self._endpoint = endpoint
        self._pump = pump

    async def close(self) -> None:
        await super().close()
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        await self._endpoint.close()


class Iroh:
    """The transport."""

    async def line(self, address: str, room: bytes) -> IrohLine:
        """Raises NoRelay, RelayRefuses, AppError where the library is missing."""
        iroh = _library()
        try:
            ticket = iroh.EndpointTicket.from_string(address.removeprefix(SCHEME))
        except iroh.IrohError:
            raise RelayRefuses(f"{address[:60]} is no address of a machine; copy it whole") from None
        endpoint = await _endpoint(iroh)
        try:
            async with asyncio.timeout(WITHIN):
                stream = await (await endpoint.connect(ticket.endpoint_addr(), ALPN)).open_bi()
        except (iroh.IrohError, TimeoutError) as error:
            await endpoint.close()
            raise NoRelay(f"The machine {address[:24]}… cannot be reached ({type(error).__name__}); is its relay running?" + (
                "" if os.environ.get(VIA) else f" Where both machines are behind routers, {VIA} must name an iroh relay on both")) from None
        near, far = socket.socketpair()
        pump = asyncio.ensure_future(_carry(stream, *await asyncio.open_connection(sock=far)))
        try:
            return IrohLine(await WebSockets().over(near, room), endpoint, pump)
        except BaseException:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await endpoint.close()
            raise


async def _carry(stream: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes = b"") -> None:
    """Carries bytes both ways until one side ends. What is not taken at one end is not read at the other."""
    receiving, sending = stream.recv(), stream.send()

    async def out() -> None:
        while raw := await reader.read(CHUNK):
            await sending.write_all(raw)

    async def back() -> None:
        writer.write(first)
        while raw := await receiving.read(CHUNK):
            writer.write(raw)
            await writer.drain()

    tasks = [asyncio.ensure_future(out()), asyncio.ensure_future(back())]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
        with contextlib.suppress(Exception):
            await sending.finish()


@contextlib.asynccontextmanager
async def door(host: str, port: int, folder: Path, bind: str = "") -> AsyncIterator[str]:
    """While it is entered, a relay of this machine is reached by the address yielded; the key by which it is known is kept in `folder`.

    `bind` is HOST:PORT for UDP. Raises AppError.
    """
    iroh = _library()
    try:
        endpoint = await _endpoint(iroh, alpns=[ALPN], secret_key=_key(folder), **({"bind_addr": bind} if bind else {}))
    except (iroh.IrohError, OSError) as error:
        raise AppError(f"No machine can come in by its key: {error}") from None
    tasks: set[asyncio.Task[None]] = set()

    def begin(work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    async def stream_in(stream: Any) -> None:
        first = await stream.recv().read(CHUNK)
        if not first.startswith((b"GET /v1?", b"GET /v1 ")):  # nothing else of the relay is for those far away
            await stream.recv().stop(0)
            await stream.send().finish()
            return
        await _carry(stream, *await asyncio.open_connection(host, port), first)

    async def connection_in(incoming: Any) -> None:
        with contextlib.suppress(iroh.IrohError, OSError):
            connection = await (await incoming.accept()).connect()
            while True:
                stream = await connection.accept_bi()
                if len(tasks) < MAX_STREAMS:
                    begin(stream_in(stream))

    async def listen() -> None:
        while (incoming := await endpoint.accept_next()) is not None:
            if len(tasks) < MAX_STREAMS:
                begin(connection_in(incoming))
            else:
                await incoming.refuse()

    begin(listen())
    try:
        await _known(endpoint)
        yield SCHEME + str(iroh.EndpointTicket.from_addr(endpoint.addr()))
    finally:
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await endpoint.close()


async def _known(endpoint: Any) -> None:
    """Returns when the iroh relay knows this machine, if there is to be one: it is part of the address. Raises AppError."""
    if not (relay := os.environ.get(VIA, "")):
        return
    try:
        async with asyncio.timeout(WITHIN):
            await endpoint.online()
    except TimeoutError:
        raise AppError(f"The iroh relay {relay} that {VIA} names does not answer; is it running, and is the address right?") from None


def _key(folder: Path) -> bytes:
    path = folder / "p2p.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
    return path.read_bytes()
