"""What makes a file this file: its hashes.

Owns: the quick hash made at import and the full hash made in the background. Refuses: everything about its content.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from blake3 import blake3

from render.media.errors import reading

_PIECE = 1 << 16
_CHUNK = 8 << 20


def quick_hash(path: Path) -> str:
    """`quick:` and a BLAKE3 of the size, the first, middle and last 64 KiB. Raises MediaError."""
    try:
        size = path.stat().st_size
        digest = blake3(size.to_bytes(8, "little"))
        with path.open("rb") as file:
            for start in (0, max(0, size // 2 - _PIECE // 2), max(0, size - _PIECE)):
                file.seek(start)
                digest.update(file.read(_PIECE))
    except OSError as error:
        raise reading(error, path) from None
    return "quick:" + digest.hexdigest()


def full_hash(path: Path, report: Callable[[float], None] | None = None) -> str:
    """`blake3:` and the BLAKE3 of the whole file. `report` gets the share done, 0 to 1. Raises MediaError."""
    digest = blake3()
    done = 0
    try:
        size = max(1, path.stat().st_size)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                done += len(chunk)
                if report is not None:
                    report(min(1.0, done / size))
    except OSError as error:
        raise reading(error, path) from None
    return "blake3:" + digest.hexdigest()
