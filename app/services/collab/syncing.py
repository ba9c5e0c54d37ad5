"""`proeditor sync`: an exchange from the command line, during which other processes may edit through this one.

Owns: the loop that an exchange runs on, the door for other processes meanwhile, the report in lines. Refuses: the exchange itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.exchange import Exchange
from app.services.collab.handed import Handed
from app.services.collab.media.exchange import MediaExchange, Shelf, Upto
from app.services.collab.media.shelf import member_of
from app.services.collab.membership import may_do
from app.services.collab.participant import Participant
from app.services.collab.sharing import remove_expired
from app.services.collab.vouching import vouch
from app.services.collab.ways import exchange_for
from app.services.open_project import OpenProject, RemoteTarget, Target
from app.services.owner import OwnerClient, OwnerSocket, Serve

ANSWERED_WITHIN = 2.0
"""Seconds for answers to other commands to be on their way."""


@dataclass(frozen=True)
class MediaWish:
    """What media are exchanged besides: `upto` is fetched of what is missing here; what others ask for is given as long as this stays
    connected or fetches, at most `cap` bytes a second (0 for no cap), previews alone if `metered`."""

    shelf: Shelf
    upto: Upto = "none"
    cap: float = 0.0
    metered: bool = False


def sync(project: OpenProject, key: Ed25519PrivateKey, session: int, seconds: float | None,
         media: MediaWish | None = None) -> dict[str, Any]:
    """Exchanges until nothing is left to do, or for some seconds; the report as JSON values. Raises AppError, StorageError."""
    async def run() -> dict[str, Any]:
        exchange = exchange_for(project, key, session)
        films = _media(exchange, media)
        async with _door(project, exchange, key):
            if seconds is None:
                await exchange.until_idle()
                if films is not None and films.upto != "none":
                    await films.until_idle()
            else:
                beside = asyncio.ensure_future(films.stay()) if films is not None else None
                try:
                    await exchange.for_seconds(seconds)
                finally:
                    if beside is not None:
                        beside.cancel()
                        await asyncio.gather(beside, return_exceptions=True)
        if isinstance(exchange.participant, Participant):
            await remove_expired(exchange.participant)
            await vouch(exchange.participant)
        report = exchange.as_plain()
        if films is not None:
            report["media"] = films.done().as_plain()
        return report

    return asyncio.run(run())


def _media(exchange: Exchange, wish: MediaWish | None) -> MediaExchange | None:
    one = exchange.participant
    if wish is None or not isinstance(one, Participant):
        return None
    return MediaExchange(lambda: member_of(one), wish.shelf, wish.upto, cap=wish.cap, metered=wish.metered)


def run_live(project: OpenProject, key: Ed25519PrivateKey, session: int, work: Callable[[Target], None]) -> None:
    """Stays connected while `work` runs commands, beside it on a thread of its own, and until they are given.

    Raises AppError, StorageError, what `work` raises.
    """
    async def run() -> None:
        exchange = exchange_for(project, key, session)
        async with _door(project, exchange, key) as serve:
            async def begin() -> None:
                _restrict(project, exchange)
                await _on_a_thread(lambda: work(RemoteTarget(InProcess(serve))))

            await exchange.beside(begin)

    asyncio.run(run())


def _restrict(project: OpenProject, exchange: Exchange) -> None:
    """From now on viewers and commenters do nothing here that the room would refuse."""
    one = exchange.participant
    if isinstance(one, Participant):
        owner = next((m.person for m in one.members.present() if m.role == "owner" and m.person), "")
        project.door.restrict(may_do(one.role, owner))


async def _on_a_thread(work: Callable[[], None]) -> None:
    """Runs something that may wait for standard input for ever; an interrupt does not wait for it."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def finish(error: BaseException | None) -> None:
        if not done.done():
            done.set_result(None) if error is None else done.set_exception(error)

    def run() -> None:
        outcome: BaseException | None = None
        try:
            work()
        except BaseException as error:
            outcome = error
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(finish, outcome)

    threading.Thread(target=run, name="live-work", daemon=True).start()
    await done


class InProcess(OwnerClient):
    """Hands requests to the loop of this process, from another thread of it."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    def ask(self, request: dict[str, Any]) -> Any:
        return self._serve(request)

    def close(self) -> None:
        return


@contextlib.asynccontextmanager
async def _door(project: OpenProject, exchange: Exchange, key: Ed25519PrivateKey) -> AsyncIterator[Serve]:
    """Lets other processes and threads edit a project meanwhile; yields what serves them."""
    loop = asyncio.get_running_loop()
    handed = Handed(project, exchange, key)

    def serve(request: dict[str, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(handed.serve(request), loop).result()

    door = OwnerSocket(serve)
    project.file.announce(door.address)
    try:
        yield serve
    finally:
        project.file.announce("")
        await handed.finish()
        await loop.run_in_executor(None, lambda: door.close(ANSWERED_WITHIN))


def lines(report: dict[str, Any]) -> list[str]:
    """A report for people."""
    what = "updates" if report.get("plain") else "envelopes"
    said = [f"Sent {report['sent']} and received {report['received']} {what}; {report['applied']} changes of others applied"]
    if report.get("comments"):
        said.append(f"{report['comments']} comment{'' if report['comments'] == 1 else 's'} or changes of comments came")
    if report["waiting"]:
        said.append(f"{report['waiting']} changes wait for others that have not come yet")
    for refused in report.get("refused", ())[:3]:
        said.append(f"Something by {refused['author'] or 'somebody unknown'} was not taken: {refused['reason']}")
    if report["held_back"] and report.get("key") == "missing":
        said.append(f"{report['held_back']} changes stay here until an owner's program has given the room a new key")
    elif report["held_back"]:
        said.append(f"{report['held_back']} changes stay here: as {report['role'] or 'no member'} you may not give them")
    if report["conflicts"]:
        said.append(f"{len(report['conflicts'])} conflicts are open; `proeditor conflicts FILM` lists them")
    if report.get("media_note"):
        said.append(report["media_note"])
    return [*said, *media_lines(report.get("media")), f"Fingerprint {report['fingerprint']}"]


def media_lines(report: dict[str, Any] | None) -> list[str]:
    """What came and went of media, for people."""
    if report is None:
        return []
    said = [f"{one['name']} came ({one['kind']}, {one['bytes'] / 2**20:.1f} MiB)" for one in report["came"]]
    said += [f"{name} was on this machine already" for name in report["already_here"]]
    if report["given_bytes"]:
        said.append(f"Gave {report['given_bytes'] / 2**20:.1f} MiB of media to others")
    return said + [f"{one['name']} is missing: {one['why']}" for one in report["missing"]]
