"""A stand-in for an iroh relay on loopback: it hands datagrams on by key, and believes whoever says what theirs is.

Owns: the few frames of that protocol (version 2) that endpoints use to meet; a thread of its own. Refuses: TLS, telling endpoints their
address from outside.
"""

from __future__ import annotations

import asyncio
import os
import threading
from http import HTTPStatus

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

CHALLENGE, CONFIRMED = b"\x00", b"\x02"
DATAGRAM, BATCH, PING, PONG = 4, 5, 9, 10
KEY = 32


class IrohRelay:
    """Runs while it is entered; `address` is for PROEDITOR_IROH_RELAY, `carried` counts datagrams."""

    def __init__(self) -> None:
        self.address = ""
        self.carried = 0
        self._peers: dict[bytes, ServerConnection] = {}
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> IrohRelay:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with serve(self._peer, "127.0.0.1", 0, subprotocols=["iroh-relay-v2"], compression=None,  # type: ignore[list-item]
                         process_request=lambda line, asked: None if asked.path == "/relay" else line.respond(HTTPStatus.OK, "")) as server:
            self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            self._ready.set()
            await self._over.wait()

    async def _peer(self, line: ServerConnection) -> None:
        await line.send(CHALLENGE + os.urandom(16))
        key = (await line.recv())[1:1 + KEY]
        self._peers[key] = line
        await line.send(CONFIRMED)
        try:
            async for raw in line:
                if raw[0] in (DATAGRAM, BATCH) and (to := self._peers.get(raw[1:1 + KEY])) is not None:
                    self.carried += 1
                    await to.send(bytes([raw[0] + 2]) + key + raw[1 + KEY:])
                elif raw[0] == PING:
                    await line.send(bytes([PONG]) + raw[1:])
        except ConnectionClosed:
            pass
        finally:
            self._peers.pop(key, None)
