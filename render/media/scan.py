"""Looking through a file once: the first frame of every stream, then every packet's time.

Owns: that one pass, bounded in time and in packets decoded; which sound packets cannot be decoded.
Refuses: judging what was found.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from av.stream import Discard

from render.media.errors import LIBAV_ERRORS
from render.media.limits import Limits
from render.media.opening import decoder

_PATIENCE_S = 15
"""How much longer than allowed a scan goes on for the first frame of a stream."""


@dataclass(slots=True)
class StreamScan:
    """What one stream showed. Stamps are in units of `time_base` seconds, in the order of the file."""

    stream: Any
    codec: Any
    time_base: Fraction
    first_frame: Any = None
    first_stamp: int | None = None
    stamps: list[int] = field(default_factory=list)
    end: int | None = None
    """Stamp at which the last packet's content ends."""
    undecodable: int = 0
    """Packets that failed before the first frame came out."""
    silent: list[int] = field(default_factory=list)
    """Stamps of sound packets that failed after it, as far as was listened."""

    @property
    def first(self) -> Fraction | None:
        """Seconds of the first frame that came out, on the file's own clock."""
        return None if self.first_stamp is None else self.first_stamp * self.time_base


@dataclass(slots=True)
class Scan:
    """All streams looked at; `whole` when the file was read to its end, `broken` when reading stopped on an error."""

    streams: dict[int, StreamScan]
    whole: bool = False
    broken: bool = False
    claimed_end: Fraction = Fraction(0)
    """Seconds, on the file's own clock, at which its header says that it ends; 0 where it says nothing."""

    def end_of(self, entry: StreamScan) -> Fraction:
        """Seconds at which a stream ends: by its packets where they were all seen, else by what the headers claim."""
        seen = (entry.end if entry.end is not None else entry.first_stamp or 0) * entry.time_base
        if self.whole or self.broken:
            return seen
        if entry.stream.duration:
            return ((entry.stream.start_time or 0) + entry.stream.duration) * entry.time_base
        return max(seen, self.claimed_end)


def scan(container: Any, streams: list[Any], limits: Limits) -> Scan:
    """One pass over `streams`: first frames decoded, packets counted until the end or until the time is up."""
    found = {stream.index: StreamScan(stream, decoder(stream), stream.time_base) for stream in streams}
    result = Scan(found)
    if container.duration:
        result.claimed_end = Fraction((container.start_time or 0) + container.duration, 1_000_000)
    if not streams:
        return result
    for entry in found.values():
        entry.codec.thread_count = 1
    for stream in container.streams:
        if stream.index not in found:
            stream.discard = Discard.all
    end = time.monotonic() + limits.scan_seconds
    listening = limits.listen_seconds
    try:
        for number, packet in enumerate(container.demux(streams)):
            entry = found[packet.stream.index]
            if entry.first_frame is None and len(entry.stamps) < limits.decode_tries:
                _decode_first(entry, packet)
            elif listening > 0 and entry.stream.type == "audio" and packet.size:
                begun = time.perf_counter()
                _listen(entry, packet)
                listening -= time.perf_counter() - begun
            if packet.size == 0:
                result.whole = True
                continue
            _note(entry, packet)
            if number % 64 == 0 and time.monotonic() > end and _enough(found, end):
                return result
    except LIBAV_ERRORS:
        result.broken = True
    return result


def _enough(found: dict[int, StreamScan], end: float) -> bool:
    """True where every stream has shown a frame, or where waiting for one has taken very long."""
    return all(entry.first_frame is not None for entry in found.values()) or time.monotonic() > end + _PATIENCE_S


def _decode_first(entry: StreamScan, packet: Any) -> None:
    try:
        frames = entry.codec.decode(packet if packet.size else None)
    except LIBAV_ERRORS:
        entry.undecodable += 1
        return
    for frame in frames:
        stamp = frame.pts
        if stamp is None:
            stamp = min(entry.stamps) if entry.stamps else packet.pts if packet.pts is not None else packet.dts
        entry.first_frame, entry.first_stamp = frame, stamp if stamp is not None else 0
        return


def _listen(entry: StreamScan, packet: Any) -> None:
    try:
        entry.codec.decode(packet)
    except LIBAV_ERRORS:
        stamp = packet.pts if packet.pts is not None else packet.dts
        entry.silent.append(entry.stamps[-1] if stamp is None and entry.stamps else stamp or 0)


def _note(entry: StreamScan, packet: Any) -> None:
    stamp = packet.pts if packet.pts is not None else packet.dts
    if stamp is None and packet.duration:
        stamp = len(entry.stamps) * packet.duration
    if stamp is None or packet.is_discard:
        return
    entry.stamps.append(stamp)
    end = stamp + (packet.duration or 0)
    if entry.end is None or end > entry.end:
        entry.end = end
