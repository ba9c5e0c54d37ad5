"""A room's comments: acts of the project into envelopes, and those of others into the project.

Owns: which acts have an envelope, which of those that come are taken, in which portions acts go out. Refuses: making and keeping envelopes
(see `participant`), and what acts mean (see `editor_core.comments`).

What a commenter's envelope holds is judged act by act (SPEC 9.5): a bad act is passed over, and what is left of the envelope counts.
Everything here happens on the thread that owns the document.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from editor_core.comments.acts import ID, Act, ActRefused, decode, id_of, pack, pack_all, packs, unpack
from editor_core.comments.talk import Talk
from editor_core.document import Stamp
from editor_core.storage.journal import Ticket
from editor_core.storage.rooms import Rooms
from editor_core.sync.members import Members, may

log = logging.getLogger(__name__)

SMALL = 40 * 1024
"""Bytes of acts in an envelope of a commenter, of whom the relay takes messages of 64 KiB."""
LARGE = 256 * 1024

Place = tuple[str, int, int]


class Room(Protocol):
    """What a participant lends."""

    rooms: Rooms
    members: Members

    @property
    def mine(self) -> bytes:
        """This device's key."""
        ...

    def content(self, place: Place) -> bytes | None: ...


class RoomTalk:
    """The comments of one project in one room. `brought` counts the acts of others that came in."""

    def __init__(self, talk: Talk, room: Room, give: Callable[[bytes, tuple[Stamp, ...]], Ticket]) -> None:
        """`give` puts a content, and the stamps that stand for its acts, into an envelope."""
        self._talk = talk
        self._room = room
        self._give = give
        self._looked = 0
        self.brought = 0
        self._pending: list[bytes] = []
        self._came: list[bytes] = []
        said = room.rooms.said
        known = set(said.values())
        self._unread = [place for place in room.rooms.all("comments") if place[1:] not in known and not room.rooms.is_part(place)
                        and not self._my_snapshot(place)]
        self._unread += sorted({("comments", *place) for stamp, place in said.items() if id_in(stamp) not in talk.comments})

    def _my_snapshot(self, place: Place) -> bool:
        rooms = self._room.rooms
        return place[:2] in rooms.closed and rooms.actors[place[1]] == self._room.mine

    def given(self, act_id: bytes) -> bool:
        """Whether an act is in an envelope."""
        return stamp_of(act_id) in self._room.rooms.said

    def prepare(self) -> Ticket | None:
        """Puts into envelopes what this device may say and has not; the ticket of the last one. Raises AppError, StorageError."""
        room, comments = self._room, self._talk.comments
        self.look()
        if not may(room.members.role(room.mine), "comments"):
            return None
        ids = comments.ids
        self._pending += [act_id for act_id in ids[self._looked:] if not self.given(act_id)]
        self._looked = len(ids)
        trusted = may(room.members.ever(room.mine), "timeline")
        mine = room.members.person(room.mine)[0]
        giving = [i for i in self._pending if not self.given(i) and (trusted or own(comments.act(i), mine))]
        self._pending = [i for i in self._pending if i not in set(giving) and not self.given(i)]
        ticket: Ticket | None = None
        for group in packs([comments.raw(i) for i in giving], LARGE if trusted else SMALL):
            ticket = self._give(pack(group), tuple(stamp_of(id_of(raw)) for raw in group))
        return ticket

    @property
    def waiting(self) -> bool:
        """Whether something came that could not be read yet."""
        return bool(self._unread)

    def everything(self) -> bytes:
        """All acts that are here, as a snapshot holds them."""
        comments = self._talk.comments
        return pack_all([comments.raw(act_id) for act_id in comments.ids])

    def opened(self, place: Place, author: bytes, content: bytes | None) -> tuple[Stamp, ...]:
        """What an envelope brings that is being kept, by the stamps to note with it; `bring` takes it into the project."""
        if content is None:
            self._unread.append(place)
            return ()
        raws = self._judged(author, content)
        self._came += raws
        return tuple(stamp_of(id_of(raw)) for raw in raws)

    def bring(self) -> None:
        """Takes what came into the project. Raises StorageError."""
        came, self._came = self._came, []
        try:
            self.brought += len(self._talk.receive(came)[0])
        except ActRefused as error:
            log.warning("comments of others are not taken: %s", error)

    def look(self) -> None:
        """Looks again at what could not be read when it came: its key, or the rest of it, may be here now."""
        waiting, self._unread = self._unread, []
        for place in waiting:
            content = self._room.content(place)
            if content is None:
                self._unread.append(place)
                continue
            raws = self._judged(self._room.rooms.actors[place[1]], content)
            self._came += raws
            self._room.rooms.note(place[1:], tuple(stamp_of(id_of(raw)) for raw in raws), "comments")
        if self._came:
            self.bring()

    def _judged(self, author: bytes, content: bytes) -> list[bytes]:
        """The acts of an envelope that count."""
        try:
            raws = unpack(content)
        except ActRefused as error:
            log.warning("comments cannot be read: %s", error)
            return []
        members = self._room.members
        if may(members.ever(author), "timeline"):
            return raws
        actor = members.person(author)[0]
        good = [raw for raw in raws if own(_read(raw), actor)]
        if len(good) < len(raws):
            log.warning("%d comments by %s under another's name, or that cannot be read, are passed over", len(raws) - len(good), actor)
        return good


def own(act: Act | None, actor: str) -> bool:
    """Whether somebody who only comments may have said it: under their own id, and without moderating."""
    return act is not None and bool(actor) and act.author.actor == actor and not getattr(act, "moderating", False)


def _read(raw: bytes) -> Act | None:
    try:
        return decode(raw)
    except ActRefused:
        return None


def stamp_of(act_id: bytes) -> Stamp:
    """An act's id as the table of envelopes keeps what is in them: two numbers of 64 bits."""
    return Stamp(int.from_bytes(act_id[:8], "big"), int.from_bytes(act_id[8:], "big"))


def id_in(stamp: Stamp) -> bytes:
    """The id that a stamp stands for."""
    return stamp.session.to_bytes(8, "big") + stamp.counter.to_bytes(ID - 8, "big")

