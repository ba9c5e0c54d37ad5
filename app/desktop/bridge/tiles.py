"""Small pictures and waveforms of assets for cards and the timeline.

Owns: asking workers for them, a byte-bounded cache, newest request first. Refuses: decoding.
"""

from __future__ import annotations

import logging
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.desktop.bridge.post import Post
from editor_core.timing import TICKS_PER_SECOND

log = logging.getLogger(__name__)

HEIGHTS = (36, 72, 144, 288)
"""Thumbnail heights that are made; the next larger is scaled down when painted."""
STEPS = tuple(TICKS_PER_SECOND * 2**n // 4 for n in range(-1, 12))
"""Thumbnails sit on a grid of 1/8 s to 512 s, so that scrolling and zooming find them again."""


class TileSource(Protocol):
    """Makes tiles in workers. Each method returns at once; the callback may come on any thread."""

    def thumbnails(self, asset: str, times: tuple[int, ...], height: int,
                   done: Callable[[list[tuple[int, int, int, bytes]]], None]) -> None:
        """`done` gets (ticks, width, height, RGBA bytes) for each picture that could be made."""
        ...

    def waveform(self, asset: str, done: Callable[[Any, int], None], stream: int = 0) -> None:
        """`done(array float32 (n, 3) of low, high, rms; ticks per row)`, or an empty array where there is no sound.

        `stream` counts the file's sound streams from 0.
        """
        ...


class Tiles(QObject):
    """`thumbnail` and `peaks` answer at once with what there is, or None and ask for it; `ready(asset)` says try again.

    What there is may be a stand-in: the nearest picture of the asset, of another moment or another height. Each `ready` may bring a
    nearer one; when the one that was asked for is there, it is what every later call gives.
    """

    ready = Signal(str)

    def __init__(self, source: TileSource, post: Post, budget: int = 256 * 1024 * 1024, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._post = post
        self._budget = budget
        self._bytes = 0
        self._pictures: OrderedDict[tuple[str, int, int], QImage] = OrderedDict()
        self._near: dict[tuple[str, int], list[int]] = {}
        self._wanted: dict[tuple[str, int], OrderedDict[int, None]] = {}
        self._asked: set[tuple[str, int, int]] = set()
        self._waves: dict[tuple[str, int], tuple[np.ndarray, int] | None] = {}
        self._in_flight = 0
        self._forgotten: dict[str, int] = {}  # how often: what was asked for before then comes from another file
        self._soon = QTimer(self, singleShot=True, interval=15)
        self._soon.timeout.connect(self._send)

    def thumbnail(self, asset: str, ticks: int, height: int, step: int = STEPS[3]) -> QImage | None:
        """The picture at media time `ticks`, at least `height` pixels high where the grid has it.

        `step` is the time between two thumbnails that the caller paints; the grid time before `ticks` is used. While the exact
        one is being made, the nearest there is is given.
        """
        size = HEIGHTS[min(bisect_left(HEIGHTS, height), len(HEIGHTS) - 1)]
        grid = STEPS[max(0, bisect_right(STEPS, step) - 1)]
        at = max(0, ticks) // grid * grid
        found = self._pictures.get((asset, size, at))
        if found is not None:
            self._pictures.move_to_end((asset, size, at))
            return found
        if (asset, size, at) not in self._asked:
            self._wanted.setdefault((asset, size), OrderedDict())[at] = None
            if not self._soon.isActive():
                self._soon.start()
        return self._nearest(asset, size, at)

    def peaks(self, asset: str, start: int, end: int, buckets: int, stream: int = 0) -> np.ndarray | None:
        """float32 (buckets, 3): lowest and highest sample and root mean square (-1 to 1) over [start, end) of media time.

        `stream` counts the file's sound streams from 0.
        """
        key = (asset, stream)
        if key not in self._waves:
            self._waves[key] = None
            file = self._forgotten.get(asset, 0)
            self._source.waveform(asset, lambda rows, step: self._post(self._take_wave, key, file, rows, step), stream)
        wave = self._waves[key]
        if wave is None or buckets <= 0 or end <= start:
            return None
        return reduce_wave(wave[0], wave[1], start, end, buckets)

    def forget(self, asset: str) -> None:
        """Drops everything of an asset, also what is on its way: it was relinked or its file changed."""
        self._forgotten[asset] = self._forgotten.get(asset, 0) + 1
        for key in [k for k in self._pictures if k[0] == asset]:
            self._bytes -= self._pictures.pop(key).sizeInBytes()
        self._near = {k: v for k, v in self._near.items() if k[0] != asset}
        self._asked = {k for k in self._asked if k[0] != asset}
        self._waves = {k: v for k, v in self._waves.items() if k[0] != asset}
        self.ready.emit(asset)

    @property
    def bytes(self) -> int:
        """Bytes of pictures kept."""
        return self._bytes

    def _nearest(self, asset: str, size: int, at: int) -> QImage | None:
        for height in (size, *(h for h in HEIGHTS if h != size)):
            times = self._near.get((asset, height))
            if times:
                best = min(times, key=lambda t: abs(t - at))
                return self._pictures.get((asset, height, best))
        return None

    def _send(self) -> None:
        while self._wanted and self._in_flight < 4:
            (asset, size), times = self._wanted.popitem()
            batch = tuple(times)[-24:]
            rest = list(times)[:-24]
            if rest:
                self._wanted[asset, size] = OrderedDict.fromkeys(rest)
            self._asked.update((asset, size, at) for at in batch)
            self._in_flight += 1
            file = self._forgotten.get(asset, 0)
            self._source.thumbnails(asset, batch, size, lambda made, a=asset, f=file, s=size: self._post(self._take, a, f, s, made))

    def _take(self, asset: str, file: int, size: int, made: list[tuple[int, int, int, bytes]]) -> None:
        self._in_flight -= 1
        if file == self._forgotten.get(asset, 0):
            self._keep(asset, size, made)
        if self._wanted:
            self._soon.start()

    def _keep(self, asset: str, size: int, made: list[tuple[int, int, int, bytes]]) -> None:
        for ticks, width, height, pixels in made:
            picture = QImage(pixels, width, height, width * 4, QImage.Format.Format_RGBX8888).copy()
            self._pictures[asset, size, ticks] = picture
            self._near.setdefault((asset, size), []).append(ticks)
            self._bytes += picture.sizeInBytes()
        while self._bytes > self._budget and self._pictures:
            key, old = self._pictures.popitem(last=False)
            self._bytes -= old.sizeInBytes()
            self._asked.discard(key)
            self._near[key[0], key[1]].remove(key[2])
        self.ready.emit(asset)

    def _take_wave(self, key: tuple[str, int], file: int, rows: np.ndarray, step: int) -> None:
        if file != self._forgotten.get(key[0], 0):
            return
        self._waves[key] = (np.asarray(rows, np.float32).reshape(-1, 3), max(1, step))
        self.ready.emit(key[0])


def reduce_wave(rows: np.ndarray, step: int, start: int, end: int, buckets: int) -> np.ndarray:
    """Rows of (low, high, rms), each `step` ticks long, gathered into buckets over [start, end); zeros outside."""
    edges = (start + (end - start) * np.arange(buckets + 1, dtype=np.float64) / buckets) / step
    first = np.clip(np.floor(edges[:-1]).astype(np.int64), 0, len(rows))
    last = np.clip(np.maximum(np.ceil(edges[1:]).astype(np.int64), first + 1), 0, len(rows))
    made = np.zeros((buckets, 3), np.float32)
    full = last > first
    if not full.any():
        return made
    low, high = int(first[full].min()), int(last[full].max())
    pairs = np.column_stack([first[full], last[full]]).ravel() - low
    padded = np.concatenate([rows[low:high], np.zeros((1, 3), np.float32)])  # reduceat cannot end past the last row
    made[full, 0] = np.minimum.reduceat(padded[:, 0], pairs)[::2]
    made[full, 1] = np.maximum.reduceat(padded[:, 1], pairs)[::2]
    made[full, 2] = np.sqrt(np.add.reduceat(padded[:, 2] ** 2, pairs)[::2] / np.maximum(1, pairs[1::2] - pairs[::2]))
    return made
