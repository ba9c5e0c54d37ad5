"""Headers of still pictures, read before any decoder sees the file.

Owns: recognising PNG, JPEG, GIF, BMP, WebP and TIFF by their first bytes, and their declared size. Refuses: pixels.

A picture's size is known here without native code, so that a header that claims 100,000 × 100,000 is refused at once.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import msgspec


class StillHeader(msgspec.Struct, frozen=True):
    """What kind of still a file is, the libav demuxer that reads just that kind, and its declared size in pixels.

    `moves` is True for a WebP animation, which libav cannot read.
    """

    kind: str
    demuxer: str
    width: int
    height: int
    moves: bool = False


def still_header(path: Path) -> StillHeader | None:
    """The header of a still picture, or None where the file is not one (or is too damaged to tell). Raises OSError."""
    with path.open("rb") as file:
        head = file.read(64)
        try:
            return _recognise(head, file)
        except (struct.error, IndexError, ValueError):
            return None


def _recognise(head: bytes, file: BinaryIO) -> StillHeader | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        width, height = struct.unpack(">II", head[16:24])
        return StillHeader("png", "png_pipe", width, height)
    if head.startswith(b"\xff\xd8\xff"):
        size = _jpeg_size(file)
        return StillHeader("jpeg", "jpeg_pipe", *size) if size else None
    if head[:6] in (b"GIF87a", b"GIF89a"):
        width, height = struct.unpack("<HH", head[6:10])
        return StillHeader("gif", "gif", width, height)
    if head.startswith(b"BM") and len(head) >= 26:
        width, height = struct.unpack("<ii", head[18:26]) if head[14] >= 40 else struct.unpack("<HH", head[18:22])
        return StillHeader("bmp", "bmp_pipe", abs(width), abs(height))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        size = _webp_size(head)
        return StillHeader("webp", "webp_pipe", *size, _webp_moves(head)) if size else None
    if head[:4] in (b"II*\0", b"MM\0*"):
        size = _tiff_size(head, file)
        return StillHeader("tiff", "tiff_pipe", *size) if size else None
    return None


def _jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height from the first frame header (ITU-T T.81, table B.1)."""
    file.seek(2)
    for _ in range(500):
        marker = file.read(2)
        while len(marker) == 2 and marker[0] == 0xFF and marker[1] == 0xFF:
            marker = marker[1:] + file.read(1)
        if len(marker) < 2 or marker[0] != 0xFF:
            return None
        length = struct.unpack(">H", file.read(2))[0]
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        if marker[1] == 0xDA or length < 2:
            return None
        file.seek(length - 2, 1)
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = struct.unpack("<I", head[21:25])[0]
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _webp_moves(head: bytes) -> bool:
    """The animation flag of the extended header (RFC 9649, section 2.7)."""
    return head[12:16] == b"VP8X" and bool(head[20] & 0x02)


def is_still_container(name: str, head: bytes) -> bool:
    """True for formats of libav that hold one picture, and for AVIF and HEIF, which are MP4 files of one frame."""
    return name.endswith("_pipe") or (head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"heic", b"heix", b"mif1"))


def _tiff_size(head: bytes, file: BinaryIO) -> tuple[int, int] | None:
    """ImageWidth (256) and ImageLength (257) of the first directory (TIFF 6.0, section 2)."""
    order = "<" if head[:2] == b"II" else ">"
    file.seek(struct.unpack(order + "I", head[4:8])[0])
    count = struct.unpack(order + "H", file.read(2))[0]
    sizes: dict[int, int] = {}
    for _ in range(min(count, 500)):
        entry = file.read(12)
        tag, kind = struct.unpack(order + "HH", entry[:4])
        if tag in (256, 257):
            sizes[tag] = struct.unpack(order + ("H" if kind == 3 else "I"), entry[8:10] if kind == 3 else entry[8:12])[0]
    return (sizes[256], sizes[257]) if len(sizes) == 2 else None
