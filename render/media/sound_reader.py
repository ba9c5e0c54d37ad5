"""One sound stream as numbered samples at its own rate.

Owns: where each sample belongs, decoding any stretch of them, priming and padding. Refuses: resampling, mixing.

Sample 0 is the first presented sample. A stretch always comes out the same, whatever was read before: it is decoded on a
fixed grid of blocks, each from a seek some frames ahead of it, so that codecs with memory (MDCT overlap, bit reservoir,
Opus pre-roll) have settled. AAC gets a new decoder for every block because its noise substitution remembers the past.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from editor_core.schema import AudioStream
from render.media.downmix import Stereo
from render.media.errors import LIBAV_ERRORS, NoSound, name_of
from render.media.opening import only, open_media

log = logging.getLogger(__name__)

BLOCK = 1 << 16
"""Samples of one block: 1.4 s at 48 kHz, decoded in about 7 ms, so that no sound callback waits long."""
_LEAD = 16384
"""Samples decoded and thrown away before a block."""
_REMEMBERS = {"aac", "aac_latm"}
_UNEVEN = {"vorbis"}
"""Codecs whose frames change their length in the middle, also where the first ones are all of one."""
_FIRST_PACKETS = 400
Samples = NDArray[np.float32]


class SoundReader:
    """Samples of one stream by number, stereo. Close it; it holds a file and a decoder. Not for two threads."""

    def __init__(self, path: Path, stream: AudioStream, *, keep_blocks: int = 8, block: int = BLOCK, channel: int = 0) -> None:
        """`channel` is 0 for all channels, mixed to stereo, or the one to be heard alone on both sides, from 1.

        `block` is samples of one block; larger ones suit reading a file through. Raises MediaError where it cannot be read.
        """
        self._size_of_block = block
        self._path = path
        self._described = stream
        self._stereo = Stereo(channel)
        self._keep = keep_blocks
        self._blocks: OrderedDict[int, Samples] = OrderedDict()
        self._line: Iterator[Samples] | None = None
        self._line_at = 0
        self.rate = 0
        """Samples a second, by the first frame."""
        self.broken = 0
        """Packets that could not be decoded so far."""
        self._open()
        try:
            self._learn()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._container = open_media(self._path, fast=True)
        streams = self._container.streams
        index = self._described.index
        if index >= len(streams) or streams[index].type != "audio" or streams[index].codec_context is None:
            self._container.close()
            raise NoSound(f"{name_of(self._path)} no longer has the sound it had when it was imported. Import it again.")
        self._stream = streams[index]
        only(self._container, self._stream)
        self._codec: Any = self._stream.codec_context
        self._codec.thread_count = 1

    def _learn(self) -> None:
        """Read the first frames: where counting starts, and whether frames are of one size."""
        sizes: list[int] = []
        first = None
        for number, frame in enumerate(self._frames(_FIRST_PACKETS)):
            if first is None:
                first = frame.pts if frame.pts is not None else frame.dts or 0
                self.rate = int(frame.sample_rate or self._described.sample_rate)
            sizes.append(frame.samples)
            if number >= 8:
                break
        if first is None:
            raise NoSound(f"{name_of(self._path)} has no sound that can be decoded; it is damaged or was cut off.")
        self._first = int(first)
        self._head = sizes[0]
        regular = len(sizes) > 2 and len(set(sizes[1:-1])) == 1 and self._described.codec not in _UNEVEN
        self._size = sizes[1] if regular else 0
        self._unit = Fraction(self._stream.time_base or 1) * self.rate
        self._coarse = self._unit > 1
        self.length = round(Fraction(self._described.duration, 705_600_000) * self.rate)
        """Samples that the stream has, from its description."""

    def read(self, start: int, count: int) -> Samples:
        """Samples `start` to `start + count` as float32 (count, 2); zeros where the stream has none. Raises MediaError."""
        out = np.zeros((count, 2), np.float32)
        begin, end = max(start, 0), min(start + count, max(self.length, 0))
        for number in range(begin // self._size_of_block, -(-end // self._size_of_block) if end > begin else begin // self._size_of_block):
            block = self._block(number)
            low, high = max(begin, number * self._size_of_block), min(end, number * self._size_of_block + len(block))
            if high > low:
                out[low - start : high - start] = block[low - number * self._size_of_block : high - number * self._size_of_block]
        return out

    def close(self) -> None:
        """Give the file and the decoder back."""
        self._blocks.clear()
        self._container.close()

    def _block(self, number: int) -> Samples:
        block = self._blocks.get(number)
        if block is None:
            while len(self._blocks) >= self._keep:
                self._blocks.popitem(last=False)
            block = self._blocks[number] = self._decode(number)
        self._blocks.move_to_end(number)
        return block

    def _decode(self, number: int) -> Samples:
        if self._coarse and not self._size:
            return self._counted(number)
        start = number * self._size_of_block
        block = np.zeros((self._size_of_block, 2), np.float32)
        lead = _LEAD
        for _ in range(8):
            at_start = self._go_to(start - lead)
            reached = self._fill(block, start, at_start=at_start)
            if at_start or reached <= start:
                break
            lead *= 4
            block[:] = 0
        return block

    def _counted(self, number: int) -> Samples:
        """Block `number` where neither stamps nor frame sizes tell places: counted from the start, going on where it can."""
        if self._line is None or self._line_at > number:
            self._begin_again()
            self._line, self._line_at = self._in_order(), 0
        while True:
            block = next(self._line, None)
            self._line_at += 1
            if block is None:
                self._line = None
                return np.zeros((self._size_of_block, 2), np.float32)
            if self._line_at > number:
                return block

    def _in_order(self) -> Iterator[Samples]:
        """Every block from the start of the file."""
        block, start, expected = np.zeros((self._size_of_block, 2), np.float32), 0, 0
        for frame in self._frames():
            place = max(self._place(frame, expected), start)
            samples = self._stereo(frame)
            expected = place + len(samples)
            while place < expected:
                low = place - start
                if low >= self._size_of_block:
                    yield block
                    block, start = np.zeros((self._size_of_block, 2), np.float32), start + self._size_of_block
                    continue
                take = min(self._size_of_block - low, len(samples))
                block[low : low + take] = samples[:take]
                samples, place = samples[take:], place + take
        yield block

    def _go_to(self, sample: int) -> bool:
        """Put the demuxer at or before `sample`, with a decoder that remembers nothing; True at the start of the file."""
        if sample <= 0:
            self._begin_again()
            return True
        if self._described.codec in _REMEMBERS:
            self._begin_again()
        stamp = self._first + int(sample / self._unit)
        try:
            self._container.seek(stamp, stream=self._stream, backward=True)
        except LIBAV_ERRORS:
            self._begin_again()
            return True
        return False

    def _begin_again(self) -> None:
        """A new decoder at the start of the file."""
        self._container.close()
        self._open()

    def _fill(self, block: Samples, start: int, *, at_start: bool) -> int:
        """Decode into `block`, which begins at sample `start`; the number of the first sample that came out."""
        reached = -1
        expected = 0 if at_start else None
        end = start + len(block)
        for frame in self._frames():
            place = self._place(frame, expected)
            if reached < 0:
                reached = place
                if place > start and not at_start:
                    return place
            expected = place + frame.samples
            if expected <= start:
                continue
            samples = self._stereo(frame)
            low, high = max(place, start), min(expected, end)
            if high > low:
                block[low - start : high - start] = samples[low - place : high - place]
            if expected >= end:
                break
        return reached if reached >= 0 else (0 if at_start else start + 1)

    def _place(self, frame: Any, expected: int | None) -> int:
        """Number of a frame's first sample, from its stamp; counted on where stamps are too coarse or missing."""
        stamp = frame.pts if frame.pts is not None else frame.dts
        if stamp is None:
            return expected or 0
        if expected is not None:
            # In whole numbers, because a film has thousands of these a minute: |stamp · unit - expected| against the tolerance.
            num, den = self._unit.numerator, self._unit.denominator
            if abs((stamp - self._first) * num - expected * den) <= max(2 * num, self.rate // 1000 * den):
                return expected
        near = (stamp - self._first) * self._unit
        if self._size and self._coarse:
            return self._head + round((near - self._head) / self._size) * self._size if near > 0 else 0
        return round(near)

    def _frames(self, most_packets: int = 1 << 62) -> Iterator[Any]:
        """Decoded frames from wherever the demuxer is; broken packets, and frames of another rate, are stepped over."""
        try:
            for number, packet in enumerate(self._container.demux(self._stream)):
                if number > most_packets:
                    return
                try:
                    for frame in self._codec.decode(packet if packet.size else None):
                        if not self.rate or frame.sample_rate == self.rate:
                            yield frame
                except LIBAV_ERRORS as error:
                    self.broken += 1
                    if self.broken in (1, 10, 100, 1000):
                        log.warning("%s: %d sound packets could not be decoded (%s)", self._path.name, self.broken, error)
        except LIBAV_ERRORS as error:
            log.warning("%s: reading sound stopped (%s)", self._path.name, error)
