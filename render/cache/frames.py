"""Finished frames by digest.

Owns: how many bytes of frames are kept. Refuses: frames with a slate for failed media, which may succeed the next time (their
maker does not offer them).
"""

from __future__ import annotations

from render.cache.budget import ByteBudget
from render.picture import Planes

DEFAULT_BUDGET = 256 << 20


class FrameCache:
    """Planes by graph digest, least recently used out first, within `budget` bytes. Treat what it returns as read-only."""

    def __init__(self, budget: int = DEFAULT_BUDGET) -> None:
        self._kept: ByteBudget[bytes, Planes] = ByteBudget(budget)

    def get(self, digest: bytes) -> Planes | None:
        """The frame, or None when it is not kept."""
        return self._kept.get(digest)

    def put(self, digest: bytes, frame: Planes) -> None:
        """Keeps a frame as it is, without copying."""
        self._kept.put(digest, frame, size_of(frame))

    def clear(self) -> None:
        """Forgets every frame."""
        self._kept.clear()

    @property
    def bytes_kept(self) -> int:
        return self._kept.bytes_kept

    def __len__(self) -> int:
        return len(self._kept)


def size_of(frame: Planes) -> int:
    """Bytes of samples of a picture."""
    return int(sum(plane.nbytes for plane in (frame.y, frame.u, frame.v, frame.alpha) if plane is not None))
