"""Reading an output as a stranger would, to check it.

Owns: frames and samples of a finished file in order, with their times as the file says them. Refuses: judging them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from editor_core.timing import from_fraction
from render.media.convert import Converter
from render.media.downmix import Stereo
from render.media.errors import LIBAV_ERRORS, NoPicture, NoSound, name_of
from render.media.opening import opened, picture_stream, sound_streams
from render.media.reader import AUTOMATIC, Threads
from render.picture import PictureFormat, Planes


class StreamTimes(msgspec.Struct, frozen=True):
    """What a file's headers say of one stream: kind, codec, first time stamp and length in ticks; -1 where they are silent."""

    kind: str
    codec: str
    start: int
    duration: int
    frames: int


@dataclass(frozen=True, slots=True)
class ReadFrame:
    """Frame `number` of an output at `ticks` of its own clock, as planes; `broken` when the decoder found damage."""

    number: int
    ticks: int
    planes: Planes
    broken: bool


def stream_times(path: Path) -> tuple[StreamTimes, ...]:
    """Start and length of every picture and sound stream by the container's own headers. Raises MediaError."""
    with opened(path) as container:
        return tuple(
            StreamTimes(
                stream.type,
                stream.codec_context.codec.canonical_name if stream.codec_context else "",
                _ticks(stream.start_time, stream.time_base),
                _ticks(stream.duration, stream.time_base),
                stream.frames,
            )
            for stream in container.streams
            if stream.type in ("video", "audio")
        )


def frames(
    path: Path, fmt: PictureFormat, *, width: int = 0, height: int = 0, threads: Threads = AUTOMATIC
) -> Iterator[ReadFrame]:
    """Every frame of an output in order, in `fmt`; with `width` and `height`, scaled to that. Raises MediaError.

    Planes are shared with the decoder and good until the next frame is asked for. A packet that cannot be decoded is
    stepped over, so its frame is missing from the numbers.
    """
    with opened(path) as container:
        stream = picture_stream(container)
        if stream is None:
            raise NoPicture(f"{name_of(path)} has no picture.")
        stream.codec_context.thread_count = threads.count
        stream.codec_context.thread_type = threads.kind.upper()
        converter = Converter()
        for number, frame in enumerate(_decoded(container, stream)):
            size = (width or frame.width, height or frame.height)
            stamp = frame.pts if frame.pts is not None else frame.dts or 0
            planes = converter.planes(frame, *size, fmt)
            yield ReadFrame(number, _ticks(stamp, stream.time_base), planes, bool(frame.is_corrupt))


def samples(path: Path, stream: int = 0) -> Iterator[tuple[int, NDArray[np.float32], int]]:
    """(time in ticks, float32 (count, 2), sample rate) of every decoded frame of sound in order. Raises MediaError."""
    with opened(path) as container:
        streams = sound_streams(container)
        if stream >= len(streams):
            raise NoSound(f"{name_of(path)} has no sound stream {stream + 1}.")
        chosen = streams[stream]
        stereo = Stereo()
        for frame in _decoded(container, chosen):
            stamp = frame.pts if frame.pts is not None else frame.dts or 0
            yield _ticks(stamp, chosen.time_base), _without_padding(frame, stereo(frame)), int(frame.sample_rate)


def _without_padding(frame: Any, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Encoders fill the last frame up; the container then gives it a shorter duration."""
    unit = (frame.time_base or Fraction(0)) * int(frame.sample_rate)
    own = round(frame.duration * unit) if 0 < unit <= 1 else 0
    return sound[:own] if 0 < own < len(sound) else sound


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    for packet in container.demux(stream):
        try:
            yield from stream.codec_context.decode(packet if packet.size else None)
        except LIBAV_ERRORS:
            continue


def _ticks(stamp: int | None, time_base: Fraction | None) -> int:
    return -1 if stamp is None or time_base is None else from_fraction(stamp * time_base)
