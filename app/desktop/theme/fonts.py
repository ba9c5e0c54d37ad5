"""The window's own fonts.

Owns: loading the bundled font files into Qt once. Refuses: fonts of titles in the film (the renderer has them).
"""

from __future__ import annotations

import functools
import logging
from importlib import resources

from PySide6.QtGui import QFontDatabase

log = logging.getLogger(__name__)


@functools.cache
def load_fonts(*wanted: str) -> frozenset[str]:
    """Loads the bundled files whose names begin with one of `wanted`, once; gives the families that are there now."""
    families: set[str] = set()
    folder = resources.files("resources").joinpath("fonts")
    if not folder.is_dir():
        log.warning("no bundled fonts; the desktop's own are used")
        return frozenset()
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.lower().endswith((".ttf", ".otf")) and entry.name.startswith(wanted):
            number = QFontDatabase.addApplicationFontFromData(entry.read_bytes())
            families.update(QFontDatabase.applicationFontFamilies(number) if number >= 0 else ())
    return frozenset(families)
