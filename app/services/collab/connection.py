"""A connection to a relay, from a peer's side.

Owns: connecting, the greeting, messages in and out, errors in words. Refuses: knowing what is sent.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from types import TracebackType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.transport import (
    BUFFER,
    Line,
    LineClosed,
    NoRelay,
    RelayRefuses,
    Transport,
    bound_buffer,
    gone,
    short,
    transport_for,
)
from editor_core.sync.messages import (
    PACK,
    PIECE,
    SMALL_PACK,
    Challenge,
    GiveBack,
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


class Connection:
    """Made by `open_connection`; also an async context manager."""

    def __init__(self, line: Line, address: str, welcome: Welcome) -> None:
        self.line = line
        self.address = address
        self.welcome = welcome
        self.given_back = 0

    @property
    def round_trip(self) -> float:
        """Seconds to the other end and back, 0 while that is not known."""
        return float(getattr(getattr(self.line, "socket", None), "latency", 0.0))

    async def send(self, message: Message) -> None:
        """Raises NoRelay, RelayRefuses."""
        try:
            raw = encode(message)
            await self.line.send(raw if len(raw) <= PIECE else pieces(raw))
        except LineClosed as error:
            raise gone(error, self.address) from None

    async def put(self, raws: list[bytes]) -> None:
        """Sends envelopes in as many messages as it takes."""
        limit = PACK if self.welcome.role in ("editor", "owner") else SMALL_PACK
        for group in packed(raws, limit):
            await self.send(Put(group))

    async def give_back(self, statements: list[bytes]) -> None:
        """Gives the relay statements about members that it has not got; `welcome` is another then. Raises NoRelay, RelayRefuses."""
        groups = packed(statements, SMALL_PACK) or [[]]
        for number, group in enumerate(groups, 1):
            await self.send(GiveBack(group, number < len(groups)))
        while not isinstance(message := await self.receive(), Welcome):
            pass
        self.welcome, self.given_back = message, len(statements)

    async def receive(self) -> Message:
        """The next message. Raises NoRelay, RelayRefuses for a refusal, MessageRefused."""
        try:
            message = decode(await self.line.receive())
        except LineClosed as error:
            raise gone(error, self.address) from None
        if isinstance(message, Refused):
            raise RelayRefuses(f"The relay refuses: {message.reason}")
        return message

    async def messages(self) -> AsyncIterator[Message]:
        """As `receive`, until the connection ends."""
        while True:
            yield await self.receive()

    async def close(self) -> None:
        await self.line.close()

    async def __aenter__(self) -> Connection:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with contextlib.suppress(Exception):
            await self.close()


async def open_connection(address: str, room: bytes, key: Ed25519PrivateKey, session: int, secret: bytes = b"",
                          transport: Transport | None = None, *, media: bool = False, copy: bool = False) -> Connection:
    """Connects and greets; `secret` is that of an invite, `transport` another way than the address asks for. With `media` it is a
    media line: what is said on it after the greeting is not for `send` and `receive` but for its `line`. `copy` says that there is a copy
    of the room here, so that who the members are can be given back to a relay that lost it (`give_back`).

    Raises NoRelay, RelayRefuses.
    """
    line = await (transport or transport_for(address)).line(address, room)
    try:
        challenge = decode(await line.receive())
        if not isinstance(challenge, Challenge):
            raise MessageRefused("no challenge came")
        await line.send(encode(hello(key, challenge.nonce, room, session, secret, media=media, copy=copy)))
        welcome = decode(await line.receive())
        if isinstance(welcome, Refused):
            raise RelayRefuses(f"The relay refuses: {welcome.reason}")
        if not isinstance(welcome, Welcome):
            raise MessageRefused("no welcome came")
    except (LineClosed, MessageRefused) as error:
        await line.close()
        if isinstance(error, LineClosed) and error.refused is None:
            raise NoRelay(f"The relay {address} ended the connection before it had begun; "
                          f"{error.later or 'it may be starting, or on its way out'}") from None
        raise RelayRefuses(f"{address} is no relay that this version of ProEditor understands ({short(error)})") from None
    except BaseException:
        await line.close()
        raise
    return Connection(line, address, welcome)


__all__ = ["BUFFER", "Connection", "NoRelay", "RelayRefuses", "bound_buffer", "open_connection"]
