"""What a strip shows: the clips of one side, lane by lane, and what is said of them.

Owns: marks, and which clips lie in which lane, those that are not there included. Refuses: painting (see `strips`), and deciding what
is marked (see `marks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter

from editor_core.document import Snapshot
from editor_core.document.view import by_start
from editor_core.schema import Clip, Track

_START = attrgetter("start")


@dataclass(frozen=True)
class Mark:
    """What to say of a clip on one side: added, removed, changed, moved or decide; `clip` is drawn where that side has it not."""

    kind: str
    clip: Clip | None = None


class Side:
    """One side: its lanes from top to bottom, each with its clips and their starts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.view: Snapshot | None = None
        self.lanes: list[tuple[str, tuple[Clip, ...], list[int]]] = []
        self.marks: dict[str, Mark] = {}
        self._gone: dict[str, list[Clip]] = {}
        self._known: dict[str, tuple[tuple[Clip, ...], tuple[Clip, ...], list[int]]] = {}
        self.labels = ""
        self.expected = 1

    @property
    def room(self) -> int:
        """How many lanes it takes the room of."""
        return max(1, len(self.lanes)) if self.view is not None else self.expected

    def take(self, view: Snapshot, tracks: list[str], marks: dict[str, Mark]) -> None:
        if marks is not self.marks:
            self.marks, self._gone = marks, {}
            for mark in marks.values():
                if mark.clip is not None:
                    self._gone.setdefault(mark.clip.track, []).append(mark.clip)
            self._known = {}
        self.view = view
        self.lanes = []
        names = []
        for track_id in tracks:
            track = view.find(Track, track_id)
            gone = self._gone.get(track_id, [])
            if track is None and not gone:
                continue
            self.lanes.append((track_id, *self._row(track_id, view.clips_on(track_id), gone)))
            if track is not None:
                names.append(view.track_label(track))
        self.labels = ", ".join(names)

    def _row(self, track_id: str, clips: tuple[Clip, ...], gone: list[Clip]) -> tuple[tuple[Clip, ...], list[int]]:
        """Clips of a lane with their starts, as they were told last where they are the same."""
        known = self._known.get(track_id)
        if known is None or known[0] is not clips:
            row = by_start((*clips, *gone)) if gone else clips
            known = self._known[track_id] = (clips, row, list(map(_START, row)))
        return known[1:]
