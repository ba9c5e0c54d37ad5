"""Clips that lie over one another on a track.

Owns: such pairs, with a name for each that is the same on every machine. Refuses: saying what should come of them.
"""

from __future__ import annotations

from typing import NamedTuple

from editor_core.document import Snapshot
from editor_core.schema import Clip
from editor_core.timeline.effective import effective

BETWEEN = ".overlap."
"""Stands between the ids of the clips in the name of their overlap."""


class Overlap(NamedTuple):
    """`over` begins in what `under` covers, or with it, on one track. `at` is where, in ticks."""

    under: Clip
    over: Clip
    at: int

    @property
    def id(self) -> str:
        return f"{self.under.id}{BETWEEN}{self.over.id}"


def overlaps(view: Snapshot) -> list[Overlap]:
    """Every pair, by time."""
    return [Overlap(view.get(Clip, note.records[0]), view.get(Clip, note.records[1]), note.at)
            for note in effective(view)[1] if note.kind == "overlap"]
