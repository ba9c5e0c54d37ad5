"""Which clips of a strip are marked, and which tracks are shown.

Owns: from an outlook and what was chosen to marks by side. Refuses: painting them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from app.desktop.merge.lanes import Mark
from app.desktop.merge.strips import MOST_LANES
from app.services.review.outlook import Outlook
from app.services.review.questions import Question
from app.services.review.rows import Row
from editor_core.document import Snapshot
from editor_core.schema import Clip

_ORDER = {"video": 0, "caption": 1, "audio": 2}


def tracks_of(found: Outlook, row: Row | None) -> set[str]:
    """The tracks that a change is on, on any side."""
    sides = found.sides
    views = (sides.mine, sides.theirs, sides.merged)
    every = (view.find(Clip, record) for record in (row.records if row is not None else ()) for view in views)
    return {clip.track for clip in every if clip is not None}


class Marking:
    """Marks by side and clip, and which tracks are shown, of one outlook. Made and brought up to date on any one thread; what it gives may
    be read on another meanwhile."""

    def __init__(self, found: Outlook) -> None:
        self._found = found
        self._places: list[tuple[Row, str, Clip | None, Clip | None]] = []
        self._touched: Counter[str] = Counter()
        self._plain: dict[str, Mark] = {}
        sides = found.sides
        marks: dict[str, dict[str, Mark]] = {"mine": {}, "theirs": {}}
        for row in found.rows:
            for record in row.records:
                clips = [view.find(Clip, record) for view in (sides.mine, sides.theirs, sides.merged)]
                self._touched.update(clip.track for clip in clips if clip is not None)
                for side, clip, kind in (("mine", clips[0], row.mine_kind), ("theirs", clips[1], row.theirs_kind)):
                    if kind:
                        _enter(marks[side], sides.base, clip, record, kind)
                self._places.append((row, record, clips[0], clips[2]))
                mark = _merged(row, clips[0], clips[2])
                if mark is not None:
                    self._plain[record] = mark
        tracks = sides.merged.tracks()
        known = {track.id for track in tracks}
        self._tracks = [*tracks, *{t.id: t for view in (sides.mine, sides.theirs) for t in view.tracks() if t.id not in known}.values()]
        self.marks = {**marks, "merged": self._plain}
        self.look_again(sides.merged, list(found.questions))

    def look_again(self, shown: Snapshot, open_: Iterable[Question]) -> None:
        """`shown` is the merged cut with the choices, `open_` what they leave to decide."""
        merged = dict(self._plain)
        for row, record, mine, plain in self._places:
            now = shown.find(Clip, record)
            if now is not plain:
                mark = _merged(row, mine, now)
                if mark is not None:
                    merged[record] = mark
                else:
                    merged.pop(record, None)
        sides = self._found.sides
        for question in open_:
            for clip in question.clips:
                gone = None if shown.find(Clip, clip) is not None else next(
                    (one for view in (sides.mine, sides.theirs, sides.base) if (one := view.find(Clip, clip)) is not None), None)
                merged[clip] = Mark("decide", gone)
        self.marks = {**self.marks, "merged": merged}

    def tracks_shown(self, most: int = MOST_LANES, also: Collection[str] = ()) -> list[str]:
        """The tracks that changes touch, pictures from the top down, then sound, at most so many, those of `also` before others; the lowest
        picture track as well."""
        tracks, touched = self._tracks, self._touched
        first = next((t.id for t in tracks if t.kind == "video"), "")
        candidates = (t for t in tracks if t.id in touched or t.id == first)
        chosen = {t.id for t in sorted(candidates, key=lambda t: (t.id not in also, _ORDER[t.kind], -touched.get(t.id, 0)))[:most]}
        pictures = [t.id for t in reversed(tracks) if t.id in chosen and t.kind == "video"]
        return [*pictures, *(t.id for t in tracks if t.id in chosen and t.kind != "video")]


def _merged(row: Row, was: Clip | None, now: Clip | None) -> Mark | None:
    """What to say of a clip that is `was` in my cut and `now` in the merged one."""
    if was is None and now is None:
        return None
    if now is None:
        return Mark("removed", was)
    if was != now or row.mine:
        return Mark("added" if was is None else row.mine_kind or row.theirs_kind)
    return None


def _enter(marks: dict[str, Mark], base: Snapshot, there: Clip | None, record: str, kind: str) -> None:
    if there is not None:
        marks[record] = Mark(kind)
    elif kind == "removed":
        clip = base.find(Clip, record)
        if clip is not None:
            marks[record] = Mark("removed", clip)


__all__ = ["Marking", "tracks_of"]
