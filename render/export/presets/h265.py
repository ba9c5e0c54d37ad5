"""HEVC with AAC: about a third smaller than H.264 at the same quality, 8 or 10 bits.

Owns: the preset `h265` and its settings. Refuses: HDR signalling, which needs a working space for it first.
"""

from __future__ import annotations

from render.export.aac import aac
from render.export.constant_quality import depth, film, quality

PRESETS = (
    film("h265", "HEVC (MP4)", "HEVC picture and AAC sound: smaller files for current players.",
         {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"},
         crf=quality(23, 0, 51, "0 is nearly lossless, 23 looks like H.264 at 19, 51 is worst.", whole=False),
         bits=depth("8", "10 bits keep smooth skies free of bands, but fewer players take it."),
         sound=aac, bit_rate=192, loss=0.5),
)
