"""AV1 by SVT-AV1, with Opus: the smallest files.

Owns: the preset `av1` and its settings. Refuses: film-grain synthesis, which would make what is seen depend on the player.
"""

from __future__ import annotations

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
from render.export.presets.vp9 import limits, opus
from render.export.setting import Setting, Values


def _picture(values: Values, shape: Shape) -> PictureCodec:
    return PictureCodec(codec="av1", planes="yuv420p10le" if values["depth"] == "10" else "yuv420p", crf=float(values["crf"]),
                        speed=str(values["speed"]), keyint=keyint_of(values, shape))


PRESETS = (
    Preset(
        id="av1", title="AV1 (WebM)", kind="film", suffixes=(".webm", ".mkv", ".mp4"), containers=("webm", "matroska", "mp4"),
        help="AV1 picture and Opus sound: open and small; takes longest to make.",
        settings=(
            Setting(name="crf", title="Quality (CRF)", kind="integer", default=32, least=1, most=63,
                    help="Constant quality: 20 looks like the source, 32 is usual, 63 is worst."),
            speed_setting("fast"),
            Setting(name="depth", title="Bits a sample", kind="choice", default="10", choices=("8", "10"),
                    help="10 bits cost AV1 nothing in size and avoid bands."),
            *FRAME, RATE, keyint_setting(), audio_bitrate_setting(128),
        ),
        picture=_picture, sound=opus, limits=limits,
    ),
)
