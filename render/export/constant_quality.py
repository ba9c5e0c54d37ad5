"""Films encoded at a constant quality: what the presets of H.264, HEVC, VP9 and AV1 have in common.

Owns: their settings and their order, how settings become a picture codec, how much such an encoder loses. Refuses: what sets them
apart, which each preset's file says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

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

Codec = Literal["h264", "h265", "vp9", "av1"]


def quality(default: int, least: int, most: int, help: str, *, whole: bool = True) -> Setting:
    """The setting `crf`: constant quality, smaller is better. `whole` where the encoder takes no fractions."""
    return Setting(name="crf", title="Quality (CRF)", kind="integer" if whole else "number", default=default, least=least, most=most,
                   help=f"Constant quality: {help}")


def depth(default: str, help: str) -> Setting:
    """The setting `depth`: 8 or 10 bits a sample."""
    return Setting(name="depth", title="Bits a sample", kind="choice", default=default, choices=("8", "10"), help=help)


def film(id: Codec, title: str, help: str, containers: dict[str, str], *, crf: Setting, sound: Callable[[Values, Shape], SoundCodec],
         bit_rate: int, loss: float, bits: Setting | None = None) -> Preset:
    """A preset whose codec is its id. `containers` are names of containers by file name ending, the usual one first; `bit_rate` kbit/s
    of sound unless set; `loss` dB of PSNR that a step of `crf` costs at most."""

    def picture(values: Values, shape: Shape) -> PictureCodec:
        return PictureCodec(codec=id, planes="yuv420p10le" if values.get("depth") == "10" else "yuv420p", crf=float(values["crf"]),
                            speed=str(values["speed"]), keyint=keyint_of(values, shape))

    def limits(values: Values) -> Limits:
        share = float(values["crf"]) / float(crf.most or 51)
        return Limits(psnr=max(14.0, 38.0 - loss * float(values["crf"])), cell=3 + 45 * share**2.5)

    settings = (crf, speed_setting("fast"), *([bits] if bits is not None else []), *FRAME, RATE, keyint_setting(),
                audio_bitrate_setting(bit_rate))
    return Preset(id=id, title=title, kind="film", suffixes=tuple(containers), containers=tuple(containers.values()), help=help,
                  settings=settings, picture=picture, sound=sound, limits=limits)
