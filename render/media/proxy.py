"""Making stand-ins: the same film, smaller.

Owns: decoding a file once and writing its proxy or preview (see `render.stand_in`). Refuses: choosing when, and where it is kept.

Frames are stamped with media time in units of 100 ticks, rounded down: containers' own units are up to 10 ms, and a stamp that was
put on its rate's grid by the original's clock must be on it here as well. Sound is kept without loss, as the
samples of media time, because a proxy that drifts by a decoder's delay would be cut wrongly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from editor_core.schema import AudioStream, MediaReference
from editor_core.timing import TICKS_PER_SECOND
from render.media.colour import TAG_NUMBERS, source_colour
from render.media.convert import Converter
from render.media.errors import LIBAV_ERRORS, writing
from render.media.fields import WholeFrames
from render.media.frames import to_frame
from render.media.reader import PictureReader, Shown
from render.media.sound_reader import SoundReader
from render.picture import YUV420P, Matrix, PictureFormat
from render.stand_in import SOUND_CODEC, Kind, size_of

_OPTIONS: dict[Kind, dict[str, str]] = {
    "proxy": {"preset": "superfast", "crf": "25", "tune": "fastdecode", "g": "30"},
    "preview": {"preset": "ultrafast", "crf": "28", "tune": "fastdecode", "g": "8"},
}
_PREVIEW_STEP = TICKS_PER_SECOND // 2
_PREVIEW_RATE = 8000
_PREVIEW_BITS = 10
"""A waveform needs no more: about 0.3 MiB a minute."""
_UNIT = 100
_BASE = Fraction(_UNIT, TICKS_PER_SECOND)
_AT_ONCE = 1 << 15
"""Samples read and written at once."""


def make_stand_in(source: Path, reference: MediaReference, out: Path, kind: Kind,
                  report: Callable[[float], None] = lambda share: None) -> None:
    """Writes the stand-in of `source` to `out`, an MP4 file. `report` gets the share done, 0 to 1. Leaves no file behind when it
    fails. Raises MediaError."""
    try:
        with av.open(str(out), "w", format="mp4", container_options={"movflags": "+faststart", "fflags": "bitexact"}) as output:
            _Writing(output, source, reference, kind).all(report)
    except LIBAV_ERRORS as error:
        with suppress(OSError):
            out.unlink(missing_ok=True)
        raise writing(error, out) from None
    except BaseException:
        with suppress(OSError):
            out.unlink(missing_ok=True)
        raise


class _Writing:
    """Picture and sound side by side, about a second at a time, so that the file needs no memory to be interleaved."""

    def __init__(self, output: Any, source: Path, reference: MediaReference, kind: Kind) -> None:
        self._output = output
        self._reference = reference
        self._kind: Kind = kind
        self._picture = _Picture(output, source, reference, kind) if reference.video is not None else None
        self._sounds = [_Sound(output, source, stream, kind) for stream in reference.audio]

    def all(self, report: Callable[[float], None]) -> None:
        length = max(1, self._reference.duration)
        if self._picture is not None:
            told = 0
            for shown in self._picture.frames():
                if shown.ticks - told >= TICKS_PER_SECOND:
                    told = shown.ticks
                    report(min(0.99, told / length))
                    for sound in self._sounds:
                        sound.until(told)
            self._picture.close()
        for sound in self._sounds:
            sound.until(length + TICKS_PER_SECOND)
            sound.close()
        report(1.0)


class _Picture:
    def __init__(self, output: Any, source: Path, reference: MediaReference, kind: Kind) -> None:
        assert reference.video is not None
        self._output = output
        self._kind: Kind = kind
        self._rotation = reference.video.rotation
        self._reader = PictureReader(source, reference.video)
        self._frames: PictureReader | WholeFrames = self._reader
        if reference.video.interlaced and kind == "proxy":
            self._frames = WholeFrames(self._reader)
        self._size = size_of(reference, kind)
        self._converter = Converter()
        first = self._frames.at(0)
        if kind == "preview":
            self._reader.only_keyframes()
        self._fmt = PictureFormat(YUV420P, _matrix(first.frame))
        self._stream = output.add_stream("libx264", options=_OPTIONS[kind])
        context = self._stream.codec_context
        context.width, context.height = self._size
        context.pix_fmt = YUV420P.name
        context.time_base = self._stream.time_base = _BASE
        context.framerate = reference.video.rate.fraction
        context.max_b_frames = 0
        context.colorspace, context.color_primaries, context.color_trc = TAG_NUMBERS[self._fmt.matrix]
        context.color_range = 1
        self._shown = first

    def frames(self) -> Iterator[Shown]:
        """Writes every frame that belongs in, and yields it."""
        shown: Shown | None = self._shown
        due = shown.ticks if shown is not None else 0
        last = -1
        while shown is not None:
            if self._kind == "proxy" or shown.ticks >= due:
                due = max(due + _PREVIEW_STEP, shown.ticks)
                stamp = (shown.ticks - self._shown.ticks) // _UNIT
                if stamp > last:
                    self._write(shown.frame, stamp)
                    last = stamp
            yield shown
            shown = self._frames.following()

    def _write(self, source: Any, stamp: int) -> None:
        frame = to_frame(self._converter.planes(source, *self._size, self._fmt, rotation=self._rotation))
        frame.pict_type = 0
        frame.pts = stamp
        frame.time_base = _BASE
        self._output.mux(self._stream.encode(frame))

    def close(self) -> None:
        self._output.mux(self._stream.encode(None))
        self._reader.close()


def _matrix(frame: Any) -> Matrix:
    return source_colour(frame).name or "bt709"


class _Sound:
    """One sound stream. A preview's is thinned out to whole fractions of the rate and to fewer bits, which FLAC makes use of."""

    def __init__(self, output: Any, source: Path, stream: AudioStream, kind: Kind) -> None:
        self._output = output
        self._reader = SoundReader(source, stream, keep_blocks=2, block=_AT_ONCE)
        rate = self._reader.rate
        self._fold = max(1, rate // _PREVIEW_RATE) if kind == "preview" else 1
        while rate % self._fold:
            self._fold -= 1
        self._step = 1 << (16 - _PREVIEW_BITS) if kind == "preview" else 1
        self._rate = rate // self._fold
        self._stream = output.add_stream(SOUND_CODEC, rate=self._rate)
        context = self._stream.codec_context
        context.layout = "stereo"
        context.format = av.AudioFormat("s16")
        context.time_base = Fraction(1, self._rate)
        self._start = stream.start
        self._length = self._reader.length // self._fold
        self._done = 0

    def until(self, ticks: int) -> None:
        """Writes up to this media time."""
        wanted = min(self._length, (ticks - self._start) * self._rate // TICKS_PER_SECOND)
        while self._done < wanted:
            count = min(_AT_ONCE, wanted - self._done)
            samples = self._reader.read(self._done * self._fold, count * self._fold)
            folded = samples.reshape(count, self._fold, 2).mean(axis=1) if self._fold > 1 else samples
            frame = av.AudioFrame.from_ndarray(_as_integers(folded, self._step), "s16", "stereo")
            frame.sample_rate = self._rate
            frame.time_base = Fraction(1, self._rate)
            frame.pts = self._done
            self._output.mux(self._stream.encode(frame))
            self._done += count

    def close(self) -> None:
        self._output.mux(self._stream.encode(None))
        self._reader.close()


def _as_integers(samples: NDArray[np.float32], step: int) -> NDArray[np.int16]:
    whole = np.rint(samples * (32768.0 / step)) * step
    return np.clip(whole, -32768, 32768 - step).astype(np.int16).reshape(1, -1)
