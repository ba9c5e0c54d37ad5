"""From what a person drops to the files that are tried.

Owns: walking folders, leaving out what is surely no media, a stable order, bounds. Refuses: opening files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

MOST_FILES = 20_000
MOST_DEPTH = 16
_PICTURE = ".mp4 .m4v .mov .qt .mkv .webm .avi .mpg .mpeg .m2v .ts .m2ts .mts .mxf .wmv .asf .flv .f4v .ogv .3gp .3g2 .dv .vob .gif .y4m"
_SOUND = ".wav .mp3 .m4a .aac .flac .opus .ogg .oga .aif .aiff .wma .ac3 .eac3 .caf .mka .amr"
_STILL = ".png .jpg .jpeg .jpe .jfif .webp .bmp .tif .tiff .tga .exr .dpx .ppm .pgm .avif .heic .heif .jp2"
SUFFIXES = frozenset(f"{_PICTURE} {_SOUND} {_STILL}".split())
"""Endings that are tried inside folders; a file named by itself is tried whatever its ending."""


class IngestError(Exception):
    """What was given cannot be walked; the message names it."""


def candidates(given: Iterable[Path]) -> list[Path]:
    """Files to try: those named, and those with a media ending below folders named, by name.

    A file named twice is there twice, so that results stand in the order of what was given; one found below a folder once.
    Hidden files and links that lead out of a folder are left out. Raises IngestError beyond 20,000 files.
    """
    found: list[Path] = []
    seen: set[Path] = set()
    for path in given:
        folder = path.is_dir()
        for file in map(Path.absolute, _below(path, 0) if folder else (path,)):
            if folder and file in seen:
                continue
            seen.add(file)
            found.append(file)
            if len(found) > MOST_FILES:
                raise IngestError(f"{path} holds more than {MOST_FILES:,} media files; import its folders one by one")
    return found


def _below(folder: Path, depth: int) -> Iterator[Path]:
    if depth > MOST_DEPTH:
        return
    try:
        inside = sorted(folder.iterdir(), key=lambda p: p.name.casefold())
    except OSError as error:
        raise IngestError(f"{folder} cannot be read: {error.strerror}") from error
    for path in inside:
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _below(path, depth + 1)
        elif path.suffix.lower() in SUFFIXES:
            yield path
