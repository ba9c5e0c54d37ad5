"""What libav is told about this processor.

Owns: one guess of libav's about speed, put right. Refuses: anything that changes a sample.

swscale loads samples for scaling with gathers, one instruction for eight addresses, unless it knows that the processor is slow at
them; it knows that of AMD's up to Zen 3. On Zen 5 its other code takes half the time as well: 1080p to 540p 1.15 ms instead of 2.3,
to RGB 3.1 instead of 4.1, the same samples.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import sys
from pathlib import Path

import av._core

SLOW_GATHER = 1 << 25
"""AV_CPU_FLAG_SLOW_GATHER of libavutil/cpu.h; a library that does not know it ignores it."""
_ENOUGH = 4096
"""Characters of the system's description that hold the first processor's maker."""


def spare_gathers() -> bool:
    """Tells libav of this process that gathers are slow, where they are. True when it was told."""
    if sys.platform != "linux":
        return False
    with contextlib.suppress(OSError, AttributeError):
        with Path("/proc/cpuinfo").open(encoding="ascii", errors="replace") as described:
            slow = gathers_slowly(described.read(_ENOUGH))
        if slow:
            library = libavutil()
            library.av_force_cpu_flags(library.av_get_cpu_flags() | SLOW_GATHER)
            return True
    return False


def gathers_slowly(described: str) -> bool:
    """Whether the processor of a `/proc/cpuinfo` is one of those that are slow at gathers: AMD's."""
    return re.search(r"^vendor_id\s*: AuthenticAMD$", described, re.MULTILINE) is not None


def libavutil() -> ctypes.CDLL:
    """libav as PyAV is linked with it (OpenCV brings another of its own): its symbols are found through PyAV's. Raises OSError."""
    return ctypes.CDLL(av._core.__file__)
