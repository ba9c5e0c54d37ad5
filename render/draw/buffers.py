"""Arrays used again and again, so that a frame costs no fresh memory.

Owns: handing out arrays that nobody else holds any more. Refuses: clearing them; what is in a fresh array is left-over.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from render.picture import PictureFormat, Planes

_FREE = 3
"""References to an array that only the pool knows: its list, the loop variable and the counting itself."""


class Buffers:
    """Keeps at most `budget` bytes of arrays. An array is handed out again once every view of it is gone."""

    def __init__(self, budget: int = 256 << 20) -> None:
        self.budget = budget
        self._kept: dict[tuple[int, str], list[NDArray[Any]]] = {}
        self._bytes = 0

    def take(self, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """A C-contiguous array, its content undefined, that no one else reads or writes."""
        kind = np.dtype(dtype)
        count = math.prod(shape)
        row = self._kept.setdefault((count, kind.str), [])
        for array in row:
            if sys.getrefcount(array) <= _FREE:
                return array.reshape(shape)
        fresh = np.empty(count, kind)
        if self._bytes + fresh.nbytes <= self.budget or self._make_room(fresh.nbytes):
            row.append(fresh)
            self._bytes += fresh.nbytes
        return fresh.reshape(shape)

    def planes(self, fmt: PictureFormat, width: int, height: int) -> Planes:
        """A picture without alpha in one piece of memory: all of Y, then Cb, then Cr; samples undefined."""
        chroma_width, chroma_height = fmt.planes.chroma_size(width, height)
        luma, chroma = width * height, chroma_width * chroma_height
        flat = self.take((luma + 2 * chroma,), fmt.planes.dtype)
        return Planes(
            flat[:luma].reshape(height, width),
            flat[luma : luma + chroma].reshape(chroma_height, chroma_width),
            flat[luma + chroma :].reshape(chroma_height, chroma_width),
            fmt,
        )

    def _make_room(self, wanted: int) -> bool:
        for key, row in list(self._kept.items()):
            free = [array for array in row if sys.getrefcount(array) <= _FREE]
            for array in free:
                row[:] = [kept for kept in row if kept is not array]
                self._bytes -= array.nbytes
            if not row:
                del self._kept[key]
        return self._bytes + wanted <= self.budget
