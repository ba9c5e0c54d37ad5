"""Where a level line stands on a clip.

Owns: decibels and opacity to pixels and back. Refuses: painting.

Sound: +24 dB is the top of the body, 0 dB a third down, -60 dB the bottom (lower levels stay there). Opacity is linear.
"""

from __future__ import annotations

_ZERO = 1 / 3
_LOWEST_SHOWN = -60.0
_HIGHEST = 24.0
_LOWEST = -96.0


def gain_factor(decibels: float) -> float:
    """Amplitude factor of a gain in dB."""
    return 10 ** (decibels / 20)


def gain_y(decibels: float, top: int, height: int) -> int:
    """Pixel of the gain line in a body of `height` pixels from `top`."""
    if decibels >= 0:
        part = _ZERO * (1 - decibels / _HIGHEST)
    else:
        part = _ZERO + (1 - _ZERO) * min(1.0, decibels / _LOWEST_SHOWN)
    return top + round(part * (height - 1))


def gain_at(y: float, top: int, height: int) -> float:
    """Gain in dB at a pixel, to 0.1 dB, from -96 (below the bottom) to +24."""
    part = (y - top) / max(1, height - 1)
    if part <= _ZERO:
        decibels = _HIGHEST * (1 - max(0.0, part) / _ZERO)
    elif part >= 1:
        return _LOWEST
    else:
        decibels = _LOWEST_SHOWN * (part - _ZERO) / (1 - _ZERO)
    return round(decibels, 1) + 0.0


def opacity_y(opacity: float, top: int, height: int) -> int:
    """Pixel of the opacity line: 1 at the top of the body, 0 at the bottom."""
    return top + round((1 - opacity) * (height - 1))


def opacity_at(y: float, top: int, height: int) -> float:
    """Opacity at a pixel, to 1 %, 0 to 1."""
    return round(min(1.0, max(0.0, 1 - (y - top) / max(1, height - 1))), 2)
