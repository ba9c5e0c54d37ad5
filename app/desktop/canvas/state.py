"""What the timeline's widgets share: zoom, scroll, rows, hover.

Owns: the scale and rows of the shown timeline, limits of scrolling and zooming, signals that say what to repaint.
Refuses: painting, gestures, and anything that is stored in the document.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.canvas.metrics import MAX_PIXELS_PER_FRAME, Metrics
from app.desktop.canvas.rows import Row, Rows
from app.desktop.canvas.time_scale import TimeScale
from editor_core.document import Snapshot
from editor_core.schema import Clip, MediaReference
from editor_core.timing import TICKS_PER_SECOND, Rate, round_to_frame


class TimelineState(QObject):
    """One shown timeline. `width` and `height` are those of the lanes' viewport, set by the lanes widget."""

    zoomed = Signal()
    """Zoom changed: everything moves."""
    scrolled = Signal(int, int)
    """(dx, dy): content moved right or down by whole pixels."""
    rows_changed = Signal()
    """Rows, their heights or places changed."""
    spans_changed = Signal(dict)
    """Track id to the stretch of time (start, end in ticks) whose clips changed."""
    indexed = Signal()
    """All rows are indexed again, after a change of so many clips that it took more than one turn of the event loop."""
    media_changed = Signal(str)
    """Pictures or waves of an asset have come."""

    def __init__(self, bench: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bench = bench
        self.scale = TimeScale()
        self.rows = Rows()
        self.chosen: Any = None
        """Which clips are selected (see `chosen`), set by the lanes."""
        self.scroll_y = 0
        self.width = 800
        self.height = 300
        self._before_fit: tuple[float, int] | None = None
        self._stood: frozenset[str] = frozenset()
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._index_on)
        if (fetch := bench.late.get("fetch")) is not None:
            fetch.changed.connect(self.locations_changed)
        bench.media.changed.connect(self.locations_changed)
        self.reload()

    @property
    def m(self) -> Metrics:
        """Sizes at the window's scale."""
        return self.rows.m

    def set_metrics(self, metrics: Metrics) -> None:
        """After a change of the window's scale."""
        self.rows.m = metrics
        self._rebuild()

    @property
    def snapshot(self) -> Snapshot:
        return self.bench.document.snapshot

    @property
    def rate(self) -> Rate:
        return self.snapshot.timeline.rate

    @property
    def end(self) -> int:
        """End of the last clip in ticks."""
        return self.snapshot.end()

    @property
    def most_zoom(self) -> float:
        """Largest zoom in pixels a second."""
        return MAX_PIXELS_PER_FRAME * TICKS_PER_SECOND / self.rate.ticks_per_frame

    @property
    def least_zoom(self) -> float:
        """Zoom at which the film takes half of the width."""
        seconds = max(10.0, self.end / TICKS_PER_SECOND)
        return max(0.002, self.width * 0.5 / seconds)

    def snap_frame(self, ticks: int) -> int:
        """The nearest frame start, never negative."""
        return max(0, round_to_frame(ticks, self.rate))

    def frame_at_x(self, x: float) -> int:
        """The frame start nearest to a viewport pixel, in ticks."""
        return self.snap_frame(self.scale.ticks(x))

    def frame_under_x(self, x: float) -> int:
        """Start of the frame that a viewport pixel lies on."""
        frame = self.rate.ticks_per_frame
        return self.scale.ticks(x) // frame * frame

    def row_at(self, y: float) -> Row | None:
        """The row at a viewport pixel."""
        return self.rows.at_y(int(y) + self.scroll_y)

    def clip_at(self, x: float, y: float) -> Clip | None:
        """The clip under a viewport pixel."""
        row = self.row_at(y)
        return row.at(self.scale.ticks(x)) if row is not None else None

    # ---- following the document ---------------------------------------------------------------------------------

    def reload(self) -> None:
        """Takes everything from the document anew."""
        self.rows.offline = self._offline()
        self._rebuild()

    def follow(self, before: Snapshot, after: Snapshot) -> None:
        """Takes over what a change did, touching only the rows concerned. Where it changed very many clips, what is asked of the rows is
        of the new ones at once, and the picture follows row by row in the next turns of the event loop, what is seen first."""
        if not after.shares(before, MediaReference):
            self.rows.offline = self._offline()
        spans = self.rows.apply(before, after)
        if spans is None or before.timeline != after.timeline:
            self._rebuild()
            return
        if spans or not self.rows.ready:
            self.spans_changed.emit(spans)
        self._index_soon()

    def _rebuild(self) -> None:
        self.rows.rebuild(self.snapshot)
        self.rows_changed.emit()
        self._index_soon()

    def _index_soon(self) -> None:
        if not self.rows.ready and not self._slices.isActive():
            self._slices.start()

    def _index_on(self) -> None:
        """One slice of what is still to be indexed."""
        spans = self.rows.step((self.scroll_y, self.scroll_y + self.height))
        if self.rows.ready:
            self._slices.stop()
        if spans:
            self.spans_changed.emit(spans)
        if self.rows.ready:
            self.indexed.emit()

    def locations_changed(self) -> None:
        """Files were found or lost: clips turn into slates or back."""
        offline, stand_ins = self._offline(), frozenset(self.stand_ins())
        if offline != self.rows.offline or stand_ins != self._stood:
            self._stood = stand_ins
            self.reload()

    def _offline(self) -> frozenset[str]:
        return frozenset(self.bench.media.offline.difference(self.stand_ins()))

    def stand_ins(self) -> Collection[str]:
        """Assets of which a smaller file is shown."""
        fetch = self.bench.late.get("fetch")
        return fetch.stand_ins if fetch is not None else ()

    # ---- zoom and scroll ----------------------------------------------------------------------------------------

    @property
    def scroll_limit(self) -> int:
        """Largest horizontal scroll: the film's end in the middle, or what is scrolled to already."""
        return max(0, self.scale.content_x(self.end) - self.width // 2)

    @property
    def scroll_y_limit(self) -> int:
        return max(0, self.rows.height + 12 - self.height)

    def resize(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.scroll_y = min(self.scroll_y, self.scroll_y_limit)

    def scroll_to(self, x: int | None = None, y: int | None = None, *, beyond: bool = False) -> None:
        """Scrolls to content pixels, within limits; `beyond` allows going past the film's end."""
        old_x, old_y = self.scale.scroll, self.scroll_y
        if x is not None:
            self.scale.scroll = max(0, x if beyond else min(x, max(self.scroll_limit, min(old_x, x))))
        if y is not None:
            self.scroll_y = max(0, min(y, self.scroll_y_limit))
        dx, dy = old_x - self.scale.scroll, old_y - self.scroll_y
        if dx or dy:
            self.scrolled.emit(dx, dy)

    def scroll_by(self, dx: int, dy: int = 0, *, beyond: bool = False) -> None:
        self.scroll_to(self.scale.scroll + dx, self.scroll_y + dy, beyond=beyond)

    def zoom_to(self, pixels_per_second: float, keep_x: float | None = None) -> None:
        """Zooms around a viewport pixel; without one around the playhead if it shows, else the middle."""
        if keep_x is None:
            playhead = self.scale.x(self.bench.transport.ticks)
            keep_x = playhead if 0 <= playhead < self.width else self.width / 2
        wanted = max(pixels_per_second, self.least_zoom) if pixels_per_second < self.scale.pixels_per_second else pixels_per_second
        old = self.scale.pixels_per_second, self.scale.scroll
        self.scale.zoom(wanted, keep_x, self.most_zoom)
        if (self.scale.pixels_per_second, self.scale.scroll) != old:
            self.zoomed.emit()

    def zoom_by(self, factor: float, keep_x: float | None = None) -> None:
        self._before_fit = None
        self.zoom_to(self.scale.pixels_per_second * factor, keep_x)

    def fit(self, start: int = 0, end: int | None = None) -> None:
        """Shows a stretch of time, the whole film by default, with a little room at the right."""
        last = self.end if end is None else end
        length = max(last - start, 10 * self.rate.ticks_per_frame)
        seconds = length / TICKS_PER_SECOND
        self.scale.pixels_per_second = min(max(0.002, (self.width - 24) / seconds), self.most_zoom)
        self.scale.scroll = max(0, self.scale.content_x(start) - (12 if start else 0))
        self.zoomed.emit()

    def show_stretch(self, left: int, right: int) -> None:
        """Shows exactly a stretch of time, as somebody else sees it."""
        zoom = min(max(0.002, self.width * TICKS_PER_SECOND / max(1, right - left)), self.most_zoom)
        scale = self.scale
        if abs(zoom - scale.pixels_per_second) > zoom * 1e-6:
            scale.pixels_per_second = zoom
            scale.scroll = scale.content_x(left)
            self.zoomed.emit()
        elif scale.content_x(left) != scale.scroll:
            self.scroll_to(scale.content_x(left), beyond=True)

    def toggle_fit(self) -> None:
        """The whole film; again: back to where it was."""
        if self._before_fit is not None:
            self.scale.pixels_per_second, self.scale.scroll = self._before_fit
            self._before_fit = None
            self.zoomed.emit()
            return
        before = self.scale.pixels_per_second, self.scale.scroll
        self.fit()
        self._before_fit = before

    def reveal(self, ticks: int, *, page: bool = False) -> None:
        """Scrolls so that a time is seen; `page` turns over like a page, for playback."""
        x = self.scale.x(ticks)
        if 0 <= x < self.width - (1 if page else 24):
            return
        lead = 0 if page else self.width // 3
        self.scroll_to(max(0, self.scale.content_x(ticks) - lead), beyond=True)

    # ---- row heights --------------------------------------------------------------------------------------------

    def set_heights(self, heights: Iterable[tuple[str, int]]) -> None:
        """Heights in pixels by track id, held to 22 to 320 at 100 %."""
        changed = False
        for track, height in heights:
            row = self.rows.of(track)
            bounded = max(self.m.row_min, min(self.m.row_max, height))
            if row is not None and row.height != bounded:
                self.rows.heights[track] = round(bounded / self.m.scale)
                changed = True
        if changed:
            self.rows.rebuild(self.snapshot)
            self.scroll_y = min(self.scroll_y, self.scroll_y_limit)
            self.rows_changed.emit()
            self._index_soon()

    def heighten(self, kind: str | None, by: int) -> None:
        """Makes all rows of a kind (of every kind) taller or lower."""
        self.set_heights([(row.track.id, row.height + by) for row in self.rows if kind in (None, row.track.kind)])

    def all_heights(self, height: int) -> None:
        """Gives all rows one height, in pixels at 100 %."""
        self.set_heights([(row.track.id, self.m.px(height)) for row in self.rows])
