"""The process that works a merge out, started while somebody is still saying what to merge.

Owns: when that is, and the process until a review takes it. Refuses: looking (see `app.services.reviewing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services.review.elsewhere import Elsewhere
from app.services.review.messages import Near

if TYPE_CHECKING:
    from app.desktop.bridge import Workbench

_KEPT = "looking"


def look_ahead(bench: Workbench) -> None:
    """A merge may be asked for in a moment: the process starts and reads the film."""
    if _KEPT not in bench.late:
        film = bench.services.project
        bench.late[_KEPT] = made = Elsewhere()
        made.start(Near(str(film.path), film.door.actor.id))


def look_no_more(bench: Workbench) -> None:
    """It was not asked for."""
    taken(bench).close()


def taken(bench: Workbench) -> Elsewhere:
    """The process that was started ahead, or one that has yet to be; whoever takes it closes it."""
    found: Elsewhere = bench.late.pop(_KEPT, None) or Elsewhere()
    return found
