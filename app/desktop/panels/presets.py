"""Presets: ways to make a file, by destination, and one's own.

Owns: the list with search. Refuses: settings (the export panel has them).
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.deliver import Choice
from app.desktop.widgets.basics import IconLabel, Words, clear, label, line, row
from render.export.catalogue import all_presets

PANEL = PanelSpec("presets", "Presets", "left", "star", order=10, context="deliver", workspaces=("deliver",))


def build(bench: Workbench) -> QWidget:
    return PresetsPanel(bench)


def summary(choice: Choice) -> str:
    """What a preset makes, in a few words: `H.264 (MP4), 1080 high, quality 20`."""
    preset = all_presets()[choice.preset]
    parts = [preset.title]
    for name, value in choice.settings:
        setting = next((s for s in preset.settings if s.name == name), None)
        if setting is not None:
            words = {"height": f"{value} high", "width": f"{value} wide", "crf": f"quality {value}",
                     "audio_bitrate": f"{value} kbit/s sound"}
            parts.append(words.get(name, f"{setting.title.lower()} {value}"))
    return ", ".join(parts)


class PresetRow(QToolButton):
    """One preset: icon, name, what it makes."""

    def __init__(self, bench: Workbench, choice: Choice) -> None:
        super().__init__()
        theme = bench.theme
        self.choice = choice
        self.setProperty("rowButton", "true")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(44))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"{choice.title}, {summary(choice)}")
        self.setToolTip(all_presets()[choice.preset].help)
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(10), 0, theme.px(10), 0)
        bar.setSpacing(theme.px(10))
        self._icon = IconLabel(theme, choice.icon, "text-3", 20)
        bar.addWidget(self._icon)
        words = QVBoxLayout()
        words.setSpacing(0)
        name, more = Words(choice.title), Words(summary(choice))
        name.setFont(theme.font("body", 500))
        more.setFont(theme.font("label", 400))
        more.setProperty("role", "tertiary")
        words.addStretch(1)
        for made in (name, more):
            made.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            words.addWidget(made)
        words.addStretch(1)
        bar.addLayout(words, 1)
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def mark(self, on: bool) -> None:
        self.setChecked(on)
        self._icon.set(colour="accent" if on else "text-3")


class PresetsPanel(QWidget):
    """A click chooses; right-click on one's own removes it."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search presets")
        self.search.setAccessibleName("Search presets")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("search", "text-3", 14), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        holder = QWidget()
        holder.setLayout(row(self.search, margins=(theme.px(10), theme.px(8), theme.px(10), theme.px(4))))
        layout.addWidget(holder)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(theme.px(6), 0, theme.px(6), theme.px(6))
        self._list.setSpacing(0)
        area.setWidget(inner)
        layout.addWidget(area, 1)
        layout.addWidget(line())
        keys = bench.actions
        words = " · ".join(f"{keys.keys(i)[0]} {what}" for i, what in (("export.open", "opens Deliver"), ("export.add", "adds to queue"))
                           if keys.keys(i))
        foot = QWidget()
        foot.setLayout(row(IconLabel(theme, "keyboard", "text-3", 14), label(theme, words, "tertiary", "label", cut=True),
                           spacing=theme.px(8), margins=(theme.px(12), theme.px(9), theme.px(12), theme.px(9))))
        layout.addWidget(foot)
        self.rows: list[PresetRow] = []
        self._heads: list[tuple[QWidget, list[PresetRow]]] = []
        bench.deliver.presets_changed.connect(self.fill)
        bench.deliver.changed.connect(self._mark)
        self.fill()

    def fill(self) -> None:
        """Makes the rows anew: presets were saved or removed."""
        theme, deliver = self._bench.theme, self._bench.deliver
        clear(self._list)
        self.rows, self._heads = [], []
        for title, choices in deliver.groups:
            head = label(theme, title, "tertiary", "label")
            head.setFont(theme.font("label", 600))
            head.setContentsMargins(theme.px(10), theme.px(12), 0, theme.px(5))
            self._list.addWidget(head)
            mine: list[PresetRow] = []
            for choice in choices:
                made = PresetRow(self._bench, choice)
                made.clicked.connect(lambda _checked=False, c=choice: deliver.choose(c))
                if choice.mine:
                    made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                    made.customContextMenuRequested.connect(partial(self._menu, made))
                self._list.addWidget(made)
                mine.append(made)
            self.rows += mine
            self._heads.append((head, mine))
        self._list.addStretch(1)
        self._mark()

    def _mark(self) -> None:
        for made in self.rows:
            made.mark(made.choice.id == self._bench.deliver.choice.id)

    def _filter(self, words: str) -> None:
        wanted = words.casefold().strip()
        for head, mine in self._heads:
            for made in mine:
                made.setVisible(wanted in f"{made.choice.title} {summary(made.choice)}".casefold())
            head.setVisible(any(wanted in f"{m.choice.title} {summary(m.choice)}".casefold() for m in mine))

    def _menu(self, made: PresetRow, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        remove = QAction("Remove this preset", menu)
        remove.triggered.connect(lambda: self._bench.deliver.remove_preset(made.choice))
        menu.addAction(remove)
        menu.popup(made.mapToGlobal(at))
