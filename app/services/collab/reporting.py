"""What exchanges have in common besides the exchange: their report, waiting for the disk, where work on the document is done.

Owns: these, and the errors that end one for good. Refuses: connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.services.collab.transport import RelayRefuses
from app.services.errors import AppError
from app.services.open_project import DURABLE_WITHIN
from editor_core.storage.journal import Ticket

T = TypeVar("T")


class Distrust(AppError):
    """The relay sent what it should have refused."""


class TimeIsOver(AppError):
    """This device's role in the room was for a time, which has passed."""

    def __init__(self) -> None:
        super().__init__("Your time in this room is over; ask an owner for more of it. The film stays here as it is")


NO_MEMBER = "not a member of this room"
"""In the words of a relay that does not let a device in which takes no part."""


class Removed(RelayRefuses):
    """This device took part in the room, and does not any more."""

    def __init__(self) -> None:
        super().__init__("You are not a member of this film’s room any more: an owner removed you. The film stays here as it is, and what "
                         "you do from now on stays here; a new link lets you take part again")


@dataclass
class Report:
    """What an exchange did."""

    sent: int = 0
    received: int = 0
    applied: int = 0
    acknowledged: int = 0
    connections: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    spoiled: list[tuple[str, str]] = field(default_factory=list)


async def here(work: Callable[[], T]) -> T:
    """Runs something at once: the loop's thread owns the document."""
    return work()


async def durable(ticket: Ticket | None) -> None:
    """Waits for the disk beside the loop."""
    if ticket is not None and not ticket.done:
        await asyncio.get_running_loop().run_in_executor(None, ticket.wait, DURABLE_WITHIN)
