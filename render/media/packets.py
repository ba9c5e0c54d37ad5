"""Packets of one picture stream, in decoding order from wherever they are wanted.

Owns: the open file, seeking to the last keyframe that is not after a stamp, and proof of it on the packets themselves.
Refuses: decoding.

Demuxers seek by decoding time or by a sparse index and may land after the wanted stamp, or a long way before it. So the
first keyframe that arrives is checked, and if it is too late the search goes further back. Nothing is decoded for that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from render.media.errors import LIBAV_ERRORS, NoPicture, name_of
from render.media.limits import DEFAULT_LIMITS
from render.media.opening import check_size, decoder, has_showing_times, only, open_media

_LOOK_AHEAD = 900
"""Most packets collected before decoding starts; longer groups are decoded without knowing the wanted frame's stamp."""
_LOOK_AHEAD_BYTES = 64 << 20
_MOST_REORDERED = 17
"""No codec shows a frame after more than this many that were decoded later (H.264 and H.265 allow 16)."""
INTRA = frozenset({"mjpeg", "prores", "dnxhd", "rawvideo", "png", "dvvideo", "cfhd", "v210", "jpeg2000", "qtrle", "huffyuv", "utvideo"})
"""Codecs whose every frame stands alone."""
_MAX_TRIES = 14
_FIRST_STEP_S = Fraction(1, 2)
"""How far further back the second try of a seek goes where no distance between keyframes is known; later ones double it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Packets collected from a keyframe on; `complete` when every packet that may show at or before the stamp is in it."""

    packets: list[Any]
    complete: bool
    at_start: bool


class PacketReader:
    """The packets of stream `index` of a file. Close it."""

    def __init__(self, path: Path, index: int) -> None:
        """Raises MediaError where the file cannot be opened or the stream is not a picture."""
        self._path = path
        self._index = index
        self._open()
        self.newest = 0
        """Decoding stamp of the packet handed out last."""
        self.group = 0
        """Longest distance between keyframes seen so far, in units of stamps; 0 before two were seen."""
        self.timed = True
        """False where packets carry no times at all (bare H.264), so that frames can only be counted from the start."""
        self._key = -1
        self.first: int | None = None
        """Smallest decoding stamp of the file, known after the first packet."""

    def _open(self) -> None:
        self._container = open_media(self._path, fast=True)
        streams: Any = self._container.streams
        if self._index >= len(streams) or streams[self._index].type != "video" or streams[self._index].codec_context is None:
            self._container.close()
            raise NoPicture(f"{name_of(self._path)} no longer has the picture it had when it was imported. Import it again.")
        self.stream: Any = streams[self._index]
        self.codec: Any = decoder(self.stream)
        only(self._container, self.stream)
        declared = self.stream.codec_context
        check_size(self._path, declared.width or 1, declared.height or 1, DEFAULT_LIMITS)
        self._waiting: deque[Any] = deque()
        self._source: Iterator[Any] = self._container.demux(self.stream)
        self._reach = 0 if self.codec.codec.canonical_name in INTRA else _MOST_REORDERED
        self.shows = has_showing_times(self._container)
        """False where packets have decoding times only; frames then come with those."""

    def next(self) -> Any | None:
        """The next packet, or None at the end of the file."""
        if self._waiting:
            return self._waiting.popleft()
        return self._read()

    def _read(self) -> Any | None:
        try:
            packet = next(self._source, None)
        except LIBAV_ERRORS:
            return None
        if packet is None or packet.size == 0:
            self._source = iter(())
            return None
        stamp = stamp_of(packet)
        if stamp is None:
            self.timed = self.first is not None
        else:
            self.newest = packet.dts if packet.dts is not None else stamp
            if self.first is None:
                self.first = min(self.newest, stamp)
            if packet.is_keyframe:
                if 0 <= self._key < stamp:
                    self.group = max(self.group, stamp - self._key)
                self._key = stamp
        return packet

    def keyframe_between(self, stamp: int, apart: int) -> bool:
        """True where the container's index has a keyframe more than `apart` after what was read last and not after `stamp`.

        The index knows decoding times, which run ahead of `stamp`: without `apart` every keyframe would look skipped when the
        frames just before it are asked for."""
        entries = self.stream.index_entries
        found = entries.search_timestamp(stamp) if len(entries) else -1
        return found >= 0 and entries[found].timestamp > self.newest + apart

    def position(self, stamp: int, back: int = 0) -> Run:
        """Go to the last keyframe that shows at or before `stamp - back`, or to the start.

        The packets collected up to `stamp` come out of `next` again, before the rest of the file.
        """
        if not self.timed:
            self._reopen()
            return Run([], False, True)
        aim = stamp - back
        wanted = aim
        step = max(self.group, int(_FIRST_STEP_S / self.stream.time_base), 1)
        for _ in range(_MAX_TRIES):
            at_start = self.first is None or aim <= self.first
            self._seek(self.first if at_start and self.first is not None else aim)
            run, too_late = self._collect(wanted, stamp, at_start=at_start)
            if run is not None:
                self._waiting = deque(run.packets)
                return run
            aim = min(aim - step, too_late - 1 if too_late is not None else aim - step)
            step *= 2
        self._seek(self.first or 0)
        run, _ = self._collect(wanted, stamp, at_start=True)
        packets = run.packets if run else []
        self._waiting = deque(packets)
        return Run(packets, run.complete if run else False, True)

    def _collect(self, key_limit: int, stamp: int, *, at_start: bool) -> tuple[Run | None, int | None]:
        """Packets from the last keyframe ≤ `key_limit` through `stamp`; else the stamp of the keyframe that was too late."""
        packets: list[Any] = []
        started = at_start
        size = later = 0
        while True:
            packet = self._read()
            if packet is None:
                return (Run(packets, True, at_start), None) if started else (None, None)
            shown = stamp_of(packet)
            if shown is None:
                return Run([*packets, packet], False, at_start), None
            if packet.is_keyframe and shown <= key_limit:
                packets, started, size, later = [], True, 0, 0
            elif packet.is_keyframe and not started:
                return None, packet.dts if packet.dts is not None else shown
            if started:
                packets.append(packet)
                size += packet.size
            later += shown > stamp
            if started and ((packet.dts is not None and packet.dts > stamp) or later > self._reach):
                return Run(packets, True, at_start), None
            if len(packets) > _LOOK_AHEAD or size > _LOOK_AHEAD_BYTES:
                return Run(packets, False, at_start), None

    def _seek(self, stamp: int) -> None:
        self._waiting.clear()
        self._key = -1
        try:
            self._container.seek(stamp, stream=self.stream, backward=True)
            if self.codec is not self.stream.codec_context:
                self.codec.flush_buffers()
        except LIBAV_ERRORS:
            self._reopen()
            return
        self._source = self._container.demux(self.stream)

    def _reopen(self) -> None:
        """Where a demuxer cannot seek there, begin the file again; the decoder keeps its settings."""
        threads, kind = self.codec.thread_count, self.codec.thread_type
        self._container.close()
        self._open()
        self.codec.thread_count, self.codec.thread_type = threads, kind

    def close(self) -> None:
        """Give the file and the decoder back."""
        self._waiting.clear()
        self._source = iter(())
        self._container.close()


def stamp_of(packet: Any) -> int | None:
    """When a packet's frame shows, in units of its stream; decoding time where nothing better is known."""
    return packet.pts if packet.pts is not None else packet.dts
