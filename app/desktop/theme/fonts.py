"""The window's own fonts.

Owns: loading the bundled font files into Qt once. Refuses: fonts of titles in the film (the renderer has them).
"""

from __future__ import annotations

import functools
import logging
from importlib import resources

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

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


def load_scripts() -> None:
    """Writing systems that a desktop may lack, for names and titles in lists: Arabic, Hebrew, Devanagari, CJK, emoji. Takes about
    0.1 s and 15 MB, so it waits until the window stands; what is shown by then is painted again."""
    load_fonts("NotoSansArabic-Regular", "NotoSansHebrew-Regular", "NotoSansDevanagari-Regular", "NotoSansCJK-Regular")
    for family in load_fonts("NotoColorEmoji"):
        QFontDatabase.addApplicationEmojiFontFamily(family)
    for widget in QApplication.allWidgets():
        widget.update()
