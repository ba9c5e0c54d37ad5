"""Settings of an export as a form: in plain words, or all of them.

Owns: one field for each setting of the preset. Refuses: what a setting means (the preset says).
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from app.desktop.bridge import Workbench
from app.desktop.widgets.basics import clear, label, row
from app.desktop.widgets.drop_down import DropDown
from app.desktop.widgets.number_field import NumberField
from app.desktop.widgets.numbers import spoken_number
from app.desktop.widgets.segments import Switch
from render.export.setting import Setting

SIZES = ((0, "Timeline size"), (2160, "2160 high (4K)"), (1440, "1440 high"), (1080, "1080 high"), (720, "720 high"),
         (480, "480 high"))
SAMPLE_RATES = ((0, "Timeline rate"), (44100, "44.1 kHz"), (48000, "48 kHz"), (96000, "96 kHz"))
RATES = (("", "Timeline rate"), ("24", "24 fps"), ("25", "25 fps"), ("30000/1001", "29.97 fps"), ("30", "30 fps"), ("50", "50 fps"),
         ("60000/1001", "59.94 fps"), ("60", "60 fps"))
QUALITY = {"h264": ((17, "Quality: very high"), (20, "Quality: high"), (23, "Quality: good"), (27, "Quality: small file")),
           "h265": ((19, "Quality: very high"), (23, "Quality: high"), (26, "Quality: good"), (30, "Quality: small file")),
           "vp9": ((20, "Quality: very high"), (31, "Quality: high"), (36, "Quality: good"), (44, "Quality: small file")),
           "av1": ((22, "Quality: very high"), (32, "Quality: high"), (38, "Quality: good"), (46, "Quality: small file"))}
SPEEDS = (("veryfast", "Fast to make"), ("fast", "Balanced"), ("medium", "Smaller, slower"), ("slow", "Smallest, slowest"))
PROFILES = {"proxy": "ProRes Proxy", "lt": "ProRes LT", "standard": "ProRes 422", "hq": "ProRes 422 HQ"}
RATES_OF_SOUND = (96, 128, 192, 256, 320)
_NOTHING = {"width": "as the timeline", "height": "as the timeline", "audio_rate": "as the timeline", "keyint": "automatic"}
"""What 0 means, in words."""
CHOICE = 125
"""Width that a choice needs; a row has three of them at most."""
_PICTURE = ("profile", "height", "rate", "crf", "depth")
_SOUND = ("audio_bitrate", "bits", "audio_rate")


class SettingsForm(QWidget):
    """Made anew for each preset; shows `deliver.value` of each setting."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(bench.theme.px(12))
        self._grid.setVerticalSpacing(bench.theme.px(6))
        self._grid.setColumnMinimumWidth(0, bench.theme.px(104))
        self._grid.setColumnStretch(1, 1)
        self._shown: tuple[str, bool, int] = ("", False, 0)
        self._fields: dict[str, Any] = {}

    def show_all(self, everything: bool) -> None:
        """Plain words, or every setting with its own name and help."""
        preset = self._bench.deliver.preset
        if (preset.id, everything, self._beside()) != self._shown:
            self._shown = (preset.id, everything, self._beside())
            self._clear()
            if everything:
                for setting in preset.settings:
                    self._row(setting.title, [self._plain(setting)], setting.help)
            else:
                self._simple({s.name: s for s in preset.settings}, preset.id)
        for name, show in self._fields.items():
            show(self._bench.deliver.value(name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._shown[0] and self._beside() != self._shown[2]:
            self.show_all(self._shown[1])

    def _beside(self) -> int:
        """How many choices stand in a row."""
        px = self._bench.theme.px
        return max(1, min(3, (self.width() - px(116)) // px(CHOICE)))

    def _clear(self) -> None:
        self._fields = {}
        clear(self._grid)

    def _simple(self, settings: dict[str, Setting], preset: str) -> None:
        picture = [self._worded(settings[name], preset) for name in _PICTURE if name in settings]
        sound = [self._worded(settings[name], preset) for name in _SOUND if name in settings]
        if picture:
            beside = self._shown[2]
            for first in range(0, len(picture), beside):
                self._row("" if first else "Picture", picture[first:first + beside])
        if "speed" in settings:
            self._row("Encoder", [self._options("speed", list(SPEEDS), "Encoder speed")])
        if sound:
            self._row("Sound", sound)

    def _worded(self, setting: Setting, preset: str) -> QWidget:
        name = setting.name
        if name == "height":
            return self._options(name, list(SIZES), "Size")
        if name == "rate":
            return self._options(name, list(RATES), "Frame rate")
        if name == "crf":
            return self._options(name, list(QUALITY.get(preset, ())), "Quality")
        if name == "profile":
            return self._options(name, [(v, PROFILES.get(v, v)) for v in setting.choices], "Profile")
        if name == "audio_bitrate":
            return self._options(name, [(v, f"{v} kbit/s") for v in RATES_OF_SOUND], "Sound bit rate")
        if name == "audio_rate":
            return self._options(name, list(SAMPLE_RATES), "Sample rate")
        if name in ("bits", "depth"):
            return self._options(name, [(v, f"{v} bit" if v.isdigit() else "32 bit float") for v in setting.choices], setting.title)
        return self._plain(setting)

    def _options(self, name: str, options: list[tuple[Any, str]], title: str) -> QComboBox:
        box = DropDown()
        box.setFont(self._bench.theme.font("body"))
        box.setAccessibleName(title)
        box.setMinimumWidth(self._bench.theme.px(92))
        for value, words in options:
            box.addItem(words, value)

        def show(value: Any) -> None:
            place = next((n for n in range(box.count()) if str(box.itemData(n)) == str(value)), -1)
            if place < 0:
                box.addItem(f"{title}: {value:g}" if isinstance(value, float) else f"{title}: {value}", value)
                place = box.count() - 1
            box.setCurrentIndex(place)

        box.activated.connect(lambda _n: self._bench.deliver.set(name, box.currentData()))
        self._fields[name] = show
        return box

    def _plain(self, setting: Setting) -> QWidget:
        name = setting.name
        if setting.kind == "choice":
            return self._options(name, [(v, v) for v in setting.choices], setting.title)
        if setting.kind == "rate":
            return self._options(name, list(RATES), setting.title)
        if setting.kind == "switch":
            switch = Switch(self._bench.theme, setting.title)
            switch.toggled.connect(lambda on: self._bench.deliver.set(name, on))
            self._fields[name] = switch.setChecked
            return switch
        return self._number(setting)

    def _number(self, setting: Setting) -> QWidget:
        whole = setting.kind == "integer"
        field = NumberField(self._bench.theme, setting.title, minimum=setting.least or 0, maximum=setting.most or 2**30,
                            step=2 if setting.name in ("width", "height") else 1, decimals=0 if whole else 1, unit=setting.unit)
        field.setProperty("keys", "own")
        field.setFixedWidth(self._bench.theme.px(150))
        field.setToolTip(f"{setting.help} {setting.range_in_words}")
        if setting.name in _NOTHING:
            field.words = lambda value: _NOTHING[setting.name] if value == 0 else spoken_number(value, 0)
        field.edited.connect(lambda value, _gesture: self._bench.deliver.set(setting.name, round(value) if whole else value))
        field.refused.connect(lambda words: self._bench.say(words, "warn"))
        self._fields[setting.name] = lambda value: field.set(float(value))
        return field

    def _row(self, words: str, fields: list[QWidget], help_: str = "") -> None:
        theme, line = self._bench.theme, self._grid.rowCount()
        head: QLabel = label(theme, words, "secondary")
        self._grid.addWidget(head, line, 0, Qt.AlignmentFlag.AlignVCenter)
        holder = QWidget()
        items: list[QWidget | int | None] = list(fields)
        if help_:
            items.append(label(theme, help_, "tertiary", "label", cut=True))
        else:
            items.append(None)
        holder.setLayout(row(*items, spacing=theme.px(8)))
        holder.setMinimumHeight(theme.px(28))
        self._grid.addWidget(holder, line, 1)
