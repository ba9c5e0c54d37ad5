"""The clock and the meters of the sound server, as they lie in shared memory.

Owns: their fields, units and layout. Refuses: deciding the time (server) and what to do without it (client).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from render.playback.shared_record import SharedRecord
from render.wire import SharedBlock

_CLOCK_FIELDS = "Qqqdqq?"
_LEVEL_FIELDS = "Qddddddddd"
_LEVELS_AT = 256
TRACKS = 64
"""Tracks that have meters; those beyond have none."""
_TRACK_FIELDS = "QI" + "8sff" * TRACKS
_TRACKS_AT = 512
SILENCE_DB = -120.0
STARTING_SECONDS = 0.6
"""How long a stretch may take until its first sample is heard; after that the clock goes on without sound, and sound joins in."""
SIZE = 4096
"""Bytes of the shared block."""


class ClockReading(msgspec.Struct, frozen=True):
    """At `nanoseconds` of the system's monotonic clock, stretch `number` was heard at `ticks`, going on at `speed` times real time.

    It goes round in `[start, end)` when `loop`. Speed 0 means that it stands still.
    """

    number: int
    nanoseconds: int
    ticks: int
    speed: float
    start: int
    end: int
    loop: bool

    def at(self, nanoseconds: int) -> int:
        """Where it is heard at another time close by, in ticks."""
        moved = self.ticks + round((nanoseconds - self.nanoseconds) * self.speed * 0.7056)  # ticks in a nanosecond
        if self.loop and self.end > self.start:
            return self.start + (moved - self.start) % (self.end - self.start)
        return min(max(moved, self.start), self.end)


class Levels(msgspec.Struct, frozen=True):
    """What is being heard: sample peak and RMS of left and right in dBFS over the last 33 ms, and short-term loudness in LUFS
    (3 s, BS.1770), and true peak of left and right in dBTP; `recent_…` is the highest of these in the last fifth of a second, so that
    whoever looks now and then misses none. Silence is -120."""

    peak_left: float = SILENCE_DB
    peak_right: float = SILENCE_DB
    rms_left: float = SILENCE_DB
    rms_right: float = SILENCE_DB
    short_term: float = SILENCE_DB
    true_left: float = SILENCE_DB
    true_right: float = SILENCE_DB
    recent_left: float = SILENCE_DB
    recent_right: float = SILENCE_DB


def track_key(track: str) -> bytes:
    """Eight bytes that stand for a track's id on the board."""
    return hashlib.blake2b(track.encode(), digest_size=8).digest()


class SoundBoard:
    """Clock and levels over a shared block; the server writes, the client reads."""

    def __init__(self, block: SharedBlock) -> None:
        self._clock = SharedRecord(block.view(0, SharedRecord.size_of(_CLOCK_FIELDS)), _CLOCK_FIELDS)
        self._levels = SharedRecord(block.view(_LEVELS_AT, SharedRecord.size_of(_LEVEL_FIELDS)), _LEVEL_FIELDS)
        self._tracks = SharedRecord(block.view(_TRACKS_AT, SharedRecord.size_of(_TRACK_FIELDS)), _TRACK_FIELDS)
        self._count = 0

    def set_clock(self, reading: ClockReading) -> None:
        self._clock.write(reading.number, reading.nanoseconds, reading.ticks, reading.speed, reading.start, reading.end, reading.loop)

    def clock(self) -> ClockReading | None:
        values = self._clock.read()
        return ClockReading(*values) if values is not None else None

    def set_levels(self, levels: Levels) -> None:
        self._count += 1
        self._levels.write(self._count, levels.peak_left, levels.peak_right, levels.rms_left, levels.rms_right, levels.short_term,
                           levels.true_left, levels.true_right, levels.recent_left, levels.recent_right)

    def levels(self) -> Levels:
        values = self._levels.read()
        return Levels(*values[1:]) if values is not None else Levels()

    def set_tracks(self, peaks: Mapping[str, tuple[float, float]]) -> None:
        """Sample peaks in dBFS of left and right of the tracks that sound; all others are silent."""
        listed = list(peaks.items())[:TRACKS]
        flat = [value for track, (left, right) in listed for value in (track_key(track), left, right)]
        flat += [b"", SILENCE_DB, SILENCE_DB] * (TRACKS - len(listed))
        self._tracks.write(self._count, len(listed), *flat)

    def tracks(self, wanted: Iterable[str]) -> dict[str, tuple[float, float]]:
        """What was set last of these tracks; silent ones are left out."""
        values = self._tracks.read()
        if values is None or not values[1]:
            return {}
        found = {values[2 + 3 * n]: (values[3 + 3 * n], values[4 + 3 * n]) for n in range(values[1])}
        return {track: found[key] for track in wanted if (key := track_key(track)) in found}
