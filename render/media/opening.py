"""Opening files: local only, no playlists, limits before decoding.

Owns: turning a path into an open libav container and its streams. Refuses: network and other protocols, formats that
name further files (HLS, concat, image sequences), more streams or pixels than the limits allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.error
from av.container import InputContainer
from av.container.core import Flags as ContainerFlags
from av.stream import Discard, Disposition

from render.media.errors import LIBAV_ERRORS, MediaError, MediaRefused, MediaUnreadable, name_of, reading
from render.media.limits import DEFAULT_LIMITS, Limits
from render.media.stills import still_header

_FORMATS = (
    "aac ac3 aiff amr amrnb amrwb ape apng asf au av1 avi caf dnxhd dsf dts dtshd dv eac3 flac flv gif gxf h263 h264 hevc "
    "ivf latm loas m4v matroska mjpeg mov mp3 mpc mpc8 mpeg mpegts mpegtsraw mpegvideo mxf mxf_opatom nut obu ogg rm sox tak "
    "truehd tta vc1 voc vvc w64 wav webm wtv wv yuv4mpegpipe "
    "bmp_pipe dpx_pipe exr_pipe hdr_pipe ico j2k_pipe jpeg_pipe jpegxl_pipe pam_pipe pbm_pipe pcx_pipe pgm_pipe png_pipe "
    "ppm_pipe psd_pipe qoi_pipe sgi_pipe tiff_pipe webp webp_pipe"
)
_ALLOWED_FORMATS = _FORMATS.replace(" ", ",")
"""Containers that hold media and nothing but media. Playlists (HLS, concat, DASH), image sequences, devices and plain
text formats are left out, so that no file can name another file."""


_CUT_OFF = "{} was cut off while recording or copying: its index is missing. Copy it again, or recover it in the camera."
_MOST_BOXES = 10_000


def open_media(path: Path, *, limits: Limits = DEFAULT_LIMITS, fast: bool = False) -> InputContainer:
    """Open a local file for reading. `fast` is for files that were described before and whose index says what they hold.

    Raises MediaMissing, MediaDenied, MediaUnreadable or MediaRefused with a message for people. The caller closes it.
    """
    try:
        head = _check_file(path)
        header = still_header(path)
        if header is not None:
            check_size(path, header.width, header.height, limits)
        options = {
            "protocol_whitelist": "file",
            "format_whitelist": _ALLOWED_FORMATS,
            "max_pixels": str(limits.pixels),
            **_shortcuts(head, fast=fast),
        }
        url = "file:" + str(path.absolute())
        container = av.open(url, "r", format=header.demuxer if header else None, options=options, metadata_errors="replace")
    except MediaError:
        raise
    except LIBAV_ERRORS as error:
        if isinstance(error, av.error.InvalidDataError) and lacks_index(path):
            raise MediaUnreadable(_CUT_OFF.format(name_of(path))) from None
        raise reading(error, path) from None
    if not has_showing_times(container):
        container.flags = int(container.flags) & ~int(ContainerFlags.gen_pts.value)  # type: ignore[call-overload]
    if len(container.streams) > limits.streams:
        container.close()
        raise MediaRefused(f"{name_of(path)} has more than {limits.streams} streams; it is damaged or not a media file.")
    return container


def _shortcuts(head: bytes, *, fast: bool) -> dict[str, str]:
    """Options that spare libav work whose result is known.

    It decodes the first frames of each stream to learn what an MP4 index already says (22 ms for 1080p), and reads up to
    5 MB of a WAV file in search of DTS sound in it (60 ms).
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return {"max_probe_packets": "1"}
    if fast and head[4:8] == b"ftyp":
        return {"skip_frame": "all", "probesize": "200000"}
    return {}


@contextmanager
def opened(path: Path, *, limits: Limits = DEFAULT_LIMITS, fast: bool = False) -> Iterator[InputContainer]:
    """`open_media` that closes itself and turns libav's errors inside the block into MediaErrors."""
    container = open_media(path, limits=limits, fast=fast)
    try:
        yield container
    except MediaError:
        raise
    except LIBAV_ERRORS as error:
        raise reading(error, path) from None
    finally:
        container.close()


def has_showing_times(container: InputContainer) -> bool:
    """False for AVI, which stores only decoding times; showing times that libav makes up from them are out of order."""
    return bool(container.format.name != "avi")


def check_size(path: Path, width: int, height: int, limits: Limits) -> None:
    """Raise MediaRefused where a picture of this size passes the limits."""
    if width < 1 or height < 1:
        raise MediaUnreadable(f"{name_of(path)} says its picture is {width} × {height}; it is damaged.")
    if width * height > limits.pixels or max(width, height) > limits.side:
        largest = limits.pixels // 1_000_000
        raise MediaRefused(f"{name_of(path)} is {width} × {height} pixels, above the limit of {largest} megapixels. Scale it down first.")


def picture_stream(container: InputContainer) -> Any:
    """The stream that is the film's picture, or None. Cover pictures of sound files do not count beside sound."""
    streams = [stream for stream in container.streams.video if stream.codec_context is not None]
    covers = [stream for stream in streams if stream.disposition & Disposition.attached_pic]
    films = [stream for stream in streams if stream not in covers]
    if films:
        best = container.streams.best("video")
        return best if best is not None and best in films else films[0]
    return None


def decoder(stream: Any) -> Any:
    """The codec context to decode a stream with. VP8 and VP9 with transparency need libvpx: libav's own drop the alpha."""
    context = stream.codec_context
    if stream.type == "video" and stream.metadata.get("alpha_mode") == "1" and context.name in ("vp8", "vp9"):
        return av.CodecContext.create("libvpx" if context.name == "vp8" else "libvpx-vp9", "r")
    return context


def sound_streams(container: InputContainer) -> list[Any]:
    """Every sound stream that has a decoder, in file order."""
    return [stream for stream in container.streams.audio if stream.codec_context is not None]


def only(container: InputContainer, stream: Any) -> None:
    """Let the demuxer drop all other streams, which saves reading them."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all


def lacks_index(path: Path) -> bool:
    """True for an MP4 or QuickTime file without its `moov` box, which recorders write last (ISO/IEC 14496-12, section 4)."""
    with path.open("rb") as file:
        for number in range(_MOST_BOXES):
            head = file.read(16)
            size, kind = int.from_bytes(head[:4]), head[4:8]
            if len(head) < 8:
                return number > 0
            if kind == b"moov" or (number == 0 and kind not in (b"ftyp", b"wide", b"mdat", b"free", b"skip")):
                return False
            size = int.from_bytes(head[8:16]) if size == 1 else size
            if size < 8:
                return size == 0
            file.seek(size - len(head), 1)
    return False


def first_bytes(path: Path) -> bytes:
    """The first 16 bytes of a file. Raises OSError."""
    with path.open("rb") as file:
        return file.read(16)


def _check_file(path: Path) -> bytes:
    """Find the plain reasons first: libav names them less clearly. The first bytes of the file."""
    if path.is_dir():
        raise IsADirectoryError(str(path))
    head = first_bytes(path)
    if not head:
        raise MediaUnreadable(f"{name_of(path)} is empty (0 bytes). Copy it again from the card or the camera.")
    return head
