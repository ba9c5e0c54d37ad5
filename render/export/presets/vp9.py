"""VP9 with Opus in WebM: for the web, without patents to pay for.

Owns: the preset `vp9` and its settings. Refuses: alpha, which the film does not have.
"""

from __future__ import annotations

from render.export.constant_quality import film, quality
from render.export.opus import opus

PRESETS = (
    film("vp9", "VP9 (WebM)", "VP9 picture and Opus sound: open formats for the web.", {".webm": "webm", ".mkv": "matroska"},
         crf=quality(31, 0, 63, "15 looks like the source, 31 is usual for 1080p, 63 is worst."),
         sound=opus, bit_rate=128, loss=0.4),
)
