"""The quiet parts of the page: the header with totals, the row under the players, the footer.

Owns: their labels and buttons. Refuses: what the buttons do (the page lends that), and the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QToolButton, QWidget

from app.desktop.canvas.look import Look
from app.desktop.merge.delegate import paint_kind
from app.desktop.widgets.basics import Busy, IconLabel, LiveIconButton, button, column, label, line, row

if TYPE_CHECKING:
    from app.desktop.bridge import Workbench

TOTALS = (("changed", "Changed"), ("moved", "Moved"), ("added", "Added"), ("removed", "Removed"), ("decide", "Decide"))


class Total(QWidget):
    """`■ Changed 17`."""

    def __init__(self, bench: Workbench, kind: str, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = bench.theme
        self._kind = kind
        self.look = Look(theme)
        self._word = word
        self.number = label(theme, "0", font="strong")
        space = theme.px(14)
        self.setLayout(row(space, label(theme, word, "secondary"), self.number, spacing=theme.px(5)))

    def set(self, count: int) -> None:
        self.number.setText(str(count))
        self.setAccessibleName(f"{self._word} {count}")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = self.look.m.px(8)
        paint_kind(painter, self.look, QRectF(0, (self.height() - side) / 2 + 0.5, side, side), self._kind)
        painter.end()


class Header(QFrame):
    """Title, whose cuts, totals by kind, and the promise."""

    def __init__(self, bench: Workbench, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = bench.theme
        self.setProperty("surface", "panel")
        self.setFixedHeight(theme.px(48))
        self.words = label(theme, "", "secondary", cut=True)
        self.totals = {kind: Total(bench, kind, word) for kind, word in TOTALS}
        divider = line(vertical=True)
        divider.setFixedHeight(theme.px(16))
        self.busy = Busy(theme)
        self._promise = (divider, IconLabel(theme, "shield-check", "text-3", 16),
                         label(theme, "Nothing changes until you apply", "secondary"))
        self._roomy = theme.px(PROMISE)
        bar = row(IconLabel(theme, "git-merge", "accent", 20), label(theme, "Merge preview", font="title"), theme.px(4), self.words,
                  *self.totals.values(), *self._promise, spacing=theme.px(12),
                  margins=(theme.px(16), 0, theme.px(16), 0))
        layout = column(bar, self.busy)
        layout.setStretch(0, 1)
        self.setLayout(layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for part in self._promise:
            part.setVisible(self.width() >= self._roomy)

    def set(self, words: str, totals: Mapping[str, int]) -> None:
        self.words.setText(words)
        for kind, shown in self.totals.items():
            shown.set(totals.get(kind, 0))


PROMISE = 1000
"""Width at which the header has room for what it promises; the footer says it as well."""
WORDS = 860
"""Width at which the row of players' buttons has room for words."""


class PlayRow(QFrame):
    """Time, which change, previous and next, play, the loop and whose sound. `heard(side)`, `looped(on)`."""

    heard = Signal(str)
    looped = Signal(bool)

    def __init__(self, bench: Workbench, calls: Mapping[str, Callable[[], Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = bench.theme
        self._theme = theme
        self.setProperty("surface", "panel")
        self.setFixedHeight(theme.px(44))
        self.time = label(theme, "00:00:00:00", font="timecode_large")
        self.time.setAccessibleName("Time")
        self.where = label(theme, "", "tertiary")
        self.previous = button(theme, "Previous change", calls["previous"], kind="outline", icon="chevron-left")
        self.next = button(theme, "Next change", calls["next"], kind="outline", icon="chevron-right")
        self.previous.setToolTip("Previous change")
        self.next.setToolTip("Next change")
        self.next.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.play = LiveIconButton(theme, "play", "Play", calls["play"], colour="text", side=30)
        self.play.setProperty("play", True)
        back = LiveIconButton(theme, "step-back", "One frame back", calls["back"])
        forward = LiveIconButton(theme, "step-forward", "One frame forward", calls["forward"])
        self.loop = QToolButton()
        self.loop.setProperty("chip", "true")
        self.loop.setText(" From 3 s before")
        self.loop.setCheckable(True)
        self.loop.setChecked(True)
        self.loop.setIcon(theme.icon("repeat", "text-2", 14))
        self.loop.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.loop.setAccessibleName("Play round and round from 3 seconds before the change")
        self.loop.setToolTip("Plays round and round from 3 seconds before the change")
        self.loop.toggled.connect(self.looped)
        self.sound = QToolButton()
        self.sound.setProperty("chip", "true")
        self.sound.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sound.setAccessibleName("Whose sound is heard")
        menu = QMenu(self.sound)
        for side, word in (("mine", "Mine"), ("theirs", "Theirs"), ("merged", "Merged")):
            menu.addAction(word).triggered.connect(lambda _checked=False, s=side: self.heard.emit(s))
        self.sound.setMenu(menu)
        self.tell_sound("merged")
        left, right = row(self.time, self.where, None, spacing=theme.px(12)), row(None, self.loop, self.sound, spacing=theme.px(6))
        middle = row(self.previous, back, self.play, forward, self.next, spacing=theme.px(8))
        bar = row(margins=(theme.px(12), 0, theme.px(12), 0))
        bar.addLayout(left, 1)
        bar.addLayout(middle)
        bar.addLayout(right, 1)
        self.setLayout(bar)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the row is short its buttons are their icons; the tooltips have the words."""
        super().resizeEvent(event)
        words = self.width() >= self._theme.px(WORDS)
        self.previous.setText(" Previous change" if words else "")
        self.next.setText(" Next change" if words else "")
        self.loop.setText(" From 3 s before" if words else "")
        self.where.setVisible(words)

    def tell_sound(self, side: str) -> None:
        self.sound.setText(f"Sound: {side.capitalize()}  ▾")

    def tell_playing(self, playing: bool) -> None:
        self.play.set_icon("pause" if playing else "play", "Stop" if playing else "Play")


class Footer(QFrame):
    """What is ticked, decided and open, and what can be done with it all."""

    def __init__(self, bench: Workbench, calls: Mapping[str, Callable[[], Any]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = bench.theme
        self.setProperty("surface", "panel")
        self.setFixedHeight(theme.px(48))
        self.words = label(theme, "")
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.note = label(theme, "", "tertiary", cut=True)
        self.later = button(theme, "Not now", calls["not_now"], kind="ghost")
        self.branch = button(theme, "Keep as a branch", calls["branch"], kind="outline", icon="git-branch")
        self.decide = button(theme, "Decide the last", calls["decide"], kind="outline")
        self.apply = button(theme, "Apply as one step", calls["apply"], kind="primary")
        self.setLayout(row(self.words, self.note, self.later, self.branch, self.decide, self.apply, spacing=theme.px(10),
                           margins=(theme.px(16), 0, theme.px(12), 0)))

    def set(self, ticked: int, decided: int, open_: int, *, ready: bool) -> None:
        parts = [f"<b>{ticked}</b> clean change{'s' if ticked != 1 else ''} ticked"]
        if decided or open_:
            parts.append(f"<b>{decided}</b> decided")
        if open_:
            parts.append(f"<b>{open_}</b> still open")
        self.words.setText(", ".join(parts) if ready else "Working out what differs …")
        self.words.setAccessibleName(f"{ticked} ticked, {decided} decided, {open_} open")
        self.note.setText("Open ones become markers you can settle later." if open_ else "")
        self.decide.setVisible(bool(open_))
        self.decide.setText(f"Decide the last {open_}")
        self.decide.setToolTip("Shows the first one that is still open")
        for one in (self.branch, self.apply):
            one.setEnabled(ready)
