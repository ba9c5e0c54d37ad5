"""All presets, found by discovery.

Owns: looking up a preset by id. Refuses: knowing any one of them.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil

from render.export import presets
from render.export.errors import PresetError
from render.export.preset import Preset

_FIRST = "h264"


@functools.cache
def all_presets() -> dict[str, Preset]:
    """Presets by id: films first, then sound, then stills, the default `h264` before all."""
    found: list[Preset] = []
    for info in pkgutil.iter_modules(presets.__path__):
        found.extend(importlib.import_module(f"{presets.__name__}.{info.name}").PRESETS)
    order = ("film", "sound", "pictures")
    found.sort(key=lambda preset: (preset.id != _FIRST, order.index(preset.kind), preset.id))
    return {preset.id: preset for preset in found}


def preset(preset_id: str) -> Preset:
    """The preset with that id. Raises PresetError naming those that exist."""
    found = all_presets().get(preset_id)
    if found is None:
        raise PresetError(f"There is no preset {preset_id!r}; there are {', '.join(all_presets())}")
    return found


def preset_for(suffix: str) -> Preset | None:
    """The preset whose usual file name ends in `suffix` (`.mov` is ProRes), or None."""
    return next((preset for preset in all_presets().values() if preset.suffixes[0] == suffix.lower()), None)
