"""Sound levels of what is heard: of the film, or of the source while that plays.

Owns: asking the sound process 30 times a second while there is something to hear, and letting only one of the two play. Refuses:
measuring, painting meters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.desktop.bridge.ports import SoundPort

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench

SILENT = -119.0
"""Decibels of the peak below which the meters have come to rest."""


class LevelFeed(QObject):
    """Fills `bench.levels`."""

    def __init__(self, bench: Workbench, sound: SoundPort, parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._sound = bench, sound
        self._hears_source = False
        self._timer = QTimer(self, interval=33)
        self._timer.timeout.connect(self._take)
        bench.transport.state_changed.connect(self._film_state)
        bench.source.opened.connect(self._source_opened)

    def stop(self) -> None:
        self._timer.stop()

    def _film_state(self) -> None:
        if self._bench.transport.playing:
            if self._bench.source.asset:
                self._bench.source.deck.transport.stop()
            self._timer.start()

    def _source_opened(self, asset: str) -> None:
        if asset and not self._hears_source:
            self._hears_source = True
            self._bench.source.deck.transport.state_changed.connect(self._source_state)

    def _source_state(self) -> None:
        self._bench.actions.touch()
        if self._bench.source.deck.transport.playing:
            self._bench.transport.stop()
            self._timer.start()

    def _take(self) -> None:
        source = self._bench.source
        heard = source.sound if source.asset and source.deck.transport.playing else self._sound
        found = (heard or self._sound).levels()
        own = heard is None or heard is self._sound
        tracks = self._sound.track_levels([t.id for t in self._bench.snapshot.tracks("audio")]) if own else {}
        self._bench.levels.set((found.true_left, found.true_right), found.short_term, tracks, (found.recent_left, found.recent_right))
        playing = self._bench.transport.playing or (source.asset and source.deck.transport.playing)
        if not playing and max(found.peak_left, found.peak_right) <= SILENT:
            self._timer.stop()
