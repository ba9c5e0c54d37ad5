"""People who share films in this process, with real files and real sockets to a real relay.

Owns: a person with a device key and new sessions, raw connections for those who do not play by the rules. Refuses: judging outcomes.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import bootstrap
from app.services.collab import sharing
from app.services.collab.connection import Connection, open_connection
from app.services.collab.exchange import Exchange
from app.services.collab.links import Link, parse_link
from app.services.collab.participant import Participant
from app.services.identity import Profile, new_session
from app.services.places import Places
from editor_core.schema import Marker
from editor_core.sync import members as m
from editor_core.sync.envelope import make, public
from editor_core.sync.fingerprint import cut_fingerprint, fingerprint
from editor_core.sync.messages import CaughtUp, Envelopes, Want

REGISTRY = bootstrap.commands()


class Person:
    """Somebody with a film of their own. Each `session()` is as a new process."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.folder = folder
        self.film = folder / f"{name}.proedit"
        self.key = Ed25519PrivateKey.generate()
        self.profile = Profile(id=f"u-{name}", name=name)

    def parts(self) -> bootstrap.Parts:
        return bootstrap.Parts(Places(self.folder, self.folder, self.folder), self.profile, new_session(), REGISTRY)

    @contextlib.contextmanager
    def open(self):
        """(parts, project) as a new process would have them."""
        parts = self.parts()
        project = bootstrap.open_project(parts, self.film)
        try:
            yield parts, project
        finally:
            project.close()

    def make(self) -> None:
        bootstrap.create_project(self.parts(), self.film, width=320, height=180).close()

    def mark(self, *texts: str) -> None:
        """Edits: a marker for each text."""
        with self.open() as (_, project):
            for number, text in enumerate(texts):
                project.door.execute("marker.add", {"at": f"{number}s", "text": text})

    def share(self, relay: str, role: str = "editor", expires: float = 0, encrypt: bool | None = None) -> Link:
        with self.open() as (parts, project):
            made = sharing.share(project, self.key, parts.session, self.profile, relay=relay, role=role, expires=expires, encrypt=encrypt)
        return parse_link(made["link"])

    def join(self, link: Link):
        parts = self.parts()
        return sharing.join(link, self.film, self.key, parts.session, self.profile, making=lambda path: bootstrap.making(parts, path))

    def sync(self, seconds: float | None = None):
        """One exchange; its report."""
        async def run():
            exchange = Exchange(one)
            await (exchange.until_idle() if seconds is None else exchange.for_seconds(seconds))
            return exchange.as_plain()

        with self.open() as (parts, project):
            one = Participant(project, self.key, parts.session)
            return asyncio.run(run())

    def print(self) -> str:
        with self.open() as (_, project):
            return fingerprint(project.snapshot)

    def cut(self) -> str:
        """The fingerprint as reports have it."""
        with self.open() as (_, project):
            return cut_fingerprint(project.snapshot)

    def texts(self) -> list[str]:
        with self.open() as (_, project):
            return sorted(marker.text for marker in project.snapshot.of_kind(Marker))

    async def connect(self, link: Link, session: int | None = None, secret: bytes = b"") -> Connection:
        """A raw connection to the room."""
        return await open_connection(link.relay, link.room, self.key, session or new_session(), secret)


def shared_by(one: Person, other: Person, relay, *marks: str, **how) -> Link:
    """A new film of one person with markers of those words, which another has joined; the link."""
    one.make()
    one.mark(*marks)
    link = one.share(relay.address, **how)
    other.join(link)
    return link


class BareRoom:
    """A room without a film: its maker writes envelopes with any content, for what the relay alone decides."""

    def __init__(self, relay: str, name: str = "bare") -> None:
        self.relay = relay
        self.key = Ed25519PrivateKey.generate()
        self.genesis = m.Genesis(public(self.key), name, public(self.key)[:16])
        self.id = m.room_of(self.genesis)
        self.members = m.Members(self.id)
        self.session = new_session()
        self._numbers = itertools.count(1)

    def said(self, statement: m.Statement, key: Ed25519PrivateKey | None = None) -> bytes:
        envelope = make(key or self.key, room=self.id, document="members", session=self.session, sequence=next(self._numbers),
                        payload=m.encode(statement))
        self.members.add(envelope)
        return envelope.raw

    def grant(self, key: Ed25519PrivateKey, role: m.Role) -> bytes:
        return self.said(m.Grant(public(self.key), self.members.heads, public(key), role))

    def written(self, sequence: int, *, key: Ed25519PrivateKey | None = None, session: int | None = None, document: str = "timeline",
                payload: bytes = b"", room: bytes | None = None) -> bytes:
        return make(key or self.key, room=room or self.id, document=document, session=session or self.session, sequence=sequence,
                    payload=payload or b"update %d" % sequence).raw

    async def connect(self, key: Ed25519PrivateKey | None = None, session: int | None = None) -> Connection:
        return await open_connection(self.relay, self.id, key or self.key, session or new_session())

    async def made(self, *granted: tuple[Ed25519PrivateKey, m.Role]) -> None:
        """Makes the room on the relay, with members."""
        async with await self.connect(session=self.session) as connection:
            await connection.put([self.said(self.genesis), *(self.grant(key, role) for key, role in granted)])
            await acknowledged(connection, "members", self.session, len(granted) + 1)


async def acknowledged(connection: Connection, document: str, session: int, sequence: int) -> None:
    """Returns when the relay has said that so much is on its disk."""
    async with asyncio.timeout(20):
        while True:
            message = await connection.receive()
            if getattr(message, "have", {}).get(document, {}).get(session, 0) >= sequence:
                return


async def everything(connection: Connection) -> list[bytes]:
    """All that the relay hands on to one who has nothing."""
    await connection.send(Want({}))
    raws: list[bytes] = []
    async with asyncio.timeout(20):
        async for message in connection.messages():
            if isinstance(message, Envelopes):
                raws.extend(message.raw)
            elif isinstance(message, CaughtUp):
                break
    return raws
