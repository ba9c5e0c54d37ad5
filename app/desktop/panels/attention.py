"""Attention: what a merge left for a person to look at, and what competes, each with what would settle it.

Owns: the list. Refuses: finding the matters (see `bridge.attention`); what is wrong with files and records (see Problems).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QPushButton, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.undisturbed import undisturbed
from app.desktop.bridge.who import Who, names_of, who_of
from app.desktop.theme.theme import Theme
from app.desktop.widgets.avatar import Avatar
from app.desktop.widgets.basics import IconLabel, column, label, line, plain_tip, row
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.still import Still
from app.services.attending import Matter
from app.services.blaming import shown_value
from editor_core.schema import Clip
from editor_core.timing import format_timecode

PANEL = PanelSpec("attention", "Attention", "right", "circle-alert", order=83, context="attention", workspaces=("edit", "review"))
MOST = 60
AHEAD = 4
"""Cards that are made beyond those that there is room for; the others follow when somebody scrolls."""
LEAST = 70
"""Pixels at 100 % that a card takes at least."""
_CHOICES = {"mine": "Keep mine", "theirs": "Take theirs", "merge": "Both in one", "both": "Keep both"}


def build(bench: Workbench) -> QWidget:
    return AttentionPanel(bench)


def _people(bench: Workbench, matter: Matter) -> list[Who]:
    """Whom a card is about, as they are called now."""
    return [who_of(bench, actor) for actor in matter.actors]


class MatterCard(QFrame):
    """One matter: what, when, who, pictures, and buttons that settle it. A click shows the clips concerned."""

    def __init__(self, bench: Workbench, matter: Matter) -> None:
        super().__init__()
        theme = bench.theme
        self._bench, self.matter = bench, matter
        self.people = _people(bench, matter)
        self.barred = bench.barred("conflict.decide")
        self.setObjectName("matter")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        when = format_timecode(max(0, matter.at), bench.rate)
        self.setAccessibleName(f"{matter.title}, {when}, {matter.message}")
        title = label(theme, matter.title, font="strong", cut=True)
        clock = label(theme, when, "accent", "label")
        icon = IconLabel(theme, "triangle-alert" if matter.conflict is None else "git-merge", "warn", 16)
        head = row(icon, title, clock, spacing=theme.px(8))
        words = label(theme, self._words(), "secondary", wrap=True)
        middle = row(words, spacing=theme.px(8))
        middle.setStretch(0, 1)
        for clip in matter.clips[:2]:
            still = Still(bench, 30)
            still.show_clip(record if isinstance(record := bench.snapshot.record(clip), Clip) else None)
            middle.addWidget(still, 0, Qt.AlignmentFlag.AlignTop)
        self.buttons = [self._way(words, call, n == 0) for n, (words, call) in enumerate(self._ways())]
        people = row(*(Avatar(theme, who_of(bench, actor), 16) for actor in matter.actors[:3]), spacing=theme.px(2))
        if matter.actors:
            people.addWidget(label(theme, names_of(bench, matter.actors[:3]), "tertiary", "label", cut=True), 1)
        layout = column(spacing=theme.px(6), margins=(theme.px(10), theme.px(8), theme.px(10), theme.px(9)))
        layout.addLayout(head)
        layout.addLayout(middle)
        layout.addLayout(people)
        layout.addWidget(line())
        ways = column(*self.buttons, spacing=0)
        layout.addLayout(ways)
        self.setLayout(layout)

    def _way(self, words: str, call: Callable[[], Any], first: bool) -> QPushButton:
        """A row that settles the matter; the first one is what is suggested for findings."""
        theme = self._bench.theme
        made = QPushButton(words)
        made.setObjectName("way")
        made.setFont(theme.font("body"))
        made.setFixedHeight(theme.px(26))
        made.setMinimumWidth(theme.px(60))
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        made.setIcon(theme.icon("circle-check" if first and self.matter.conflict is None else "circle", "text-3", 14))
        made.setIconSize(QSize(theme.px(14), theme.px(14)))
        made.setAccessibleName(words)
        suggested = " (suggested)" if first and self.matter.conflict is None else ""
        made.setToolTip(plain_tip(self.barred or f"{words}{suggested}; can be undone"))
        made.setEnabled(not self.barred)
        made.clicked.connect(lambda _checked=False: call())
        return made

    def _words(self) -> str:
        matter, bench = self.matter, self._bench
        if matter.conflict is None or matter.kind == "deleted":
            words = matter.message
            for actor in matter.actors:
                words = words.replace(actor, who_of(bench, actor).name)
            return words
        mine, theirs = bench.attention.sides(matter)
        their = who_of(bench, theirs.actor)
        whose = (("Mine", mine), (f"Theirs ({'you, elsewhere or before' if their.mine else their.name})", theirs))
        values = [f"{words}: {shown_value(bench.snapshot, matter.conflict.field, side.value)}" for words, side in whose]
        return "\n".join([matter.message, *values])

    def _ways(self) -> list[tuple[str, Any]]:
        attention, matter = self._bench.attention, self.matter
        if matter.conflict is not None:
            names = self._deleted() if matter.kind == "deleted" else _CHOICES
            return [(names[choice], lambda c=choice: attention.decide(matter, c)) for choice in matter.options if choice in names]
        return [(fix.title, lambda n=n: attention.fix(matter, n)) for n, fix in enumerate(matter.fixes)]

    def _deleted(self) -> dict[str, str]:
        """Ways out where one deleted what others changed: the side that deleted it, and keeping it with the changes."""
        assert self.matter.conflict is not None
        mine, _ = self._bench.attention.sides(self.matter)
        return {"merge": "Keep it, with the changes", "mine" if mine is self.matter.conflict.sides[0] else "theirs": "Remove it"}

    def go(self) -> None:
        """Selects the clips concerned and moves the playhead there."""
        bench = self._bench
        there = [clip for clip in self.matter.clips if bench.snapshot.find(Clip, clip) is not None]
        if there:
            bench.selection.set(there)
        bench.transport.seek(max(0, self.matter.at))
        bench.shell.show_panel("timeline")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go()
        else:
            super().keyPressEvent(event)


def _style(theme: Theme) -> str:
    edge, ink, hover = theme.color("line").name(), theme.color("text-2").name(), theme.color("hover").name()
    return (f"#matter {{ background: {theme.color('raised').name()}; border: 1px solid {edge}; border-radius: {theme.px(6)}px; }} "
            f"#matter:focus {{ border-color: {theme.color('focus').name()}; }} "
            f"#way {{ text-align: left; padding: 0 {theme.px(6)}px; border: 0; color: {ink}; background: transparent; "
            f"border-radius: {theme.px(4)}px; }} #way:hover, #way:focus {{ background: {hover}; color: {theme.color('text').name()}; }} "
            f"#way:disabled {{ color: {theme.color('text-off').name()}; background: transparent; }}")


class AttentionPanel(QWidget):
    """Matters by time."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack)
        area = self._area = QScrollArea()
        self._more = label(theme, "", "tertiary", "label")
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        self._list.setSpacing(theme.px(8))
        inner.setStyleSheet(_style(theme))  # once for all cards: a sheet for each of them costs milliseconds
        area.setWidget(inner)
        self._stack.addWidget(area)
        self._none = Empty(theme, "circle-check", "Nothing needs attention", " ")
        self._stack.addWidget(self._none)
        self.setAccessibleName("Attention")
        self._list.addWidget(self._more)
        self._list.addStretch(1)
        self._shown: dict[str, MatterCard] = {}
        self._waiting: list[Matter] = []
        for moved in (area.verticalScrollBar().valueChanged, area.verticalScrollBar().rangeChanged):
            moved.connect(lambda *_: self._go_on() if self._waiting else None)
        self._stale = True
        bench.attention.changed.connect(self.refresh)
        self._known: tuple[Any, ...] = ()
        bench.together.changed.connect(self._room_changed)
        self.refresh()

    def header_note(self) -> str:
        count = len(self._bench.attention.rows)
        return str(count) if count else ""

    def tab_count(self) -> int:
        return len(self._bench.attention.rows)

    def _room_changed(self) -> None:
        """Who takes part is known now, or this person's role is another: cards name people, and grey what is barred."""
        now = self._bench.together.now.members, self._bench.barred("conflict.decide")
        if now != self._known:
            self._known = now
            self.refresh()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def refresh(self) -> None:
        from app.desktop.canvas.header_note import refresh_note

        rows = self._bench.attention.rows
        self._stack.setCurrentIndex(0 if rows else 1)
        checked = datetime.datetime.fromtimestamp(self._bench.attention.checked)
        self._none.sentence.setText(f"Nothing needs attention\n{checked:%H:%M}")
        refresh_note(self)
        self._stale = not self.isVisible()
        if self._stale and rows:
            return
        wanted = {matter.id: matter for matter in rows[:MOST]}
        focus = QApplication.focusWidget()
        for key, card in list(self._shown.items()):
            if (wanted.get(key) != card.matter or card.barred != self._bench.barred("conflict.decide")
                    or card.people != _people(self._bench, card.matter)):
                if focus is not None and card.isAncestorOf(focus):
                    self._area.setFocus()  # else Qt hands the focus on and scrolls there
                self._list.removeWidget(card)
                card.hide()
                card.deleteLater()
                del self._shown[key]
        self._more.setVisible(len(rows) > MOST)
        self._more.setText(f"and {len(rows) - MOST} more")
        self._waiting = list(wanted.values())
        self._go_on()

    def _go_on(self) -> None:
        self._bench.turns.add(self._fill, self)

    def _fill(self) -> None:
        """Puts the next card where it belongs, then lets the window go on: making and laying out one takes half a frame."""
        place, bar = len(self._wanted_before()), self._area.verticalScrollBar()
        seen = bar.value() + self._area.viewport().height() + AHEAD * self._bench.theme.px(LEAST)
        while self._waiting:
            matter = self._waiting[0]
            if matter.id not in self._shown:
                break
            self._waiting.pop(0)
            place += 1
        if self._waiting and self._list.sizeHint().height() < seen:
            matter = self._waiting.pop(0)
            with undisturbed(self._bench):
                card = self._shown[matter.id] = MatterCard(self._bench, matter)
                self._list.insertWidget(place, card)
            self._go_on()

    def _wanted_before(self) -> list[str]:
        """What stands before the first card that waits."""
        rest = {matter.id for matter in self._waiting}
        return [matter.id for matter in self._bench.attention.rows[:MOST] if matter.id not in rest]

    def cards(self) -> list[MatterCard]:
        """The cards that are shown, by time."""
        return [self._shown[matter.id] for matter in self._bench.attention.rows if matter.id in self._shown]
