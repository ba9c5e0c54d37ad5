"""Thumbnails and waveforms from media workers, for the tile cache.

Owns: asking the workers, keeping finished waveforms on disk by content. Refuses: decoding, and Qt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from app.desktop.bridge.ports import TaskPort
from editor_core.schema import MediaReference
from editor_core.timing import TICKS_PER_SECOND

log = logging.getLogger(__name__)


class WorkerTiles:
    """A TileSource over the task pool. `path_of` and `reference_of` answer on the interface thread and touch no file."""

    def __init__(self, tasks: TaskPort, path_of: Callable[[str], Path | None],
                 reference_of: Callable[[str], MediaReference | None], folder: Path,
                 on_damage: Callable[[str], None] = lambda asset: None) -> None:
        """`on_damage(asset)`, on any thread, when sound of a file cannot all be decoded."""
        self._tasks = tasks
        self._path_of = path_of
        self._reference_of = reference_of
        self._folder = folder
        self._on_damage = on_damage

    def thumbnails(self, asset: str, times: tuple[int, ...], height: int,
                   done: Callable[[list[tuple[int, int, int, bytes]]], None]) -> None:
        found = self._ask("thumbnails", asset, {"times": sorted(times), "height": height}, 60.0)
        if found is None:
            done([])
            return
        found.add_done_callback(lambda future: done(_pictures(future)))

    def waveform(self, asset: str, done: Callable[[Any, int], None], stream: int = 0) -> None:
        found = self._ask("waveform", asset, {"folder": str(self._folder), "stream": stream}, 600.0)
        if found is None:
            done(np.zeros((0, 3), np.float32), TICKS_PER_SECOND)
            return
        found.add_done_callback(lambda future: self._waved(asset, future, done))

    def _waved(self, asset: str, future: Future[Any], done: Callable[[Any, int], None]) -> None:
        done(*_wave(future))
        if not future.cancelled() and future.exception() is None and future.result().get("broken"):
            self._on_damage(asset)

    def _ask(self, task: str, asset: str, args: dict[str, Any], timeout: float) -> Future[Any] | None:
        path, reference = self._path_of(asset), self._reference_of(asset)
        if path is None or reference is None:
            return None
        try:
            return self._tasks.submit(task, {"path": str(path), "reference": msgspec.to_builtins(reference), **args}, timeout=timeout)
        except RuntimeError as error:  # the pool is closed
            log.info("%s of %s not asked for: %s", task, asset, error)
            return None


def _pictures(future: Future[Any]) -> list[tuple[int, int, int, bytes]]:
    if future.cancelled() or future.exception() is not None:
        return []
    return [(int(p["ticks"]), int(p["width"]), int(p["height"]), bytes(p["pixels"])) for p in future.result().get("pictures", [])]


def _wave(future: Future[Any]) -> tuple[Any, int]:
    if future.cancelled() or future.exception() is not None:
        return np.zeros((0, 3), np.float32), TICKS_PER_SECOND
    result = future.result()
    rows = np.frombuffer(result["rows"], np.float32).reshape(-1, 3)
    return rows, int(result["ticks_per_row"])
