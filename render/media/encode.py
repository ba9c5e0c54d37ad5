"""Writing pictures and sound into files.

Owns: one video stream or one sound stream a file, exact time stamps, colour tags, clear messages when writing fails.
Refuses: deciding names: the caller gives a temporary name and renames when it is whole.

A video file of this module is a segment or the whole film; `render.media.join` puts segments and sound together without
encoding again. Groups of pictures are closed and every file begins with a keyframe, so segments join frame for frame.
Nothing random and no date is written: the same pictures and settings give the same bytes.
"""

from __future__ import annotations

import os
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import av
import av.error
import numpy as np
from av.codec.context import Flags
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from editor_core.timing import Rate
from render.media.codecs import COPIES_AT_ONCE, AudioSettings, VideoSettings, audio_encoder, encoder_name, video_options
from render.media.colour import TAG_NUMBERS
from render.media.convert import Converter, to_rgb
from render.media.errors import LIBAV_ERRORS, EncodeError, writing
from render.media.frames import borrowed, tag, to_frame
from render.picture import PictureFormat, Planes


class _OneStream:
    """A file with one stream that is being written. Use as a context, or `close` it; `abort` leaves no file."""

    _stream: Any

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        self._output: Any = None
        self._count = 0

    def close(self) -> None:
        """Write what the encoder still holds and finish the file; where that fails, no file is left. Raises EncodeError."""
        if self._output is None:
            return
        try:
            self._output.mux(self._stream.encode(None))
            self._output.close()
        except LIBAV_ERRORS as error:
            self.abort()
            raise self._failed(error) from None
        self._output = None

    def abort(self) -> None:
        """Stop and remove the file."""
        output, self._output = self._output, None
        if output is not None:
            with suppress(*LIBAV_ERRORS):
                output.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def _failed(self, error: BaseException) -> Exception:
        return writing(error, self._path)


class VideoEncoder(_OneStream):
    """One video stream into one file, frame n at time n / rate."""

    def __init__(
        self, path: Path, settings: VideoSettings, *, width: int, height: int, rate: Rate, fmt: PictureFormat,
        container: str = "", alpha: bool = False,
    ) -> None:
        """`container` is libav's name (`matroska`, `mp4`, `mov`, `webm`), else told by the name. Raises EncodeError."""
        super().__init__(path)
        self._settings = settings
        self._fmt = fmt
        self._size = (width, height)
        self._pixels = fmt.planes.alpha_name if alpha else fmt.planes.name
        self._converter = Converter()
        if settings.codec == "av1":
            os.environ.setdefault("SVT_LOG", "1")  # the encoder writes a page of settings to standard error otherwise
        try:
            options = {"fflags": "bitexact"}
            if container in ("mp4", "mov") or (not container and self._path.suffix in (".mp4", ".mov", ".m4v")):
                options["movflags"] = "+faststart"
            self._output = av.open(str(self._path), "w", format=container or None, container_options=options)
            self._stream = self._output.add_stream(encoder_name(settings), rate=rate.fraction, options=video_options(settings, width))
            self._set_up(width, height, rate)
            self._output.start_encoding()
        except LIBAV_ERRORS as error:
            self.abort()
            raise self._failed(error) from None

    def _set_up(self, width: int, height: int, rate: Rate) -> None:
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = width, height, self._pixels
        context.framerate = rate.fraction
        context.time_base = 1 / rate.fraction
        self._time_base = Fraction(rate.den, rate.num)
        self._stream.time_base = self._time_base
        context.gop_size = self._settings.keyint
        context.thread_count = self._settings.threads
        context.thread_type = "AUTO"
        context.bit_rate = self._settings.bit_rate
        context.flags |= Flags.bitexact | Flags.closed_gop
        context.sample_aspect_ratio = Fraction(1)
        matrix, primaries, transfer = TAG_NUMBERS[self._fmt.matrix]
        context.colorspace, context.color_primaries, context.color_trc = matrix, primaries, transfer
        context.color_range = 2 if self._fmt.full_range else 1

    @property
    def frames(self) -> int:
        """Frames written so far."""
        return self._count

    def write(self, planes: Planes) -> None:
        """The next frame. Planes of another size or format are converted; those of a decoder go in without a copy.

        The planes may be changed by the caller as soon as this returns. Raises EncodeError.
        """
        try:
            frame = self._frame(planes)
            frame.pict_type = 0
            frame.colorspace, frame.color_primaries, frame.color_trc = TAG_NUMBERS[self._fmt.matrix]
            frame.time_base = self._time_base
            frame.pts = self._count
            frame.duration = 1
            self._output.mux(self._stream.encode(frame))
        except LIBAV_ERRORS as error:
            raise self._failed(error) from None
        self._count += 1

    def _frame(self, planes: Planes) -> Any:
        size = (planes.width, planes.height)
        if size != self._size or planes.format != self._fmt or (planes.alpha is not None) != self._pixels.startswith("yuva"):
            return to_frame(self._converter.planes(to_tagged(planes), *self._size, self._fmt))
        native = planes.native
        if native is not None and native.format.name == self._pixels:
            return native
        lent = borrowed(planes) if self._settings.codec in COPIES_AT_ONCE else None
        if lent is not None:
            return lent
        return to_frame(Planes(planes.y, planes.u, planes.v, planes.format, planes.alpha))


def to_tagged(planes: Planes) -> Any:
    """The planes as a frame whose own tags say what it is."""
    frame = to_frame(planes)
    tag(frame, planes.format)
    return frame


class AudioEncoder(_OneStream):
    """One stereo stream into one file, sample n at time n / rate."""

    def __init__(
        self, path: Path, settings: AudioSettings, *, rate: int, container: str = "", metadata: dict[str, str] | None = None
    ) -> None:
        """`container` is libav's name, else told by the file's name. Opus is always 48 kHz. Raises EncodeError."""
        super().__init__(path)
        if settings.codec == "opus" and rate != 48000:
            raise EncodeError(f"Opus needs 48 kHz sound; the film has {rate} Hz. Resample first or choose AAC.")
        try:
            encoder, self._sample_format = audio_encoder(settings)
            options = {"fflags": "bitexact"}
            self._output = av.open(str(self._path), "w", format=container or None, container_options=options)
            self._output.metadata.update(metadata or {})
            self._stream = self._output.add_stream(encoder, rate=rate)
            context = self._stream.codec_context
            context.layout = "stereo"
            context.format = av.AudioFormat(self._sample_format)
            context.time_base = Fraction(1, rate)
            context.flags |= Flags.bitexact
            if settings.codec in ("aac", "opus", "mp3"):
                context.bit_rate = settings.bit_rate
            self._rate = rate
            self._output.start_encoding()
        except LIBAV_ERRORS as error:
            self.abort()
            raise self._failed(error) from None

    @property
    def samples(self) -> int:
        """Samples written so far."""
        return self._count

    def write(self, samples: NDArray[np.float32]) -> None:
        """The next samples, float32 (count, 2), full scale ±1; beyond that integer formats clip. Raises EncodeError."""
        if not len(samples):
            return
        try:
            frame = av.AudioFrame.from_ndarray(*_packed(samples, self._sample_format))
            frame.sample_rate = self._rate
            frame.time_base = Fraction(1, self._rate)
            frame.pts = self._count
            self._output.mux(self._stream.encode(frame))
        except LIBAV_ERRORS as error:
            raise self._failed(error) from None
        self._count += len(samples)


def _packed(samples: NDArray[np.float32], sample_format: str) -> tuple[Any, str, str]:
    """The array, format and layout that `AudioFrame.from_ndarray` wants; integers rounded and clipped."""
    if sample_format == "fltp":
        return np.ascontiguousarray(samples.T, dtype=np.float32), "fltp", "stereo"
    if sample_format == "flt":
        return np.ascontiguousarray(samples, dtype=np.float32).reshape(1, -1), "flt", "stereo"
    scale, kind = (32768.0, np.int16) if sample_format == "s16" else (2147483648.0, np.int32)
    limits = np.iinfo(kind)
    scaled = np.clip(np.rint(samples.astype(np.float64) * scale), limits.min, limits.max).astype(kind)
    return scaled.reshape(1, -1), sample_format, "stereo"


def write_png(picture: Planes | NDArray[np.uint8], path: Path) -> None:
    """A picture as PNG: planes, or uint8 (height, width, 3 or 4) RGB(A) with straight alpha. Raises EncodeError."""
    try:
        frame = _png_frame(picture)
        with av.open(str(path), "w", format="image2", options={"update": "1"}) as output:
            stream = output.add_stream("png", rate=1)
            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    except LIBAV_ERRORS as error:
        with suppress(OSError):
            Path(path).unlink(missing_ok=True)
        raise writing(error, Path(path)) from None


def _png_frame(picture: Planes | NDArray[np.uint8]) -> Any:
    if isinstance(picture, Planes):
        rgba = to_rgb(picture)
        picture = rgba if picture.alpha is not None else np.ascontiguousarray(rgba[:, :, :3])
    layout = "rgba" if picture.shape[2] == 4 else "rgb24"
    return VideoFrame.from_ndarray(np.ascontiguousarray(picture), format=layout)
