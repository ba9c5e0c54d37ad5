"""Thumbnails along a clip.

Owns: which moments a strip shows, pictures scaled to the row and kept by bytes. Refuses: decoding.

Pictures stand side by side from the clip's start. The tiles round their times down to a grid of powers of two, so that nearby
zooms and trims find the same thumbnails again; the first picture has the finest grid, rounded up, because what lies before
the cut is not in the clip and is often another shot.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from app.desktop.bridge.tiles import STEPS
from editor_core.schema import Clip, MediaReference

_BYTES_KEPT = 64 * 2**20
_FOUND_KEPT = 4000
"""Which pictures were painted where, until new ones come: a whole paint looks hundreds up."""


def first_moment(clip: Clip) -> int:
    """Media time of the first picture of a clip's strip: on the finest grid of the tiles, inside the clip where it is long enough."""
    start = clip.source_range.start
    after = -(-start // STEPS[0]) * STEPS[0]
    return after if after < start + clip.duration else start


class Filmstrip:
    """Draws strips. `bench.tiles.thumbnail` gives pictures or starts making them. `ratio` is device pixels per pixel."""

    def __init__(self, tiles: Any) -> None:
        self._tiles = tiles
        self._kept: OrderedDict[tuple[int, int, int], QPixmap] = OrderedDict()
        self._bytes = 0
        self._shapes: dict[int, tuple[MediaReference, float]] = {}
        self._found: dict[tuple[str, int, int, int], QPixmap] = {}
        self.ratio = 1.0
        tiles.ready.connect(lambda _asset: self._found.clear())

    def forget(self) -> None:
        """Drops what was scaled: another screen may have other pixels."""
        self._found.clear()
        self._kept.clear()
        self._bytes = 0

    def paint(self, painter: QPainter, clip: Clip, asset: MediaReference, x: int, body: QRect, seen: tuple[int, int],
              per_tick: float) -> None:
        """Fills `body` with pictures of the clip, whose left edge is at `x`, between the pixels `seen`."""
        height = body.height()
        if height < 8 or asset.video is None:
            return
        known = self._shapes.get(id(asset))
        if known is None or known[0] is not asset:
            width, tall = asset.video.shown_size
            known = self._shapes[id(asset)] = (asset, width / max(1, tall))
        each = max(12, min(4 * height, round(height * known[1])))
        span = each / per_tick
        edge, top, end = body.left(), body.top(), body.right() + 1
        first = max(0, (max(edge, seen[0]) - x) // each)
        last = (min(end, seen[1]) - x - 1) // each
        start = clip.source_range.start
        limit = max(0, asset.duration - 1)
        for number in range(first, last + 1):
            step = round(span) if number else STEPS[0]
            at = 0 if asset.still else min(limit, int(start + number * span)) if number else first_moment(clip)
            left = x + number * each
            low, high = max(left, edge), min(left + each, end)
            key = (clip.asset, at, height, each)
            picture = self._found.get(key)
            if picture is None:
                picture = self._picture(clip.asset, max(0, at), height, each, step)
                if picture is not None:
                    self._found[key] = picture
            if picture is not None and high > low:
                ratio = self.ratio
                painter.drawPixmap(low, top, picture, round((low - left) * ratio), 0, round((high - low) * ratio),
                                   round(height * ratio))

    def _picture(self, asset: str, ticks: int, height: int, width: int, step: int) -> QPixmap | None:
        image: QImage | None = self._tiles.thumbnail(asset, ticks, round(height * self.ratio), step)
        if image is None or image.isNull():
            return None
        key = (image.cacheKey(), width, height)
        known = self._kept.get(key)
        if known is not None:
            self._kept.move_to_end(key)
            return known
        made = QPixmap.fromImage(image.scaled(round(width * self.ratio), round(height * self.ratio),
                                              Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation))
        made.setDevicePixelRatio(self.ratio)
        self._kept[key] = made
        if len(self._found) > _FOUND_KEPT:
            self._found.clear()
        self._bytes += made.width() * made.height() * 4
        while self._bytes > _BYTES_KEPT:
            gone = self._kept.popitem(last=False)[1]
            self._bytes -= gone.width() * gone.height() * 4
        return made
