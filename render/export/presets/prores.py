"""ProRes 422 with uncompressed sound in MOV: to hand the film to another editor or a colourist.

Owns: the preset `prores` and its four profiles. Refuses: 4444 and alpha, which the film does not have.
"""

from __future__ import annotations

from render.export.preset import FRAME, RATE, Limits, PictureCodec, Preset, Shape, SoundCodec, audio_rate_setting
from render.export.setting import Setting, Values

_PSNR = {"proxy": 28.0, "lt": 31.0, "standard": 34.0, "hq": 36.0}


def _picture(values: Values, shape: Shape) -> PictureCodec:
    return PictureCodec(codec="prores", planes="yuv422p10le", profile=str(values["profile"]),
                        speed="veryfast" if values["speed"] == "fast" else "medium")


def _sound(values: Values, shape: Shape) -> SoundCodec:
    return SoundCodec(codec="pcm", rate=shape.audio_rate, bits=int(values["bits"]))


def _limits(values: Values) -> Limits:
    return Limits(psnr=_PSNR[str(values["profile"])], cell=3.0, offset=0.00003, loudness=0.1, peak=0.2)


PRESETS = (
    Preset(
        id="prores", title="ProRes 422 (MOV)", kind="film", suffixes=(".mov",), containers=("mov",),
        help="ProRes 422 10-bit picture and PCM sound: large files that lose next to nothing.",
        settings=(
            Setting(name="profile", title="Profile", kind="choice", default="hq", choices=tuple(_PSNR),
                    help="From proxy, about 45 Mbit/s at 1080p25, to hq, about 185 Mbit/s."),
            Setting(name="speed", title="Encoder", kind="choice", default="fast", choices=("fast", "thorough"),
                    help="thorough keeps closer to the profile's bit rate and takes three to five times as long."),
            *FRAME, RATE, audio_rate_setting(),
            Setting(name="bits", title="Bits of sound", kind="choice", default="24", choices=("16", "24"), help="Bits a sample of sound."),
        ),
        picture=_picture, sound=_sound, limits=_limits,
    ),
)
