"""Who did something: the person behind an actor's id, as the window shows people.

Owns: name, initials and colour for history, blame and lists. Refuses: presence (see `people`), and keeping names of its own.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

from app.desktop.bridge.people import PEERS, initials_of


@dataclass(frozen=True)
class Who:
    """`token` is a colour of the theme, `ink` that of letters on it."""

    actor: str
    name: str
    initials: str
    token: str
    ink: str
    mine: bool = False

    @property
    def subject(self) -> str:
        """The name at the beginning of a sentence."""
        return self.name[:1].upper() + self.name[1:]


def who_of(bench: Any, actor: str) -> Who:
    """The person of an actor id. Somebody whose name nobody told is “Somebody else”, in a colour that stays the same."""
    if actor == bench.door.actor.id:
        return Who(actor, "you", "Y", "accent-fill", "text-on-accent", True)
    together = bench.late.get("together")
    name = str(together.name_of(actor)) if together is not None else ""
    token = PEERS[zlib.crc32(actor.encode()) % len(PEERS)]
    if together is not None:
        key = next((m.key for m in together.now.members if m.actor == actor), None)
        number = together.colour_of(key) if key is not None else together.kept.get(actor, (None, ""))[0]
        token = PEERS[number % len(PEERS)] if number is not None else token
    if not name or name == "somebody":
        name = str(bench.late.get("names", {}).get(actor, "") or (together.kept.get(actor, (0, ""))[1] if together is not None else ""))
    if not name:
        return Who(actor, "somebody else", "?", token, "peer-ink")
    return Who(actor, name, initials_of(name), token, "peer-ink")


def names_of(bench: Any, actors: Any) -> str:
    """Several people in a line: `You and Ana`."""
    found = [who_of(bench, actor).name for actor in dict.fromkeys(actors)]
    words = found[0] if len(found) == 1 else ", ".join(found[:-1]) + " and " + found[-1] if found else ""
    return words[:1].upper() + words[1:]
