"""HEVC with AAC: about a third smaller than H.264 at the same quality, 8 or 10 bits.

Owns: the preset `h265` and its settings. Refuses: HDR signalling, which needs a working space for it first.
"""

from __future__ import annotations

from render.export.aac import aac
from render.export.preset import (
    FRAME,
    RATE,
    PictureCodec,
    Preset,
    Shape,
    audio_bitrate_setting,
    keyint_of,
    keyint_setting,
    speed_setting,
)
from render.export.presets.h264 import limits
from render.export.setting import Setting, Values


def _picture(values: Values, shape: Shape) -> PictureCodec:
    return PictureCodec(codec="h265", planes="yuv420p10le" if values["depth"] == "10" else "yuv420p", crf=float(values["crf"]),
                        speed=str(values["speed"]), keyint=keyint_of(values, shape))


PRESETS = (
    Preset(
        id="h265", title="HEVC (MP4)", kind="film", suffixes=(".mp4", ".mov", ".mkv"), containers=("mp4", "mov", "matroska"),
        help="HEVC picture and AAC sound: smaller files for current players.",
        settings=(
            Setting(name="crf", title="Quality (CRF)", kind="number", default=23, least=0, most=51,
                    help="Constant quality: 0 is nearly lossless, 23 looks like H.264 at 19, 51 is worst."),
            speed_setting("fast"),
            Setting(name="depth", title="Bits a sample", kind="choice", default="8", choices=("8", "10"),
                    help="10 bits keep smooth skies free of bands, but fewer players take it."),
            *FRAME, RATE, keyint_setting(), audio_bitrate_setting(192),
        ),
        picture=_picture, sound=aac, limits=limits,
    ),
)
