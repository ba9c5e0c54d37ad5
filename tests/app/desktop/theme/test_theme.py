"""Colours, sizes, fonts and icons of every theme."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QImage
from PySide6.QtWidgets import QApplication, QPushButton

from app.desktop.start import application
from app.desktop.theme import icons
from app.desktop.theme.fonts import load_scripts
from app.desktop.theme.style import style_sheet
from app.desktop.theme.theme import Theme
from app.desktop.theme.tokens import THEMES, contrast, load

SURFACES = ("canvas", "well", "panel", "raised", "input", "hover", "popover")
KINDS = ("video", "audio", "title", "caption", "nested", "adjust", "generator", "offline")
PEERS = ("rose", "teal", "violet", "orange", "lime", "orchid", "sand", "brick")


def pairs() -> Iterator[tuple[str, str, float]]:
    """(foreground, background, least ratio) by WCAG 2.2: 7 for primary text, 4.5 for other text, 3 for what is no text."""
    for surface in (*SURFACES, "pressed"):
        yield "text", surface, 7.0
        yield "text-2", surface, 4.5
    for surface in SURFACES:
        yield "text-3", surface, 4.5
    for surface in ("panel", "raised", "input", "well", "popover", "accent-soft"):
        yield "accent", surface, 4.5
    yield from (("text", "accent-soft", 7.0), ("text-2", "accent-soft", 4.5), ("text-3", "accent-soft", 4.5),
                ("warn-ink", "warn-fill", 4.5), ("badge-ink", "badge", 4.5))
    for surface in ("accent-fill", "accent-fill-hover", "danger-fill"):
        yield "text-on-accent", surface, 4.5
    for kind in ("ok", "warn", "danger"):
        for surface in ("panel", "raised", "well", "input", f"{kind}-soft"):
            yield kind, surface, 4.5
        yield "text", f"{kind}-soft", 7.0
    for surface in ("panel", "raised", "input", "well", "popover"):
        yield "line-control", surface, 3.0
        yield "focus", surface, 3.0
    for kind in KINDS:
        yield f"clip-{kind}-text", f"clip-{kind}", 4.5
        yield f"clip-{kind}-text", f"clip-{kind}-bar", 4.5
        yield "focus", f"clip-{kind}", 3.0
        yield f"clip-{kind}-edge", "well", 3.0
    yield from (("wave", "clip-audio", 3.0), ("playhead", "well", 3.0), ("snap", "well", 3.0))
    for level in ("low", "mid", "high"):
        yield f"meter-{level}", "meter-bed", 3.0
    for peer in PEERS:
        yield f"peer-{peer}", "panel", 4.5
        yield "peer-ink", f"peer-{peer}", 4.5


@pytest.mark.parametrize("name", THEMES)
def test_every_pair_of_colours_can_be_read(name: str) -> None:
    colours = load(name).colours
    low = [(a, b, round(contrast(colours[a], colours[b]), 2)) for a, b, least in pairs() if contrast(colours[a], colours[b]) < least]
    assert low == []


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == 21.0 and round(contrast("#777777", "#FFFFFF"), 2) == 4.48


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("scale", [0.8, 1.0, 2.0])
def test_the_style_sheet_names_only_tokens_and_whole_pixels(tmp_path: Path, name: str, scale: float) -> None:
    application()
    sheet = style_sheet(Theme(tmp_path, name, scale))
    assert "@" not in sheet and sheet.count("{") == sheet.count("}") > 60


def test_all_themes_have_the_same_tokens() -> None:
    assert set(load("dark").colours) == set(load("light").colours) == set(load("high_contrast").colours)


def test_the_windows_fonts_are_bundled_and_figures_are_equally_wide(tmp_path: Path) -> None:
    application()
    theme = Theme(tmp_path)
    assert {"Inter", "JetBrains Mono"} <= set(QFontDatabase.families())
    metrics = QFontMetrics(theme.font("body"))
    assert len({metrics.horizontalAdvance(digit * 20) for digit in "0123456789"}) == 1
    assert theme.font("strong").weight() == QFont.Weight.DemiBold


def test_icons_have_the_colour_that_is_asked_for(tmp_path: Path) -> None:
    application()
    image = icons.draw("square", "#FF0000", 24, 2.0).toImage()
    painted = {QColor(image.pixelColor(x, y)).name() for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255}
    assert painted == {"#ff0000"} and image.width() == 48


def test_own_icons_are_all_there_and_an_unknown_one_is_a_box_not_a_crash() -> None:
    application()
    own = [entry.name for entry in (resources.files("resources") / "icons").iterdir() if entry.name.endswith(".svg")]
    assert len([name for name in own if name.startswith("pe-")]) == 20 and "logo.svg" in own
    assert not icons.exists("no-such-icon") and not icons.draw("no-such-icon", "#FFFFFF", 16, 1.0).isNull()


def test_another_theme_recolours_widgets_at_once(tmp_path: Path) -> None:
    app = application()
    theme = Theme(tmp_path)
    theme.apply()
    button = QPushButton("Export")
    button.setProperty("kind", "primary")
    button.resize(120, 30)
    button.show()
    seen: list[str] = []
    for name in ("dark", "light"):
        theme.set(name)
        app.processEvents()
        image: QImage = button.grab().toImage()
        seen.append(image.pixelColor(12, 15).name().upper())
    assert seen == [load("dark").colours["accent-fill"], load("light").colours["accent-fill"]]
    button.deleteLater()


def test_sizes_follow_the_scale_and_stay_within_limits(tmp_path: Path) -> None:
    application()
    theme = Theme(tmp_path, scale=1.5)
    assert (theme.size("panel_header"), theme.px(1), theme.px(0.2)) == (48, 2, 1)
    theme.set(scale=9)
    assert theme.scale == 2.0
    theme.set("no such theme", 1.0)
    assert theme.name == "dark"
    assert isinstance(QApplication.instance(), QApplication)


def test_names_in_other_scripts_and_with_emoji_have_glyphs_without_fonts_of_the_desktop() -> None:
    application()
    load_scripts()
    assert {"Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Color Emoji"} <= set(QFontDatabase.families())
    assert QFontDatabase.applicationEmojiFontFamilies() == ["Noto Color Emoji"]


def test_a_greyed_button_of_any_kind_looks_greyed(tmp_path: Path) -> None:
    theme = Theme(tmp_path)
    application()
    theme.apply()
    for kind in ("", "primary", "outline", "ghost", "warn"):
        button = QPushButton("Tick none")
        button.setProperty("kind", kind)
        button.resize(120, 30)
        button.show()
        bright = button.grab().toImage()
        button.setEnabled(False)
        assert button.grab().toImage() != bright, kind
        button.deleteLater()
