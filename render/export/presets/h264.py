"""H.264 with AAC: what every player and every site takes.

Owns: the preset `h264` and its settings. Refuses: hardware encoders.
"""

from __future__ import annotations

from render.export.aac import aac
from render.export.constant_quality import film, quality

PRESETS = (
    film("h264", "H.264 (MP4)", "H.264 picture and AAC sound: plays everywhere.",
         {".mp4": "mp4", ".mov": "mov", ".m4v": "mp4", ".mkv": "matroska"},
         crf=quality(20, 0, 51, "0 loses nothing, 18 looks like the source, 23 is smaller, 51 is worst.", whole=False),
         sound=aac, bit_rate=192, loss=0.5),
)
