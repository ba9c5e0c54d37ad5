"""The sound role: mixes ahead, feeds the device, keeps the clock and the meters.

Owns: when what is mixed, replaced and thrown away. Refuses: the arithmetic of mixing (`render.audio`), pictures, and Skia, whose
drawing would hold the interpreter while the device wants samples.

About 400 ms are mixed ahead. A change drops what is not yet close to the device and mixes it anew, so it is heard after the 60 ms
of the device and 30 ms more.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections import deque
from typing import Any

import miniaudio
import numpy as np
from numpy.typing import NDArray

from editor_core.schema import Clip
from editor_core.timing import TICKS_PER_SECOND, sample_at, ticks_of_sample
from render.audio.meters import Meter
from render.audio.mix import mix
from render.graph.sound import SoundPiece, sound_plan
from render.media.errors import MediaError
from render.media.sound_pool import SoundPool
from render.messages import Change, Device, Ended, Load, Locate, NeedLoad, Output, Play, Scrub, Stop, Trouble
from render.playback.followed import FollowedDocument
from render.playback.heard import HeardEstimate
from render.playback.playout import Playout, splice
from render.playback.sound_clock import STARTING_SECONDS, ClockReading, Levels, SoundBoard
from render.playback.speaker import Speaker
from render.playback.track_levels import TrackLevels
from render.playback.voice import Block, Voice, snippet
from render.wire import Channel, SharedBlock, WireError

_log = logging.getLogger(__name__)

BLOCK = 1024
AHEAD_SECONDS = 0.4
GUARD_SECONDS = 0.03
METER_EVERY = 1 / 30
IDLE_AFTER = 30.0
"""Seconds of silence after which the device is let go, so that the machine may sleep; waking it can take up to a second."""
LOST_AFTER = 2.5
"""Seconds without a call from a running device after which it counts as gone; an idle PulseAudio sink takes up to 2 to wake."""
LOOK_EVERY = 15.0
"""Seconds between two looks for a device while there is none; each takes a moment."""
STALLED_AFTER = 0.25
"""Seconds without a call after which the clock is taken to have gone on without the device; sound then joins in where it is."""
PLAN_TICKS = 2 * TICKS_PER_SECOND
_AUDIO_RATE = 48_000


class _Sounds:
    """The sound pool for the mixer: a file that cannot be read is silent, said once, and left alone for a while."""

    def __init__(self, pool: SoundPool, tell: Any) -> None:
        self._pool = pool
        self._tell = tell
        self._bad: dict[str, float] = {}

    def read(self, asset: str, start: int, count: int, rate: int, stream: int = 0, channel: int = 0) -> NDArray[np.float32]:
        if time.monotonic() - self._bad.get(asset, -1e9) > 5:
            try:
                return self._pool.read(asset, start, count, rate, stream, channel)
            except MediaError as error:
                if asset not in self._bad:
                    self._tell(str(error), asset)
                self._bad[asset] = time.monotonic()
        return np.zeros((count, 2), np.float32)

    def forget(self) -> None:
        self._bad.clear()
        self._pool.close()


class SoundServer:
    """Serves one client until it goes. All but the device's callback and the reader runs on the main thread."""

    def __init__(self, channel: Channel[Any], block: SharedBlock) -> None:
        self._channel = channel
        self._board = SoundBoard(block)
        self._document = FollowedDocument()
        self._pool = SoundPool(self._document.resolve)
        self._sounds = _Sounds(self._pool, lambda text, asset: self._channel.send(Trouble(text=text, about=asset)))
        self._moves = 0
        self._rate = _AUDIO_RATE
        self._output = Output()
        self._gain = self._gain_now = 1.0
        self._speaker: Speaker | None = None
        self._playout = Playout(HeardEstimate(self._rate, 0))
        self._play: Play | None = None
        self._voice: Voice | None = None
        self._reading: ClockReading | None = None
        self._rejoin = False
        self._plan: tuple[int, int, tuple[SoundPiece, ...]] | None = None
        self._changed = threading.Condition()
        self._mail: deque[Any] = deque()
        self._meters = Meter(self._rate)
        self._tracks = TrackLevels(self._track_of)
        self._recent: deque[tuple[float, float]] = deque(maxlen=6)
        self._metered = 0.0
        self._meter_at = 0.0
        self._active_at = self._opened_at = time.monotonic()

    def run(self) -> None:
        """Raises WireClosed when the client goes, WireError when it sends what is no message."""
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        while True:
            for message in self._waiting():
                if isinstance(message, WireError):
                    raise message
                self._take(message)
            if self._rejoin:
                self._join_in()
            self._feed()
            self._meter()
            self._watch()

    def _read(self) -> None:
        try:
            while True:
                self._post(self._channel.receive())
        except WireError as error:
            self._post(error)
            threading.Event().wait(2)
            os._exit(0)  # the main thread is stuck in a decoder

    def _post(self, message: Any) -> None:
        with self._changed:
            self._mail.append(message)
            self._changed.notify()

    def _waiting(self) -> list[Any]:
        pause = None if self._speaker is None or not self._speaker.running else 0.1
        if self._play is not None or self._playout.queued:
            pause = 0.008
        with self._changed:
            self._changed.wait_for(lambda: bool(self._mail), pause)
            taken = list(self._mail)
            self._mail.clear()
        last = next((message for message in reversed(taken) if isinstance(message, (Play, Stop, Scrub))), None)
        return [message for message in taken if not isinstance(message, Scrub) or message is last]

    # --- what the client asks for

    def _take(self, message: Any) -> None:
        if isinstance(message, (Load, Change, Locate)):
            self._follow(message)
        elif isinstance(message, Output):
            self._set_output(message)
        elif isinstance(message, Play):
            self._begin(message)
        elif isinstance(message, Stop):
            self._play = self._voice = None
            self._playout.clear()
        elif isinstance(message, Scrub) and self._play is None and self._document.snapshot is not None:
            self._playout.clear()
            self._playout.put(snippet(message.ticks, message.length, self._rate, self._mix))
            self._playout.over()
            self._start_speaker()

    def _follow(self, message: Load | Change | Locate) -> None:
        if not self._document.take(message):
            self._channel.send(NeedLoad(revision=self._document.revision))
            return
        moved = self._document.moves != self._moves
        if moved:
            self._moves = self._document.moves
            self._sounds.forget()
        assert self._document.snapshot is not None
        rate = self._document.snapshot.timeline.audio_rate
        before, self._plan = self._plan, None
        if rate != self._rate:
            self._rejoin = True  # what is mixed has the old rate
            self._rate = rate
            self._meters = Meter(rate)
            if self._speaker is not None:
                self._open_speaker()
        elif self._play is not None and (moved or before is None or before[2] != sound_plan(self._document.snapshot, *before[:2])):
            self._mix_again()

    def _set_output(self, output: Output) -> None:
        other = output.backend != self._output.backend
        self._output = output
        self._gain = 0.0 if output.muted else 10 ** (output.gain_db / 20)
        if other or self._speaker is None:
            self._open_speaker()
            self._start_speaker()

    def _begin(self, play: Play) -> None:
        if self._document.snapshot is None or play.speed == 0:
            return
        self._playout.clear()
        silent = self._speaker is not None and self._speaker.silent and self._output.backend != "null"
        if silent and time.monotonic() - self._opened_at > LOOK_EVERY:
            self._open_speaker()  # a device may have come since
        self._start_speaker()
        begun = play.since or time.monotonic_ns() + round(STARTING_SECONDS * 1e9)
        self._reading = ClockReading(play.number, begun, play.ticks, play.speed, play.start, play.end, play.loop)
        self._play = play
        self._meters = Meter(self._rate)
        if play.since:
            self._join_in()
        else:
            self._rejoin = False
            self._voice = Voice(play, self._rate, self._mix)

    def _join_in(self) -> None:
        """The clock has gone on without sound: go on where it will be when the next sample is heard."""
        self._rejoin = False
        if self._play is None or self._reading is None:
            return
        self._playout.clear()
        Voice(self._play, self._rate, self._mix, self._soon()).block(BLOCK)  # opening and seeking take time; not the second time
        self._voice = Voice(self._play, self._rate, self._mix, self._soon())

    def _soon(self) -> int:
        """Where the clock will be when what is handed to the device next is heard, in ticks."""
        assert self._reading is not None
        soon = time.monotonic_ns() + round(self._playout.heard.buffer / self._rate * 1e9)
        return self._reading.at(soon) if soon > self._reading.nanoseconds else self._reading.ticks

    def _mix_again(self) -> None:
        """Replaces what is mixed and not yet close to the device."""
        dropped = self._playout.keep(round(GUARD_SECONDS * self._rate))
        if dropped is None or self._play is None:
            return
        self._voice = Voice(self._play, self._rate, self._mix, dropped.ticks)
        block = self._voice.block(BLOCK)
        if block is not None:
            self._playout.put(splice(dropped, block))

    # --- mixing

    def _feed(self) -> None:
        while self._voice is not None and self._playout.queued < AHEAD_SECONDS * self._rate and not self._mail:
            block: Block | None = self._voice.block(BLOCK)
            if block is None:
                self._voice = None
                self._playout.over()
            else:
                self._playout.put(block)
        if self._play is not None and self._voice is None and self._playout.heard_all(time.monotonic_ns()):
            self._channel.send(Ended(number=self._play.number))
            self._play = None

    def _mix(self, start: int, count: int) -> NDArray[np.float32]:
        self._tracks.begin(count)
        made = mix(self._pieces(start, count), start, count, self._rate, self._sounds, tap=self._tracks.tap)
        self._tracks.end(start)
        return made

    def _track_of(self, clip: str) -> str:
        snapshot = self._document.snapshot
        found = snapshot.find(Clip, clip) if snapshot is not None else None
        return found.track if found is not None else ""

    def _pieces(self, start: int, count: int) -> tuple[SoundPiece, ...]:
        low, high = ticks_of_sample(start, self._rate), ticks_of_sample(start + count, self._rate)
        plan = self._plan
        if plan is None or low < plan[0] or high > plan[1]:
            assert self._document.snapshot is not None
            first, last = max(0, low - PLAN_TICKS), high + PLAN_TICKS
            plan = self._plan = (first, last, sound_plan(self._document.snapshot, first, last))
        return tuple(piece for piece in plan[2] if piece.start < high and piece.end > low)

    # --- device, clock, meters

    def _pull(self, count: int, now: int, gap: int) -> NDArray[np.float32]:
        """On the device's thread. `gap` is how long it did not call, in nanoseconds."""
        if gap > STALLED_AFTER * 1e9:
            self._rejoin = True
        if self._rejoin:
            self._playout.heard.gave(count, now)
            return np.zeros((count, 2), np.float32)
        samples, _ = self._playout.take(count, now)
        self._publish(now)
        if self._gain != 1.0 or self._gain_now != 1.0:
            samples *= np.linspace(self._gain_now, self._gain, count, dtype=np.float32)[:, None]
            self._gain_now = self._gain
        return samples

    def _publish(self, now: int) -> None:
        """On the device's thread, the only writer of the clock: says what is heard now."""
        play = self._play
        heard = self._playout.now(now)
        if play is None or heard is None or heard.number != play.number:
            return
        speed = heard.step * self._rate / TICKS_PER_SECOND
        self._reading = ClockReading(heard.number, now, heard.ticks, speed, play.start, play.end, play.loop)
        self._board.set_clock(self._reading)

    def _meter(self) -> None:
        now = time.monotonic()
        if now - self._meter_at < METER_EVERY:
            return
        self._meter_at = now
        samples, self._metered = self._playout.heard_between(self._metered, time.monotonic_ns())
        if not len(samples):
            self._be_silent()
            return
        levels = self._meters.levels(samples)
        self._recent.append((levels.true_left, levels.true_right))
        recent = [max(side) for side in zip(*self._recent, strict=True)]
        self._board.set_levels(Levels(levels.peak_left, levels.peak_right, levels.rms_left, levels.rms_right, levels.short_term,
                                      levels.true_left, levels.true_right, *recent))
        reading = self._reading
        if reading is None or self._play is None:
            self._board.set_tracks({})
            return
        here = sample_at(reading.at(time.monotonic_ns()), self._rate)
        before = here - max(1, round(len(samples) * abs(reading.speed))) * (1 if reading.speed > 0 else -1)
        self._board.set_tracks(self._tracks.between(min(here, before), max(here, before)))

    def _be_silent(self) -> None:
        self._recent.clear()
        self._board.set_levels(Levels())
        self._board.set_tracks({})

    def _watch(self) -> None:
        speaker = self._speaker
        if speaker is None or not speaker.running:
            return
        now = time.monotonic()
        if self._play is not None or self._playout.queued:
            self._active_at = now
        elif now - self._active_at > IDLE_AFTER:
            speaker.stop()
            self._be_silent()
            return
        if (time.monotonic_ns() - speaker.called) / 1e9 > LOST_AFTER:
            self._lost_speaker()

    def _open_speaker(self) -> None:
        old, self._speaker = self._speaker, None
        was_running = old is not None and old.running
        if old is not None:
            _close_later(old)
        self._opened_at = time.monotonic()
        speaker = self._speaker = Speaker(self._output.backend, self._rate, self._pull)
        self._playout.heard = HeardEstimate(self._rate, speaker.buffer)
        self._playout.restart()
        self._metered = 0.0
        self._channel.send(Device(name=speaker.name, silent=speaker.silent, latency_ms=speaker.buffer / self._rate * 1000))
        if self._play is not None or was_running:
            self._start_speaker()

    def _start_speaker(self) -> None:
        self._active_at = time.monotonic()
        if self._speaker is None:
            self._open_speaker()
        assert self._speaker is not None
        if self._speaker.running:
            return
        self._playout.restart()
        self._metered = 0.0
        try:
            self._speaker.start()
        except miniaudio.MiniaudioError:
            self._lost_speaker()

    def _lost_speaker(self) -> None:
        """The device has gone: go on silently, so that the clock runs and pictures keep moving."""
        self._rejoin = True  # before the other device asks for anything
        asked, self._output = self._output, Output(backend="null", gain_db=self._output.gain_db, muted=self._output.muted)
        self._open_speaker()
        self._output = asked
        self._channel.send(Trouble(text="Sound output gone, playing silent", about="sound"))
        self._start_speaker()


def _close_later(speaker: Speaker) -> None:
    """Closing a device that has gone can take for ever; nobody waits for it."""

    def close() -> None:
        with contextlib.suppress(Exception):
            speaker.close()

    threading.Thread(target=close, name="closing a sound device", daemon=True).start()


def serve(channel: Channel[Any], shared: list[int]) -> None:
    """The role's entry: `shared` has the descriptor of the block for clock and meters."""
    sys.setswitchinterval(0.001)  # the device's thread must get the interpreter quickly
    SoundServer(channel, SharedBlock.inherited(shared[0])).run()
