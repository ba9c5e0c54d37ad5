"""Finding media that moved.

Owns: candidates for a missing file, by hash where the library knows it, then by name and size. Refuses: deciding; a person or
a command takes a candidate, and its hash is compared before it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from assets.ingest.files import candidates
from assets.library import Library
from editor_core.schema import MediaReference


class Match(msgspec.Struct, frozen=True):
    """A file that may be the missing one; `sure` when its content hash is the same."""

    asset: str
    path: Path
    sure: bool


def find(missing: Iterable[MediaReference], folders: Iterable[Path], library: Library | None,
         hash_of: Callable[[Path], str]) -> list[Match]:
    """For each missing media the best file known: one of equal hash, else one of equal name (only if there is just one)."""
    wanted = list(missing)
    files = candidates(folders)
    by_size: dict[int, list[Path]] = {}
    by_name: dict[str, list[Path]] = {}
    for path in files:
        by_size.setdefault(_size(path), []).append(path)
        by_name.setdefault(path.name.casefold(), []).append(path)
    found: list[Match] = []
    for media in wanted:
        known = [p for p in (library.places(media.hash) if library else []) if p.is_file()]
        same = next((p for p in [*known, *by_size.get(media.size, [])] if _size(p) == media.size and hash_of(p) == media.hash), None)
        if same is not None:
            found.append(Match(media.id, same, True))
        elif len(named := by_name.get(media.name.casefold(), [])) == 1:
            found.append(Match(media.id, named[0], False))
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
