"""AV1 by SVT-AV1, with Opus: the smallest files.

Owns: the preset `av1` and its settings. Refuses: film-grain synthesis, which would make what is seen depend on the player.
"""

from __future__ import annotations

from render.export.constant_quality import depth, film, quality
from render.export.opus import opus

PRESETS = (
    film("av1", "AV1 (WebM)", "AV1 picture and Opus sound: open and small; takes longest to make.",
         {".webm": "webm", ".mkv": "matroska", ".mp4": "mp4"},
         crf=quality(32, 1, 63, "20 looks like the source, 32 is usual, 63 is worst."),
         bits=depth("10", "10 bits cost AV1 nothing in size and avoid bands."),
         sound=opus, bit_rate=128, loss=0.4),
)
