"""What the exchange of media needs of this machine, put together for an open project.

Owns: the folders (`FILM media` beside the film for originals, the cache for stand-ins and lists), the work that media workers do.
Refuses: the exchange.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

import msgspec

from app.services.collab.media.exchange import Member, Shelf
from app.services.collab.media.holdings import Holdings, Wanted
from app.services.collab.media.line import Sealing, Unsealed
from app.services.collab.participant import Participant
from app.services.open_project import OpenProject
from assets.library import Library, LibraryError
from editor_core.schema import MediaReference
from editor_core.sync.epochs import RoomKeys
from editor_core.sync.members import Members
from render import stand_in

PROBE_WITHIN = 120.0
MAKE_WITHIN = 4 * 3600.0
QUIET_WITHIN = 120.0


class Tasks(Protocol):
    """The part of the task pool that this uses."""

    def submit(self, name: str, args: Mapping[str, Any], *, timeout: float | None = 60.0,
               quiet: float | None = None) -> Future[dict[str, Any]]: ...


class RoomSealing:
    """The keys of a participant's room."""

    def __init__(self, members: Members, keys: RoomKeys) -> None:
        self._members = members
        self._keys = keys

    @property
    def sealed(self) -> bool:
        return self._members.sealed

    def current(self) -> tuple[int, bytes] | None:
        return self._keys.current(self._members)

    def of(self, epoch: int) -> tuple[bytes, ...]:
        return tuple(self._keys.of(epoch))


def member_of(participant: Participant) -> Member:
    """This session in its room, for a media line."""
    sealing: Sealing = RoomSealing(participant.members, participant.keys) if participant.encrypted else Unsealed()
    return Member(participant.room.relay, participant.room.id, participant.key, participant.session, sealing)


def stand_ins_of(cache: Path) -> Path:
    """Where proxies and previews are kept, for all projects of a person."""
    return cache / "stand-ins"


def media_folder(film: Path) -> Path:
    """Where originals that arrive are put."""
    return film.absolute().parent / f"{film.stem} media"


def shelf_of(project: OpenProject, tasks: Callable[[], Tasks], cache: Path, library: Library | None, *,
             locate: Callable[[str, Path], Awaitable[None]] | None = None,
             arrived: Callable[[Wanted, Path], None] = lambda wanted, path: None) -> Shelf:
    """`tasks` gives media workers when they are first needed; `locate` as in `Shelf`, else the project's file is told at once."""
    def media() -> list[MediaReference]:
        return list(project.snapshot.of_kind(MediaReference))

    async def make(reference: MediaReference, path: Path, kind: stand_in.Kind) -> Path:
        made = await asyncio.wrap_future(tasks().submit(
            "proxy", {"path": str(path), "reference": msgspec.to_builtins(reference), "kind": kind, "folder": str(stand_ins_of(cache))},
            timeout=MAKE_WITHIN, quiet=QUIET_WITHIN))
        return Path(made["path"])

    async def quick_hash(path: Path) -> str:
        found = await asyncio.wrap_future(tasks().submit("probe", {"path": str(path), "asset_id": "arrived"}, timeout=PROBE_WITHIN))
        return msgspec.convert(found, MediaReference).hash

    async def set_place(asset: str, path: Path) -> None:
        project.file.locations.set(asset, path)

    def known(content_hash: str) -> list[Path]:
        try:
            return library.places(content_hash) if library is not None else []
        except LibraryError:
            return []

    return Shelf(Holdings(media, project.file.locations.get, stand_ins_of(cache)), cache / "pieces", media_folder(project.path), make,
                 quick_hash, locate or set_place, known, arrived)
