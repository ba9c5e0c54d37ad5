"""H.264 with AAC: what every player and every site takes.

Owns: the preset `h264` and its settings. Refuses: hardware encoders.
"""

from __future__ import annotations

from render.export.aac import aac
from render.export.preset import (
    FRAME,
    RATE,
    Limits,
    PictureCodec,
    Preset,
    Shape,
    audio_bitrate_setting,
    keyint_of,
    keyint_setting,
    speed_setting,
)
from render.export.setting import Setting, Values


def _picture(values: Values, shape: Shape) -> PictureCodec:
    return PictureCodec(codec="h264", crf=float(values["crf"]), speed=str(values["speed"]), keyint=keyint_of(values, shape))


def limits(values: Values) -> Limits:
    """What H.264 and HEVC lose at a constant quality."""
    crf = float(values["crf"])
    return Limits(psnr=max(14.0, 38.0 - 0.5 * crf), cell=3 + 45 * (crf / 51) ** 2.5)


PRESETS = (
    Preset(
        id="h264", title="H.264 (MP4)", kind="film", suffixes=(".mp4", ".mov", ".m4v", ".mkv"),
        containers=("mp4", "mov", "mp4", "matroska"),
        help="H.264 picture and AAC sound: plays everywhere.",
        settings=(
            Setting(name="crf", title="Quality (CRF)", kind="number", default=20, least=0, most=51,
                    help="Constant quality: 0 loses nothing, 18 looks like the source, 23 is smaller, 51 is worst."),
            speed_setting("fast"), *FRAME, RATE, keyint_setting(), audio_bitrate_setting(192),
        ),
        picture=_picture, sound=aac, limits=limits,
    ),
)
