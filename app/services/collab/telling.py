"""What a live session tells, and whether a project is shared at all.

Owns: the shapes of it. Refuses: networks; this module is loaded with every window.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.services.open_project import OpenProject
from editor_core.storage.rooms import room_of
from editor_core.sync.members import Invite, Member
from editor_core.sync.merging import Merged
from editor_core.sync.presence import Fast, Slow

if TYPE_CHECKING:
    from app.services.collab.returning import RoomIncoming


@dataclass(frozen=True)
class State:
    """How it stands. `line` is connecting, online or offline; `why` says what keeps it from being online; `waiting` counts changes
    of others that are kept and not shown, `to_send` own ones that the relay does not have; `round_trip` is in seconds."""

    line: str = "connecting"
    why: str = ""
    role: str = ""
    relay: str = ""
    name: str = ""
    waiting: int = 0
    to_send: int = 0
    round_trip: float = 0.0
    held: bool = False
    returning: bool = False
    encrypted: bool = False
    members: tuple[Member, ...] = ()
    order: tuple[bytes, ...] = ()
    """Keys of all who ever took part, in the order in which they came."""
    invites: tuple[Invite, ...] = ()
    """Links that let somebody in now."""
    ends: tuple[tuple[bytes, int], ...] = ()
    """When members' roles end that do, Unix seconds, by key."""


@dataclass
class Seen:
    """A session of somebody else: who it is, and where."""

    session: int
    slow: Slow
    fast: Fast | None = None
    heard: float = field(default_factory=time.monotonic)


class Heard:
    """What a live session tells; on the document's thread."""

    def told_state(self, state: State) -> None:
        """Something of the state is another."""

    def told_people(self, seen: dict[int, Seen]) -> None:
        """Somebody came, went or moved."""

    def told_merged(self, merged: Merged, quietly: bool) -> None:
        """Changes of others were brought in; `quietly` after an absence."""

    def told_review(self, incoming: RoomIncoming) -> None:
        """On coming back so much came, or met what was done here, that it shall be looked at; it waits until it is taken."""

    def told_ended(self, why: str) -> None:
        """The session is over: this device was removed from the room, or the relay cannot be trusted."""


def shared(project: OpenProject) -> bool:
    """Whether a project is in a room."""
    return not project.file.read_only and room_of(project.file) is not None
