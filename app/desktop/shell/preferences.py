"""Preferences: applied at once, no OK.

Owns: pages of settings that work, with reset for what was changed. Refuses: settings that do nothing yet.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.desktop.bridge import Post
from app.desktop.bridge.cache_size import bytes_in
from app.desktop.session import Tools
from app.desktop.widgets.basics import LiveIconButton, button, label, line, row
from app.desktop.widgets.drop_down import DropDown
from app.desktop.widgets.number_field import NumberField
from app.desktop.widgets.segments import Segments, Switch


@dataclass(frozen=True)
class Pref:
    """One setting: `choices` for one of a few, else a switch (bool) or a number with limits and unit."""

    key: str
    title: str
    default: Any
    help: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    least: float = 0.0
    most: float = 0.0
    unit: str = ""


PAGES: tuple[tuple[str, tuple[Pref, ...]], ...] = (
    ("Appearance", (
        Pref("look/theme", "Theme", "dark", choices=(("dark", "Dark"), ("light", "Light"), ("high_contrast", "High contrast"),
                                                     ("system", "System"))),
        Pref("look/scale", "Size of the window's parts", 1.0, "100 % is made for ordinary screens; the system's own scaling comes on top.",
             choices=tuple((s, f"{round(s * 100)} %") for s in (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0))),
    )),
    ("Playback", (
        Pref("playback/quality", "Preview quality", "auto", "Only the preview; exports are always exact. Automatic makes as many pixels as "
             "the viewer shows, and fewer while it plays if need be.",
             choices=(("auto", "Automatic"), ("full", "Full"), ("half", "Half"), ("quarter", "Quarter"))),
        Pref("playback/scrub_sound", "Sound while dragging the playhead", True),
    )),
    ("Timeline", (
        Pref("defaults/adopt", "The first clip sets size and rate", True,
             "An empty timeline takes rate and size of the first picture put on it."),
        Pref("defaults/transition", "Length of new dissolves", 1.0, least=0.04, most=10.0, unit="s"),
        Pref("defaults/still", "Length of stills", 5.0, least=0.1, most=120.0, unit="s"),
        Pref("defaults/title", "Length of new titles and solids", 4.0, least=0.1, most=120.0, unit="s"),
    )),
    ("Keys", (
        Pref("keys/map", "Keys like", "proeditor", "Single keys are changed in Keyboard shortcuts; your own stay on top of any map.",
             choices=(("proeditor", "ProEditor"), ("premiere", "Premiere"))),
    )),
    ("Storage", ()),
)


class Preferences(QDialog):
    """Pages on the left, settings on the right. A dot and a reset stand at what was changed."""

    def __init__(self, tools: Tools, parent: QWidget) -> None:
        super().__init__(parent)
        theme = tools.theme
        self._tools, self._theme = tools, theme
        self._post = Post(self)
        self.setWindowTitle("Preferences")
        self.resize((parent.size() - QSize(48, 64)).boundedTo(QSize(theme.px(720), theme.px(460))))  # fits into the window at 200 %
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.pages = QListWidget()
        self.pages.setFixedWidth(theme.px(160))
        self.pages.setProperty("plain", "true")
        self.pages.setFont(theme.font("body", 500))
        self.pages.setAccessibleName("Pages")
        self._stack = QStackedWidget()
        layout.addWidget(self.pages)
        layout.addWidget(line(vertical=True))
        layout.addWidget(self._stack, 1)
        for title, prefs in PAGES:
            self.pages.addItem(title)
            self._page(title, prefs)
        self.pages.currentRowChanged.connect(self._stack.setCurrentIndex)
        self.pages.setCurrentRow(0)

    def closeEvent(self, event: Any) -> None:
        self._post.close()
        super().closeEvent(event)

    def _page(self, title: str, prefs: Sequence[Pref]) -> None:
        theme = self._theme
        area = QScrollArea()
        area.setWidgetResizable(True)
        inner = QWidget()
        inner.setObjectName("scrolled")
        layout = QVBoxLayout(inner)
        area.setWidget(inner)  # before it is full: all that is in it would be dressed anew
        self._stack.addWidget(area)
        layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        layout.setSpacing(theme.px(12))
        layout.addWidget(label(theme, title, font="title"))
        for pref in prefs:
            self._row(layout, pref)
        if title == "Storage":
            self._storage(layout)
        layout.addStretch(1)

    def _row(self, layout: QVBoxLayout, pref: Pref) -> None:
        theme, settings = self._theme, self._tools.settings
        now = settings.get(pref.key, pref.default)
        reset = LiveIconButton(theme, "rotate-ccw", f"Reset {pref.title.lower()}", size=14, side=24)
        keeps = reset.sizePolicy()
        keeps.setRetainSizeWhenHidden(True)
        reset.setSizePolicy(keeps)
        show: Callable[[Any], None]

        def keep(value: Any) -> None:
            settings.set(pref.key, value)
            reset.setVisible(value != pref.default)

        field: QWidget
        if pref.choices and len(pref.choices) <= 4:
            made = Segments(theme, pref.title, [(str(v), words) for v, words in pref.choices], str(now), height=28)
            made.chosen.connect(lambda key: keep(next(v for v, _ in pref.choices if str(v) == key)))
            field, show = made, lambda value: made.set(str(value))
        elif pref.choices:
            box = DropDown()
            for value, words in pref.choices:
                box.addItem(words, value)
            box.setCurrentIndex(max(0, box.findData(now)))
            box.activated.connect(lambda _n: keep(box.currentData()))
            field, show = box, lambda value: box.setCurrentIndex(max(0, box.findData(value)))
        elif isinstance(pref.default, bool):
            switch = Switch(theme, pref.title, bool(now))
            switch.toggled.connect(keep)
            field, show = switch, switch.setChecked
        else:
            number = NumberField(theme, pref.title, minimum=pref.least, maximum=pref.most, step=0.1, decimals=2, unit=pref.unit)
            number.setFixedWidth(theme.px(90))
            number.set(float(now))
            number.edited.connect(lambda value, _gesture: keep(round(value, 2)))
            field, show = number, lambda value: number.set(float(value))
        field.setAccessibleName(pref.title)
        reset.clicked.connect(lambda: (show(pref.default), keep(pref.default)))
        reset.setVisible(now != pref.default)
        layout.addLayout(row(label(theme, pref.title), None, field, reset, spacing=theme.px(8)))
        if pref.help:
            layout.addWidget(label(theme, pref.help, "tertiary", "label", wrap=True))

    def _storage(self, layout: QVBoxLayout) -> None:
        theme, folder = self._theme, self._tools.cache
        size = label(theme, "Counting …", "secondary")
        layout.addLayout(row(label(theme, "Pictures and waveforms kept on this computer"), None, size, spacing=theme.px(8)))
        layout.addWidget(label(theme, f"In {folder}. They are made again when needed; projects and footage are not touched.", "tertiary",
                               "label", wrap=True))

        def count() -> None:
            found = bytes_in(folder)
            self._post(size.setText, f"{found / 2**20:,.1f} MB")

        def clear() -> None:
            shutil.rmtree(folder / "tiles", ignore_errors=True)
            count()

        layout.addLayout(row(button(theme, "Empty the cache", lambda: threading.Thread(target=clear, daemon=True).start()), None))
        threading.Thread(target=count, name="count cache", daemon=True).start()
        self.setWindowModality(Qt.WindowModality.NonModal)

