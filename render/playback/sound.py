"""The client of the sound server: play, stop, scrub, and what time it is.

Owns: the position while playing, with or without a server; levels; restarts. Refuses: Qt, PyAV, and deciding what to play.

The clock is what is heard. While there is no sound server, or none that answers, it goes on by wall time, so that pictures keep
moving, and a new server joins in where the clock is then.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from editor_core.document import ChangeSet, Snapshot
from editor_core.timing import MAX_TICKS
from render.confine import Limits
from render.messages import Device, Ended, FromSoundServer, Output, Play, Scrub, Stop, Trouble
from render.playback.errors import PlaybackError
from render.playback.link import Locations, ServerLink
from render.playback.sound_clock import SIZE, STARTING_SECONDS, ClockReading, Levels, SoundBoard
from render.wire import SharedBlock

_log = logging.getLogger(__name__)

SOUND_LIMITS = Limits(memory_mib=1024)
FASTEST = 8.0
TELL_EVERY = 5.0
"""Seconds between two messages that the server was started again."""
_STALE = 0.5
"""Seconds after which a clock that is not written any more is not believed any more."""
_JUMP = 0.5
"""Seconds by which the clock may be set back (by less, it waits until it is caught up with)."""
GONE = "Sound output gone, playing silent"


class SoundClient:
    """One sound server. Methods may be called from any thread; callbacks come on a thread of the client.

    `backend` is `auto` for the system's default device, `null` for one that keeps time and is not heard.
    """

    def __init__(self, *, backend: Literal["auto", "null", "pulse", "alsa"] = "auto", limits: Limits = SOUND_LIMITS,
                 silence: float = 3.0, now: Callable[[], int] = time.monotonic_ns) -> None:
        self._now = now
        self._block = SharedBlock.create(SIZE, "proeditor sound")
        self._board = SoundBoard(self._block)
        self._lock = threading.RLock()
        self._output = Output(backend=backend)
        self._numbers = 0
        self._play: Play | None = None
        self._rest = 0
        self._last = 0
        self._anchor = (0, 0)
        self._heard = False
        self._told_at = -1e9
        self._device: Device | None = None
        self._ended: list[Callable[[int], None]] = []
        self._troubles: list[Callable[[str, str], None]] = []
        self._link = ServerLink("sound", FromSoundServer, limits=limits, shared=(self._block.fd,), silence=silence,
                                greeting=self._greeting, on_message=self._hear, on_down=self._down)

    @property
    def pid(self) -> int:
        """Process id of the server; 0 while there is none."""
        return self._link.pid

    @property
    def restarts(self) -> int:
        return self._link.restarts

    @property
    def playing(self) -> bool:
        return self._play is not None

    @property
    def speed(self) -> float:
        """-8 to 8; 0 while it stands still."""
        play = self._play
        return play.speed if play is not None else 0.0

    @property
    def device(self) -> Device | None:
        """What sound goes to; None while that is not known."""
        return self._device

    def on_ended(self, callback: Callable[[int], None]) -> None:
        """Adds a receiver of ends: the number of a stretch that came to the end of its range."""
        self._ended.append(callback)

    def on_trouble(self, callback: Callable[[str, str], None]) -> None:
        """Adds a receiver of (a sentence for people, what it concerns: `sound` or an asset id)."""
        self._troubles.append(callback)

    def load(self, snapshot: Snapshot, locations: Locations) -> None:
        """The document to play from now on, whole, and where its assets lie."""
        self._link.load(snapshot, locations)

    def change(self, change: ChangeSet, after: Snapshot | None = None) -> None:
        """The document went on by one ChangeSet; while playing it is heard within about 100 ms. As RenderClient.change."""
        self._link.change(change, after)

    def locate(self, asset: str, paths: list[Path]) -> None:
        """An asset lies elsewhere now, or is back."""
        self._link.locate(asset, paths)

    def play(self, ticks: int, speed: float = 1.0, start: int | None = None, end: int | None = None, loop: bool = False) -> int:
        """Plays from a timeline time inside `[start, end)` (None: from 0, without end); the number of this stretch.

        `speed` is -8 to 8, not 0. At 1 and -1 the mix is heard as it is, otherwise resampled like tape, beyond 2 nothing.
        Raises PlaybackError for a speed out of range.
        """
        if not 0 < abs(speed) <= FASTEST:
            raise PlaybackError(f"{speed:g} is no speed for playing; it goes from -{FASTEST:g} to {FASTEST:g}, without 0")
        with self._lock:
            self._numbers += 1
            first, limit = start or 0, MAX_TICKS if end is None else end
            inside = min(max(ticks, first), limit)
            self._play = Play(number=self._numbers, ticks=inside, speed=speed, start=first, end=limit, loop=loop and end is not None)
            self._last = inside
            self._anchor = (self._now(), inside)
            self._heard = False
            self._link.post(self._play, "transport")
            return self._numbers

    def stop(self) -> int:
        """Falls silent; the position at which it stopped."""
        with self._lock:
            self._rest = self.position()
            self._play = None
            self._link.post(Stop(), "transport")
            return self._rest

    def scrub(self, ticks: int, length: int = 70_560_000) -> None:
        """Plays `length` ticks (100 ms) from `ticks` once, in place of an earlier scrub. Nothing while playing."""
        if self._play is None:
            self._rest = ticks
            self._link.post(Scrub(ticks=ticks, length=length), "transport")

    def monitor(self, *, gain_db: float = 0.0, muted: bool = False) -> None:
        """How loud this machine plays; the film and the meters are not touched. `gain_db` is -96 to 12."""
        with self._lock:
            self._output = Output(backend=self._output.backend, gain_db=gain_db, muted=muted)
            self._link.post(self._output, "output")

    def position(self) -> int:
        """The timeline time that is heard now, in ticks; where it stopped while it does. Never goes back while playing forward."""
        with self._lock:
            play = self._play
            if play is None:
                return self._rest
            now = self._now()
            at = self._heard_at(play, now)
            if at is None:
                at = self._without_server(play, now)
            else:
                self._heard = True
                self._anchor = (now, at)
            self._last = self._steady(play, at)
            return self._last

    def levels(self) -> Levels:
        """What is heard now; silence while nothing plays or no server runs."""
        return self._board.levels() if self._link.pid else Levels()

    def track_levels(self, tracks: Iterable[str]) -> dict[str, tuple[float, float]]:
        """Peaks in dBFS of left and right of each of these tracks that sounds now."""
        return self._board.tracks(tracks) if self._link.pid else {}

    def close(self) -> None:
        """Ends the server."""
        self._link.close()
        self._block.close()

    def _heard_at(self, play: Play, now: int) -> int | None:
        reading = self._board.clock()
        if reading is None or reading.number != play.number or (now - reading.nanoseconds) / 1e9 > _STALE or not self._link.pid:
            return None
        return reading.at(now)

    def _without_server(self, play: Play, now: int) -> int:
        since, ticks = self._anchor
        if not self._heard:
            if (now - since) / 1e9 < STARTING_SECONDS:
                return ticks
            since += round(STARTING_SECONDS * 1e9)
            self._anchor = (since, ticks)
            self._heard = True
        return ClockReading(play.number, since, ticks, play.speed, play.start, play.end, play.loop).at(now)

    def _steady(self, play: Play, at: int) -> int:
        """Small steps against the direction of playing are held back; a round of the loop and a real jump are not."""
        back = (self._last - at) * (1 if play.speed > 0 else -1)
        return self._last if 0 < back < _JUMP * 705_600_000 and not (play.loop and back > (play.end - play.start) // 2) else at

    def _greeting(self) -> list[Any]:
        with self._lock:
            messages: list[Any] = [self._output]
            if self._play is not None:
                at = self.position()
                self._numbers += 1
                self._play = msgspec.structs.replace(self._play, number=self._numbers, ticks=at, since=self._now())
                self._anchor = (self._now(), at)
                self._heard = True
                messages.append(self._play)
            return messages

    def _down(self, reason: str) -> None:
        with self._lock:
            playing = self._play is not None
            self._device = None
        if time.monotonic() - self._told_at > TELL_EVERY:
            self._told_at = time.monotonic()
            self._tell(GONE if playing else f"Sound was interrupted ({reason}) and will be back", "sound")

    def _hear(self, message: Any) -> None:
        if isinstance(message, Device):
            self._device = message
        elif isinstance(message, Trouble):
            self._tell(message.text, message.about)
        elif isinstance(message, Ended):
            for callback in list(self._ended):
                try:
                    callback(message.number)
                except Exception:
                    _log.exception("a receiver of ends")

    def _tell(self, text: str, about: str) -> None:
        for callback in list(self._troubles):
            try:
                callback(text, about)
            except Exception:
                _log.exception("a receiver of troubles")
