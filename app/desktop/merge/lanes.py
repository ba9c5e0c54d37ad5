"""What a strip shows: the clips of one side, lane by lane, and what is said of them.

Owns: marks, and which clips lie in which lane, those that are not there included. Refuses: painting (see `strips`), and deciding what
is marked (see `marks`).
"""

from __future__ import annotations

from dataclasses import dataclass

from editor_core.document import Snapshot
from editor_core.document.view import by_start
from editor_core.schema import Clip, Track


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
        self.labels = ""

    def take(self, view: Snapshot, tracks: list[str], marks: dict[str, Mark]) -> None:
        self.view, self.marks = view, marks
        self.lanes = []
        names = []
        for track_id in tracks:
            track = view.find(Track, track_id)
            clips = view.clips_on(track_id)
            gone = [m.clip for m in marks.values() if m.clip is not None and m.clip.track == track_id]
            if track is None and not gone:
                continue
            row = by_start((*clips, *gone)) if gone else clips
            self.lanes.append((track_id, row, [clip.start for clip in row]))
            if track is not None:
                names.append(view.track_label(track))
        self.labels = ", ".join(names)
