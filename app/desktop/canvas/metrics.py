"""Sizes of the timeline in device-independent pixels.

Owns: the numbers of the size table that the timeline and the viewers are drawn with, at the window's scale.
Refuses: colours (see `look`).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class Metrics:
    """Sizes in pixels. Defaults are those at 100 %; `at` gives them at another scale."""

    scale: float = 1.0
    header: int = 212
    """Width of the track headers."""
    tool_row: int = 36
    ruler: int = 26
    markers: int = 20
    cache_bar: int = 3
    minimap: int = 26
    name_bar: int = 17
    row_min: int = 22
    row_max: int = 320
    row_caption: int = 36
    row_video: int = 54
    row_video_main: int = 84
    row_audio: int = 50
    row_audio_main: int = 70
    kind_gap: int = 4
    """Space between picture and sound rows."""
    clip_inset: int = 2
    """From the top of a row to the top of its clips."""
    clip_foot: int = 5
    """How much shorter a clip is than its row."""
    bare_height: int = 34
    """Clips lower than this are all name bar."""
    trim_zone: int = 7
    trim_zone_wide: int = 12
    """While a trim tool is active."""
    autoscroll_zone: int = 32
    fade_handle: int = 9
    head: int = 14
    """The playhead's head."""
    lod_label: int = 24
    """Narrower clips have no words."""
    lod_all: int = 60
    """From this width on a clip shows all its badges."""

    @classmethod
    def at(cls, scale: float) -> Metrics:
        """All sizes times `scale`, in whole pixels."""
        sizes = {f.name: max(1, round(getattr(cls, f.name) * scale)) for f in dataclasses.fields(cls) if f.name != "scale"}
        return cls(scale=scale, **sizes)

    @property
    def top(self) -> int:
        """Height of everything above the lanes."""
        return self.ruler + self.markers + self.cache_bar

    def px(self, pixels: float) -> int:
        """Pixels at 100 % at this scale."""
        return round(pixels * self.scale)


RING = 2
"""Thickness of the ring around selected clips."""
SNAP_RADIUS = 8
"""Pixels within which a drag snaps."""
DRAG_START = 4
"""Pixels of movement that make a press a drag."""
DRAG_DELAY_MS = 150
"""Or this long a press that then moves."""
RUNS_BELOW = 10
"""Clips narrower than this have no right edge of their own."""
MAX_PIXELS_PER_FRAME = 64.0
