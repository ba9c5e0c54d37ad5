"""Fonts: the bundled ones first, those of the system when a title asks for one by name.

Owns: families, fall-back order and typefaces for the text engine. Refuses: layout and painting.

Pictures that must be equal everywhere use bundled families only; a system family is somebody's choice on their machine.
"""

from __future__ import annotations

import logging
import threading
import unicodedata
from importlib import resources
from typing import Any

import skia

from render.draw.errors import FontMissing

log = logging.getLogger(__name__)

EMOJI = "Noto Color Emoji"
FALLBACK = (
    "Inter",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans CJK SC",
    EMOJI,
)
"""Families tried in this order for characters that the chosen one lacks."""
_MOST_LACKING = 64
"""Characters of one text that the system's fonts are searched for."""


class Fonts:
    """The typefaces of one process. Not for use from two threads at a time (Skia's font caches are, this registry is not)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._provider: Any = skia.textlayout.TypefaceFontProvider()
        self._families: set[str] = set()
        self._refused: set[str] = set()
        self._system: Any = None
        self._faces: list[Any] = []
        self._load_bundled()
        self.collection: Any = skia.textlayout.FontCollection()
        self.collection.setDefaultFontManager(self._provider)
        self.unicode: Any = skia.Unicodes.ICU.Make()

    @property
    def bundled(self) -> tuple[str, ...]:
        """Family names that come with the program."""
        return tuple(sorted(self._bundled))

    def families(self, chosen: str, text: str = "") -> list[str]:
        """The families to lay a text out with: the chosen one where it exists, then the fall-back order, then those of the
        system that have characters of `text` which all of these lack."""
        first = [chosen] if chosen and self._has(chosen) else []
        known = [*first, *(family for family in FALLBACK if family != chosen)]
        return [*known, *(family for family in self._families_for(self.lacking(text)) if family not in known)]

    def lacking(self, text: str) -> str:
        """The characters of a text that no bundled family has, each once; controls, joiners and variation selectors do not count."""
        return "".join(
            character
            for character in dict.fromkeys(text)
            if not _invisible(character) and not any(face.unicharToGlyph(ord(character)) for face in self._faces)
        )

    def _families_for(self, characters: str) -> list[str]:
        found: list[str] = []
        for character in characters[:_MOST_LACKING]:
            face = self._of_system().matchFamilyStyleCharacter("", skia.FontStyle(), [], ord(character))
            family = "" if face is None else face.getFamilyName()
            if family and family not in found and self._has(family):
                found.append(family)
        return found

    def _of_system(self) -> Any:
        if self._system is None:
            self._system = skia.FontMgr.RefDefault()
        return self._system

    def _load_bundled(self) -> None:
        # A manager of its own: the default one would read the configuration of every font of the system.
        loader = skia.FontMgr.New_Custom_Empty()
        with resources.as_file(resources.files("resources") / "fonts") as folder:
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if path.suffix in (".otf", ".ttf"):
                    typeface = loader.makeFromFile(str(path))
                    if typeface is None:
                        raise FontMissing(f"The font file {path.name} is damaged; install the program again.")
                    self._provider.registerTypeface(typeface)
                    self._families.add(typeface.getFamilyName())
                    self._faces.append(typeface)
        missing = set(FALLBACK) - self._families
        if missing:
            raise FontMissing(f"Fonts are missing from resources/fonts: {', '.join(sorted(missing))}; install the program again.")
        self._bundled = frozenset(self._families)

    def _has(self, family: str) -> bool:
        with self._lock:
            if family in self._families:
                return True
            if family in self._refused or not self._register_system(family):
                self._refused.add(family)
                log.info("font %r is neither bundled nor installed; using %s", family, FALLBACK[0])
                return False
            self._families.add(family)
            return True

    def _register_system(self, family: str) -> bool:
        styles = self._of_system().matchFamily(family)
        count = 0 if styles is None else styles.count()
        for index in range(count):
            typeface = styles.createTypeface(index)
            if typeface is not None:
                self._provider.registerTypeface(typeface, family)
        return count > 0


def _invisible(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ" or "VARIATION SELECTOR" in unicodedata.name(character, "")
