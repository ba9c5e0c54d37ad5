"""A project's part in its room: what it has to give, and taking what others give.

Owns: making envelopes of what was done here, checking and keeping those of others, bringing them into the document. Refuses: sockets.
Everything here happens on the thread that owns the document, except `look` and `read`, which may run on any other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.services.errors import AppError
from app.services.merging import Coming, bring_in, merger_of
from app.services.open_project import DURABLE_WITHIN, OpenProject
from editor_core.document import ChangeSet, Entry, Stamp
from editor_core.storage.journal import Ticket
from editor_core.storage.rooms import Kept, Room, Rooms
from editor_core.sync import members as statements
from editor_core.sync.arriving import changes_in, check_timeline, in_order, stamps_of
from editor_core.sync.envelope import MAX_UPDATE, DocumentName, Envelope, EnvelopeRefused, make, open_envelope, public
from editor_core.sync.members import Members, Statement
from editor_core.sync.merging import Merged
from editor_core.sync.parcel import seal, unseal

log = logging.getLogger(__name__)

Place = tuple[str, int, int]


class NotShared(AppError):
    """The project is in no room."""


class Taken(NamedTuple):
    """What became of envelopes that came: kept, and those refused with the reason."""

    kept: int
    refused: list[tuple[str, str]]


class Looked(NamedTuple):
    """An envelope whose bytes hold. `changes` are those in it, if it is of the journal and was decoded already."""

    envelope: Envelope
    changes: list[ChangeSet] | None


class Pair(NamedTuple):
    """What two envelopes of one change bring."""

    changes: list[ChangeSet]
    parcel: bytes
    snapshot: bool


IN_MEMORY = 32 * 2**20
"""Bytes of received content that is kept in memory until it is applied; more is read from the file again."""


class Participant:
    """One project in one room. `session` is this process's."""

    def __init__(self, project: OpenProject, key: Ed25519PrivateKey, session: int) -> None:
        """Raises NotShared, StorageError."""
        self.project = project
        self.session = session
        self.rooms = Rooms(project.file)
        if self.rooms.room is None:
            raise NotShared(f"{project.path.name} is not shared; `proeditor share` shares it, `proeditor join` makes a film from a link")
        self.room: Room = self.rooms.room
        self.key = key
        if public(key) != self.room.key:
            raise AppError(f"{project.path.name} was shared from another device; ask for a link and `proeditor join` it")
        self.members = self._known_members()
        self.merger = merger_of(project)
        self._changes: dict[tuple[int, int], list[ChangeSet]] = {}
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._timelines: dict[tuple[int, int], Envelope] = {}
        self._in_memory = 0
        self._unapplied: dict[tuple[int, int], list[Stamp]] = {}
        for stamp, place in self.rooms.carried.items():
            if stamp not in self.merger.order:
                self._unapplied.setdefault(place, []).append(stamp)
        self._enveloped = 0
        self.brought = 0

    def _known_members(self) -> Members:
        """The members as the file tells; where it is damaged, nothing of them is believed and all of it fetched again."""
        members, places = Members(self.room.id), self.rooms.all("members")
        try:
            raws = list(self.rooms.bodies(places))
            for raw in raws:
                members.add(open_envelope(raw, room=self.room.id))
        except EnvelopeRefused as error:
            log.warning("the members of %s cannot be read: %s", self.project.path.name, error)
        else:
            if len(raws) == len(places):
                return members
        self.rooms.forget("members")
        return Members(self.room.id)

    @property
    def role(self) -> str:
        """What this device may do in the room; empty for nothing."""
        return self.members.role(self.room.key) or ""

    def prepare(self) -> Ticket | None:
        """Makes envelopes of everything done here that is in none yet; the ticket of the last one."""
        ticket: Ticket | None = None
        if not statements.may(self.members.role(self.room.key), "timeline"):
            return None
        lines = self.project.door.history.entries
        for line in lines[self._enveloped:]:
            if self._lacks(line):
                ticket = self._give(line)
            self._enveloped += 1
        return ticket

    @property
    def held_back(self) -> int:
        """Changes made here that may not be given: this device's role does not allow it."""
        lines = self.project.door.history.entries[self._enveloped:]
        made = [place for place in self.rooms.all("journal") if self.rooms.actors[place[1]] == self.room.key]
        return sum(self._lacks(line) for line in lines) + sum(not self._may_be_there(place) for place in made)

    def _lacks(self, line: Entry) -> bool:
        stamps = [one.stamp for one in line.merged] if line.kind == "merge" else [line.stamp]
        return any(stamp not in self.rooms.carried for stamp in stamps)

    def _give(self, line: Entry) -> Ticket:
        parcel = unseal(self.project.file.parcel(line.stamp))
        stamps = tuple(one.stamp for one in line.merged) if line.kind == "merge" else (line.stamp,)
        return self.rooms.add([self._made("timeline", parcel.timeline), self._made("journal", parcel.journal, stamps)])

    def give_everything(self) -> Ticket:
        """A snapshot of the project as it is: how an existing one begins to be shared."""
        parcel = unseal(self.project.file.replica.state())
        covers = {document: dict(self.rooms.have.get(document, {})) for document in ("timeline", "journal")}
        stamps = stamps_of(changes_in(parcel.journal))
        self._enveloped = len(self.project.door.history.entries)
        return self.rooms.add([self._made("timeline", parcel.timeline, covers=covers["timeline"]),
                               self._made("journal", parcel.journal, stamps, covers=covers["journal"])])

    def signed(self, statement: Statement) -> Envelope:
        """A statement about the members, as it is sent; it is kept here once the relay has taken it."""
        sequence = self.rooms.have.get("members", {}).get(self.session, 0) + 1
        return make(self.key, room=self.room.id, document="members", session=self.session, sequence=sequence,
                    payload=statements.encode(statement))

    def _made(self, document: DocumentName, payload: bytes, stamps: tuple[Stamp, ...] = (), covers: dict[int, int] | None = None) -> Kept:
        sequence = self.rooms.have.get(document, {}).get(self.session, 0) + 1
        whole = covers is not None or len(payload) > MAX_UPDATE
        try:
            return _kept(make(self.key, room=self.room.id, document=document, session=self.session, sequence=sequence, payload=payload,
                              kind="snapshot" if whole else "update", covers=covers), stamps)
        except EnvelopeRefused as error:
            raise AppError(f"{self.project.path.name} cannot be shared: {error}") from None

    def missing(self, have: dict[str, dict[int, int]]) -> list[Place]:
        """What is here, not in `have`, and may be there; members first."""
        places = [place for place in self.rooms.beyond(have) if self._may_be_there(place)]
        return sorted(places, key=lambda place: place[0] != "members")

    def _may_be_there(self, place: Place) -> bool:
        document, session, sequence = place
        return document == "members" or not self.members.reason(self.rooms.actors[session], document, session, sequence)

    def take(self, raws: Iterable[bytes]) -> Taken:
        """Checks envelopes and keeps the good ones, durably on return; one that is here already is passed over."""
        taken, ticket = self.keep(self.look(raws))
        if ticket is not None:
            ticket.wait(DURABLE_WITHIN)
        return taken

    def look(self, raws: Iterable[bytes]) -> list[Looked | tuple[str, str]]:
        """The first half of taking, on any thread: bounds, signatures, content; (author, reason) for what is refused."""
        found: list[Looked | tuple[str, str]] = []
        for raw in raws:
            try:
                envelope = open_envelope(raw, room=self.room.id)
                header = envelope.header
                known = not header.epoch and not self.members.reason_against(header)
                if known and header.document == "timeline":
                    check_timeline(envelope.payload)
                decoded = known and header.document in ("timeline", "journal")
                found.append(Looked(envelope, (changes_in(envelope.payload) if header.document == "journal" else []) if decoded else None))
            except EnvelopeRefused as error:
                found.append((_author(raw), str(error)))
        return found

    def keep(self, looked: Iterable[Looked | tuple[str, str]]) -> tuple[Taken, Ticket | None]:
        """The second half: order, authors and roles; what is good is kept, durably once the ticket is done."""
        kept: list[Kept] = []
        refused: list[tuple[str, str]] = []
        have = {document: dict(counts) for document, counts in self.rooms.have.items()}
        actors = dict(self.rooms.actors)
        for found in looked:
            if not isinstance(found, Looked):
                refused.append(found)
                continue
            try:
                one = self._judged(found, have, actors)
            except EnvelopeRefused as error:
                log.warning("an envelope was refused: %s", error)
                refused.append((found.envelope.header.actor.hex()[:12], str(error)))
                continue
            if one is not None:
                have.setdefault(one.document, {})[one.session] = one.sequence
                actors[one.session] = one.actor
                kept.append(one)
        return Taken(len(kept), refused), self.rooms.add(kept) if kept else None

    def _judged(self, found: Looked, have: dict[str, dict[int, int]], actors: dict[int, bytes]) -> Kept | None:
        envelope, changes = found
        header = envelope.header
        known = have.get(header.document, {}).get(header.session, 0)
        if header.sequence <= known:
            return None
        if header.sequence != known + 1:
            raise EnvelopeRefused("an envelope before it is missing", offence=False)
        if actors.get(header.session, header.actor) != header.actor:
            raise EnvelopeRefused("it uses another author's session")
        if header.epoch:
            raise EnvelopeRefused("it is sealed in a way that this version does not know", offence=False)
        if header.document == "members":
            self.members.add(envelope)
            return _kept(envelope)
        if reason := self.members.reason_against(header):
            raise EnvelopeRefused(reason)
        place = (header.session, header.sequence)
        if header.document == "timeline":
            if changes is None:
                check_timeline(envelope.payload)
            if self._in_memory < IN_MEMORY:
                self._in_memory += len(envelope.payload)
                self._timelines[place] = envelope
        elif header.document == "journal":
            changes = changes_in(envelope.payload) if changes is None else changes
            self._changes[place] = changes
            self._unapplied[place] = [c.stamp for c in changes]
            timeline = self._timelines.pop(place, None)
            if timeline is not None:
                self._in_memory += len(envelope.payload)
                self._pairs[place] = _pair(timeline, envelope, changes)
            return _kept(envelope, stamps_of(changes))
        return _kept(envelope)

    def unread(self) -> list[tuple[int, int]]:
        """Places of changes that are kept, not applied, and not in memory: `read` reads them, `have_read` takes them over."""
        return [place for place in self._unapplied if place not in self._pairs]

    def read(self, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Pair]:
        """Reads kept changes from the file, on any thread."""
        return {place: pair for place in places if (pair := self._open(place)) is not None}

    def have_read(self, pairs: dict[tuple[int, int], Pair]) -> None:
        """Takes over what was read."""
        self._pairs.update(pairs)

    def coming(self, *, at_most: int = 0, everything: bool = False) -> tuple[Coming, list[tuple[int, int]]]:
        """What waits and can be brought in now, and its places; with `at_most` about so many changes, the oldest."""
        opened = {place: pair for place in self._unapplied if (pair := self._pairs.get(place) or self._open(place)) is not None}
        self._pairs.update(opened)
        ready: list[ChangeSet] = []
        cut = at_most
        while opened:
            brought = {change.stamp: change for pair in opened.values() for change in pair.changes}
            ready, waiting = in_order(brought.values(), self.merger.order)
            late = {change.stamp for change in waiting}
            if cut and len(ready) > cut:
                late.update(change.stamp for change in ready[cut:])
                cut = 0
            whole = {place: pair for place, pair in opened.items() if not any(change.stamp in late for change in pair.changes)}
            if len(whole) == len(opened):
                break
            opened = whole
        if not opened and at_most:
            return self.coming()  # one envelope brings more than was asked for at once
        holes = everything or any(pair.snapshot for pair in opened.values())
        return Coming(ready if opened else [], [pair.parcel for pair in opened.values()], holes), list(opened)

    def apply(self, *, everything: bool = False, at_most: int = 0) -> int:
        """Brings what is kept and not yet in the document into it; how many changes. `everything` is for a film that has just
        been made, `at_most` as for `coming`. Raises AppError, StorageError."""
        if everything:
            self._unapplied = {(session, sequence): [] for _, session, sequence in self.rooms.all("journal")}
        arriving, places = self.coming(at_most=at_most, everything=everything)
        merged = self.bring(arriving, places)
        return 0 if merged is None else len(merged.change.merged)

    def bring(self, arriving: Coming, places: Iterable[tuple[int, int]], *, wait: bool = True) -> Merged | None:
        """Brings in what `coming` gave; durable on return unless `wait` is False. Raises AppError, StorageError."""
        places = list(places)
        if not places:
            return None
        merged = bring_in(self.project, arriving, self.merger, wait=wait)
        for place in places:
            del self._unapplied[place]
            self._changes.pop(place, None)
            pair = self._pairs.pop(place, None)
            if pair is not None:
                self._in_memory = max(0, self._in_memory - len(pair.parcel))
        self.brought += 0 if merged is None else len(merged.change.merged)
        return merged

    @property
    def waiting(self) -> int:
        """Changes that are kept and build on others that have not come yet."""
        return sum(map(len, self._unapplied.values()))

    def _open(self, place: tuple[int, int]) -> Pair | None:
        if self.rooms.have.get("timeline", {}).get(place[0], 0) < place[1]:
            return None
        pair = list(self.rooms.bodies([("timeline", *place), ("journal", *place)]))
        if len(pair) != 2:
            return None
        timeline, journal = (open_envelope(raw, room=self.room.id) for raw in pair)
        return _pair(timeline, journal, self._changes.get(place) or changes_in(journal.payload))


def _pair(timeline: Envelope, journal: Envelope, changes: list[ChangeSet]) -> Pair:
    return Pair(changes, seal(timeline.payload, journal.payload), timeline.header.kind == "snapshot")


def _kept(envelope: Envelope, stamps: tuple[Stamp, ...] = ()) -> Kept:
    header = envelope.header
    return Kept(header.document, header.session, header.sequence, header.actor, stamps, envelope.raw)


def _author(raw: bytes) -> str:
    try:
        return open_envelope(raw).header.actor.hex()[:12]
    except EnvelopeRefused:
        return ""


def begin(project: OpenProject, room: Room, first: Sequence[Envelope]) -> None:
    """Puts a project into a room; durable on return. Raises StorageError."""
    rooms = Rooms(project.file)
    rooms.enter(room)
    rooms.add([_kept(envelope) for envelope in first]).wait(DURABLE_WITHIN)
