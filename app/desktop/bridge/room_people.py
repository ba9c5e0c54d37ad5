"""Who else is in the room, as the window shows them.

Owns: making `Person`s of what sessions tell, their colours, following one of them, hiding this person's own cursor. Refuses: hearing
and telling (see `together`, `showing`), painting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.desktop.bridge.people import Person, initials_of
from app.services.collab.telling import Seen
from editor_core.sync.members import Member
from editor_core.sync.presence import FULL, Fast

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench


_KEPT = "people/films"
_FILMS = 50
"""Films whose people are remembered."""


class RoomPeople(QObject):
    """Belongs to `Together`."""

    following_changed = Signal()

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self.all: tuple[Person, ...] = ()
        """Sessions of others, in the order of their colours."""
        self.following: int | None = None
        self._colours: dict[bytes, int] = {}
        self._film = str(bench.project_path)
        self.kept = _kept(bench.settings.get(_KEPT, {}).get(self._film))
        """Colours and names by actor id, as they were last: until the room is open again, and where it cannot be reached."""

    def keep(self, members: tuple[Member, ...]) -> None:
        """Remembers those who take part: somebody looks the same before the room is open as after, and is called the same."""
        now = {**self.kept, **{m.actor: (self.colour_of(m.key), m.person) for m in members if m.actor}}  # also who was removed since
        if now != self.kept:
            self.kept = now
            films = {film: them for film, them in self._bench.settings.get(_KEPT, {}).items() if film != self._film}
            mine = {actor: list(one) for actor, one in now.items()}
            self._bench.settings.set(_KEPT, {**dict(list(films.items())[1 - _FILMS:]), self._film: mine})

    def order(self, keys: tuple[bytes, ...]) -> None:
        """Gives colours by who came when: the same for everybody, so that people can talk of "the teal one"."""
        self._colours = {key: number for number, key in enumerate(dict.fromkeys((*keys, *self._colours)))}

    def colour_of(self, key: bytes) -> int:
        """The colour of somebody who takes part, whether they are here or not."""
        return self._colours.setdefault(key, len(self._colours))

    def told(self, seen: dict[int, Seen], members: tuple[Member, ...]) -> bool:
        """Takes what sessions tell; whether somebody came or went."""
        by_key = {m.key: m for m in members}
        found = [self._person(session, one, by_key.get(one.slow.key)) for session, one in seen.items()]
        came = {p.session for p in found} != {p.session for p in self.all}
        self.all = tuple(sorted(found, key=lambda p: (p.colour, p.session)))
        if self.following is not None and all(p.session != self.following for p in found):
            self.follow(None)
        return came

    def _person(self, session: int, one: Seen, member: Member | None) -> Person:
        slow, fast = one.slow, one.fast if one.fast is not None and not one.fast.hidden else None
        name = slow.name or (member.person if member is not None else "") or slow.key.hex()[:6]
        colour = self._colours.setdefault(slow.key, len(self._colours))
        role = member.role if member is not None else "editor" if self._bench.together.plain else ""
        return Person(session, slow.key, name, initials_of(name), colour, role, panel=slow.panel, cut=slow.cut, knows=slow.knows,
                      parts=slow.parts, waiting=slow.waiting, held=slow.held, heard=one.heard,
                      **_whereabouts(fast) if fast is not None else {})

    def person(self, session: int | None) -> Person | None:
        """Somebody by session."""
        return next((one for one in self.all if one.session == session), None)

    def follow(self, session: int | None) -> None:
        """Goes where somebody goes, until this person does something; None ends it."""
        if session != self.following:
            self.following = session
            self.following_changed.emit()

    def follow_next(self) -> None:
        """The next person; after the last, nobody."""
        sessions = [one.session for one in self.all if one.playhead is not None]
        if not sessions:
            self._bench.say("Nobody else is here whose playhead can be followed", "info")
            return
        at = sessions.index(self.following) + 1 if self.following in sessions else 0
        self.follow(sessions[at] if at < len(sessions) else None)


def _kept(stored: Any) -> dict[str, tuple[int, str]]:
    """What was remembered of people; what does not fit is left out."""
    found = stored.items() if isinstance(stored, dict) else ()
    return {actor: (one[0], one[1]) for actor, one in found
            if isinstance(one, list) and len(one) == 2 and isinstance(one[0], int) and isinstance(one[1], str)}


def _whereabouts(fast: Fast) -> dict[str, Any]:
    return {"playhead": fast.playhead, "playing": fast.playing, "left": fast.left, "right": fast.right, "selection": fast.selection,
            "ghosts": fast.ghosts, "dragged": fast.dragged, "doing": fast.verb, "pointer": fast.pointer if fast.pointer >= 0 else None,
            "row": fast.row, "spot": (fast.spot[0] / FULL, fast.spot[1] / FULL) if fast.spot else None}
