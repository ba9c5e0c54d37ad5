"""A media line as peers use it: words to one session or to all, sealed where the room is.

Owns: the line, sealing and opening what is said. Refuses: knowing what is said.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from app.services.collab.connection import Connection
from app.services.collab.transport import LineClosed, NoRelay, RelayRefuses
from editor_core.sync.media_messages import All, From, Here, Passed, Said, To, encode, passed, said
from editor_core.sync.messages import PIECE, MessageRefused, pieces
from editor_core.sync.sealing import NotOpened, open_payload, seal_payload

_BOUND = b"ProEditor media 1\x00"
_EPOCH = 8


class Sealing(Protocol):
    """The room's keys: `current` is (epoch, key) to write under or None in a room that is not sealed; `of` gives keys by epoch."""

    def current(self) -> tuple[int, bytes] | None: ...
    def of(self, epoch: int) -> Sequence[bytes]: ...
    @property
    def sealed(self) -> bool: ...


class Unsealed:
    """A room in the clear."""

    sealed = False

    def current(self) -> tuple[int, bytes] | None:
        return None

    def of(self, epoch: int) -> Sequence[bytes]:
        return ()


class MediaLine:
    """Made on an open media connection. `session` is this one's, `room` its id."""

    def __init__(self, connection: Connection, room: bytes, session: int, sealing: Sealing,
                 on_offence: Callable[[int, str], None] = lambda session, reason: None) -> None:
        self._line = connection.line
        self._address = connection.address
        self._room = room
        self._session = session
        self._sealing = sealing
        self._on_offence = on_offence

    async def to(self, session: int, message: Said) -> None:
        """Says something to one session. Raises NoRelay, RelayRefuses."""
        await self._send(To(session, self._closed(encode(message), session)))

    async def to_all(self, message: Said) -> None:
        """Says something to everybody. Raises NoRelay, RelayRefuses."""
        await self._send(All(self._closed(encode(message), 0)))

    async def heard(self) -> AsyncIterator[tuple[int, Said] | Here]:
        """What others say, as (session, message), and who is there. What cannot be understood is told to `on_offence` and passed over.

        Raises NoRelay, RelayRefuses when the line ends.
        """
        while True:
            message = await self._receive()
            if isinstance(message, Here):
                yield message
            elif isinstance(message, From):
                try:
                    yield message.session, said(self._opened(message.raw, message.session))
                except (MessageRefused, NotOpened) as error:
                    self._on_offence(message.session, str(error))

    async def _send(self, message: Passed) -> None:
        raw = encode(message)
        try:
            await self._line.send(raw if len(raw) <= PIECE else pieces(raw))
        except LineClosed as error:
            raise self._gone(error) from None

    async def _receive(self) -> Passed:
        try:
            return passed(await self._line.receive())
        except LineClosed as error:
            raise self._gone(error) from None
        except MessageRefused as error:
            raise RelayRefuses(f"{self._address} passes media on in a way that is not understood here ({error}); "
                               "use the same version of ProEditor") from None

    def _gone(self, error: LineClosed) -> Exception:
        if error.refused is not None:
            return RelayRefuses(f"The relay refuses: {error.refused}")
        return NoRelay(f"The media line to {self._address} ended; what has come is kept, the rest comes with the next sync")

    def _bound(self, by: int, to: int, epoch: int) -> bytes:
        return _BOUND + self._room + by.to_bytes(8, "big") + to.to_bytes(8, "big") + epoch.to_bytes(_EPOCH, "big")

    def _closed(self, raw: bytes, to: int) -> bytes:
        if not self._sealing.sealed:
            return raw
        found = self._sealing.current()
        if found is None:
            raise RelayRefuses("The room is sealed, and this device does not have its key yet; media waits for it")
        epoch, key = found
        return epoch.to_bytes(_EPOCH, "big") + seal_payload(key, self._bound(self._session, to, epoch), raw)

    def _opened(self, raw: bytes, by: int) -> bytes:
        if not self._sealing.sealed:
            return raw
        epoch = int.from_bytes(raw[:_EPOCH], "big")
        for key in self._sealing.of(epoch):
            for to in (self._session, 0):
                try:
                    return open_payload(key, self._bound(by, to, epoch), raw[_EPOCH:])
                except NotOpened:
                    continue
        raise NotOpened("it was not sealed for this room, or this device lacks the key")
