"""Pictures and levels on their way to the widgets.

Owns: the newest finished picture of a deck, what size and quality is asked for, how many were late, sound levels.
Refuses: drawing, and keeping more than one picture.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from app.desktop.bridge.ports import RenderPort
from app.desktop.bridge.post import Post

QUALITIES = ("full", "half", "quarter", "auto")
_SCALE = {"full": 1.0, "half": 0.5, "quarter": 0.25}


class FrameFeed(QObject):
    """`arrived(QImage, ticks)` for the newest picture; older ones that were not shown yet are dropped.

    A viewer says how many device pixels it can show (`set_view`); `request(ticks)` asks for a picture. `image` and `ticks`
    are the last that came, `info` what the renderer said about it (`slates`: clips that could not be drawn).
    """

    arrived = Signal(QImage, object)
    quality_changed = Signal(str)

    def __init__(self, render: RenderPort, frame_size: Callable[[], tuple[int, int]], post: Post,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._render = render
        self._frame_size = frame_size
        self._post = post
        self._lock = threading.Lock()
        self._fresh: tuple[QImage, int, Mapping[str, Any]] | None = None
        self._view = QSize(960, 540)
        self._wanted: int | None = None
        self._shown: deque[float] = deque(maxlen=120)
        self.quality = "auto"
        self.image = QImage()
        self.ticks = 0
        self.info: Mapping[str, Any] = {}
        self.dropped = 0
        render.on_frame(self._take)

    def set_view(self, width: int, height: int) -> None:
        """Device pixels that the picture area of the viewer has."""
        size = QSize(max(16, width), max(16, height))
        if size != self._view:
            self._view = size
            self.again()

    def set_quality(self, quality: str) -> None:
        """full, half or quarter of the timeline's size, or auto: just as many pixels as the viewer shows."""
        if quality in QUALITIES and quality != self.quality:
            self.quality = quality
            self.quality_changed.emit(quality)
            self.again()

    def size(self) -> tuple[int, int]:
        """Pixels the next picture is asked in: even, at most the timeline's."""
        width, height = self._frame_size()
        scale = _SCALE.get(self.quality)
        if scale is None:
            scale = min(1.0, self._view.width() / width, self._view.height() / height)
        return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)

    def request(self, ticks: int) -> None:
        self._wanted = ticks
        width, height = self.size()
        self._render.request(ticks, width, height)

    def again(self) -> None:
        """Asks for the same moment once more: after an edit, a resize or another quality."""
        if self._wanted is not None:
            self.request(self._wanted)

    def rate(self) -> float:
        """Pictures shown in the last second."""
        now = time.monotonic()
        return float(sum(1 for at in self._shown if now - at <= 1.0))

    def _take(self, ticks: int, revision: int, width: int, height: int, pixels: memoryview, info: Mapping[str, Any]) -> None:
        picture = QImage(pixels, width, height, width * 4, QImage.Format.Format_RGBX8888).copy()
        with self._lock:
            waiting = self._fresh is not None
            self._fresh = (picture, ticks, info)
        if not waiting:
            self._post(self._show)

    def _show(self) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, None
        if fresh is None:
            return
        self.image, self.ticks, self.info = fresh
        self._shown.append(time.monotonic())
        self.arrived.emit(self.image, self.ticks)


class Levels(QObject):
    """Loudness of what is heard: `peak` and `hold` per channel in dBFS, `lufs` short term, `true_peak` in dBTP (maximum).

    `changed` at most 30 times a second. Silence is -120.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.peak: tuple[float, float] = (-120.0, -120.0)
        self.lufs = -120.0
        self.true_peak = -120.0

    def set(self, peak: tuple[float, float], lufs: float, true_peak: float) -> None:
        if (peak, lufs, true_peak) != (self.peak, self.lufs, self.true_peak):
            self.peak, self.lufs, self.true_peak = peak, lufs, true_peak
            self.changed.emit()
