"""Machines with and without media in a room of a real relay, for tests.

Owns: a room whose owner grants, files of any size, a machine's exchange of media without a project. Refuses: judging outcomes.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.collab.connection import open_connection
from app.services.collab.media.exchange import MediaExchange, Member, Shelf
from app.services.collab.media.holdings import Holdings
from app.services.collab.media.line import Unsealed
from editor_core.schema import MediaReference, VideoStream
from editor_core.sync.envelope import make, public
from editor_core.sync.members import Genesis, Grant, Members, encode, room_of
from editor_core.sync.messages import Ack
from tests.support.relays import RunningRelay


def film_bytes(size: int) -> bytes:
    block = bytes((at * 31 + at // 251) % 256 for at in range(65521))
    return (block * (size // len(block) + 1))[:size]


def quick(raw: bytes) -> str:
    """Stands for the content hash: what a media worker says of a file."""
    return f"quick:{len(raw)}-{raw[:8].hex()}-{raw[-8:].hex()}"


class Room:
    """A room on a relay whose owner has granted everybody editing."""

    def __init__(self, relay: RunningRelay) -> None:
        self.relay = relay
        self.owner = Ed25519PrivateKey.generate()
        self._genesis = Genesis(public(self.owner), "film", b"0" * 16, "owner", "Owner")
        self.id = room_of(self._genesis)
        self._members = Members(self.id)
        self._sequence = 0
        asyncio.run(self._say(self._genesis))

    def key(self) -> Ed25519PrivateKey:
        key = Ed25519PrivateKey.generate()
        asyncio.run(self._say(Grant(public(self.owner), self._members.heads, public(key), "editor", "someone", "Someone")))
        return key

    async def _say(self, statement: object) -> None:
        self._sequence += 1
        envelope = make(self.owner, room=self.id, document="members", session=1, sequence=self._sequence,
                        payload=encode(statement))  # type: ignore[arg-type]
        self._members.add(envelope)
        async with await open_connection(self.relay.address, self.id, self.owner, 1) as connection:
            await connection.put([envelope.raw])
            while not isinstance(await connection.receive(), Ack):
                pass


class OneKey:
    """A sealed room's key."""

    sealed = True

    def __init__(self, key: bytes) -> None:
        self._key = key

    def current(self) -> tuple[int, bytes]:
        return 7, self._key

    def of(self, epoch: int) -> tuple[bytes, ...]:
        return (self._key,) if epoch == 7 else ()


class Machine:
    """Somebody's machine, with or without the media."""

    def __init__(self, folder: Path, room: Room, media: list[MediaReference], session: int, sealing: object = None) -> None:
        self.folder = folder
        self.media = media
        self.paths: dict[str, list[Path]] = {}
        self.room, self.session, self.key = room, session, room.key()
        self.sealing = sealing or Unsealed()
        self.known: dict[str, list[Path]] = {}
        self.made: list[str] = []

    def exchange(self, upto: str = "none", **how: object) -> MediaExchange:
        holdings = Holdings(lambda: self.media, lambda asset: self.paths.get(asset, []), self.folder / "stand-ins")

        async def make_stand_in(reference: MediaReference, path: Path, kind: str) -> Path:
            self.made.append(kind)
            out = self.folder / "stand-ins" / f"{kind}"
            from render.stand_in import name_of

            out = self.folder / "stand-ins" / name_of(reference.hash, kind)  # type: ignore[arg-type]
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(kind.encode() * 1000)
            return out

        async def hash_of(path: Path) -> str:
            return quick(path.read_bytes())

        async def locate(asset: str, path: Path) -> None:
            self.paths.setdefault(asset, []).insert(0, path)

        shelf = Shelf(holdings, self.folder / "lists", self.folder / "film media", make_stand_in, hash_of, locate,
                      lambda content_hash: self.known.get(content_hash, []))
        return MediaExchange(lambda: Member(self.room.relay.address, self.room.id, self.key, self.session, self.sealing),  # type: ignore[arg-type]
                             shelf, upto, **how)  # type: ignore[arg-type]


def media_of(raw: bytes, name: str = "Harbour.mov", asset: str = "a1") -> MediaReference:
    return MediaReference(id=asset, name=name, hash=quick(raw), size=len(raw), duration=10,
                          video=VideoStream(index=0, codec="h264", width=640, height=360))
