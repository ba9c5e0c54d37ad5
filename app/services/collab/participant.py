"""A project's part in its room: what it has to give, and taking what others give.

Owns: making envelopes of what was done here, checking and keeping those of others, bringing them into the document. Refuses: sockets.
Everything here happens on the thread that owns the document, except `look` and `read`, which may run on any other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from app.services.collab.arrivals import Arrivals, At, Pair
from app.services.collab.contents import Looked, checked, joined, look_into, to_keep, written
from app.services.collab.in_room import InRoom, NotShared
from app.services.collab.talking import RoomTalk
from app.services.commenting import RoomStanding
from app.services.errors import AppError
from app.services.identity import new_session
from app.services.merging import Coming
from app.services.open_project import DURABLE_WITHIN, OpenProject, durable
from editor_core.document import Entry, Stamp
from editor_core.storage.journal import Ticket
from editor_core.storage.rooms import Kept, Room, Rooms, Row
from editor_core.sync import members as statements
from editor_core.sync.arriving import stamps_of
from editor_core.sync.envelope import MAX_COVERED, DocumentName, Envelope, EnvelopeRefused, Kind, open_envelope
from editor_core.sync.merging import Merged
from editor_core.sync.parcel import unseal

log = logging.getLogger(__name__)

Place = tuple[str, int, int]


class Taken(NamedTuple):
    """What became of envelopes that came: kept, and (author, reason) for those refused. `spoiled` are in their place and kept, so that
    what follows them can come, but what is in them is not what it should be and is never applied."""

    kept: int
    refused: list[tuple[str, str]]
    spoiled: list[tuple[str, str]]


class Participant(InRoom):
    """One project in one room. `session` is this process's."""

    def _enter(self) -> None:
        super()._enter()
        project = self.project
        self._arrivals = Arrivals(project, self.rooms, self.room.id, lambda: self.keys)
        self.merger = self._arrivals.merger
        self._enveloped = 0
        self.talk = RoomTalk(project.talk, self, self._say)
        if isinstance(project.talk.standing, RoomStanding):
            project.talk.standing.follow(self.members, self.room.key, self.talk.given)

    def prepare(self) -> Ticket | None:
        """Makes envelopes of everything done here that is in none yet, and gives the room the keys that it needs; the last ticket. It is
        known what the room has."""
        ticket = self._give_keys()
        if self.hand() is None:
            return ticket
        ticket = self.talk.prepare() or ticket
        if not statements.may(self.members.role(self.room.key), "timeline"):
            return ticket
        if self.room.came_from and not self.rooms.have.get("timeline"):
            return self.give_everything()  # what was put into the room that this one went on in is nowhere any more
        lines = self.project.door.history.entries
        for line in lines[self._enveloped:]:
            if self._lacks(line):
                ticket = self._give(line)
            self._enveloped += 1
        return ticket

    @property
    def held_back(self) -> int:
        """Changes made here that may not be given: this device's role does not allow it, or the room needs a new key from an owner."""
        lines = self.project.door.history.entries[self._enveloped:]
        made = [place for place in self.rooms.all("journal") if self.rooms.actors[place[1]] == self.room.key]
        return sum(self._lacks(line) for line in lines) + sum(not self._may_be_there(place) for place in made)

    def _lacks(self, line: Entry) -> bool:
        stamps = [one.stamp for one in line.merged] if line.kind == "merge" else [line.stamp]
        return any(stamp not in self.rooms.carried for stamp in stamps)

    def _give(self, line: Entry) -> Ticket:
        parcel = unseal(self.project.file.parcel(line.stamp))
        stamps = tuple(one.stamp for one in line.merged) if line.kind == "merge" else (line.stamp,)
        return self.rooms.add(self._made({"timeline": parcel.timeline, "journal": parcel.journal}, stamps))

    def give_everything(self) -> Ticket:
        """The project as it is: how an existing one begins to be shared. Raises AppError, StorageError."""
        self._give_keys()
        parcel = unseal(self.project.file.replica.state())
        stamps = stamps_of(checked("journal", parcel.journal))
        self._enveloped = len(self.project.door.history.entries)
        return self.rooms.add(self._made({"timeline": parcel.timeline, "journal": parcel.journal}, stamps, kind="snapshot"))

    def snapshot(self) -> Callable[[], list[Kept]] | None:
        """Begins a snapshot of the whole room for those who will join it: what is returned makes it, on any thread, from what is on disk
        (it may hold more than it says), and `keep_snapshot` keeps it. None where this device has not everything, or may not write.
        Raises AppError, StorageError."""
        self.prepare()
        hand, file = self.hand(new_session()), self.project.file
        behind = self._enveloped < len(self.project.door.history.entries) or self.waiting or self.talk.waiting
        covers = {document: self.rooms.covered(document) for document in ("comments", "timeline", "journal")}
        if behind or hand is None or not statements.may(self.members.role(self.room.key), "timeline"):
            return None
        if max(map(len, covers.values())) > MAX_COVERED:
            return None
        on_disk = file.work(lambda connection: None)
        said: dict[DocumentName, bytes] = {"comments": self.talk.everything()} if covers["comments"] else {}

        def make_it() -> list[Kept]:
            on_disk.wait(DURABLE_WITHIN)
            parcel = unseal(file.state_on_disk())
            # comments first: a snapshot is whole when the film's documents are
            contents: dict[DocumentName, bytes] = {**said, "timeline": parcel.timeline, "journal": parcel.journal}
            return [to_keep(one) for one in written(hand, contents, {}, "snapshot", covers)]

        return make_it

    def keep_snapshot(self, made: list[Kept]) -> Ticket:
        """Keeps what `snapshot` made, to be given. Raises StorageError."""
        return self.rooms.add(made)

    def _made(self, contents: dict[DocumentName, bytes], stamps: tuple[Stamp, ...] = (), kind: Kind = "update") -> list[Kept]:
        hand = self.hand()
        try:
            if hand is None:
                raise EnvelopeRefused("the room needs a new key from an owner")
            made = list(written(hand, contents, self.rooms.have, kind))
        except EnvelopeRefused as error:
            raise AppError(f"{self.project.path.name} cannot be shared: {error}") from None
        return [to_keep(one, stamps if one.header.document != "timeline" and one.header.kind != "part" else ()) for one in made]

    def _say(self, content: bytes, stamps: tuple[Stamp, ...]) -> Ticket:
        """Puts comments into an envelope, to be given. Raises AppError, StorageError."""
        return self.rooms.add(self._made({"comments": content}, stamps))

    def content(self, place: Place) -> bytes | None:
        """What is in a kept envelope, with the parts before it, on any thread; None where it cannot be read, or not yet."""
        places = self.rooms.parts(place)
        try:
            opened = [open_envelope(raw, room=self.room.id) for raw in self.rooms.bodies(places)]
            return joined(opened, self.keys) if len(opened) == len(places) else None
        except EnvelopeRefused:
            return None

    def missing(self, have: dict[str, dict[int, int]]) -> list[Place]:
        """What is here, not in `have`, and may be there; members first."""
        places = [place for place in self.rooms.beyond(have) if self._may_be_there(place)]
        return sorted(places, key=lambda place: place[0] != "members")

    def _may_be_there(self, place: Place) -> bool:
        document, session, sequence = place
        if self.members.moved is not None:
            return False
        return document == "members" or not self.members.reason(self.rooms.actors[session], document, session, sequence)

    def take(self, raws: Iterable[bytes]) -> Taken:
        """Checks envelopes and keeps the good ones, durably on return; one that is here already is passed over."""
        taken, ticket = self.keep(self.look(raws))
        if ticket is not None:
            durable(self.project, ticket)
        return taken

    def look(self, raws: Iterable[bytes]) -> list[Looked | tuple[str, str]]:
        """The first half of taking, on any thread: bounds, signatures, content; (author, reason) for what is refused."""
        found: list[Looked | tuple[str, str]] = []
        parts: set[Place] = set()
        for raw in raws:
            try:
                envelope = open_envelope(raw, room=self.room.id)
            except EnvelopeRefused as error:
                found.append((_author(raw), str(error)))
                continue
            document, session, sequence = envelope.place
            if envelope.header.kind == "part":
                parts.add(envelope.place)
            whole = envelope.place not in parts and (document, session, sequence - 1) not in parts
            if whole and document != "members" and not self.members.reason_against(envelope.header):
                found.append(look_into(envelope, self.keys))
            else:
                found.append(Looked(envelope))
        return found

    def keep(self, looked: Iterable[Looked | tuple[str, str]]) -> tuple[Taken, Ticket | None]:
        """The second half: order, authors and roles; what is good is kept, durably once the ticket is done."""
        rows: list[Row] = []
        refused: list[tuple[str, str]] = []
        spoiled: list[tuple[str, str]] = []
        for found in looked:
            if not isinstance(found, Looked):
                refused.append(found)
                continue
            author = found.envelope.header.actor.hex()[:12]
            try:
                if self._known(found.envelope):
                    continue
                opened = self._opened(found)
                rows.append(self.rooms.place(self._kept(opened)))
            except EnvelopeRefused as error:
                log.warning("an envelope was refused: %s", error)
                refused.append((author, str(error)))
                continue
            if opened.spoiled is not None:
                spoiled.append((author, str(opened.spoiled)))
        ticket = self.rooms.write(rows) if rows else None
        self.talk.bring()
        return Taken(len(rows) - len(spoiled), refused, spoiled), ticket

    def _known(self, envelope: Envelope) -> bool:
        """Whether an envelope is here. Raises EnvelopeRefused for one that may not be taken."""
        header = envelope.header
        if header.sequence <= self.rooms.have.get(header.document, {}).get(header.session, 0):
            return True
        if not self.rooms.follows(*envelope.place):
            raise EnvelopeRefused("an envelope before it is missing", offence=False)
        if self.rooms.actors.get(header.session, header.actor) != header.actor:
            raise EnvelopeRefused("it uses another author's session")
        if (header.document, header.session) in self.rooms.closed:
            raise EnvelopeRefused("it stands in the session of a snapshot")
        if header.document == "members":
            self.members.add(envelope)
            if self.members.sealed and self.keys.learn(self.members):
                self._keep_keys()
                self.talk.look()
        elif reason := self.members.reason_against(header):
            raise EnvelopeRefused(reason)
        return False

    def _opened(self, found: Looked) -> Looked:
        """What was found, once more where something was lacking that has come meanwhile."""
        document, session, sequence = found.envelope.place
        if document == "members" or found.envelope.header.kind == "part" or self.rooms.is_part((document, session, sequence - 1)):
            return Looked(found.envelope)
        return look_into(found.envelope, self.keys) if found.content is None and found.spoiled is None else found

    def _kept(self, found: Looked) -> Kept:
        """An envelope as it is to be kept; what it brings is noted."""
        envelope = found.envelope
        if envelope.header.document in ("timeline", "journal"):
            return self._arrivals.noted(found)
        if envelope.header.document == "comments" and envelope.header.kind != "part" and found.spoiled is None:
            return to_keep(envelope, self.talk.opened(envelope.place, envelope.header.actor, found.content))
        return to_keep(envelope)

    def apply(self, *, everything: bool = False, at_most: int = 0) -> int:
        """Brings what is kept and not yet in the document into it; how many changes. `everything` is for a film that has just
        been made, `at_most` as for `coming`. Raises AppError, StorageError."""
        self.talk.look()
        if everything:
            self._arrivals.everything()
        merged = self.bring(*self.coming(at_most=at_most, everything=everything))
        return 0 if merged is None else len(merged.change.merged)

    @property
    def waiting(self) -> int:
        """Changes that are kept and build on others that have not come yet, or whose key has not come."""
        return len(self._arrivals)

    @property
    def spoiled(self) -> list[tuple[str, str]]:
        """(author, reason) of what came and is of no use."""
        return self._arrivals.spoiled

    @property
    def brought(self) -> int:
        """Changes of others that were applied since the project was opened."""
        return self._arrivals.brought

    def unread(self) -> list[At]:
        """Places of changes that are kept, not applied, and not in memory: `read` reads them, `have_read` takes them over."""
        return self._arrivals.unread()

    def read(self, places: Iterable[At]) -> dict[At, Pair]:
        """Reads kept changes from the file, on any thread."""
        return self._arrivals.read(places)

    def have_read(self, pairs: dict[At, Pair]) -> None:
        """Takes over what was read."""
        self._arrivals.have_read(pairs)

    def coming(self, *, at_most: int = 0, everything: bool = False) -> tuple[Coming, list[At]]:
        """What waits and can be brought in now, and its places; with `at_most` about so many changes, the oldest."""
        return self._arrivals.coming(at_most=at_most, everything=everything)

    def bring(self, arriving: Coming, places: Iterable[At], *, wait: bool = True) -> Merged | None:
        """Brings in what `coming` gave; durable on return unless `wait` is False. Raises AppError, StorageError."""
        return self._arrivals.bring(arriving, places, wait=wait)

    def brought_in(self, merged: Merged | None) -> None:
        """What `coming` gave was brought in elsewhere, as `merged`."""
        self._arrivals.brought_in(merged)


def _author(raw: bytes) -> str:
    try:
        return open_envelope(raw).header.actor.hex()[:12]
    except EnvelopeRefused:
        return ""


def begin(project: OpenProject, room: Room, first: Sequence[Envelope]) -> None:
    """Puts a project into a room; durable on return. Raises StorageError."""
    rooms = Rooms(project.file)
    rooms.enter(room)
    durable(project, rooms.add([to_keep(envelope) for envelope in first]))


__all__ = ["NotShared", "Participant", "Place", "Taken", "begin"]
