"""Two cuts side by side on one clock.

Owns: their pictures, the renderers and the sound that belong to the page, the clock that both follow, whose sound is heard.
Refuses: what is in the cuts, and widgets.

The film as it is is drawn by the program's own renderer, so that comparing with it costs one process more, and the sound one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.desktop.bridge.frames import FrameFeed
from app.desktop.bridge.transport import Transport
from editor_core.document import Snapshot
from editor_core.timing import TICKS_PER_SECOND, Rate

if TYPE_CHECKING:
    from app.desktop.bridge import RenderPort, Workbench

BEFORE = 3 * TICKS_PER_SECOND
"""How long before a change playing begins."""
SIDES = ("left", "right")


@dataclass(frozen=True)
class Cut:
    """One side: its name, words about it, its records, where its media lie. `now` is set for the film as it is."""

    name: str
    words: str
    view: Snapshot
    places: Mapping[str, list[Path]] = field(default_factory=dict)
    now: bool = False


class Both(QObject):
    """Stands for two feeds towards the clock."""

    arrived = Signal(QImage, object)

    def __init__(self, feeds: list[FrameFeed], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._feeds = feeds
        feeds[0].arrived.connect(self.arrived)

    def request(self, ticks: int, step: int = 0, ahead: int = 0, loop: tuple[int, int] | None = None) -> None:
        for feed in self._feeds:
            feed.request(ticks, step, min(ahead, 6), loop)


class Pair(QObject):
    """Two cuts as something to play. `heard` is the side whose sound there is. `close` ends the processes."""

    heard_changed = Signal()

    def __init__(self, bench: Workbench, left: Cut, right: Cut, places: Mapping[str, list[Path]], parent: QObject | None = None) -> None:
        """`places` is where the film's media lie; those of the cuts come besides."""
        super().__init__(parent)
        self._bench = bench
        self.cuts = {"left": left, "right": right}
        besides = {asset: list(paths) for cut in (right, left) for asset, paths in cut.places.items()}
        self._places = {**besides, **{asset: list(paths) for asset, paths in places.items() if paths}}
        bench.transport.stop()
        self._renders: dict[str, RenderPort] = {}
        self.feeds: dict[str, FrameFeed] = {}
        for side, cut in self.cuts.items():
            if cut.now:
                self.feeds[side] = bench.frames
                continue
            render = self._renders[side] = bench.services.make_render()
            render.load(cut.view, self._places)
            self.feeds[side] = FrameFeed(render, lambda s=side: self._size(s), bench.post, parent=self)
        self._sound = bench.services.make_sound()
        self.heard = "right"
        self._sound.load(right.view, self._places)
        self._both = Both([self.feeds["right"], self.feeds["left"]], self)
        self.transport = Transport(self._sound, self._both, self._rate, self._end, parent=self)  # type: ignore[arg-type]

    def size(self, side: str) -> tuple[int, int]:
        """Width and height of a side's picture."""
        return self._size(side)

    def _size(self, side: str) -> tuple[int, int]:
        timeline = self.cuts[side].view.timeline
        return timeline.width, timeline.height

    def _rate(self) -> Rate:
        return self.cuts["right"].view.timeline.rate

    def _end(self) -> int:
        return max(cut.view.end() for cut in self.cuts.values())

    def replace(self, side: str, cut: Cut) -> None:
        """Another cut on one side."""
        self.cuts[side] = cut
        if side in self._renders:
            self._renders[side].load(cut.view, self._places)
        if side == self.heard:
            self._sound.load(cut.view, self._places)
        self.again()

    def again(self) -> None:
        """Asks for the moment that is looked at once more, on both sides."""
        self._both.request(self.transport.ticks)

    def hear(self, side: str) -> None:
        """Whose sound is heard: left or right."""
        if side in self.cuts and side != self.heard:
            self.heard = side
            self._sound.load(self.cuts[side].view, self._places)
            self.heard_changed.emit()

    def go(self, ticks: int, *, play: bool) -> None:
        """Shows a change; playing begins three seconds before it."""
        transport: Any = self.transport
        playing = transport.playing
        transport.seek(max(0, ticks - BEFORE) if play or playing else max(0, ticks))
        if play and not playing:
            transport.play()

    def close(self) -> None:
        self.transport.stop()
        for port in (*self._renders.values(), self._sound):
            port.close()
        self._bench.frames.request(self._bench.transport.ticks)
