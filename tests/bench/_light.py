"""Peers that cost next to nothing, so that a crowd of them in one process does not stand in the way of what is measured.

Owns: a WebSocket's bytes by hand, the greeting, telling when marked envelopes came. Refuses: judging, and everything a peer would do with
what comes.
"""

from __future__ import annotations

import asyncio
import struct
import time
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from editor_core.sync.messages import CaughtUp, Challenge, Message, Want, Welcome, decode, encode, hello

MARK = b"sent at"
"""Stands in an envelope before the time at which it was put: 8 bytes, by the clock of this process."""
_PRESENT = b"\xa7present"


class LightPeer(asyncio.Protocol):
    """One connection that has caught up. `delays` takes seconds from putting to arriving, of every marked envelope."""

    def __init__(self, delays: list[float]) -> None:
        self.presences = 0
        self._delays = delays
        self._open = asyncio.get_running_loop().create_future()
        self._greeting: asyncio.Queue[Message] = asyncio.Queue()
        self._buffer = bytearray()
        self._pieces: list[bytes] = []
        self._greeted = False
        self._transport: asyncio.Transport

    @classmethod
    async def enter(cls, address: str, room: bytes, key: Ed25519PrivateKey, session: int, delays: list[float]) -> LightPeer:
        """A member who has everything."""
        where = urlsplit(address)
        _, peer = await asyncio.get_running_loop().create_connection(lambda: cls(delays), where.hostname, where.port)
        async with asyncio.timeout(60):
            await peer._open
            challenge = await peer._greeting.get()
            assert isinstance(challenge, Challenge)
            peer.send(hello(key, challenge.nonce, room, session))
            assert isinstance(await peer._greeting.get(), Welcome)
            peer.send(Want({}))
            while not isinstance(await peer._greeting.get(), CaughtUp):
                pass
        peer._greeted = True
        return peer

    def send(self, message: Message) -> None:
        """A message, masked with zeros."""
        raw = encode(message)
        length = bytes((0x80 | len(raw),)) if len(raw) < 126 else b"\xfe" + struct.pack(">H", len(raw)) if len(raw) < 2**16 else \
            b"\xff" + struct.pack(">Q", len(raw))
        self._transport.write(b"\x82" + length + bytes(4) + raw)

    def close(self) -> None:
        self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"GET /v1 HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._open.done():
            self._open.set_exception(exc or ConnectionError("the relay ended the connection"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._open.done():
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            assert self._buffer.startswith(b"HTTP/1.1 101"), bytes(self._buffer)
            del self._buffer[:end + 4]
            self._open.set_result(None)
        while self._frame():
            pass

    def _frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        kind, length = buffer[0], buffer[1]
        start = {126: 4, 127: 10}.get(length, 2)
        if len(buffer) < start:
            return False
        if start > 2:
            length = int.from_bytes(buffer[2:start], "big")
        if len(buffer) < start + length:
            return False
        content = bytes(buffer[start:start + length])
        del buffer[:start + length]
        if kind & 15 == 9:
            self._transport.write(b"\x8a" + bytes((0x80 | length,)) + bytes(4) + content)
        elif kind & 15 <= 2:
            self._pieces.append(content)
            if kind & 0x80:
                self._heard(b"".join(self._pieces))
                self._pieces.clear()
        return True

    def _heard(self, raw: bytes) -> None:
        if not self._greeted:
            self._greeting.put_nowait(decode(raw))
            return
        if raw.startswith(_PRESENT, 1):
            self.presences += 1
            return
        now, at = time.monotonic(), raw.find(MARK)
        while at >= 0:
            self._delays.append(now - struct.unpack_from(">d", raw, at + len(MARK))[0])
            at = raw.find(MARK, at + 15)
