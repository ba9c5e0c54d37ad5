"""A relay as a process: how it is started, by which ways it is reached, how it ends.

Owns: certificates, signals, the addresses that are told. Refuses: serving (see `server`).
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from app.services.errors import AppError
from app.services.relay.bus import Bus
from app.services.relay.server import Relay


class Listening(NamedTuple):
    """How a relay is to be started. `bus` joins it to other relays, `public` is where its peers reach it; with `p2p` machines come in by
    its key as well."""

    host: str
    port: int
    folder: Path
    certificate: Path | None = None
    key: Path | None = None
    bus: str = ""
    public: str = ""
    p2p: bool = False


def run_relay(given: Listening, ready: Callable[[str], None]) -> None:
    """Runs a relay until the process is told to stop (interrupt or terminate); `ready` is told each of its addresses. Raises AppError."""
    context = _context(given)
    _more_files()
    if given.p2p and context is not None:
        raise AppError("--p2p needs no certificate: leave --tls-cert out, or run a relay for each")
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(_main(given, context, ready))


async def _main(given: Listening, context: ssl.SSLContext | None, ready: Callable[[str], None]) -> None:
    loop = asyncio.get_running_loop()
    relay = Relay(given.folder, bus=Bus(given.bus, given.public) if given.bus else None)
    address: asyncio.Future[str] = loop.create_future()
    serving = asyncio.create_task(relay.run(given.host, given.port, context, address.set_result))
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, serving.cancel)
    waiting: list[asyncio.Future[object]] = [serving, address]  # type: ignore[list-item]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if not address.done():
        await serving
        return
    ready(address.result())
    async with contextlib.AsyncExitStack() as open_doors:
        if given.p2p:
            ready(await open_doors.enter_async_context(_door(given, int(address.result().rpartition(":")[2]))))
        await serving


def _more_files() -> None:
    """A connection is a file; systems allow a process 1,024 of them unless it asks."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 16_384 if hard == resource.RLIM_INFINITY else min(16_384, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def _door(given: Listening, port: int) -> contextlib.AbstractAsyncContextManager[str]:
    from app.services.collab.p2p import door

    near = given.host if given.host not in ("", "0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
    return door(near, port, given.folder, f"0.0.0.0:{given.port}" if given.port else "")


def _context(given: Listening) -> ssl.SSLContext | None:
    if given.certificate is None and given.key is None:
        return None
    if given.certificate is None or given.key is None:
        raise AppError("--tls-cert and --tls-key go together")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(given.certificate, given.key)
    except (OSError, ssl.SSLError) as error:
        raise AppError(f"The certificate {given.certificate} or its key cannot be used: {error}") from None
    return context
