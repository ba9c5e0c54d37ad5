"""A connection to a relay, from a peer's side.

Owns: connecting, the greeting, messages in and out, errors in words. Refuses: knowing what is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket as socket_module
import ssl
from collections.abc import AsyncIterator
from types import TracebackType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from app.services.errors import AppError
from editor_core.sync.messages import (
    MAX_MESSAGE,
    PIECE,
    Challenge,
    Message,
    MessageRefused,
    Put,
    Refused,
    Welcome,
    decode,
    encode,
    hello,
    packed,
    pieces,
)

ANSWER_WITHIN = 10.0


BUFFER = 256 * 1024
"""Bytes on their way in the system's buffers: proof that the line is alive must not stand behind minutes of content."""


class NoRelay(AppError):
    """The relay cannot be reached, or went away. Trying again may help."""


class RelayRefuses(AppError):
    """The relay does not let this device in, or cut it off. Trying again does not help."""


class Connection:
    """Made by `open_connection`; also an async context manager."""

    def __init__(self, socket: ClientConnection, address: str, welcome: Welcome) -> None:
        self._socket = socket
        self.address = address
        self.welcome = welcome

    async def send(self, message: Message) -> None:
        """Raises NoRelay."""
        try:
            raw = encode(message)
            await self._socket.send(raw if len(raw) <= PIECE else pieces(raw))
        except ConnectionClosed as error:
            raise self._gone(error) from None

    async def put(self, raws: list[bytes]) -> None:
        """Sends envelopes in as many messages as it takes."""
        for group in packed(raws):
            await self.send(Put(group))

    async def receive(self) -> Message:
        """The next message. Raises NoRelay, RelayRefuses for a refusal, MessageRefused."""
        try:
            message = decode(await self._socket.recv())
        except ConnectionClosed as error:
            raise self._gone(error) from None
        if isinstance(message, Refused):
            raise RelayRefuses(f"The relay refuses: {message.reason}")
        return message

    async def messages(self) -> AsyncIterator[Message]:
        """As `receive`, until the connection ends."""
        while True:
            yield await self.receive()

    def _gone(self, error: ConnectionClosed) -> AppError:
        if error.rcvd is not None and error.rcvd.code == 1008:
            return RelayRefuses(f"The relay refuses: {error.rcvd.reason or 'it gave no reason'}")
        return NoRelay(f"The connection to {self.address} ended; edits are kept and go out with the next sync")

    async def close(self) -> None:
        await self._socket.close()

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(Exception):
            await self.close()


async def open_connection(address: str, room: bytes, key: Ed25519PrivateKey, session: int, secret: bytes = b"") -> Connection:
    """Connects and greets; `secret` is that of an invite. Raises NoRelay, RelayRefuses."""
    try:
        socket = await connect(f"{address}/v1", max_size=MAX_MESSAGE, compression=None, open_timeout=ANSWER_WITHIN, ping_interval=4,
                               ping_timeout=6, close_timeout=1, user_agent_header=None, proxy=None, write_limit=BUFFER)
        bound_buffer(socket.transport)
    except ssl.SSLError as error:
        raise RelayRefuses(f"The certificate of {address} is not trusted here: {error.reason}") from None
    except (OSError, TimeoutError, InvalidHandshake, ValueError) as error:
        raise NoRelay(f"The relay {address} does not answer ({_short(error)}); is it running, and is the address right?") from None
    try:
        challenge = decode(await socket.recv())
        if not isinstance(challenge, Challenge):
            raise MessageRefused("no challenge came")
        await socket.send(encode(hello(key, challenge.nonce, room, session, secret)))
        welcome = decode(await socket.recv())
        if isinstance(welcome, Refused):
            raise RelayRefuses(f"The relay refuses: {welcome.reason}")
        if not isinstance(welcome, Welcome):
            raise MessageRefused("no welcome came")
    except (ConnectionClosed, MessageRefused) as error:
        await socket.close()
        raise RelayRefuses(f"{address} is no relay that this version of ProEditor understands ({_short(error)})") from None
    except BaseException:
        await socket.close()
        raise
    return Connection(socket, address, welcome)


def _short(error: Exception) -> str:
    strerror = getattr(error, "strerror", None)
    return str(strerror or error or type(error).__name__)[:120]


def bound_buffer(transport: asyncio.Transport) -> None:
    """Keeps the system from buffering more than `BUFFER` bytes for a connection."""
    line = transport.get_extra_info("socket")
    if line is not None:
        line.setsockopt(socket_module.SOL_SOCKET, socket_module.SO_SNDBUF, BUFFER)
