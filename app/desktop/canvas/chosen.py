"""Which of the clips that are seen are selected.

Owns: finding them among thousands, and joining the smallest into boxes. Refuses: painting, and the selection itself.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect

from app.desktop.canvas.rows import AT_ONCE, Row
from app.desktop.canvas.state import TimelineState
from editor_core.schema import Clip

FEW = 64
"""Selected clips that are looked at one by one."""
MOST = 300
"""Clips that get a ring of their own; where more are seen, each is a plain frame, and those that touch have one together."""
_ROOM = 6
"""Pixels that a ring takes beyond its clip."""
_ID = attrgetter("id")


class Chosen:
    """`set(ids, among)` when the selection changes; `seen` gives what to draw."""

    def __init__(self, state: TimelineState) -> None:
        self._state = state
        self.ids: tuple[str, ...] = ()
        self._among: frozenset[str] = frozenset()
        self._masks: dict[str, tuple[tuple[Clip, ...], NDArray[np.bool_]]] = {}

    def set(self, ids: tuple[str, ...], among: frozenset[str]) -> None:
        self.ids, self._among = ids, among
        self._masks.clear()

    def seen(self, left: int, right: int, hidden: Collection[str] = ()) -> tuple[list[Clip], list[QRect]]:
        """Selected clips between two viewport pixels, without those that are `hidden`: as clips, or as boxes where there are many."""
        state = self._state
        start, end = state.scale.ticks(max(0, left - _ROOM)), state.scale.ticks(right + _ROOM)
        if len(self.ids) <= FEW:
            found = [clip for i in self.ids if i not in hidden and (clip := state.snapshot.find(Clip, i)) is not None]
            return [clip for clip in found if clip.start <= end and clip.end >= start], []
        rows: list[tuple[Row, int, int, NDArray[np.int64]]] = []
        for row in state.rows:
            if row.bottom + _ROOM < state.scroll_y or row.top - _ROOM > state.scroll_y + state.height:
                continue
            first, last = row.between(start, end)
            if first != last and (row.ready or last - first <= AT_ONCE):
                rows.append((row, first, last, np.flatnonzero(self._mask(row)[first:last])))
        if sum(len(places) for *_, places in rows) <= MOST:
            clips = [row.clips[first + place] for row, first, _, places in rows for place in places.tolist()]
            return [clip for clip in clips if clip.id not in hidden], []
        return [], [box for one in rows for box in self._boxes(*one, hidden)]

    def span(self) -> tuple[int, int] | None:
        """From the start of the first selected clip to the end of the last, in ticks; None where none is on these rows."""
        found = [(row.start_array[mask], row.end_array[mask]) for row in self._state.rows if (mask := self._mask(row)).any()]
        return (min(int(starts.min()) for starts, _ in found), max(int(ends.max()) for _, ends in found)) if found else None

    def _mask(self, row: Row) -> NDArray[np.bool_]:
        known = self._masks.get(row.track.id)
        if known is None or known[0] is not row.clips:
            mask = np.fromiter(map(self._among.__contains__, map(_ID, row.clips)), np.bool_, len(row.clips))
            known = self._masks[row.track.id] = row.clips, mask
        return known[1]

    def _boxes(self, row: Row, first: int, last: int, places: NDArray[np.int64], hidden: Collection[str]) -> list[QRect]:
        if hidden:
            places = np.array([place for place in places.tolist() if row.clips[first + place].id not in hidden], np.int64)
        if not len(places):
            return []
        scale, state = self._state.scale, self._state
        starts, ends, _ = row.part(first, last)
        lefts = np.maximum(scale.xs(starts[places]), -_ROOM)
        rights = np.minimum(np.maximum(scale.xs(ends[places]) - 1, lefts + 2), state.width + _ROOM)
        breaks = np.flatnonzero(lefts[1:] - np.maximum.accumulate(rights)[:-1] > 1)
        begins, finishes = np.concatenate(([0], breaks + 1)), np.concatenate((breaks, [len(places) - 1]))
        top, height = row.clip_top - state.scroll_y, row.clip_height
        return [QRect(x, top, end - x, height) for x, end in zip(lefts[begins].tolist(), rights[finishes].tolist(), strict=True)]
