"""Sound alone: WAV, FLAC and MP3.

Owns: the presets `wav`, `flac` and `mp3`. Refuses: pictures.
"""

from __future__ import annotations

from render.export.preset import Limits, Preset, Shape, SoundCodec, audio_bitrate_setting, audio_rate_setting
from render.export.setting import Setting, Values

_BITS = {"16": 16, "24": 24, "float": 32}
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_EXACT = Limits(offset=0.00003, loudness=0.1, peak=0.2)


def _wav(values: Values, shape: Shape) -> SoundCodec:
    return SoundCodec(codec="pcm", rate=shape.audio_rate, bits=_BITS[str(values["bits"])])


def _flac(values: Values, shape: Shape) -> SoundCodec:
    return SoundCodec(codec="flac", rate=shape.audio_rate, bits=_BITS[str(values["bits"])])


def _mp3(values: Values, shape: Shape) -> SoundCodec:
    rate = shape.audio_rate if shape.audio_rate in _MP3_RATES else 48000
    return SoundCodec(codec="mp3", rate=rate, bit_rate=int(values["audio_bitrate"]) * 1000)


def _bits(*choices: str) -> Setting:
    return Setting(name="bits", title="Bits a sample", kind="choice", default="24", choices=choices,
                   help="Bits a sample; float keeps what is louder than full scale.")


PRESETS = (
    Preset(id="wav", title="WAV", kind="sound", suffixes=(".wav",), containers=("wav",), sound=_wav, limits=lambda values: _EXACT,
           help="The sound alone, uncompressed.", settings=(_bits("16", "24", "float"), audio_rate_setting())),
    Preset(id="flac", title="FLAC", kind="sound", suffixes=(".flac",), containers=("flac",), sound=_flac, limits=lambda values: _EXACT,
           help="The sound alone, compressed without loss.", settings=(_bits("16", "24"), audio_rate_setting())),
    Preset(id="mp3", title="MP3", kind="sound", suffixes=(".mp3",), containers=("mp3",), sound=_mp3,
           help="The sound alone, small, for every player.", settings=(audio_bitrate_setting(192, 64, 320), audio_rate_setting())),
)
