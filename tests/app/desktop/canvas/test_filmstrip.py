"""Which moments a clip's strip shows. Owns: tests of app.desktop.canvas.filmstrip."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QImage, QPainter

from app.desktop.bridge.tiles import STEPS
from app.desktop.canvas.filmstrip import Filmstrip
from editor_core.schema import Clip, MediaReference, VideoStream
from editor_core.timing import TICKS_PER_SECOND as S
from editor_core.timing import Rate, TimeRange


class Asked(QObject):
    """Tiles that note which moments of their grid are asked for."""

    ready = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.times: list[int] = []

    def thumbnail(self, asset: str, ticks: int, height: int, step: int) -> Any:
        grid = max(one for one in STEPS if one <= max(step, STEPS[0]))
        self.times.append(ticks // grid * grid)
        return None


@pytest.mark.parametrize("width", [12, 90, 700])
@pytest.mark.parametrize("start", [0, 34 * S + S // 10, 34 * S, 61 * S // 7])
def test_no_picture_of_a_strip_is_from_before_the_cut(qapp: object, start: int, width: int) -> None:
    asset = MediaReference(id="a", name="a.mp4", hash="quick:0", duration=60 * S,
                           video=VideoStream(index=0, codec="h264", width=1280, height=720, rate=Rate(24)))
    clip = Clip(id="c", track="t", kind="video", name="a", asset="a", start=0, source_range=TimeRange(start, 11 * S))
    tiles, image = Asked(), QImage(800, 60, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    Filmstrip(tiles).paint(painter, clip, asset, 0, QRect(0, 0, width, 48), (0, 800), width / clip.duration)
    painter.end()
    assert tiles.times and all(start <= time < start + 11 * S for time in tiles.times)
    assert tiles.times[0] - start <= STEPS[0]
