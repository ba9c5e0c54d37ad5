"""The one style sheet, generated from the template in resources and the tokens.

Owns: filling `resources/themes/window.qss` in. Refuses: fonts (set on widgets, because style sheets drop font features).
"""

from __future__ import annotations

import re
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.desktop.theme.theme import Theme

_NAME = re.compile(r"@([a-z][a-z0-9-]*)")
_PIXELS = re.compile(r"([ph])(\d+)")


def style_sheet(theme: Theme) -> str:
    """The style sheet of a theme at its scale. Raises KeyError for a name that is no token."""
    light = not theme.dark
    values = {
        "button": "#FFFFFF" if light else theme.hex("hover"),
        "button-border": f"1px solid {theme.hex('line')}" if light else "0",
        "chevron": theme.icon_file("chevron-down", "text-3"),
        "check": theme.icon_file("check", "text-on-accent"),
        "dash": theme.icon_file("minus", "text"),
        "tick": theme.icon_file("check", "text"),
        "round": f"{(theme.px(14) + 2) // 2}px",  # half of a radio button's circle; more than half would make it a square
        "more": theme.icon_file("chevron-right", "text-3"),
    }

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        if name in values:
            return values[name]
        if pixels := _PIXELS.fullmatch(name):
            size = theme.px(int(pixels[2]))
            return f"{size if pixels[1] == 'p' else size - 2}px"
        return theme.hex(name)

    template = resources.files("resources").joinpath("themes/window.qss").read_text("utf-8")
    return _NAME.sub(fill, template.split("*/", 1)[1])
