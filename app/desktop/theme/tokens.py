"""Design tokens: colours, sizes and type of each theme.

Owns: reading `resources/themes/tokens.json`, the three themes, contrast between two colours.
Refuses: Qt; the theme turns tokens into palettes, style sheets and fonts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

THEMES = ("dark", "light", "high_contrast")
"""Names of the themes, as in settings; `system` follows the desktop."""


@dataclass(frozen=True)
class Tokens:
    """`colours` by token name as #RRGGBB; `sizes` in pixels at 100 %; `type` as (size, line, weight)."""

    name: str
    colours: dict[str, str]
    sizes: dict[str, int]
    type: dict[str, tuple[float, float, int]]
    family: str
    mono: str
    radius: dict[str, int]
    motion: dict[str, int]


def load(name: str) -> Tokens:
    """The tokens of a theme. Raises KeyError for an unknown name."""
    raw: dict[str, Any] = json.loads(resources.files("resources").joinpath("themes/tokens.json").read_text("utf-8"))
    own = dict(raw[name])
    colours = dict(raw[own.pop("based_on")], **own) if "based_on" in own else own
    sizes = {str(key): int(value) for key, value in raw["size"].items()}
    kinds = {str(key): (float(v[0]), float(v[1]), int(v[2])) for key, v in raw["type"].items() if isinstance(v, list)}
    return Tokens(name, colours, sizes, kinds, raw["type"]["family"], raw["type"]["mono"],
                  {str(k): int(v) for k, v in raw["radius"].items()}, {str(k): int(v) for k, v in raw["motion_ms"].items()})


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
