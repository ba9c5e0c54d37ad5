"""The export's note inside a PNG, as the format's own text chunk `Comment`.

Owns: adding it before the end of a finished PNG, reading it back. Refuses: any other chunk. Source: PNG specification (W3C), 5.3, 11.3.3.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))
_KEY = b"Comment\x00"
_LONGEST = 8000
_MOST_CHUNKS = 100_000


def add(path: Path, note: str) -> None:
    """Puts the note at the end of a PNG. Raises OSError; ValueError where the file does not end as a PNG does."""
    body = b"tEXt" + _KEY + note.encode("latin-1", "replace")[:_LONGEST]
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with path.open("r+b") as file:
        file.seek(-len(_END), 2)
        if file.read() != _END:
            raise ValueError(f"{path.name} does not end as a PNG")
        file.seek(-len(_END), 2)
        file.write(chunk + _END)


def read(path: Path) -> str:
    """The note of a PNG; empty where there is none, or where it is no PNG."""
    try:
        with path.open("rb") as file:
            if file.read(len(_SIGNATURE)) != _SIGNATURE:
                return ""
            for _ in range(_MOST_CHUNKS):
                head = file.read(8)
                if len(head) < 8:
                    return ""
                length, kind = struct.unpack(">I4s", head)
                if kind != b"tEXt" or length > _LONGEST + len(_KEY):
                    file.seek(length + 4, 1)
                    continue
                text = file.read(length)
                if text.startswith(_KEY):
                    return text[len(_KEY):].decode("latin-1")
                file.seek(4, 1)
    except OSError:
        return ""
    return ""
