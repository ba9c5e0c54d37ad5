"""The two decks: Program plays the timeline, Source one asset.

Owns: pairing a transport with pictures; showing one asset as a film of one clip. Refuses: widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.desktop.bridge.frames import FrameFeed
from app.desktop.bridge.ports import RenderPort, SoundPort
from app.desktop.bridge.post import Post
from app.desktop.bridge.transport import Transport
from editor_core.document import Document, Snapshot
from editor_core.schema import Clip, MediaReference, Project, Record, Timeline, Track
from editor_core.timing import TICKS_PER_SECOND, Rate, TimeRange, TimingError

STILL_LENGTH = 5 * TICKS_PER_SECOND


@dataclass(frozen=True, eq=False)
class Deck:
    """A transport and the pictures it moves through."""

    transport: Transport
    frames: FrameFeed


class SourceDeck(QObject):
    """Plays one asset before it is cut in. `opened(asset id)`; `asset` is empty when nothing is open.

    Renderer and sound are made when the first asset is opened, so that a window that never looks at a source pays nothing.
    Times of `deck.transport` are media times; the rate is the asset's own, or the timeline's where it is not usable.
    """

    opened = Signal(str)

    def __init__(self, make: Callable[[], tuple[RenderPort, SoundPort]], snapshot: Callable[[], Snapshot],
                 locations: Callable[[], Any], post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self._snapshot = snapshot
        self._locations = locations
        self._post = post
        self._ports: tuple[RenderPort, SoundPort] | None = None
        self._deck: Deck | None = None
        self._film: Snapshot | None = None
        self._remembered: dict[str, tuple[int, int | None, int | None]] = {}
        self.asset = ""

    @property
    def deck(self) -> Deck:
        """The source's transport and pictures; makes them if needed."""
        if self._deck is None:
            render, sound = self._ports = self._make()
            frames = FrameFeed(render, self._size, self._post, parent=self)
            self._deck = Deck(Transport(sound, frames, self._rate, self._end, parent=self), frames)
        return self._deck

    def open(self, asset: str) -> bool:
        """Shows an asset, where it was left. False when there is no such asset."""
        snapshot = self._snapshot()
        found = snapshot.find(MediaReference, asset)
        if found is None:
            return False
        deck = self.deck
        deck.transport.stop()
        self._remember()
        self._film = film_of(found, snapshot.timeline)
        self.asset = asset
        assert self._ports is not None
        for port in self._ports:
            port.load(self._film, self._locations())
        ticks, mark_in, mark_out = self._remembered.get(asset, (0, None, None))
        deck.transport.set_marks(mark_in, mark_out)
        deck.transport.seek(ticks)
        deck.frames.request(deck.transport.ticks)
        self.opened.emit(asset)
        return True

    def locate(self, asset: str, paths: list[Path]) -> None:
        """The files of an asset have gone, come back or become others."""
        if asset == self.asset and self._ports is not None:
            for port in self._ports:
                port.locate(asset, paths)
            self.deck.frames.again()

    def close_asset(self) -> None:
        """Nothing is open any more: the asset was removed. It is shown where it was left when it comes back."""
        if self.asset:
            self.deck.transport.stop()
            self._remember()
            self.deck.transport.set_marks(None, None)
            self.asset, self._film = "", None
            self.deck.transport.seek(0)
            self.opened.emit("")

    def _remember(self) -> None:
        if self.asset:
            transport = self.deck.transport
            self._remembered[self.asset] = (transport.ticks, transport.mark_in, transport.mark_out)

    @property
    def sound(self) -> SoundPort | None:
        """The sound of the source; None while none was opened yet."""
        return self._ports[1] if self._ports is not None else None

    def range(self) -> tuple[int, int]:
        """(source_start, source_duration) of what is marked, in ticks of media time."""
        start, end = self.deck.transport.marks()
        return start, max(self.deck.transport.frame, end - start)

    def close(self) -> None:
        """Ends the processes."""
        if self._deck is not None:
            self._deck.transport.stop()
        for port in self._ports or ():
            port.close()
        self._ports = None

    def _size(self) -> tuple[int, int]:
        timeline = (self._film or self._snapshot()).timeline
        return timeline.width, timeline.height

    def _rate(self) -> Rate:
        return (self._film or self._snapshot()).timeline.rate

    def _end(self) -> int:
        return self._film.end() if self._film is not None else 0


def film_of(asset: MediaReference, like: Timeline) -> Snapshot:
    """A film of one clip: the whole asset, in its own size and rate."""
    rate, width, height = like.rate, like.width, like.height
    if asset.video is not None:
        width, height = (max(16, min(16384, side // 2 * 2)) for side in asset.video.shown_size)
        if not asset.still:
            try:
                rate = asset.video.rate.check()
            except TimingError:
                rate = like.rate
    length = asset.duration or STILL_LENGTH
    whole = TimeRange(0, max(rate.ticks_per_frame, length))
    records: list[Record] = [
        Project(id="project", name=asset.name, main_timeline="t"),
        Timeline(id="t", name=asset.name, width=width, height=height, rate=rate, audio_rate=like.audio_rate), asset]
    if asset.video is not None:
        records += [Track(id="v", timeline="t", kind="video", order="a0"),
                    Clip(id="cv", track="v", kind="video", start=0, source_range=whole, asset=asset.id, name=asset.name)]
    if asset.audio:
        records += [Track(id="a", timeline="t", kind="audio", order="a0"),
                    Clip(id="ca", track="a", kind="audio", start=0, source_range=whole, asset=asset.id, name=asset.name)]
    return Document(records).snapshot
