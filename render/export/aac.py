"""AAC sound as the MP4 presets use it.

Owns: the sample rates that AAC knows and the codec made of the settings. Refuses: other sound.
"""

from __future__ import annotations

from render.export.preset import Shape, SoundCodec
from render.export.setting import Values

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)


def aac(values: Values, shape: Shape) -> SoundCodec:
    """AAC at the timeline's sample rate where AAC has it, else at 48 kHz."""
    rate = shape.audio_rate if shape.audio_rate in _RATES else 48000
    return SoundCodec(codec="aac", rate=rate, bit_rate=int(values["audio_bitrate"]) * 1000)
