"""Which clips of a strip are marked, and which tracks are shown.

Owns: from an outlook and what was chosen to marks by side. Refuses: painting them.
"""

from __future__ import annotations

from app.desktop.merge.strips import MOST_LANES, Mark
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


def tracks_shown(found: Outlook, most: int = MOST_LANES, also: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
    """The tracks that changes touch, pictures from the top down, then sound, at most so many, those of `also` before others; the lowest
    picture track as well."""
    sides = found.sides
    touched: dict[str, int] = {}
    for row in found.rows:
        for record in row.records:
            for view in (sides.mine, sides.theirs, sides.merged):
                clip = view.find(Clip, record)
                if clip is not None:
                    touched[clip.track] = touched.get(clip.track, 0) + 1
    tracks = sides.merged.tracks()
    known = {track.id for track in tracks}
    tracks.extend(t for view in (sides.mine, sides.theirs) for t in view.tracks() if t.id not in known and not known.add(t.id))  # type: ignore[func-returns-value]
    first = next((t.id for t in tracks if t.kind == "video"), "")
    candidates = (t for t in tracks if t.id in touched or t.id == first)
    chosen = {t.id for t in sorted(candidates, key=lambda t: (t.id not in also, _ORDER[t.kind], -touched.get(t.id, 0)))[:most]}
    pictures = [t.id for t in reversed(tracks) if t.id in chosen and t.kind == "video"]
    return [*pictures, *(t.id for t in tracks if t.id in chosen and t.kind != "video")]


def marks_of(found: Outlook, open_: list[Question], shown: Snapshot) -> dict[str, dict[str, Mark]]:
    """Marks by side and clip. `shown` is the merged cut with the choices."""
    sides = found.sides
    marks: dict[str, dict[str, Mark]] = {"mine": {}, "theirs": {}, "merged": {}}
    for row in found.rows:
        for record in row.records:
            for side, view, kind in (("mine", sides.mine, row.mine_kind), ("theirs", sides.theirs, row.theirs_kind)):
                if kind:
                    _enter(marks[side], sides.base, view, record, kind)
            was, now = sides.mine.find(Clip, record), shown.find(Clip, record)
            if was is None and now is None:
                continue
            if now is None:
                marks["merged"][record] = Mark("removed", was)
            elif was != now or row.mine:
                marks["merged"][record] = Mark("added" if was is None else row.mine_kind or row.theirs_kind)
    for question in open_:
        for clip in question.clips:
            was = marks["merged"].get(clip)
            marks["merged"][clip] = Mark("decide", None if shown.find(Clip, clip) is not None or was is None else was.clip)
    return marks


def _enter(marks: dict[str, Mark], base: Snapshot, view: Snapshot, record: str, kind: str) -> None:
    if view.find(Clip, record) is not None:
        marks[record] = Mark(kind)
    elif kind == "removed":
        clip = base.find(Clip, record)
        if clip is not None:
            marks[record] = Mark("removed", clip)


__all__ = ["marks_of", "tracks_shown"]
