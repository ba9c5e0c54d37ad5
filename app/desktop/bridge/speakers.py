"""How people look and are called who comment.

Owns: their colours, initials and names: those that they have everywhere else in the window. Refuses: what they say (see `discussion`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.desktop.bridge.people import PEERS, initials_of
from editor_core.comments import Person

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench


class Speakers:
    """A part of `Discussion`."""

    _bench: Workbench

    def __init__(self) -> None:
        self._colours: dict[str, int] = {}
        self._room: object = None
        self._in_room: dict[str, int] = {}
        self._names: dict[str, str] = {}

    @property
    def me(self) -> Person:
        """This person, as they are called now."""
        return Person(self._bench.door.actor.id, self._bench.door.actor.name)

    def colour_token(self, person: Person) -> str:
        """The token of somebody's colour: the one their playhead has in a shared project."""
        if person.is_(self.me):
            return "accent-fill"
        known = self._room_colours()
        who = person.actor or person.name.casefold()
        if who in known:
            return PEERS[known[who] % len(PEERS)]
        return PEERS[self._colours.setdefault(who, len(known) + len(self._colours)) % len(PEERS)]

    def _room_colours(self) -> dict[str, int]:
        """Numbers of colours in a shared project, by the person's id: as everywhere else in the window, in the order they came."""
        together = self._bench.late.get("together")
        now = getattr(together, "now", None)
        if now is not self._room:
            self._room = now
            here = {member.actor: together.colour_of(member.key) for member in now.members} if now is not None else {}
            self._in_room = here or {actor: number for actor, (number, _) in getattr(together, "kept", {}).items()}
            self._names = {member.actor: member.person for member in now.members if member.person} if now is not None else {}
        return self._in_room

    def called(self, person: Person) -> str:
        """The name that somebody has now, where the room knows it; else the one they had when they spoke."""
        self._room_colours()
        return self._names.get(person.actor) or person.name

    def ink_token(self, person: Person) -> str:
        """The token of what is written on that colour."""
        return "text-on-accent" if person.is_(self.me) else "peer-ink"

    def initials(self, person: Person) -> str:
        """Two letters, or `You`."""
        return "You" if person.is_(self.me) else initials_of(self.called(person) or person.actor[1:])

    def name(self, person: Person) -> str:
        return "You" if person.is_(self.me) else self.called(person) or "Somebody"
