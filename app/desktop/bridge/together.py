"""The room of the open project, as the window knows it.

Owns: connecting and leaving, Live and Held, who is there, following, what this window lets others see, whether all have the same cut.
Refuses: sockets and envelopes (see `app.services.collab`), widgets.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit

from app.desktop.bridge.people import Person, initials_of
from app.desktop.bridge.showing import Showing
from app.services.collab.telling import Heard, Seen, State, shared
from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.storage import StorageError
from editor_core.storage.rooms import room_of
from editor_core.sync.members import Role
from editor_core.sync.merging import Merged
from editor_core.sync.presence import FULL

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench
    from app.desktop.makers import Sharing
    from app.services.collab.live import LiveSession
    from app.services.collab.returning import RoomIncoming

log = logging.getLogger(__name__)
OFFLINE = "together/offline"
"""Setting: project files that the person works on offline."""
GIVEN = "together/given"
"""Setting: by project file, what of one's own changes the relay had the last time."""
MEDIA_WITHIN = 90.0
"""Seconds that another process waits for media."""
SETTLE = 1.5
"""Seconds for which changes on their way are no reason to say that somebody is behind."""
TYPING = 2.0
"""Seconds after the last key for which somebody counts as typing."""


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
        self._live: LiveSession | None = None
        self._now = State()
        self._people: tuple[Person, ...] = ()
        self._closed = False
        self._typed: tuple[object, str, float] = (None, "", 0.0)
        self._light = "only-you"
        self._light_since = 0.0
        self._ended = ""
        self._in_room = self._opening = False
        self._permitted = ""
        self._colours: dict[bytes, int] = {}
        self.following: int | None = None
        self.hidden = False
        self.pending: RoomIncoming | None = None
        self.joined = False
        self._showing = Showing(bench, self)
        self._look = QTimer(self, interval=50)
        self._look.timeout.connect(self._show)
        self._missed: list[str] = []
        self._tell_missed = QTimer(self, singleShot=True, interval=400)
        self._tell_missed.timeout.connect(self._say_missed)
        self._again = QTimer(self, singleShot=True, interval=300)
        self._again.timeout.connect(self._judge_light)

    # how it stands

    @property
    def shared(self) -> bool:
        """Whether the project is in a room."""
        return self._in_room

    @property
    def by_choice(self) -> bool:
        """Whether the person chose to work offline."""
        return str(self._project.path) in self._bench.settings.get(OFFLINE, [])

    @property
    def live(self) -> LiveSession | None:
        """The live session, while there is one."""
        return self._live

    @property
    def state(self) -> str:
        """off, connecting, online or offline."""
        if self._live is not None:
            return self._now.line
        if self._opening:
            return "connecting"
        return "offline" if self._in_room else "off"

    @property
    def why(self) -> str:
        """What keeps it from being online, in words."""
        return self._ended or self._now.why

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
    def secrecy(self) -> str:
        """Who can read what goes over it, in words."""
        if self._now.relay.startswith("plain"):
            return "Plain: unsigned, and whoever has the link may write"
        return "Encrypted" if self._now.encrypted else "Signed, not encrypted"

    @property
    def people(self) -> tuple[Person, ...]:
        """Sessions of others, in the order of their colours."""
        return self._people

    @property
    def same_cut(self) -> str:
        """only-you, same, behind or differs."""
        return self._light

    # connecting

    def start(self) -> None:
        """Connects if the project is in a room and the person did not choose to work offline."""
        self._in_room = not self._closed and shared(self._project)
        if self._in_room and self._lent is not None and self._live is None and not self._opening and not self.by_choice:
            self._opening = True
            self._open(self._lent)
        self.changed.emit()

    def _open(self, lent: Sharing) -> None:
        """Gets the device key and reads what is kept of the room, beside the window."""
        settings, path, post = self._bench.settings, str(self._project.path), self._bench.post
        held = bool(settings.get("together/held", {}).get(path, False))
        known = {int(session): int(count) for session, count in settings.get(GIVEN, {}).get(path, {}).items()}

        def run() -> None:
            from app.services.collab.live import LiveSession

            try:
                live = LiveSession(self._project, lent.key(), lent.session, self._name(), post.promise, self, self._busy, held=held,
                                   known=known)
            except (AppError, StorageError) as error:
                post(self._not_opened, str(error))
            except Exception as error:
                log.exception("the room cannot be entered")
                post(self._not_opened, f"The room cannot be entered: {error}")
            else:
                post(self._opened, live)

        threading.Thread(target=run, name="enter-room", daemon=True).start()

    def _opened(self, live: LiveSession) -> None:
        self._opening = False
        if self._closed or self._live is not None or self.by_choice:
            live.close()
            return
        self._live, self._ended = live, ""
        live.start()
        live.changed()
        self._look.start()
        self.told_state(live.state())

    def _not_opened(self, why: str) -> None:
        self._opening, self._ended = False, why
        self._bench.say(why, "warn")
        self.changed.emit()

    def _name(self) -> str:
        return (self._lent.profile.name if self._lent is not None else "") or "Somebody"

    @property
    def my_name(self) -> str:
        """How others see this person."""
        return self._lent.profile.name if self._lent is not None else ""

    def rename(self, name: str) -> None:
        """Takes another name, here and wherever others see this person."""
        if self._lent is not None:
            self._lent.rename(name)
            if self._live is not None:
                self._live.rename(self._name())

    def work_offline(self, on: bool) -> None:
        """On: the connection ends and is not made again, also not when the project is next opened."""
        path = str(self._project.path)
        others = [one for one in self._bench.settings.get(OFFLINE, []) if one != path]
        self._bench.settings.set(OFFLINE, [*others, path] if on else others)
        if on:
            self._stop()
            self.changed.emit()
        else:
            self.start()

    def _stop(self) -> None:
        self.follow(None)
        live, self._live = self._live, None
        self._look.stop()
        if live is not None:
            known = dict(self._bench.settings.get(GIVEN, {}))
            known.pop(str(self._project.path), None)
            known[str(self._project.path)] = {str(session): count for session, count in live.given.items()}
            self._bench.settings.set(GIVEN, dict(list(known.items())[-50:]))
            live.close()
        self._now = State(line="offline", role=self._now.role, relay=self._now.relay, name=self._now.name, members=self._now.members,
                          order=self._now.order, to_send=self._now.to_send, waiting=self._now.waiting, held=self._now.held)
        self.told_people({})

    def close(self) -> None:
        """The project is being closed."""
        if not self._closed:
            self._closed = True
            self._stop()

    # what a live session tells

    def told_state(self, state: State) -> None:
        self._now = state
        for key in state.order:  # the same for everybody, so that people can talk of "the teal one"
            self._colours.setdefault(key, len(self._colours))
        self._permit(state.role)
        self._judge_light()
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
        self.pending = None
        if quietly:
            self._missed += [line.actor for line in merged.change.merged]
            self._tell_missed.start()

    def _say_missed(self) -> None:
        """What came in by itself after an absence, in one line."""
        missed, self._missed = self._missed, []
        who = sorted({self.name_of(actor) for actor in missed})
        if missed:
            people = f"{' and '.join(who[:2])}{' and others' if len(who) > 2 else ''}"
            self._bench.say(f"{len(missed)} change{'' if len(missed) == 1 else 's'} by {people} came in", "info")

    def told_review(self, incoming: RoomIncoming) -> None:
        self.pending = incoming
        if not self._show_review(incoming):
            self._bench.say(f"{self._now.waiting} changes of others wait; take them with Collaborate, Take what waits", "warn")

    def _show_review(self, incoming: RoomIncoming) -> bool:
        """A review that cannot be shown must not keep what waits from being taken."""
        try:
            self._bench.shell.open_review(incoming)
        except Exception:
            log.exception("the review cannot be shown")
            return False
        return True

    def told_ended(self, why: str) -> None:
        self._ended = why
        self._bench.say(why, "warn")
        self._stop()
        self.changed.emit()

    def name_of(self, actor: str) -> str:
        """The name of an actor id, as the members tell it."""
        if actor == self._project.door.actor.id:
            return "you"
        return next((m.person for m in self._now.members if m.actor == actor and m.person), "somebody")

    # Live and Held

    def hold(self, on: bool) -> None:
        """Held: what others do waits. Live again: what waits comes in."""
        if self._live is None:
            return
        held = dict(self._bench.settings.get("together/held", {}))
        held.pop(str(self._project.path), None)
        self._bench.settings.set("together/held", {**held, **({str(self._project.path): True} if on else {})})
        if not on:
            self.pending = None
        self._live.hold(on)

    def take_waiting(self) -> None:
        """Brings in what waits: after an absence by way of a review, else at once."""
        if self._live is None:
            return
        incoming = self.incoming() if self._now.returning else None
        if incoming is None or not self._show_review(incoming):
            self._live.take_waiting()

    def incoming(self) -> RoomIncoming | None:
        """What waits, for a review."""
        if self._live is None or not self._now.waiting:
            return None
        self.pending = self.pending or self._live.incoming()
        return self.pending

    def document_changed(self) -> None:
        """For the session: the document is another."""
        if self._live is not None:
            self._live.changed()

    def _busy(self) -> bool:
        """Whether the person is dragging, or typing into a field."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return False
        if app.mouseButtons().value:
            return True
        timeline = self._bench.late.get("timeline")
        if timeline is not None and timeline.pointer.busy:
            return True
        field = app.focusWidget()
        if isinstance(field, QLineEdit):
            text, edited = field.text(), field.isModified()
        elif isinstance(field, QTextEdit | QPlainTextEdit):
            text, edited = field.toPlainText(), field.document().isModified()
        else:
            return False
        if (field, text) != self._typed[:2]:
            first = field is not self._typed[0]
            self._typed = (field, text, time.monotonic() if edited or not first else 0.0)
        return time.monotonic() - self._typed[2] < TYPING

    # sharing

    def share(self, relay: str, role: Role, expires: float, encrypt: bool | None = None) -> Future[dict[str, Any]]:
        """Puts the project into a room on a relay (if it is in none) and makes a link; the result has `link` and `room`."""
        lent, project, post = self._lent, self._project, self._bench.post
        if lent is None:
            raise AppError("This window cannot share")
        answer: Future[dict[str, Any]] = Future()

        async def work(do: Any) -> dict[str, Any]:
            from app.services.collab.sharing import sharing

            return await sharing(project, lent.key(), lent.session, lent.profile, relay=relay, role=role, expires=expires,
                                 encrypt=encrypt, do=do)

        def done(made: Future[dict[str, Any]]) -> None:
            if made.exception() is None:
                post(self._shared_now)
            _hand_on(made, answer)

        live = self._live
        (live.aside(work) if live is not None else _beside(work, post.promise)).add_done_callback(done)
        return answer

    def _shared_now(self) -> None:
        """A link was made: the person wants to be connected."""
        if self._live is None:
            self.work_offline(False)
        elif self._live.participant.room != room_of(self._project.file):
            self._stop()
            self.start()
        else:
            self._live.say()

    def change_member(self, key: bytes, role: Role | None) -> Future[None]:
        """Gives a member another role, or removes it (None)."""
        live = self._live
        if live is None:
            raise AppError("Connect first: the relay must hear of changes to who takes part")

        async def work(do: Any) -> None:
            from app.services.collab import sharing

            await sharing.change_member(live.participant, key.hex(), role, do)

        return live.aside(work)

    def _members(self, live: LiveSession, who: str, role: Role | None, until: int) -> dict[str, Any]:
        """Everyone in the room, after a change if it is about somebody; waits, not on the interface's thread. Raises AppError."""
        from app.services.collab.membership import members_plain
        from app.services.collab.sharing import change_member

        if who:
            live.aside(lambda do: change_member(live.participant, who, role, do, until=until)).result(60)
        found: dict[str, Any] = self._bench.post.ask(lambda: members_plain(live.participant))
        return found

    def leave(self) -> None:
        """Ends the connection for good: the film stays here as it is, and can be joined again by a link."""
        self._stop()
        self.work_offline(True)

    def resync(self) -> None:
        """Works the film out again from everything that everybody did, and connects anew: whatever is missing is exchanged again."""
        if self._live is None:
            return
        try:
            found = self._live.resync()
        except (AppError, StorageError) as error:
            self._bench.say(str(error), "danger")
            return
        self._bench.say("The film was worked out again from all changes" if found else "This film is what all changes make it", "info")

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
        post = self._bench.post
        if what == "share":
            made = post.ask(self.share, str(args.get("relay")), args.get("role", "editor"), float(args.get("expires", 0)),
                            args.get("encrypt"))
            return made.result(60)
        if what == "state":
            return post.ask(self.as_plain)
        live, opening = post.ask(lambda: (self._live, self._opening))
        while live is None and opening:
            time.sleep(0.05)
            live, opening = post.ask(lambda: (self._live, self._opening))
        if live is None:
            if self._ended or not post.ask(lambda: self.shared):
                raise AppError(self._ended or f"{self._project.path.name} is not shared; `proeditor share` shares it")
            raise AppError("The window that holds the project works offline; switch that off there")
        if what == "sync":
            seconds = args.get("seconds")
            report = live.until_given(None if seconds is None else float(seconds)).result(
                None if seconds is None else float(seconds) + 60)
            upto = str(args.get("media", "none"))
            coming = post.ask(self._bench.fetch.until_had, upto) if upto != "none" else None
            try:
                return report if coming is None else {**report, "media": coming.result(MEDIA_WITHIN).as_plain()}
            except TimeoutError:
                raise AppError("Media are still coming; the window that holds the project shows how far they are") from None
        if what == "members":
            return self._members(live, str(args.get("who", "")), args.get("role"), int(args.get("until", 0)))
        raise AppError(f"unknown request {what!r}")

    def as_plain(self) -> dict[str, Any]:
        """How it stands, as JSON values."""
        page = getattr(self._bench.late.get("shell"), "page", None)
        return {"state": self.state, "why": self.why, "role": self.role, "held": self.held, "waiting": self.waiting,
                "to_send": self.to_send, "returning": self._now.returning, "cut": self.same_cut, "page": str(getattr(page, "context", "")),
                "people": [{"name": p.name, "role": p.role, "panel": p.panel, "playhead": p.playhead, "selection": list(p.selection),
                            "doing": p.doing, "spot": p.spot} for p in self._people]}

    # people

    def told_people(self, seen: dict[int, Seen]) -> None:
        found = []
        roles = {m.key: m for m in self._now.members}
        for session, one in seen.items():
            member = roles.get(one.slow.key)
            name = one.slow.name or (member.person if member is not None else "") or one.slow.key.hex()[:6]
            fast = one.fast if one.fast is not None and not one.fast.hidden else None
            shown: dict[str, Any] = {}
            if fast is not None:
                shown = {"playhead": fast.playhead, "playing": fast.playing, "left": fast.left, "right": fast.right,
                         "selection": fast.selection, "ghosts": fast.ghosts, "dragged": fast.dragged, "doing": fast.verb,
                         "pointer": fast.pointer if fast.pointer >= 0 else None, "row": fast.row,
                         "spot": (fast.spot[0] / FULL, fast.spot[1] / FULL) if fast.spot else None}
            colour = self._colours.setdefault(one.slow.key, len(self._colours))
            found.append(Person(session, one.slow.key, name, initials_of(name), colour, member.role if member is not None else "",
                                panel=one.slow.panel, cut=one.slow.cut, knows=one.slow.knows, waiting=one.slow.waiting,
                                held=one.slow.held, heard=one.heard, **shown))
        came = {p.session for p in found} != {p.session for p in self._people}
        self._people = tuple(sorted(found, key=lambda p: (p.colour, p.session)))
        if self.following is not None and all(p.session != self.following for p in found):
            self.follow(None)
        self._judge_light()
        self.peers_changed.emit()
        if came:
            self._bench.actions.touch()
            self.changed.emit()

    def person(self, session: int | None) -> Person | None:
        """Somebody by session."""
        return next((one for one in self._people if one.session == session), None)

    def follow(self, session: int | None) -> None:
        """Goes where somebody goes, until this person does something; None ends it."""
        if session != self.following:
            self.following = session
            self.following_changed.emit()
            self._showing.follow(session is not None)

    def follow_next(self) -> None:
        """The next person; after the last, nobody."""
        sessions = [one.session for one in self._people if one.playhead is not None]
        if not sessions:
            self._bench.say("Nobody else is here whose playhead can be followed", "info")
            return
        at = sessions.index(self.following) + 1 if self.following in sessions else 0
        self.follow(sessions[at] if at < len(sessions) else None)

    def hide_cursor(self, on: bool) -> None:
        """Whether others see where this person is."""
        self.hidden = on
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        if self._live is not None and self._now.line == "online":
            self._showing.show(self._live)

    # the light

    def _judge_light(self) -> None:
        found = self._cut_now()
        if found in ("behind", "differs") and self._light in ("same", "only-you"):
            if not self._light_since:
                self._light_since = time.monotonic()
            if time.monotonic() - self._light_since < SETTLE and not self._now.held:
                self._again.start()
                return
        self._light_since = 0.0
        if found != self._light:
            self._light = found
            self.changed.emit()

    def _cut_now(self) -> str:
        live = self._live
        others = [one for one in self._people if one.cut]
        if live is None or not others or not live.cut:
            return "only-you"
        if all(one.cut == live.cut for one in others):
            return "same"
        if any(one.cut != live.cut and one.knows == live.knows for one in others):
            return "differs"
        return "behind"

    @property
    def behind(self) -> tuple[int, str]:
        """How many changes somebody is behind, and who: an empty name for this window."""
        if self._now.waiting:
            return self._now.waiting, ""
        late = max(self._people, key=lambda one: one.waiting, default=None)
        return (late.waiting, late.name) if late is not None and late.waiting else (0, "")


def _hand_on(made: Future[Any], answer: Future[Any]) -> None:
    error = made.exception()
    if error is not None:
        answer.set_exception(error)
    else:
        answer.set_result(made.result())


def _beside(work: Callable[[Any], Any], promise: Callable[[Callable[[], Any]], Future[Any]]) -> Future[Any]:
    """Runs a coroutine on a loop and thread of its own, with `do` for the interface thread."""
    import asyncio

    answer: Future[Any] = Future()

    async def do(step: Callable[[], Any]) -> Any:
        return await asyncio.wrap_future(promise(step))

    def run() -> None:
        try:
            answer.set_result(asyncio.run(work(do)))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="sharing", daemon=True).start()
    return answer


def suggest_film(folder: Path, name: str) -> Path:
    """A free name for a film that is joined."""
    stem = "".join(c if c.isalnum() or c in " -_" else "-" for c in name).strip() or "Shared film"
    path = folder / f"{stem}.proedit"
    count = 2
    while path.exists():
        path = folder / f"{stem} {count}.proedit"
        count += 1
    return path
