"""The theme that widgets draw with: colours, sizes, fonts and icons of the moment.

Owns: which theme and scale are on, applying them to the application, QColors and QFonts by token.
Refuses: widgets; they listen to `changed` when they keep what they were given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from app.desktop.theme import icons
from app.desktop.theme.connect import connect_for
from app.desktop.theme.fonts import load_fonts
from app.desktop.theme.style import style_sheet
from app.desktop.theme.tokens import THEMES, Tokens, load

SCALES = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
"""Sizes of the window that are offered."""

_WEIGHTS = {400: QFont.Weight.Normal, 500: QFont.Weight.Medium, 600: QFont.Weight.DemiBold, 700: QFont.Weight.Bold}


class Theme(QObject):
    """`changed` after another theme or scale was applied. `folder` is where small generated icon files may be kept."""

    changed = Signal()

    def __init__(self, folder: Path, name: str = "dark", scale: float = 1.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._colours: dict[str, QColor] = {}
        self._fonts: dict[tuple[str, int | None], QFont] = {}
        self.wanted = "dark"
        self.scale = 1.0
        self.families = load_fonts("Inter", "JetBrains")
        self.tokens: Tokens = load("dark")
        self._set(name, scale)

    @property
    def name(self) -> str:
        """dark, light or high_contrast: what is on now."""
        return self.tokens.name

    @property
    def dark(self) -> bool:
        return self.tokens.name != "light"

    def set(self, name: str | None = None, scale: float | None = None) -> None:
        """Changes theme (`system` follows the desktop) or scale (0.8 to 2), and applies it at once."""
        self._set(name or self.wanted, self.scale if scale is None else scale)
        self.apply()
        self.changed.emit()

    def hex(self, token: str) -> str:
        """A colour as #RRGGBB. Raises KeyError for an unknown token."""
        return self.tokens.colours[token]

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """A colour, with an opacity of 0 to 1."""
        found = self._colours.get(token)
        if found is None:
            found = self._colours[token] = QColor(self.tokens.colours[token])
        if alpha >= 1.0:
            return found
        softer = QColor(found)
        softer.setAlphaF(alpha)
        return softer

    def px(self, pixels: float) -> int:
        """Pixels at 100 % as pixels at the scale that is on; at least 1 for more than 0."""
        return max(1, round(pixels * self.scale)) if pixels > 0 else round(pixels * self.scale)

    def size(self, name: str) -> int:
        """A size token in pixels at the scale that is on: `panel_header`, `control` …"""
        return self.px(self.tokens.sizes[name])

    def font(self, role: str = "body", weight: int | None = None) -> QFont:
        """The font of a role of the type scale (tick, label, body, strong …) or `mono`, with tabular figures."""
        known = self._fonts.get((role, weight))
        if known is None:
            known = self._fonts[role, weight] = self._font(role, weight)
        return QFont(known)  # of its own, for who changes it; what Qt worked out for the font is shared

    def _font(self, role: str, weight: int | None) -> QFont:
        size, _, own_weight = self.tokens.type.get(role, (11.0, 14.0, 400))
        font = QFont(self.tokens.mono if role == "mono" else self.tokens.family)
        font.setStyleHint(QFont.StyleHint.Monospace if role == "mono" else QFont.StyleHint.SansSerif)
        font.setPixelSize(max(8, round(size * self.scale)))
        font.setWeight(_WEIGHTS[weight or own_weight])
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        for feature in ("tnum",) if role == "mono" else ("tnum", "cv05", "cv08", "ss03"):
            font.setFeature(QFont.Tag(feature), 1)
        return font

    def icon(self, name: str, colour: str = "text-2", size: int = 16, on: str = "accent") -> QIcon:
        """An icon in token colours: normal, `text-off` when disabled, `on` when checked."""
        return icons.make(name, self.hex(colour), self.hex("text-off"), self.hex(on), self.px(size), self._ratio())

    def pixmap(self, name: str, colour: str = "text-2", size: int = 16, ratio: float | None = None) -> QPixmap:
        """An icon as a pixmap of `size` pixels at 100 %; `colour` is a token or #RRGGBB."""
        value = colour if colour.startswith("#") else self.hex(colour)
        return icons.draw(name, value, self.px(size), ratio or self._ratio(), 1.75 if size >= 20 else 2.0)

    def icon_file(self, name: str, colour: str) -> str:
        """Path of an SVG in a token's colour, for style sheets, which can only name files."""
        text = icons.svg(name).replace("currentColor", self.hex(colour))
        path = self._folder / f"{name}-{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:10]}.svg"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return path.as_posix()

    def apply(self) -> None:
        """Sets style, palette, font and style sheet of the application."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            return
        if app.style().objectName() != "fusion":
            app.setStyle("Fusion")
        app.setPalette(self.palette())
        app.setFont(self.font("body"))
        app.setStyleSheet(style_sheet(self))

    def palette(self) -> QPalette:
        role = QPalette.ColorRole
        palette = QPalette()
        for which, token in ((role.Window, "panel"), (role.Base, "input"), (role.AlternateBase, "well"), (role.Button, "hover"),
                             (role.WindowText, "text"), (role.Text, "text"), (role.ButtonText, "text"), (role.BrightText, "text"),
                             (role.ToolTipBase, "tooltip"), (role.PlaceholderText, "text-3"), (role.Highlight, "accent-fill"),
                             (role.HighlightedText, "text-on-accent"), (role.Link, "accent"), (role.Light, "hover"),
                             (role.Mid, "line"), (role.Dark, "canvas"), (role.Shadow, "canvas"), (role.Midlight, "raised")):
            palette.setColor(which, self.color(token))
        palette.setColor(role.ToolTipText, QColor("#ECEDEF"))
        for which in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, which, self.color("text-off"))
        return palette

    def follow(self, call: Callable[[], None], owner: QObject) -> None:
        """Calls `call` at each change for as long as `owner` lives."""
        connect_for(self.changed, call, owner)

    def _set(self, name: str, scale: float) -> None:
        self.wanted = name if name in (*THEMES, "system") else "dark"
        self.scale = min(2.0, max(0.8, scale))
        shown = self.wanted if self.wanted != "system" else self._of_system()
        self.tokens = load(shown)
        self._colours.clear()
        self._fonts.clear()

    @staticmethod
    def _of_system() -> str:
        hints = QGuiApplication.styleHints() if QGuiApplication.instance() else None
        return "light" if hints is not None and hints.colorScheme() == Qt.ColorScheme.Light else "dark"

    @staticmethod
    def _ratio() -> float:
        app = QGuiApplication.instance()
        return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0

