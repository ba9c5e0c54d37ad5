"""Opus sound of films, for the presets that carry it.

Owns: its rate and bit rate. Refuses: other sound.
"""

from __future__ import annotations

from render.export.preset import Shape, SoundCodec
from render.export.setting import Values


def opus(values: Values, shape: Shape) -> SoundCodec:
    """Opus, which is always 48 kHz."""
    return SoundCodec(codec="opus", rate=48000, bit_rate=int(values["audio_bitrate"]) * 1000)
