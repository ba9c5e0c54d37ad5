"""A project's part in a plain room: what goes out, what came, when that is brought into the document.

Owns: the film's documents and the comments, as they are there. Refuses: sockets, and believing anything (see `editor_core.sync.plain`).

What is done here is given as the update bytes that the replica made of it; at every connection both sides tell by state vectors what they
have. What came waits until it fits together, or `GRACE` is over: a Yjs client writes fields without any change in the journal.
Everything here happens on the thread that owns the document.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import Any

from app.services.collab.links import PLAIN
from app.services.collab.plain.comments import PlainTalk
from app.services.errors import AppError
from app.services.merging import Coming, merger_of
from app.services.open_project import DURABLE_WITHIN, OpenProject
from editor_core.document import ChangeSet, DocumentError, Snapshot, Stamp, entry_of
from editor_core.storage import StorageError
from editor_core.storage.rooms import Room, Rooms
from editor_core.sync.arriving import in_order
from editor_core.sync.errors import SyncError, UpdateRefused
from editor_core.sync.merging import Merged
from editor_core.sync.parcel import unseal
from editor_core.sync.plain import DOCUMENTS, Mirror

GRACE = 1.0
"""Seconds after which what came is taken though it does not fit together."""


class Everyone:
    """Who takes part in a plain room: whoever is there, as an editor, and nobody knows them."""

    def __init__(self, name: str) -> None:
        self.name = name

    def role(self, key: bytes) -> str:
        """Of any device."""
        return "editor"

    def present(self) -> tuple[()]:
        """There is no list of them."""
        return ()

    def invites(self) -> tuple[()]:
        """The room's one link is its address."""
        return ()

    def until(self, key: bytes) -> int:
        """Nobody's part in it ends."""
        return 0


class Notes:
    """What a film knows of its plain room: nothing is kept of who wrote what."""

    def __init__(self, participant: PlainParticipant) -> None:
        self._participant = participant
        self.room = participant.room
        self.have: dict[str, dict[int, int]] = {}
        self.actors: dict[int, bytes] = {}

    @property
    def carried(self) -> Collection[Stamp]:
        """Stamps of what was given."""
        return self._participant.given


class PlainParticipant:
    """One project in one plain room; used as a `Participant`. Belongs to the document's thread."""

    encrypted = False
    held_back = 0

    def __init__(self, project: OpenProject, session: int) -> None:
        """Raises AppError for a project that is in no plain room."""
        found = Rooms(project.file).room
        if found is None or not found.relay.startswith(PLAIN):
            raise AppError(f"{project.path.name} is in no plain room")
        self.project = project
        self.session = session
        self.room: Room = found
        self.merger = merger_of(project)
        self.mirror = Mirror()
        self.talk = PlainTalk(project.talk)
        self.members = Everyone(found.name)
        self.rooms = Notes(self)
        self._given = 0
        self.given: dict[Stamp, tuple[int, int]] = {}
        self._brought: set[Stamp] = set()
        self._given_last: tuple[Mirror, dict[str, int], set[Stamp]] = self.mirror, {}, set()
        self._since = 0.0

    @property
    def name(self) -> str:
        """What the film is called."""
        return self.members.name

    def clock(self) -> float:
        """Unix seconds."""
        return time.time()

    @property
    def role(self) -> str:
        """Everyone in a plain room is an editor."""
        return "editor"

    def role_of(self, key: bytes) -> str:
        """The same for others."""
        return "editor"

    expired = False

    def begin(self) -> None:
        """A new mirror of what is here, for a new connection."""
        self.close()
        self.mirror = Mirror()
        self.mirror.apply_update(self.project.file.replica.state())
        self.mirror.watch()
        self._give_up_to(len(self.project.door.history.entries))
        self.talk.begin()
        self._since = 0.0

    def _give_up_to(self, count: int) -> None:
        self.given.update((line.stamp, (0, 0)) for line in self.project.door.history.entries[self._given:count])
        self._given = count

    def close(self) -> None:
        """Lets go of memory."""
        self.mirror.close()
        self.talk.close()

    def state_of(self, document: str) -> bytes:
        """A document's state vector."""
        return self.talk.state() if document == "comments" else self.mirror.state_of(document)

    def update_for(self, document: str, state: bytes) -> bytes:
        """What of a document one lacks who has `state`. Raises UpdateRefused."""
        return self.talk.update_for(state) if document == "comments" else self.mirror.update_for(document, state)

    def outgoing(self) -> list[tuple[bytes, bytes]]:
        """What was done here and not given yet: updates of `timeline` and `journal`, a pair a change."""
        lines = self.project.door.history.entries
        made: list[tuple[bytes, bytes]] = []
        for line in lines[self._given:]:
            if line.stamp not in self._brought:
                parcel = unseal(self._parcel(line.stamp))
                self.mirror.add(parcel.timeline, parcel.journal)
                made.append((parcel.timeline, parcel.journal))
        self._give_up_to(len(lines))
        return made

    def _parcel(self, stamp: Stamp) -> bytes:
        try:
            return self.project.file.parcel(stamp)
        except StorageError:
            self.project.file.flush()
            return self.project.file.parcel(stamp)

    def take(self, document: str, update: bytes) -> bool:
        """Takes what came into the mirror, comments at once into the project; whether it was new. Raises UpdateRefused."""
        if document == "comments":
            return self.talk.take(update)
        try:
            new = self.mirror.take(document, update)
        except UpdateRefused:
            if self.mirror.broken:
                self.begin()
            raise
        if new:
            self._since = self._since or time.monotonic()
        return new

    @property
    def ready(self) -> bool:
        """Whether what came can be brought in now."""
        return self.mirror.pending and (self.mirror.settled() or time.monotonic() - self._since > GRACE)

    def unread(self) -> list[tuple[int, int]]:
        """Nothing waits in the file."""
        return []

    def coming(self, *, at_most: int = 0, everything: bool = False) -> tuple[Coming, list[tuple[int, int]]]:
        """What came and fits together, as changes, a parcel, and the fields that may have been written without a change. A place stands for
        all of it; `brought_in` is about what was given here last."""
        if not self.ready:
            return Coming([], [], False), []
        mirror = self.mirror
        mirror.find_new()
        changes = in_order(mirror.arrived.values(), self.merger.order)[0]
        self._given_last = mirror, {name: len(updates) for name, updates in mirror.received.items()}, {one.stamp for one in changes}
        return Coming(changes, [mirror.parcel()], False, also=_fields(mirror)), [(0, 0)]

    def brought_in(self, merged: Merged | None) -> None:
        """What `coming` gave was brought in elsewhere, as `merged`; what came since goes on waiting."""
        if merged is not None:
            self._brought.add(merged.change.stamp)
        mirror, counts, stamps = self._given_last
        if mirror is not self.mirror:  # there was another connection since: what is here comes again, and is known
            return
        for name, count in counts.items():
            del mirror.received[name][:count]
        left = {stamp: change for stamp, change in mirror.arrived.items() if stamp not in stamps}
        if not mirror.pending:
            mirror.clear()
            self._since = 0.0
        mirror.arrived = left

    def apply(self) -> int:
        """Brings what came into the document, durable on return; how many changes, or records that were written without one.

        Raises AppError, StorageError.
        """
        before = len(self.mirror.touched)
        merged = self._merge(wait=True)
        return 0 if merged is None else len(merged.change.merged) or before

    def bring(self, arriving: Coming, places: Iterable[tuple[int, int]], *, wait: bool = True) -> Merged | None:
        """As `apply`, if there are places; durable on return unless `wait` is False."""
        return self._merge(wait=wait) if list(places) else None

    def _merge(self, *, wait: bool) -> Merged | None:
        mirror, film = self.mirror, self.project
        if not mirror.pending:
            return None
        mirror.find_new()
        changes, late = in_order(mirror.arrived.values(), self.merger.order)
        parcel = mirror.parcel()
        touched = _fields(mirror)
        mirror.clear()
        mirror.arrived.update({change.stamp: change for change in late})
        self._since = 0.0
        try:
            merged = self.merger.merge(changes, [parcel], stamp=film.door.next_stamp(), actor=film.door.actor.id,
                                       time=int(time.time() * 1000), also=touched)
        except (SyncError, DocumentError) as error:
            raise AppError(f"What came from the plain room cannot be merged: {error}") from error
        if merged is not None:
            self._bring(merged, wait)
        return merged

    def _bring(self, merged: Merged, wait: bool) -> None:
        film = self.project
        tickets: list[Any] = []

        def record(change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
            tickets.append(film.file.record_received(change, before, after, merged.parcel))
            film.door.history.add(entry_of(change))

        film.document.apply(merged.change, record)
        self._brought.add(merged.change.stamp)
        for ticket in tickets if wait else ():
            ticket.wait(DURABLE_WITHIN)

    @property
    def waiting(self) -> int:
        """Changes, or records written without one, that came and are not in the document."""
        return len(self.mirror.arrived) or int(self.mirror.pending)


def _fields(mirror: Mirror) -> dict[str, set[str]]:
    """The fields by record that came."""
    return {record_id: fields - {"type"} for record_id, fields in mirror.touched.items()}


__all__ = ["DOCUMENTS", "Everyone", "Notes", "PlainParticipant"]
