"""Pictures and levels on their way to the widgets.

Owns: the newest finished picture of a deck, what size and quality is asked for, sound levels.
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
from app.desktop.bridge.trim_monitor import TrimMonitor
from app.desktop.bridge.word_sizes import WordSizes

SILENCE = -120.0
QUALITIES = ("full", "half", "quarter", "auto")


class FrameFeed(QObject):
    """`arrived(QImage, ticks)` for the newest picture; older ones that were not shown yet are dropped.

    A viewer says how many device pixels it can show (`set_view`); `request(ticks)` asks for a picture. `image` and `ticks`
    are the last that came, `slates` says in words which media the renderer had to replace by a slate in it. `ready` and `stale` are
    the stretches `[start, end)` of ticks whose pictures are in memory at the size that is looked at, and of those that an edit made out
    of date; `kept_changed` tells of them.
    """

    arrived = Signal(QImage, object)
    quality_changed = Signal(str)
    slates_changed = Signal()
    kept_changed = Signal()

    def __init__(self, render: RenderPort, frame_size: Callable[[], tuple[int, int]], post: Post,
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._render = render
        self._frame_size = frame_size
        self._post = post
        self._lock = threading.Lock()
        self._fresh: tuple[QImage, int, tuple[str, ...]] | None = None
        self._view = QSize(960, 540)
        self._wanted: int | None = None
        self._playing: tuple[int, int, tuple[int, int] | None] = (0, 0, None)
        self._shown: deque[float] = deque(maxlen=120)
        self.quality = "auto"
        self.image = QImage()
        self.ticks = 0
        self.slates: tuple[str, ...] = ()
        self.ready: tuple[tuple[int, int], ...] = ()
        self.stale: tuple[tuple[int, int], ...] = ()
        self.memory = (0, 0)
        """Bytes of finished pictures in memory, and how many there may be."""
        self.trim = TrimMonitor(render, self._seen, post, self)
        """The pictures beside a cut while it is trimmed."""
        self.words = WordSizes(render, post, self)
        """How large titles are."""
        render.on_frame(self._take)
        render.on_kept(lambda kept: self._post(self._keep, kept))

    def set_view(self, width: int, height: int) -> None:
        """Device pixels that the picture area of the viewer has."""
        size = QSize(max(16, width), max(16, height))
        if size != self._view:
            self._view = size
            self.again()

    @property
    def view(self) -> QSize:
        """Device pixels of the picture area that pictures are made for."""
        return QSize(self._view)

    def set_quality(self, quality: str) -> None:
        """full, half or quarter of the timeline's size, or auto: just as many pixels as the viewer shows."""
        if quality in QUALITIES and quality != self.quality:
            self.quality = quality
            self.quality_changed.emit(quality)
            self.again()

    def size(self) -> tuple[int, int]:
        """Pixels of the picture at full quality: the timeline's; for `auto` no more than the viewer shows, even, same shape."""
        width, height = self._frame_size()
        return (width, height) if self.quality != "auto" else self._seen()

    def _seen(self) -> tuple[int, int]:
        width, height = self._frame_size()
        scale = min(1.0, self._view.width() / width, self._view.height() / height)
        return max(16, round(width * scale / 2) * 2), max(16, round(height * scale / 2) * 2)

    def request(self, ticks: int, step: int = 0, ahead: int = 0, loop: tuple[int, int] | None = None) -> None:
        """Asks for the picture at `ticks`. While playing, `step` is the distance to the next one (0 when standing still), `ahead` how
        many to prepare, `loop` the range that they go round in."""
        self._wanted, self._playing = ticks, (step, ahead, loop)
        width, height = self.size()
        self._render.request(ticks, width, height, self.quality, step=step, ahead=ahead, loop=loop)

    def prepare(self, start: int, end: int) -> int:
        """Has the pictures of `[start, end)` ticks made ahead, so that they play from memory.

        How many there is memory for, 0 if unknown.
        """
        self._render.prepare(start, end)
        width, height = self.size()
        return self.memory[1] // (width * height * 4)

    def again(self) -> None:
        """Asks for the same moment once more: after an edit, a resize or another quality."""
        if self._wanted is not None:
            self.request(self._wanted, *self._playing)

    def rate(self) -> float:
        """Pictures shown in the last second."""
        now = time.monotonic()
        return float(sum(1 for at in self._shown if now - at <= 1.0))

    def settled(self) -> bool:
        """Whether pictures have been coming for a second, so that `rate` means something."""
        return len(self._shown) > 1 and self._shown[-1] - self._shown[0] >= 1.0

    def _keep(self, kept: Any) -> None:
        self.ready, self.stale, self.memory = kept.ready, kept.stale, (kept.nbytes, kept.budget)
        self.kept_changed.emit()

    def _take(self, ticks: int, revision: int, width: int, height: int, pixels: memoryview, info: Any) -> None:
        picture = QImage(pixels, width, height, width * 4, QImage.Format.Format_RGBX8888).copy()
        with self._lock:
            waiting = self._fresh is not None
            self._fresh = (picture, ticks, tuple(getattr(info, "slates", ())))
        if not waiting:
            self._post(self._show)

    def _show(self) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, None
        if fresh is None:
            return
        self.image, self.ticks, slates = fresh
        if slates != self.slates:
            self.slates = slates
            self.slates_changed.emit()
        self._shown.append(time.monotonic())
        self.arrived.emit(self.image, self.ticks)


class Levels(QObject):
    """Loudness of what is heard: `peak` of left and right in dBTP, `lufs` short term, `highest` true peak since it was reset, and
    whether left and right went over full scale (`clipped`) since then; `tracks` has peaks in dBFS by track id, silent ones left out.

    `changed` at most 30 times a second, `tracks_changed` likewise. Silence is -120.
    """

    changed = Signal()
    tracks_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.peak: tuple[float, float] = (SILENCE, SILENCE)
        self.lufs = SILENCE
        self.highest = SILENCE
        self.clipped = (False, False)
        self.tracks: dict[str, tuple[float, float]] = {}

    def set(self, peak: tuple[float, float], lufs: float, tracks: Mapping[str, tuple[float, float]] | None = None,
            recent: tuple[float, float] | None = None) -> None:
        """`recent` are the highest peaks since the last look, where that is known."""
        left, right = (max(pair) for pair in zip(peak, recent or peak, strict=True))
        self.highest = max(self.highest, left, right)
        self.clipped = (self.clipped[0] or left > 0.0, self.clipped[1] or right > 0.0)
        now = dict(tracks or {})
        if now != self.tracks:
            self.tracks = now
            self.tracks_changed.emit()
        if (peak, lufs) != (self.peak, self.lufs):
            self.peak, self.lufs = peak, lufs
            self.changed.emit()

    def reset(self) -> None:
        """Forgets the highest peak and that it clipped."""
        self.highest, self.clipped = SILENCE, (False, False)
        self.changed.emit()
