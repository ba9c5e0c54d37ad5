"""A line to a relay that can be cut: a TCP proxy in this process.

Owns: forwarding bytes, stopping to forward without closing (a pulled cable), closing at once. Refuses: looking at what it forwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


class Cable:
    """`address` leads to a relay for as long as the cable is in. Runs on a thread of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._in = True
        self.port = 0
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(10)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)

        async def begin() -> None:
            server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()

        self._loop.run_until_complete(begin())
        self._loop.run_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._in:
            writer.close()
            return
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
            self._writers |= {writer, far_writer}
            both = [asyncio.ensure_future(self._forward(*pair)) for pair in ((reader, far_writer), (far_reader, writer))]
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for one in (writer, far_writer):
                self._writers.discard(one)
                one.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while raw := await reader.read(65536):
                await self._flows.wait()
                writer.write(raw)
                await writer.drain()

    def _do(self, call: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(call)

    def stop_flowing(self) -> None:
        """As a pulled cable: nothing arrives, and nobody is told."""
        self._in = False
        self._do(self._flows.clear)

    def pull(self) -> None:
        """Closes every connection, and refuses new ones."""
        self._in = False

        def close() -> None:
            for writer in list(self._writers):
                writer.transport.abort()

        self._do(close)

    def plug(self) -> None:
        """In again."""
        self._in = True
        self._do(self._flows.set)

    def close(self) -> None:
        self.pull()
        self._do(self._loop.stop)
        self._thread.join(5)
