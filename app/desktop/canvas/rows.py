"""The rows of the timeline: tracks from top to bottom with sorted times for fast look-up.

Owns: order and place of rows, start and end arrays per track, what a pixel or a stretch of time meets, which rows a change set
touches. Refuses: painting, and clips themselves, which stay in the snapshot.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from app.desktop.canvas.metrics import Metrics
from editor_core.document import ChangeSet, Create, Shift, View
from editor_core.schema import Clip, Track, Transition
from editor_core.timing import MAX_TICKS

KINDS = ("video", "audio", "title", "solid", "caption")
_MANY = 200
_FEW = 16
KIND_NUMBER = {kind: number for number, kind in enumerate(KINDS)}


def _look(clip: Clip, offline: frozenset[str]) -> int:
    return KIND_NUMBER[clip.kind] + 8 * (not clip.enabled) + 16 * (clip.asset in offline)


class Row:
    """One track: `top` and `height` in content pixels; `starts` and `ends` are sorted ticks, one for each of `clips`."""

    def __init__(self, track: Track, label: str, top: int, height: int, m: Metrics) -> None:
        self.track = track
        self.m = m
        self.label = label
        self.top = top
        self.height = height
        self.clips: tuple[Clip, ...] = ()
        self.starts: list[int] = []
        self.start_array = np.empty(0, np.int64)
        self.end_array = np.empty(0, np.int64)
        self.looks = np.empty(0, np.int8)
        self.transitions: tuple[Transition, ...] = ()
        self._offline: frozenset[str] = frozenset()

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def clip_top(self) -> int:
        return self.top + self.m.clip_inset

    @property
    def clip_height(self) -> int:
        return self.height - self.m.clip_foot

    def index(self, clips: tuple[Clip, ...], transitions: tuple[Transition, ...], offline: frozenset[str]) -> None:
        """Takes the track's clips (sorted by start). `looks` is the kind number, +8 when disabled, +16 when offline."""
        self.transitions = transitions
        if self._patch(clips, offline):
            return
        self.clips = clips
        self._offline = offline
        self.starts = [clip.start for clip in clips]
        self.start_array = np.array(self.starts, np.int64)
        self.end_array = np.array([clip.end for clip in clips], np.int64)
        self.looks = np.array([_look(clip, offline) for clip in clips], np.int8)

    def _patch(self, clips: tuple[Clip, ...], offline: frozenset[str]) -> bool:
        """Takes over a few changed clips in place; False where that is not enough."""
        if len(clips) != len(self.clips) or offline != self._offline:
            return False
        others = [n for n, (old, new) in enumerate(zip(self.clips, clips, strict=True)) if old is not new]
        if len(others) > _FEW:
            return False
        for number in others:
            clip = clips[number]
            self.starts[number] = self.start_array[number] = clip.start
            self.end_array[number] = clip.end
            self.looks[number] = _look(clip, offline)
        self.clips = clips
        return True

    def between(self, start: int, end: int) -> tuple[int, int]:
        """First and past-the-last index of clips that meet `[start, end)`."""
        first = bisect_right(self.starts, start)
        if first and self.clips[first - 1].end > start:
            first -= 1
        return first, max(first, bisect_left(self.starts, end))

    def at(self, ticks: int) -> Clip | None:
        """The clip that covers a time."""
        position = bisect_right(self.starts, ticks) - 1
        return self.clips[position] if position >= 0 and self.clips[position].end > ticks else None

    def position(self, clip_id: str) -> int | None:
        """Index of a clip in this row."""
        return next((i for i, clip in enumerate(self.clips) if clip.id == clip_id), None)


def default_height(track: Track, label: str, m: Metrics) -> int:
    """Height of a row nobody has resized: the first tracks are taller."""
    if track.kind == "caption":
        return m.row_caption
    if track.kind == "video":
        return m.row_video_main if label == "V1" else m.row_video
    return m.row_audio_main if label == "A1" else m.row_audio


class Rows:
    """All rows. `heights` are pixels at 100 % by track id and may hold tracks that are gone."""

    def __init__(self) -> None:
        self.m = Metrics()
        self.rows: list[Row] = []
        self.heights: dict[str, int] = {}
        self.offline: frozenset[str] = frozenset()
        self._by_track: dict[str, Row] = {}

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def height(self) -> int:
        """Content pixels of all rows."""
        return self.rows[-1].bottom if self.rows else 0

    def of(self, track_id: str) -> Row | None:
        return self._by_track.get(track_id)

    def at_y(self, y: int) -> Row | None:
        """The row at a content pixel."""
        return next((row for row in self.rows if row.top <= y < row.bottom), None)

    def nearest(self, y: int, kind: str) -> Row | None:
        """The row of a kind that is nearest to a content pixel."""
        fitting = [row for row in self.rows if row.track.kind == kind]
        return min(fitting, key=lambda row: max(row.top - y, y - row.bottom + 1, 0), default=None)

    def rebuild(self, view: View) -> None:
        """Everything anew: rows, places and times."""
        tracks = view.tracks()
        by_kind: Mapping[str, list[Track]] = {kind: [t for t in tracks if t.kind == kind] for kind in ("caption", "video", "audio")}
        transitions: dict[str, list[Transition]] = {}
        for transition in view.of_kind(Transition):
            transitions.setdefault(transition.track, []).append(transition)
        self.rows = []
        top = 0
        for kind in ("caption", "video", "audio"):
            if kind == "audio" and self.rows and by_kind["audio"]:
                top += self.m.kind_gap
            numbered = list(enumerate(by_kind[kind], 1))
            for number, track in reversed(numbered) if kind == "video" else numbered:
                label = f"{kind[0].upper()}{number}"
                own = self.heights.get(track.id)
                height = self.m.px(own) if own else default_height(track, label, self.m)
                row = Row(track, label, top, height, self.m)
                row.index(view.clips_on(track.id), tuple(transitions.get(track.id, ())), self.offline)
                self.rows.append(row)
                top += height
        self._by_track = {row.track.id: row for row in self.rows}

    def apply(self, change: ChangeSet, before: View, after: View) -> dict[str, tuple[int, int]] | None:
        """Re-indexes only what a change set touched.

        Returns the stretch of time `[start, end)` to repaint by track id, or None when rows themselves changed.
        """
        spans: dict[str, tuple[int, int]] = {}

        def widen(track: str, start: int, end: int) -> None:
            known = spans.get(track)
            spans[track] = (start, end) if known is None else (min(known[0], start), max(known[1], end))

        if any(isinstance(op, Shift) and len(op.clips) > _MANY for op in change.operations):
            return self._apply_to_all(change, before, after)
        joined: list[Transition] = []
        for record_id in change.touched:
            for view in (before, after):
                record = view.record(record_id)
                if isinstance(record, Track):
                    return None
                if isinstance(record, Clip):
                    widen(record.track, record.start, record.end)
                elif isinstance(record, Transition):
                    joined.append(record)
        for transition in joined:
            for view in (before, after):
                cut = view.record(transition.to_clip)
                if isinstance(cut, Clip):
                    widen(transition.track, cut.start - transition.duration, cut.start + transition.duration)
        self._index(spans, after)
        return spans

    def _apply_to_all(self, change: ChangeSet, before: View, after: View) -> dict[str, tuple[int, int]] | None:
        """A ripple of many clips: looking at each would cost more than taking all rows anew."""
        others = [op for op in change.operations if not isinstance(op, Shift)]
        ids = [op.record.id if isinstance(op, Create) else op.id for op in others]
        if any(isinstance(view.record(i), Track) for i in ids for view in (before, after)):
            return None
        self._index(self._by_track, after)
        return dict.fromkeys(self._by_track, (0, MAX_TICKS))

    def _index(self, tracks: Iterable[str], view: View) -> None:
        by_track: dict[str, list[Transition]] = {}
        for transition in view.of_kind(Transition):
            by_track.setdefault(transition.track, []).append(transition)
        for track in tracks:
            row = self._by_track.get(track)
            if row is not None:
                row.index(view.clips_on(track), tuple(by_track.get(track, ())), self.offline)
