"""The rows of the timeline: tracks from top to bottom.

Owns: order and place of rows, what a pixel or a stretch of time meets, which rows a change touches, indexing them a slice at a time.
Refuses: painting, and clips themselves, which stay in the snapshot.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from operator import attrgetter, is_not

from app.desktop.canvas.columns import Columns, Looks, Times
from app.desktop.canvas.metrics import Metrics
from editor_core.document import View
from editor_core.schema import Clip, Track, Transition
from editor_core.timing import MAX_TICKS

AT_ONCE = 500
"""Clips that are read as soon as they are known to differ, in all rows together. Each takes about a microsecond."""
SLICE = 2000
"""Clips that are read in one turn of the event loop at most, where more changed."""
_START = attrgetter("start")
Span = tuple[int, int]


class Row:
    """One track: `top` and `height` in content pixels. `clips` are always those of the document; the arrays for painting may be behind
    where thousands changed (see `ready`), and are then read for the part that is asked for."""

    def __init__(self, track: Track, label: str, top: int, height: int, m: Metrics, columns: Columns) -> None:
        """`columns` are those of the row that stood for the track before, else new ones."""
        self.track = track
        self.m = m
        self.label = label
        self.top = top
        self.height = height
        self.columns = columns
        self.transitions: tuple[Transition, ...] = ()

    @property
    def clips(self) -> tuple[Clip, ...]:
        return self.columns.clips

    @property
    def ready(self) -> bool:
        """Whether all clips are indexed."""
        return self.columns.ready

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def clip_top(self) -> int:
        return self.top + self.m.clip_inset

    @property
    def clip_height(self) -> int:
        return self.height - self.m.clip_foot

    @property
    def start_array(self) -> Times:
        """Starts of all clips, ascending."""
        return self.columns.all()[0]

    @property
    def end_array(self) -> Times:
        return self.columns.all()[1]

    @property
    def looks(self) -> Looks:
        """How each clip looks: its kind number, +8 when disabled, +16 when offline."""
        return self.columns.all()[2]

    def part(self, first: int, last: int) -> tuple[Times, Times, Looks]:
        """Starts, ends and looks of `clips[first:last]`."""
        return self.columns.part(first, last)

    def between(self, start: int, end: int) -> tuple[int, int]:
        """First and past-the-last index of clips that meet `[start, end)`."""
        first = bisect_right(self.clips, start, key=_START)
        if first and self.clips[first - 1].end > start:
            first -= 1
        return first, max(first, bisect_left(self.clips, end, key=_START))

    def at(self, ticks: int) -> Clip | None:
        """The clip that covers a time."""
        position = bisect_right(self.clips, ticks, key=_START) - 1
        return self.clips[position] if position >= 0 and self.clips[position].end > ticks else None


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
        self._tracks: list[Track] = []
        self._joined: list[Transition] = []
        self._late: dict[str, Span] = {}

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def height(self) -> int:
        """Content pixels of all rows."""
        return self.rows[-1].bottom if self.rows else 0

    @property
    def ready(self) -> bool:
        """Whether all clips of all rows are indexed."""
        return not self._late

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
        """Rows and their places anew. Clips that stay as they were are not read again; where many are new, `step` reads them."""
        tracks = view.tracks()
        by_kind: Mapping[str, list[Track]] = {kind: [t for t in tracks if t.kind == kind] for kind in ("caption", "video", "audio")}
        known, self.rows = self._by_track, []
        top = 0
        for kind in ("caption", "video", "audio"):
            if kind == "audio" and self.rows and by_kind["audio"]:
                top += self.m.kind_gap
            numbered = list(enumerate(by_kind[kind], 1))
            for number, track in reversed(numbered) if kind == "video" else numbered:
                label = f"{kind[0].upper()}{number}"
                own = self.heights.get(track.id)
                height = self.m.px(own) if own else default_height(track, label, self.m)
                was = known.get(track.id)
                self.rows.append(Row(track, label, top, height, self.m, was.columns if was is not None else Columns()))
                top += height
        self._by_track = {row.track.id: row for row in self.rows}
        self._tracks, self._late = tracks, {}
        self._take(view)
        self._late = {row.track.id: (0, MAX_TICKS) for row in self.rows if not row.ready}

    def apply(self, before: View, after: View) -> dict[str, Span] | None:
        """Takes over what differs from what is shown.

        Returns the stretch of time `[start, end)` to repaint by track id, or None when rows themselves changed. Of rows of which too much
        changed to be read at once, `step` gives it once they are.
        """
        tracks = after.tracks()
        if len(tracks) != len(self._tracks) or any(map(is_not, tracks, self._tracks)):
            return None
        joined = self._joined
        spans = self._take(after)
        if self._joined is not joined:
            self._widen(spans, joined, before, after)
        for track in [track for track in spans if not self._by_track[track].ready]:
            self._late[track] = _both(self._late.get(track), spans.pop(track))
        for track in [track for track in self._late if self._by_track[track].ready]:
            spans[track] = _both(spans.get(track), self._late.pop(track))  # a later change put things back
        return spans

    def step(self, first: tuple[int, int] = (0, 0), most: int = SLICE) -> dict[str, Span]:
        """Reads the next clips, `most` at most, first those of rows between two content pixels. What can be repainted now, as `apply`
        says it."""
        found: dict[str, Span] = {}
        top, bottom = first
        for row in sorted((self._by_track[track] for track in self._late), key=lambda row: row.bottom <= top or row.top >= bottom):
            most -= row.columns.step(most)
            if row.ready:
                found[row.track.id] = self._late.pop(row.track.id)
            if most <= 0:
                break
        return found

    def _take(self, view: View) -> dict[str, Span]:
        """Clips and transitions as they are now; the stretches of rows that look different."""
        spans: dict[str, Span] = {}
        budget = AT_ONCE
        for track, row in self._by_track.items():
            span = row.columns.take(view.clips_on(track), self.offline)
            if span is not None:
                room = max((t.duration for t in row.transitions), default=0)  # they are drawn around cuts that may have moved
                spans[track] = max(0, span[0] - room), min(MAX_TICKS, span[1] + room)
                if row.columns.left <= budget:
                    budget -= row.columns.step(budget)
        joined = view.of_kind(Transition)
        if len(joined) != len(self._joined) or any(map(is_not, joined, self._joined)):
            by_track: dict[str, list[Transition]] = {}
            for transition in joined:
                by_track.setdefault(transition.track, []).append(transition)
            self._joined = joined
            self._by_joined = by_track
        for track, row in self._by_track.items():
            row.transitions = tuple(self._by_joined.get(track, ()))
        return spans

    _by_joined: Mapping[str, list[Transition]] = {}

    def _widen(self, spans: dict[str, Span], joined: list[Transition], before: View, after: View) -> None:
        """Adds where transitions were or are that came, went or changed."""
        now = {id(one): one for one in self._joined}
        was = {id(one): one for one in joined}
        for transition in [one for key, one in (now | was).items() if (key in now) != (key in was)]:
            for view in (before, after):
                cut = view.record(transition.to_clip)
                if isinstance(cut, Clip) and transition.track in self._by_track:
                    span = max(0, cut.start - transition.duration), cut.start + transition.duration
                    spans[transition.track] = _both(spans.get(transition.track), span)


def _both(one: Span | None, other: Span) -> Span:
    """The stretch that covers both."""
    return other if one is None else (min(one[0], other[0]), max(one[1], other[1]))
