"""The codecs that outputs may use and how their settings are called.

Owns: names, pixel formats, the mapping of quality and speed to each encoder's own options. Refuses: files.
"""

from __future__ import annotations

from typing import Literal

import cv2
import msgspec

from render.picture import YUV420P, YUV420P10, YUV422P10, YUV444P10, PlaneFormat

VideoCodec = Literal["h264", "h265", "vp9", "av1", "prores"]
AudioCodec = Literal["aac", "opus", "pcm", "flac", "mp3"]

SPEEDS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""From the fastest to the smallest; every encoder maps them to its own scale."""


class VideoSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to encode pictures.

    `crf` is the encoder's constant quality (lower is better: H.264 0-51, H.265 0-51, VP9 and AV1 0-63; unused by ProRes).
    `bit_rate` in bits a second replaces `crf` where it is above 0. `keyint` is the longest distance between keyframes in
    frames; groups are always closed. `threads` 0 is one a core. `profile` is ProRes's proxy, lt, standard, hq, 4444.
    """

    codec: VideoCodec = "h264"
    crf: float = 20.0
    speed: str = "veryfast"
    keyint: int = 60
    bit_rate: int = 0
    threads: int = 0
    profile: str = "standard"


class AudioSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How to encode sound: `bit_rate` in bits a second for AAC, Opus and MP3; `bits` 16 or 24 for PCM and FLAC, 32 is float PCM."""

    codec: AudioCodec = "aac"
    bit_rate: int = 192_000
    bits: int = 16


ENCODERS: dict[str, str] = {"h264": "libx264", "h265": "libx265", "vp9": "libvpx-vp9", "av1": "libsvtav1", "prores": "prores_ks"}


def encoder_name(settings: VideoSettings) -> str:
    """libav's encoder. ProRes has two: at speeds up to `veryfast` the one that spends a fixed share of bits, four times as quick."""
    if settings.codec == "prores" and settings.speed in SPEEDS[:3] and not settings.profile.startswith("4444"):
        return "prores"
    return ENCODERS[settings.codec]


PLANES: dict[str, tuple[PlaneFormat, ...]] = {
    "h264": (YUV420P, YUV420P10, YUV422P10, YUV444P10),
    "h265": (YUV420P, YUV420P10, YUV422P10, YUV444P10),
    "vp9": (YUV420P, YUV420P10),
    "av1": (YUV420P, YUV420P10),
    "prores": (YUV422P10, YUV444P10),
}
"""Plane formats that each codec takes, its usual one first."""

COPIES_AT_ONCE = frozenset({"h264", "h265", "vp9", "av1"})
"""Encoders that have copied a picture when the call returns, so that planes may be handed over without a copy first."""

_CPU_AVX2, _CPU_AVX512F = 11, 13
"""OpenCV's numbers of processor features."""
_PRORES_PROFILES = {"proxy": "0", "lt": "1", "standard": "2", "hq": "3", "4444": "4", "4444xq": "5"}


def video_options(settings: VideoSettings, width: int) -> dict[str, str]:
    """Options of the encoder, by libav's names, for pictures `width` pixels wide."""
    rank = SPEEDS.index(settings.speed) if settings.speed in SPEEDS else SPEEDS.index("medium")
    quality = {} if settings.bit_rate else {"crf": f"{settings.crf:g}"}
    if settings.codec == "h264":
        return {"preset": SPEEDS[rank], "a53cc": "0", "x264-params": "open-gop=0:force-cfr=1" + _same_every_time(width), **quality}
    if settings.codec == "h265":
        return {"preset": SPEEDS[rank], "a53cc": "0", "x265-params": "open-gop=0:log-level=none:info=0", **quality}
    if settings.codec == "vp9":
        speed = (8, 7, 6, 5, 4, 3, 2, 1, 0)[rank]
        return {"deadline": "realtime" if speed > 5 else "good", "cpu-used": str(speed), "row-mt": "1", "tile-columns": "2", **quality}
    if settings.codec == "av1":
        # SVT-AV1's presets 10 to 12 leave out the residual of whole blocks, which shows: in a fade as black squares.
        return {"preset": str((9, 9, 9, 9, 8, 7, 5, 4, 3)[rank]), **quality}
    return {"profile": _PRORES_PROFILES.get(settings.profile, "2"), "vendor": "apl0"}


def _same_every_time(width: int) -> str:
    """Keeps x264 from its AVX-512 code where that reads beyond a row of macroblocks (widths that are not whole 128s), which
    makes the same pictures into different bytes each time; measured on 720 and 1080 wide film. AVX2 is as exact and 3 % slower.
    """
    has_both = cv2.checkHardwareSupport(_CPU_AVX2) and cv2.checkHardwareSupport(_CPU_AVX512F)
    return ":asm=AVX2,FMA3,BMI1,BMI2,LZCNT" if has_both and -(-width // 16) % 8 else ""


AUDIO_ENCODERS: dict[str, str] = {"aac": "aac", "opus": "libopus", "flac": "flac", "mp3": "libmp3lame"}


def audio_encoder(settings: AudioSettings) -> tuple[str, str]:
    """libav's encoder and sample format."""
    if settings.codec == "pcm":
        names = {16: ("pcm_s16le", "s16"), 24: ("pcm_s24le", "s32"), 32: ("pcm_f32le", "flt")}
        return names.get(settings.bits, names[16])
    if settings.codec == "flac":
        return "flac", "s16" if settings.bits == 16 else "s32"
    return AUDIO_ENCODERS[settings.codec], "flt" if settings.codec == "opus" else "fltp"
