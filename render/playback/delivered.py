"""What the render client hands over: pictures with what is known of them, messages, counts.

Owns: the form of each. Refuses: asking for anything (see `client`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from render.messages import Kept
from render.playback.quality import Quality


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """What is known of a delivered frame besides its pixels.

    `latency_ms` is from the request to here, `render_ms` what the server took, `cached` whether it was ready. `quality` is the
    one it was made at, `digest` names its content (equal digests, equal pixels at equal size), `planes` the digest of the planes
    that an export would encode (when asked for), `slates` says in words which media had to be replaced by a slate. `hold()` keeps
    the pixels valid after the callback until the function it returns is called; it raises FrameHeldTooLong when two frames are
    held already.
    """

    request: int
    latency_ms: float
    render_ms: float
    cached: bool
    quality: Quality | float
    digest: bytes
    planes: bytes
    slates: tuple[str, ...]
    hold: Callable[[], Callable[[], None]]


OnFrame = Callable[[int, int, int, int, memoryview, FrameInfo], None]
"""(ticks, revision, width, height, RGBA bytes without row padding, info); the bytes are valid until it returns."""
OnTrouble = Callable[[str, str], None]
"""(a sentence for people, what it concerns: an asset id, `render`, …)."""
OnPeek = Callable[[int, int, int, int, memoryview], None]
"""(request, how many pictures, width and height of each, their RGBA bytes below each other); the bytes are valid until it returns."""
OnMeasured = Callable[[int, "Sequence[tuple[float, float]]"], None]
"""(request, width and height of each title in project pixels at scale 1)."""
OnKept = Callable[[Kept], None]
"""What the server has in memory."""


@dataclass
class Statistics:
    """Counts since the client was made; times in milliseconds over the last 120 frames."""

    delivered: int = 0
    superseded: int = 0
    """Requests that a newer one replaced before they were answered."""
    failed: int = 0
    cached: int = 0
    restarts: int = 0
    render_ms: deque[float] = field(default_factory=lambda: deque(maxlen=120))
    latency_ms: deque[float] = field(default_factory=lambda: deque(maxlen=120))
