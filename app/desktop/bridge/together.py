"""The room of the open project, as the window knows it.

Owns: how it stands, Live and Held. Refuses: sockets and envelopes (see `app.services.collab`), widgets. Its parts have modules of their
own: the connection (`room_line`), who is there (`room_people`), what this window lets others see (`showing`), what waits to be brought
in (`waiting`), the same-cut light (`cut_light`), sharing and roles (`room_work`), answering other programs (`room_service`).
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge import room_service, room_work
from app.desktop.bridge.cut_light import CutLight
from app.desktop.bridge.mid_gesture import MidGesture
from app.desktop.bridge.people import Person
from app.desktop.bridge.room_line import RoomLine
from app.desktop.bridge.room_people import RoomPeople
from app.desktop.bridge.showing import Showing
from app.desktop.bridge.waiting import Waiting
from app.services.collab.telling import Heard, Seen, State, shared
from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.storage import StorageError
from editor_core.storage.rooms import room_of
from editor_core.sync.members import Role
from editor_core.sync.merging import Merged

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench
    from app.desktop.makers import Sharing
    from app.services.collab.live import LiveSession
    from app.services.collab.returning import RoomIncoming


class Together(QObject, Heard):
    """Always there; `state` is "off" while the project is not shared. Everything happens on the interface thread but `serve`."""

    changed = Signal()
    """State, role, counts, members, or the light is another."""
    peers_changed = Signal()
    """Somebody came, went or moved; at most 20 times a second."""
    following_changed = Signal()

    def __init__(self, bench: Workbench, project: OpenProject, lent: Sharing | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._project, self._lent = bench, project, lent
        self._now = State()
        self._in_room = False
        self.out = False
        """Whether this person took part once and does not any more: removed, or the time that was given is over."""
        self._permitted = ""
        self.hidden = False
        """Whether others do not see where this person is."""
        self._room = RoomPeople(bench, self)
        self.light = CutLight(bench, self)
        self._busy = MidGesture(bench)
        self.line = RoomLine(bench, project, lent, self, self._busy, self)
        self.line.opened.connect(self._opened)
        self.line.failed.connect(self._not_opened)
        self._waiting = Waiting(bench, self)
        self.joined = False
        self._showing = Showing(bench, self)
        self._look = QTimer(self, interval=50)
        self._look.timeout.connect(self._show)
        self._room.following_changed.connect(self._followed)
        self.light.changed.connect(self.changed)

    # how it stands

    @property
    def shared(self) -> bool:
        """Whether the project is in a room."""
        return self._in_room

    @property
    def by_choice(self) -> bool:
        """Whether the person chose to work offline."""
        return self.line.by_choice

    @property
    def live(self) -> LiveSession | None:
        """The live session, while there is one."""
        return self.line.live

    @property
    def state(self) -> str:
        """off, connecting, online or offline."""
        if self.live is not None:
            return self._now.line
        if self.line.opening:
            return "connecting"
        return "offline" if self._in_room else "off"

    @property
    def why(self) -> str:
        """What keeps it from being online, in words."""
        return self.line.ended or self._now.why

    @property
    def role(self) -> str:
        return self._now.role

    @property
    def held(self) -> bool:
        """Whether changes of others wait until they are taken."""
        return self._now.held

    @property
    def waiting(self) -> int:
        """Changes of others that are here and not shown."""
        return self._now.waiting

    @property
    def to_send(self) -> int:
        """Changes made here that the relay does not have yet."""
        return self._now.to_send

    @property
    def round_trip(self) -> float:
        """Seconds to the relay and back, 0 where that is not known."""
        return self._now.round_trip

    @property
    def now(self) -> State:
        """Everything at once: relay, room name, members …"""
        return self._now

    @property
    def over(self) -> str:
        """What the connection goes over, in words."""
        relay = self._now.relay or self.link_relay
        if relay.startswith("plain"):
            return f"a plain room at {relay.partition('://')[2]}"
        return "the local network" if relay.startswith("lan") else relay

    @property
    def plain(self) -> bool:
        """Whether the film is in a plain room."""
        return self.state != "off" and (self._now.relay or self.link_relay).startswith("plain")

    @property
    def secrecy(self) -> str:
        """Who can read what goes over it, in words."""
        if self._now.relay.startswith("plain"):
            return "Plain: not signed, not encrypted"
        return "Encrypted" if self._now.encrypted else "Signed, not encrypted"

    @property
    def people(self) -> tuple[Person, ...]:
        """Sessions of others, in the order of their colours."""
        return self._room.all

    @property
    def following(self) -> int | None:
        """The session that is followed."""
        return self._room.following

    @property
    def same_cut(self) -> str:
        """only-you, same, behind or differs."""
        return self.light.state

    # connecting

    def start(self) -> None:
        """Connects if the project is in a room and the person did not choose to work offline."""
        self._in_room = not self.line.closed and shared(self._project)
        if self._in_room:
            self.line.open()
        self.changed.emit()

    def _opened(self) -> None:
        self._look.start()
        self.out = False
        if self.live is not None:
            self.told_state(self.live.state())
            if self.live.returning:  # the window was closed over a review
                self.told_review(self.live.incoming())

    def _not_opened(self, why: str) -> None:
        self._bench.say(why, "warn")
        self.changed.emit()

    @property
    def my_name(self) -> str:
        """How others see this person."""
        return self._lent.profile.name if self._lent is not None else ""

    def rename(self, name: str) -> None:
        """Takes another name, here and wherever others see this person."""
        if self._lent is not None:
            self._lent.rename(name)
            door = self._project.door
            door.actor = msgspec.structs.replace(door.actor, name=self._lent.profile.name)
            self._bench.late.get("names", {})[door.actor.id] = door.actor.name
            if self.live is not None:
                self.live.rename(name or "Somebody")

    def work_offline(self, on: bool) -> None:
        """On: the connection ends and is not made again, also not when the project is next opened."""
        self.line.choose(on)
        if on:
            self._stop()
            self.changed.emit()
        else:
            self.start()

    def _stop(self) -> None:
        self.follow(None)
        self._look.stop()
        self.line.stop()
        self._now = State(line="offline", role=self._now.role, relay=self._now.relay, name=self._now.name, members=self._now.members,
                          order=self._now.order, to_send=self._now.to_send, waiting=self._now.waiting, held=self._now.held)
        self.told_people({})

    def close(self) -> None:
        """The project is being closed."""
        if not self.line.closed:
            self.line.closed = True
            self._stop()

    # what a live session tells

    def told_state(self, state: State) -> None:
        if state.encrypted and not self._now.encrypted and self._now.members:
            self._bench.say("This film is encrypted from now on: members alone can read what is done in it", "info")
        self._now = state
        self.line.review(state.returning)
        self._room.order(state.order)
        self._room.keep(state.members)
        self._permit(state.role)
        self.light.judge()
        self._bench.actions.touch()
        self.changed.emit()

    def _permit(self, role: str) -> None:
        """What others would refuse is not done here either: viewers and commenters see why."""
        if role == self._permitted:
            return
        self._permitted = role
        from app.services.collab.membership import may_do  # only films that are shared need it

        owner = next((m.person for m in self._now.members if m.role == "owner" and m.person), "")
        self._project.door.restrict(may_do(role, owner))

    def told_merged(self, merged: Merged, quietly: bool) -> None:
        self._waiting.came_in(merged, quietly)

    def told_review(self, incoming: RoomIncoming) -> None:
        self._waiting.review(incoming)

    def told_ended(self, why: str) -> None:
        self.line.ended = why
        self._bench.say(why, "warn")
        self.out = self.live is not None and self.live.out
        self._stop()
        if self.out:
            self._permit("")  # what there is of the film here is this person's own
        self.changed.emit()

    def name_of(self, actor: str) -> str:
        """The name of an actor id, as the members tell it."""
        if actor == self._project.door.actor.id:
            return "you"
        return next((m.person for m in self._now.members if m.actor == actor and m.person), "somebody")

    # Live and Held

    def hold(self, on: bool) -> None:
        """Held: what others do waits. Live again: what waits comes in."""
        if self.live is None:
            return
        self.line.hold(on)
        if not on:
            self._waiting.forget()
        self.live.hold(on)

    def take_waiting(self) -> None:
        """Brings in what waits: after an absence by way of a review, else at once."""
        self._waiting.take()

    def incoming(self) -> RoomIncoming | None:
        """What waits, for a review."""
        return self._waiting.incoming()

    def document_changed(self) -> None:
        """For the session: the document is another."""
        if self.live is not None:
            self.live.changed()

    # sharing

    def share(self, relay: str, role: Role, expires: float, encrypt: bool | None = None, plain: bool = False) -> Future[dict[str, Any]]:
        """Puts the project into a room on a relay (if it is in none) and makes a link; the result has `link` and `room`. `plain` asks
        for a plain room, which knows no role, no expiry and no encryption."""
        if self._lent is None:
            raise AppError("This window cannot share")
        if plain:
            return room_work.share_plain(self._project, self._lent, self.live, self._bench.post, self._shared_now, relay)
        return room_work.share(self._project, self._lent, self.live, self._bench.post, self._shared_now, relay=relay, role=role,
                               expires=expires, encrypt=encrypt)

    def _shared_now(self) -> None:
        """A link was made: the person wants to be connected."""
        if self.live is None:
            self.work_offline(False)
        elif self.live.participant.room.relay != self.line.relay:
            self._stop()
            self.start()
        else:
            self.live.say()

    def encrypt(self) -> Future[dict[str, Any]]:
        """Lets the room go on in one that members alone can read; the result says whether the relay `dropped` what it had."""
        if self.live is None:
            raise AppError("Connect first: the relay must hear of it")
        return room_work.encrypt(self.live)

    def change_member(self, key: bytes, role: Role | None) -> Future[None]:
        """Gives a member another role, or removes it (None)."""
        if self.live is None:
            raise AppError("Connect first: the relay must hear of changes to who takes part")
        return room_work.change_member(self.live, key.hex(), role)

    def leave(self) -> None:
        """Ends the connection for good: the film stays here as it is, and can be joined again by a link."""
        self._stop()
        self.work_offline(True)
        self._permit("")  # alone one may edit, whatever one's role among others was

    def resync(self) -> None:
        """Works the film out again from everything that everybody did, and connects anew: whatever is missing is exchanged again."""
        if self.live is None:
            return
        try:
            found = self.live.resync()
        except (AppError, StorageError) as error:
            self._bench.say(str(error), "danger")
            return
        names = " and ".join(sorted({one.person.name for one in self.light.differences}))
        others = f"; it is {names} who should press Resync" if names else ""
        words = "The film was worked out again from all changes" if found else f"This film is what all changes make it{others}"
        self._bench.say(words, "info")

    @property
    def link_relay(self) -> str:
        """The relay of the room, or the one that was used last."""
        room = room_of(self._project.file) if not self._now.relay else None
        if self._now.relay or room is not None:
            return self._now.relay or (room.relay if room is not None else "")
        return str(self._bench.settings.get("together/relay", ""))

    def room_name(self) -> str:
        room = room_of(self._project.file) if self.shared else None
        return room.name if room is not None else ""

    def serve(self, what: str, args: dict[str, Any]) -> Any:
        """What another process asks of the live session, on a thread that is not the interface's. Raises AppError."""
        return room_service.serve(self._bench, self, what, args)

    # people

    def told_people(self, seen: dict[int, Seen]) -> None:
        came = self._room.told(seen, self._now.members)
        self.light.judge()
        self.peers_changed.emit()
        if came:
            self._bench.actions.touch()
            self.changed.emit()

    def person(self, session: int | None) -> Person | None:
        """Somebody by session."""
        return self._room.person(session)

    def colour_of(self, key: bytes) -> int:
        """The colour of somebody who takes part, whether they are here or not; an index into PEERS."""
        return self._room.colour_of(key)

    @property
    def kept(self) -> dict[str, tuple[int, str]]:
        """Colours and names by actor id as they were last, while who takes part is not known yet."""
        return self._room.kept

    def follow(self, session: int | None) -> None:
        """Goes where somebody goes, until this person does something; None ends it."""
        self._room.follow(session)

    def follow_next(self) -> None:
        """The next person; after the last, nobody."""
        self._room.follow_next()

    def _followed(self) -> None:
        self.following_changed.emit()
        self._showing.follow(self.following is not None)

    def hide_cursor(self, on: bool) -> None:
        """Whether others see where this person is."""
        self.hidden = on
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        if self.live is not None and self._now.line == "online":
            self._showing.show(self.live)
