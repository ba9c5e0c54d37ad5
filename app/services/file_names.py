"""Names of files from names that people gave.

Owns: what a disk or another system would not take. Refuses: whether a file of that name is there.
"""

from __future__ import annotations

MOST_BYTES = 180
"""Of the 255 that file systems take: room for a number, a suffix and the names of parts while a file is written."""
_REFUSED = '/\\:*?"<>|'


def file_name(name: str, otherwise: str = "Film") -> str:
    """A name that every system takes for a file: without separators, line breaks and the like, at most 180 bytes, not hidden;
    `otherwise` where nothing is left."""
    kept = "".join("-" if c in _REFUSED else c if c.isprintable() or c in "\u200c\u200d\u200e\u200f" else " " for c in name)
    words = " ".join(kept.split()).strip(" .")
    short = words.encode(errors="ignore")[:MOST_BYTES].decode(errors="ignore").strip(" .")
    return short or otherwise
