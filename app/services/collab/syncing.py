"""`proeditor sync`: an exchange from the command line, during which other processes may edit through this one.

Owns: the loop that an exchange runs on, the door for other processes meanwhile, the report in lines. Refuses: the exchange itself.
"""

from __future__ import annotations

import asyncio
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.exchange import Exchange
from app.services.collab.participant import Participant
from app.services.open_project import OpenProject, answer
from app.services.owner import OwnerSocket


def sync(project: OpenProject, key: Ed25519PrivateKey, session: int, seconds: float | None) -> dict[str, Any]:
    """Exchanges until nothing is left to do, or for some seconds; the report as JSON values. Raises AppError, StorageError."""
    return asyncio.run(_sync(project, Participant(project, key, session), seconds))


async def _sync(project: OpenProject, one: Participant, seconds: float | None) -> dict[str, Any]:
    exchange = Exchange(one)
    loop = asyncio.get_running_loop()

    async def edit(request: dict[str, Any]) -> Any:
        try:
            return answer(project, request)
        finally:
            exchange.something_changed()

    door = OwnerSocket(lambda request: asyncio.run_coroutine_threadsafe(edit(request), loop).result())
    project.file.announce(door.address)
    try:
        await (exchange.until_idle() if seconds is None else exchange.for_seconds(seconds))
        return exchange.as_plain()
    finally:
        project.file.announce("")
        await loop.run_in_executor(None, door.close)


def lines(report: dict[str, Any]) -> list[str]:
    """A report for people."""
    said = [f"Sent {report['sent']} and received {report['received']} envelopes; {report['applied']} changes of others applied"]
    if report["waiting"]:
        said.append(f"{report['waiting']} changes wait for others that have not come yet")
    if report["held_back"]:
        said.append(f"{report['held_back']} changes stay here: as {report['role'] or 'no member'} you may not give them")
    return [*said, f"Fingerprint {report['fingerprint']}"]
