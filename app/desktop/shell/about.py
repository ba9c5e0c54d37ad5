"""About: version, licences, credits.

Owns: what is bundled and under which licence. Refuses: anything else.
"""

from __future__ import annotations

from importlib import metadata, resources

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from app.desktop.theme.theme import Theme
from app.desktop.widgets.basics import button, label, row

PARTS = (
    ("PySide6-Essentials", "Qt for Python, LGPL-3.0"), ("av", "PyAV, BSD; its FFmpeg with x264 and x265 is GPL in effect"),
    ("skia-python", "BSD-3-Clause"), ("numpy", "BSD-3-Clause"), ("opencv-python-headless", "Apache-2.0"), ("msgspec", "BSD-3-Clause"),
    ("pycrdt", "MIT"), ("miniaudio", "MIT"), ("soxr", "LGPL-2.1"), ("blake3", "CC0-1.0 or Apache-2.0"), ("sqlite-utils", "Apache-2.0"),
    ("websockets", "BSD-3-Clause"), ("zeroconf", "LGPL-2.1 or later"), ("cryptography", "Apache-2.0 or BSD-3-Clause"), ("keyring", "MIT"),
    ("typer", "MIT"), ("rich", "MIT"), ("platformdirs", "MIT"), ("python-lucide", "MIT; the Lucide icons are ISC, those from Feather MIT"),
)
FONTS = "Inter, JetBrains Mono and Noto are bundled under the SIL Open Font License 1.1."
SAMPLE = "The sample film has excerpts of the Big Buck Bunny trailer, © Blender Foundation, CC BY 3.0."


def version_of(package: str) -> str:
    """The installed version of a package; empty where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def licences() -> str:
    """Everything that is bundled, a line each, and the credits that come with the footage."""
    lines = ["ProEditor is free software under the GNU General Public License, version 3 or later.", "", "It uses:"]
    lines += [f"  {name} {version_of(name)} – {words}" for name, words in PARTS]
    lines += ["", FONTS, SAMPLE]
    credits_ = resources.files("resources").joinpath("sample/CREDITS.md")
    if credits_.is_file():
        lines += ["", credits_.read_text("utf-8").strip()]
    font_licence = resources.files("resources").joinpath("fonts/OFL.txt")
    if font_licence.is_file():
        lines += ["", font_licence.read_text("utf-8").strip()]
    return "\n".join(lines)


class About(QDialog):
    """Version and licences."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About ProEditor")
        self.resize(theme.px(620), theme.px(520))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(20), theme.px(18), theme.px(20), theme.px(16))
        layout.setSpacing(theme.px(12))
        mark = QLabel()
        mark.setPixmap(theme.pixmap("logo", "accent-fill", 36))
        words = QVBoxLayout()
        words.addWidget(label(theme, "ProEditor", font="title"))
        number = version_of("proeditor") or "from sources"
        words.addWidget(label(theme, f"Version {number}. An open, local-first, multi-track video editor.", "secondary"))
        head = row(mark, spacing=theme.px(12))
        head.addLayout(words, 1)
        layout.addLayout(head)
        text = QPlainTextEdit(licences())
        text.setReadOnly(True)
        text.setFont(theme.font("label", 400))
        text.setAccessibleName("Licences")
        layout.addWidget(text, 1)
        closer = button(theme, "Close", self.close, kind="primary")
        closer.setDefault(True)
        layout.addLayout(row(None, closer))
        text.setFocus(Qt.FocusReason.OtherFocusReason)
