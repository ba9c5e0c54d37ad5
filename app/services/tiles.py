"""Thumbnails and waveforms of a project's media, made by workers.

Owns: turning an asset id into a task, and its result into rows and pictures. Refuses: caching pictures (the window does),
decoding.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from editor_core.document import Snapshot
from editor_core.schema import MediaReference
from render.pool import TaskFuture, TaskPool

log = logging.getLogger(__name__)
Picture = tuple[int, int, int, bytes]
"""(ticks, width, height, RGBA bytes)"""
NO_SOUND: NDArray[np.float32] = np.zeros((0, 3), np.float32)
WAVEFORM_SECONDS = 600.0


class TileWorkshop:
    """Callbacks come on a thread of the pool. Media that is missing or broken gives no pictures and no sound, never an error."""

    def __init__(self, pool: TaskPool, snapshot: Callable[[], Snapshot], locate: Callable[[str], Path | None], keep: Path) -> None:
        self._pool = pool
        self._snapshot = snapshot
        self._locate = locate
        self._keep = keep

    def thumbnails(self, asset: str, times: tuple[int, ...], height: int, done: Callable[[list[Picture]], None]) -> None:
        """`done(pictures)` with what could be made of media times `times` (ticks), `height` pixels high."""
        args = self._about(asset)
        if args is None:
            done([])
            return

        def take(result: dict[str, Any]) -> None:
            done([(p["ticks"], p["width"], p["height"], p["pixels"]) for p in result.get("pictures", [])])

        self._follow(self._pool.submit("thumbnails", {**args, "times": list(times), "height": height}, timeout=60, priority=1), take)

    def waveform(self, asset: str, done: Callable[[NDArray[np.float32], int], None]) -> None:
        """`done(rows, ticks per row)`; rows are float32 (n, 3) of lowest, highest, RMS; none for media without sound."""
        args = self._about(asset)
        found = self._snapshot().find(MediaReference, asset)
        if args is None or found is None or not found.audio:
            done(NO_SOUND, 1)
            return

        def take(result: dict[str, Any]) -> None:
            rows = np.frombuffer(result.get("rows", b""), np.float32).reshape(-1, 3)
            done(rows, int(result.get("ticks_per_row", 1)))

        self._follow(self._pool.submit("waveform", {**args, "folder": str(self._keep)}, timeout=WAVEFORM_SECONDS), take)

    def _about(self, asset: str) -> dict[str, Any] | None:
        found = self._snapshot().find(MediaReference, asset)
        path = self._locate(asset)
        if found is None or path is None:
            return None
        return {"path": str(path), "reference": msgspec.to_builtins(found)}

    def _follow(self, future: TaskFuture, take: Callable[[dict[str, Any]], None]) -> None:
        def ended(finished: Any) -> None:
            try:
                result = finished.result()
            except Exception as error:
                log.info("no tile: %s", error)
                result = {}
            take(result)

        future.add_done_callback(ended)
