"""Frames in shared memory: slots that are written and read by turns, so that nobody sees half a frame.

Owns: the layout of a ring, the sequence numbers, who may touch a slot. Refuses: what is in a frame, and who asks for it.

A slot belongs to the server until a `Shown` names it and to the client until a `Release` does, and both messages travel through
the kernel, which orders memory. The sequence number is the check on top: odd while a slot is being written, raised by two with
each frame, so that a frame whose writer died, or a server that breaks the rule, is noticed.
"""

from __future__ import annotations

import mmap

from render.messages import Ring
from render.wire import SharedBlock, WireError

PAGE = mmap.ALLOCATIONGRANULARITY
_NUMBER_BYTES = 8


def up(size: int) -> int:
    """`size` rounded up to whole pages."""
    return -(-size // PAGE) * PAGE


def ring_bytes(ring: Ring) -> int:
    """Bytes that a ring takes from its base on."""
    return PAGE + ring.slots * up(ring.slot_bytes)


class Slots:
    """A ring's memory as either end sees it. Raises WireError for a ring that does not fit into the block."""

    def __init__(self, block: SharedBlock, ring: Ring) -> None:
        if ring.slots * _NUMBER_BYTES > PAGE or ring.base % PAGE:
            raise WireError("a ring of frames is laid out wrongly")
        self.ring = ring
        self._block = block
        self._numbers = block.view(ring.base, ring.slots * _NUMBER_BYTES).cast("Q")
        _ = block.view(ring.base, ring_bytes(ring))

    def sequence(self, slot: int) -> int:
        return self._numbers[slot]

    def begin(self, slot: int) -> None:
        """Server: marks a slot as being written."""
        self._numbers[slot] |= 1

    def finish(self, slot: int) -> int:
        """Server: marks a slot as whole; its new sequence number."""
        self._numbers[slot] += 1
        return self._numbers[slot]

    def pixels(self, slot: int, count: int) -> memoryview:
        """The first `count` bytes of a slot. Raises WireError when it is no slot or has not so many."""
        if not 0 <= slot < self.ring.slots or not 0 < count <= self.ring.slot_bytes:
            raise WireError(f"slot {slot} of {count} bytes is outside the ring of frames")
        return self._block.view(self.ring.base + PAGE + slot * up(self.ring.slot_bytes), count)
