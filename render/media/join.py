"""Segments and sound into one file, without encoding again.

Owns: new time stamps from frame numbers, the count of frames, tags, index at the front. Refuses: files that do not belong
together (other size, codec or encoder settings), and gaps.

A segment's own clock may be coarse (Matroska keeps milliseconds), so frames are numbered: a packet's place in its segment
is its time times the rate, rounded, and every place must be taken exactly once. Decoding times follow by counting packets.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from editor_core.timing import Rate, round_div
from render.media.errors import LIBAV_ERRORS, EncodeError, MediaError, name_of, writing
from render.media.opening import opened


@dataclass(frozen=True, slots=True)
class Joined:
    """What was written: frames of picture and packets of sound."""

    frames: int
    sound_packets: int


def join(
    segments: list[Path], audio: Path | None, out: Path, *, rate: Rate, container: str = "",
    metadata: dict[str, str] | None = None, report: Callable[[float], None] | None = None,
) -> Joined:
    """Put `segments` (in order) and `audio` into `out`, frame n at n / rate, sound at its own times.

    `container` is libav's name, else told by the file's name. `report` gets the share done, 0 to 1. The caller passes a
    temporary name. Raises MediaError, and then leaves no file.
    """
    out = Path(out)
    if not segments and audio is None:
        raise EncodeError(f"There is nothing to put into {name_of(out)}.")
    try:
        counts = [count_frames(path, rate) for path in segments]
        return _Joiner(segments, counts, audio, out, rate, container, metadata or {}, report).run()
    except MediaError:
        with suppress(OSError):
            out.unlink(missing_ok=True)
        raise
    except LIBAV_ERRORS as error:
        with suppress(OSError):
            out.unlink(missing_ok=True)
        raise writing(error, out) from None


@dataclass(frozen=True, slots=True)
class SegmentFrames:
    """Frames of a segment, and by how many frames decoding order runs ahead of showing order."""

    frames: int
    reorder: int


def count_frames(path: Path, rate: Rate) -> SegmentFrames:
    """Count a segment's frames by its packets. Raises EncodeError where a frame is missing or doubled."""
    with opened(path, fast=True) as container:
        if not container.streams.video:
            raise EncodeError(f"Segment {name_of(path)} has no picture. Export again.")
        stream = container.streams.video[0]
        place = _places(stream, rate)
        places = [place(packet.pts) for packet in container.demux(stream) if packet.size]
    if not places or sorted(places) != list(range(len(places))):
        raise EncodeError(f"Segment {name_of(path)} is damaged: it does not have every frame exactly once. Export again.")
    return SegmentFrames(len(places), max(number - place for number, place in enumerate(places)))


def _places(stream: Any, rate: Rate) -> Callable[[int | None], int]:
    """From a time stamp of a segment's stream to the number of the frame it shows, -1 for none. Whole numbers: packets are many."""
    unit = stream.time_base * rate.fraction
    num, den = unit.numerator, unit.denominator
    return lambda stamp: -1 if stamp is None else round_div(stamp * num, den)


class _Joiner:
    """One join: the open output, its two streams and the packets on their way into it."""

    def __init__(
        self, segments: list[Path], counts: list[SegmentFrames], audio: Path | None, out: Path, rate: Rate, container: str,
        metadata: dict[str, str], report: Callable[[float], None] | None,
    ) -> None:
        self._segments, self._counts, self._audio, self._out, self._rate = segments, counts, audio, out, rate
        self._container, self._metadata, self._report = container, metadata, report
        self._total = sum(count.frames for count in counts)
        self._reorder = max((count.reorder for count in counts), default=0)

    def run(self) -> Joined:
        """Write the whole file."""
        options = {"fflags": "bitexact"}
        if self._container in ("mp4", "mov") or (not self._container and self._out.suffix in (".mp4", ".mov", ".m4v")):
            options["movflags"] = "+faststart"
        output = av.open(str(self._out), "w", format=self._container or None, container_options=options)
        sound_source = None
        done = False
        try:
            output.metadata.update(self._metadata)
            picture = self._picture_stream(output)
            sound = None
            if self._audio is not None:
                sound_source = av.open("file:" + str(self._audio.absolute()), options={"protocol_whitelist": "file"})
                sound = output.add_stream_from_template(sound_source.streams.audio[0])
            heard = self._mux(output, picture, sound, sound_source)
            output.close()
            done = True
            return Joined(self._total, heard)
        finally:
            if sound_source is not None:
                sound_source.close()
            if not done:
                _discard(output)

    def _picture_stream(self, output: Any) -> Any:
        if not self._segments:
            return None
        with opened(self._segments[0], fast=True) as first:
            source = first.streams.video[0]
            stream = output.add_stream_from_template(source, opaque=True)
            stream.time_base = 1 / self._rate.fraction
            self._header = _header(source)
        return stream

    def _mux(self, output: Any, picture: Any, sound: Any, sound_source: Any) -> int:
        """Write pictures and sound in turn, sound up to a quarter second ahead, so that a player finds them together."""
        packets = self._sound_packets(sound, sound_source)
        waiting = next(packets, None)
        heard = 0
        # A sound packet's stamp in units of 1 / (picture rate's numerator * sound's denominator), whole like the picture's.
        unit = sound_source.streams.audio[0].time_base if sound_source is not None else Fraction(1)
        ahead = self._rate.num // 4
        for number, packet in enumerate(self._picture_packets(picture)):
            now = (number * self._rate.den + ahead) * unit.denominator
            while waiting is not None and waiting.pts * unit.numerator * self._rate.num <= now:
                output.mux(waiting)
                heard += 1
                waiting = next(packets, None)
            output.mux(packet)
            if self._report is not None and number % 50 == 0:
                self._report(number / max(1, self._total))
        while waiting is not None:
            output.mux(waiting)
            heard += 1
            waiting = next(packets, None)
        return heard

    def _picture_packets(self, stream: Any) -> Any:
        """Every segment's packets with stamps counted over the whole film, in frames."""
        begin = 0
        time_base = 1 / self._rate.fraction
        for path, count in zip(self._segments, self._counts, strict=True):
            with opened(path, fast=True) as container:
                source = container.streams.video[0]
                if _header(source) != self._header:
                    raise EncodeError(f"Segment {name_of(path)} was made with other settings. Export again from the start.")
                place = _places(source, self._rate)
                for number, packet in enumerate(packet for packet in container.demux(source) if packet.size):
                    packet.pts = begin + place(packet.pts)
                    packet.stream = stream
                    packet.time_base = time_base
                    packet.dts = begin + number - self._reorder
                    packet.duration = 1
                    yield packet
            begin += count.frames

    @staticmethod
    def _sound_packets(stream: Any, source: Any) -> Any:
        if source is None:
            return
        for packet in source.demux(source.streams.audio[0]):
            if packet.size and packet.pts is not None:
                packet.stream = stream
                yield packet


def _header(stream: Any) -> tuple[Any, ...]:
    """What must be the same in every segment."""
    context = stream.codec_context
    return context.name, context.width, context.height, context.extradata


def _discard(output: Any) -> None:
    """Close an output that failed; its file is removed by the caller."""
    with suppress(*LIBAV_ERRORS):
        output.close()
