"""Which files are no longer the ones that were imported.

Owns: asking a worker for quick hashes. Refuses: reading files itself, and deciding what follows.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

log = logging.getLogger(__name__)
_AT_ONCE = 200
_PATIENCE = 60.0


class Tasks(Protocol):
    """The part of the task pool that is needed."""

    def submit(self, name: str, args: Mapping[str, Any], *, timeout: float = ...) -> Future[dict[str, Any]]: ...


def quick_hashes(tasks: Tasks, paths: Sequence[Path]) -> list[str]:
    """`quick:…` of each file, "" for one that cannot be read, or for all where no worker answers. Waits; not for the interface."""
    made: list[str] = []
    for start in range(0, len(paths), _AT_ONCE):
        piece = [str(path) for path in paths[start : start + _AT_ONCE]]
        try:
            result = tasks.submit("quick_hash", {"paths": piece}, timeout=_PATIENCE).result(_PATIENCE + 5)
            made += [str(one) for one in result["hashes"]]
        except Exception as error:
            log.info("no hashes of %d files: %s", len(piece), error)
            made += [""] * len(piece)
    return made


def replaced(hashes: Mapping[str, tuple[Path, str]], found: Mapping[Path, str]) -> list[str]:
    """Assets of which another file lies in the place: `hashes` has each asset's file and the hash that it was imported with."""
    return [asset for asset, (path, wanted) in hashes.items()
            if wanted.startswith("quick:") and found.get(path) and found[path] != wanted]
