"""VP9 with Opus in WebM: for the web, without patents to pay for.

Owns: the preset `vp9` and its settings. Refuses: alpha, which the film does not have.
"""

from __future__ import annotations

from render.export.preset import (
    FRAME,
    RATE,
    Limits,
    PictureCodec,
    Preset,
    Shape,
    SoundCodec,
    audio_bitrate_setting,
    keyint_of,
    keyint_setting,
    speed_setting,
)
from render.export.setting import Setting, Values


def _picture(values: Values, shape: Shape) -> PictureCodec:
    return PictureCodec(codec="vp9", crf=float(values["crf"]), speed=str(values["speed"]), keyint=keyint_of(values, shape))


def opus(values: Values, shape: Shape) -> SoundCodec:
    """Opus, which is always 48 kHz."""
    return SoundCodec(codec="opus", rate=48000, bit_rate=int(values["audio_bitrate"]) * 1000)


def limits(values: Values) -> Limits:
    """What VP9 and AV1 lose at a constant quality."""
    crf = float(values["crf"])
    return Limits(psnr=max(14.0, 38.0 - 0.4 * crf), cell=3 + 45 * (crf / 63) ** 2.5)


PRESETS = (
    Preset(
        id="vp9", title="VP9 (WebM)", kind="film", suffixes=(".webm", ".mkv"), containers=("webm", "matroska"),
        help="VP9 picture and Opus sound: open formats for the web.",
        settings=(
            Setting(name="crf", title="Quality (CRF)", kind="integer", default=31, least=0, most=63,
                    help="Constant quality: 15 looks like the source, 31 is usual for 1080p, 63 is worst."),
            speed_setting("fast"), *FRAME, RATE, keyint_setting(), audio_bitrate_setting(128),
        ),
        picture=_picture, sound=opus, limits=limits,
    ),
)
