"""Versions and branches: what was kept, by name or by itself, and the versions that are tried beside the film.

Owns: the list. Refuses: the work (see `bridge.versions`).
"""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.undisturbed import undisturbed
from app.desktop.bridge.who import who_of
from app.desktop.shell.actions.versions import drop_branch, review_branch
from app.desktop.widgets.basics import IconLabel, LiveIconButton, button, clear, column, label, row
from app.desktop.widgets.section import Section
from app.desktop.widgets.still import Still
from app.services.blaming import clock
from app.services.branches import Branch

_AT = re.compile(r",? (\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)?$")
"""The time at the end of a name that was given by itself: the row tells it anyway."""
PANEL = PanelSpec("versions", "Versions", "left", "git-branch", order=16, context="versions", workspaces=("edit", "review"))
MOST = 200
SLICE = 0.008
"""Seconds that making rows may take at a time."""


def build(bench: Workbench) -> QWidget:
    return VersionsPanel(bench)


Menu = Callable[[QMenu], None]


class _Row(QFrame):
    """A row with a picture or an icon, two lines of words, buttons, and a menu."""

    def __init__(self, bench: Workbench, sign: QWidget, title: str, below: str, buttons: list[QWidget], fill: Menu, *,
                 on: bool = False) -> None:
        super().__init__()
        theme = bench.theme
        self._fill = fill
        self._theme = theme
        self.setObjectName("versionRow")
        self.setAccessibleName(f"{title}, {below}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.title = title
        self.below = label(theme, below, "tertiary", "label", cut=True)
        words = column(spacing=0)
        words.addWidget(label(theme, title, font="strong" if on else "body", cut=True))
        words.addWidget(self.below)
        bar = row(sign, spacing=theme.px(8), margins=(theme.px(10), theme.px(4), theme.px(6), theme.px(4)))
        bar.addLayout(words, 1)
        for one in buttons:
            bar.addWidget(one)
        bar.addWidget(LiveIconButton(theme, "ellipsis-vertical", f"More for {title}", self._more))
        self.setLayout(bar)
        self.setProperty("present", "true" if on else "false")

    def say(self, below: str) -> None:
        """Other words below the name."""
        if self.below.text() != below:
            self.below.setText(below)
            self.setAccessibleName(f"{self.title}, {below}")

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setFont(self._theme.font("body"))
        self._fill(menu)
        return menu

    def _more(self) -> None:
        self._menu().exec(self.mapToGlobal(QPoint(self.width() - self._theme.px(30), self.height())))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._menu().exec(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        menu = self._menu()
        if menu.actions():
            menu.actions()[0].trigger()


class VersionsPanel(QWidget):
    """Branches, versions with a name, versions that were kept by themselves."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        held = QVBoxLayout(inner)
        held.setContentsMargins(0, 0, 0, 0)
        held.setSpacing(0)
        self.branches = Section(theme, "Branches")
        self.named = Section(theme, "Versions")
        self.kept = Section(theme, "Kept automatically", open_=False)
        for section in (self.branches, self.named, self.kept):
            held.addWidget(section)
        held.addStretch(1)
        hover, soft = theme.color("hover").name(), theme.color("accent-soft").name()
        inner.setStyleSheet(f"#versionRow:hover {{ background: {hover}; }} #versionRow[present=\"true\"] {{ background: {soft}; }}")
        area.setWidget(inner)
        layout.addWidget(area)
        self.setAccessibleName("Versions and branches")
        tip, run = bench.actions.tooltip, bench.actions.trigger
        self._save = LiveIconButton(theme, "bookmark-plus", tip("version.save"), lambda: run("version.save"))
        self._try = LiveIconButton(theme, "git-branch-plus", tip("branch.new"), lambda: run("branch.new"))
        self._stale = True
        bench.versions.changed.connect(self.refresh)
        self._rows: dict[str, tuple[_Row, QPushButton, dict[str, Any]]] = {}
        self._waiting: list[tuple[Section, dict[str, Any]]] = []
        self.kept.folded.connect(lambda _closed: self.refresh())
        bench.listen(lambda *_: self._recount() if self.isVisible() else None, self)
        self.refresh()

    def header_widgets(self) -> list[QWidget]:
        return [self._save, self._try]

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._bench.versions.refresh()
        if self._stale:
            self._bench.turns.add(self.refresh, self)  # with this one many panels are shown

    def refresh(self) -> None:
        self._stale = not self.isVisible()
        if self._stale:
            return
        with undisturbed(self._bench):
            self._list()

    def _list(self) -> None:
        versions, theme = self._bench.versions, self._bench.theme
        for section in (self.branches, self.named, self.kept):
            clear(section.rows)
        self._rows = {}
        for one in versions.branches:
            self.branches.rows.addWidget(self._branch(one))
        named = [one for one in versions.rows if one["kind"] == "named"]
        kept = [one for one in versions.rows if one["kind"] != "named"]
        if not named:
            none = "None yet. A version keeps the film as it is under a name, to come back to."
            words = label(theme, none, "tertiary", "label", wrap=True)
            words.setContentsMargins(theme.px(12), theme.px(2), theme.px(12), theme.px(2))
            self.named.rows.addWidget(words)
        self.kept.setVisible(bool(kept))
        self.kept.toggle.setText(f"Kept automatically  {len(kept)}")
        unfolded = kept if self.kept.body.isVisibleTo(self.kept) else []
        self._waiting = [(self.named, one) for one in named[:MOST]] + [(self.kept, one) for one in unfolded[:MOST]]
        self._fill()

    def _fill(self) -> None:
        """Makes rows for a few milliseconds, then lets the window go on."""
        until = time.perf_counter() + SLICE
        with undisturbed(self._bench):
            while self._waiting and time.perf_counter() < until:
                section, one = self._waiting.pop(0)
                section.rows.addWidget(self._version(one))
        if self._waiting:
            self._bench.turns.add(self._fill, self)

    def _recount(self) -> None:
        """After a change: how much was changed since each version."""
        for made, restore, one in self._rows.values():
            made.say(self._words(one))
            restore.setEnabled(self._since(one) > 0)

    def _since(self, one: dict[str, Any]) -> int:
        return max(0, self._bench.snapshot.revision - int(one["revision"]))

    def _words(self, one: dict[str, Any]) -> str:
        since = self._since(one)
        changes = "nothing changed since" if not since else f"{since} change{'s' if since > 1 else ''} since"
        return f"{who_of(self._bench, one['actor']).subject} · {_when(one['time'])} · {changes}"

    def _branch(self, one: Branch) -> QWidget:
        bench = self._bench
        theme, name = bench.theme, one.name
        when = datetime.datetime.fromtimestamp(one.time) if one.time else None
        below = "The film is on it" if one.current else f"Left {clock(round(one.time * 1000))}" if when else ""

        def fill(menu: QMenu) -> None:
            if one.current:
                menu.addAction(bench.actions.get("branch.new", watched=False))
                return
            menu.addAction("Compare with the film", lambda: bench.shell.open_compare("", name, "branch"))
            menu.addAction("Switch to it", lambda: bench.shell.switch_branch(name))
            menu.addAction("Merge into the film …", lambda: review_branch(bench, name))
            menu.addSeparator()
            menu.addAction("Drop …", lambda: drop_branch(bench, name))

        buttons: list[QWidget] = [] if one.current else [
            button(theme, "Compare", lambda: bench.shell.open_compare("", name, "branch"), kind="outline", compact=True),
            button(theme, "Switch", lambda: bench.shell.switch_branch(name), kind="outline", compact=True)]
        sign = IconLabel(theme, "git-branch", "accent" if one.current else "text-3", 16)
        return _Row(bench, sign, name, below, buttons, fill, on=one.current)

    def _version(self, one: dict[str, Any]) -> QWidget:
        bench = self._bench
        name = one["name"]
        still = Still(bench, 28)
        if one["poster"]:
            still.show_media(*one["poster"])
        title = name if one["kind"] == "named" else _AT.sub("", name)

        def fill(menu: QMenu) -> None:
            menu.addAction("Compare with the film", lambda: bench.shell.open_compare(name, "", "version"))
            others = [row["name"] for row in bench.versions.rows if row["name"] != name][:30]
            part = menu.addMenu("Compare with")
            part.setEnabled(bool(others))
            for other in others:
                part.addAction(other, lambda o=other: self._pair(name, o))
            menu.addAction("Restore", lambda: bench.versions.restore(name))
            menu.addSeparator()
            menu.addAction("Forget", lambda: bench.versions.drop(name))

        restore = button(bench.theme, "Restore", lambda: bench.versions.restore(name), kind="outline", compact=True)
        restore.setEnabled(self._since(one) > 0)
        made = _Row(bench, still, title, self._words(one), [restore], fill)
        self._rows[name] = (made, restore, one)
        return made

    def _pair(self, one: str, other: str) -> None:
        """The older of two versions on the left."""
        times = {row["name"]: row["time"] for row in self._bench.versions.rows}
        first, second = sorted((one, other), key=lambda name: times.get(name, 0))
        self._bench.shell.open_compare(first, second, "version")


def _when(milliseconds: int) -> str:
    when = datetime.datetime.fromtimestamp(milliseconds / 1000)
    return f"{when:%H:%M}" if when.date() == datetime.date.today() else f"{when.day} {when:%b %H:%M}"
