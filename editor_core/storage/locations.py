"""Where media lie on this machine.

Owns: the local rows of a project file that name paths, absolute and from the project's folder. Refuses: looking whether
anything is there, and being replicated: paths would leak home folders.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

LONGEST = 4096
"""Bytes of a path at most."""
MOST = 8
"""Places remembered for one file; the newest come first."""


class Locations:
    """Paths by asset id. `store(number, asset, body)` writes a row and returns at once."""

    def __init__(self, project: Path, rows: dict[int, tuple[str, list[bytes]]], store: Callable[[int, str, bytes], object] | None) -> None:
        """Without `store` (read-only) places are kept for this session only."""
        self._folder = project.absolute().parent
        self._store = store
        self._rows = {asset: (number, paths) for number, (asset, paths) in sorted(rows.items())}
        self._next = max(rows, default=0) + 1

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, asset: str) -> list[Path]:
        """Where the file of an asset may be, likeliest first; each also as seen from the project's folder, which may have been
        moved together with its media."""
        places: dict[Path, None] = {}
        for raw in self._rows.get(asset, (0, []))[1]:
            path = Path(os.fsdecode(raw))
            places[path if path.is_absolute() else Path(os.path.normpath(self._folder / path))] = None
        return list(places)

    def set(self, asset: str, path: Path | str) -> None:
        """Remembers a place as the likeliest one."""
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 (resolve() would follow links that a person made on purpose)
        number, known = self._rows.get(asset, (self._next, []))
        if number == self._next:
            self._next += 1
        fresh = [os.fsencode(absolute)]
        if absolute.anchor == self._folder.anchor:
            fresh.append(os.fsencode(os.path.relpath(absolute, self._folder)))
        paths = [p for p in dict.fromkeys([*fresh, *known]) if len(p) <= LONGEST][:MOST]
        if not paths or paths == known:
            return
        self._rows[asset] = (number, paths)
        if self._store is not None:
            self._store(number, asset, msgspec.msgpack.encode(paths))
