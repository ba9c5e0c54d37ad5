"""The card “Why is this clip like this?”: who changed what of a clip, when, by which command, and back to any of it.

Owns: the popover. Refuses: finding out (see `bridge.past`), and restoring, which is a command.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.past import Past
from app.desktop.bridge.who import who_of
from app.desktop.shell.actions.versions import show_history
from app.desktop.widgets.avatar import Avatar
from app.desktop.widgets.basics import LiveIconButton, button, clear, column, label, plain_tip, row, set_role
from app.desktop.widgets.shadow import Shadow
from app.services.blaming import clock, sentence, state_args
from editor_core.edits.wording import called, lane
from editor_core.schema import Clip, Track
from editor_core.sync.blame import Touch

SHOWN = 40
"""Steps in the card; the rest is in the history panel."""


class _Step(QFrame):
    """One change. A click chooses it for Restore."""

    def __init__(self, bench: Workbench, touch: Touch, choose: Callable[[Touch], None]) -> None:
        super().__init__()
        theme, self.touch, self._choose = bench.theme, touch, choose
        who = who_of(bench, touch.actor)
        self.words = f"{who.subject} {sentence(bench.snapshot, touch)}"
        self.setObjectName("blameStep")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        when = datetime.datetime.fromtimestamp(touch.time / 1000)
        self.setToolTip(plain_tip(f"{touch.label}\n{touch.command}, {when:%d %b %Y, %H:%M:%S}\nSession {touch.stamp.session:x}"))
        self.setAccessibleName(f"{self.words}, {clock(touch.time)}")
        words = label(theme, self.words, font="body", cut=True)
        below = label(theme, f"{touch.label} · session {touch.stamp.session % 0x10000:04x}", "tertiary", "label", cut=True)
        time = label(theme, clock(touch.time), "tertiary", "label")
        avatar = Avatar(theme, who, 20)
        bar = row(avatar, spacing=theme.px(8), margins=(theme.px(8), theme.px(4), theme.px(8), theme.px(4)))
        bar.setAlignment(avatar, Qt.AlignmentFlag.AlignTop)
        text = column(spacing=0)
        text.addWidget(words)
        text.addWidget(below)
        bar.addLayout(text, 1)
        bar.addWidget(time, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(bar)

    def set_chosen(self, on: bool) -> None:
        set_role(self, "chosen", "true" if on else "false")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(self.touch)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self.touch)
        else:
            super().keyPressEvent(event)


class BlameCard(QFrame):
    """A popover inside the window. `clip` is whose past it shows; `chosen` the step that Restore goes to."""

    def __init__(self, bench: Workbench, clip: str, parent: QWidget) -> None:
        super().__init__(parent)
        theme = bench.theme
        self._bench, self.clip = bench, clip
        self.chosen: Touch | None = None
        self._steps: list[_Step] = []
        self.setObjectName("blameCard")
        self.setProperty("surface", "popover")
        self.setAccessibleName("Why is this clip like this?")
        self.setFixedWidth(theme.px(380))
        hover, soft = theme.color("hover").name(), theme.color("accent-soft").name()
        self.setStyleSheet(f"#blameStep {{ border-radius: {theme.px(4)}px; }} #blameStep:hover {{ background: {hover}; }} "
                           f"#blameStep[chosen=\"true\"] {{ background: {soft}; }}")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(12), theme.px(10), theme.px(12), theme.px(10))
        layout.setSpacing(theme.px(4))
        close = LiveIconButton(theme, "x", "Close", self.close_card)
        layout.addLayout(row(label(theme, "Why is this clip like this?", font="strong"), None, close))
        self._name = label(theme, "", "tertiary", "label", cut=True)
        layout.addWidget(self._name)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(theme.px(2))
        self._area.setWidget(inner)
        layout.addWidget(self._area)
        self._none = label(theme, "It has been there since before the history of this file", "tertiary", wrap=True)
        layout.addWidget(self._none)
        self.restore = button(theme, "Restore", self._restore, icon="rotate-ccw-clock")
        self.full = button(theme, "Full history", self._full, kind="ghost")
        foot = row(self.restore, self.full, None, spacing=theme.px(6))
        layout.addSpacing(theme.px(2))
        layout.addLayout(foot)
        Shadow(self, 28, 8, 130)
        self._past = Past(bench.services.project, clip, self)
        self._past.found.connect(self._show)
        record = bench.snapshot.record(clip)
        others = bench.snapshot.linked(record)[1:] if isinstance(record, Clip) and bench.tools.linked else []
        self._others = {other.id: Past(bench.services.project, other.id, self) for other in others}
        bench.listen(lambda change, before, after: self._changed(change.touched), self)
        self._show()

    def place(self, at: QPoint) -> None:
        """Stands with its corner at `at` of its parent, moved in where it would stand out."""
        self._wanted = QPoint(at)
        self._fit()
        self.show()
        self.raise_()
        self.setFocus()

    def _changed(self, touched: set[str]) -> None:
        for past in (self._past, *self._others.values()):
            if past.clip in touched:
                past.again()

    def close_card(self) -> None:
        for past in (self._past, *self._others.values()):
            past.stop()
        self.hide()
        self.deleteLater()

    def choose(self, touch: Touch) -> None:
        """Restore goes to the state after this change."""
        self.chosen = touch
        for step in self._steps:
            step.set_chosen(step.touch is touch)
        newest = bool(self._past.touches) and touch is self._past.touches[0]
        self.restore.setText(f" Restore to {clock(touch.time)}")
        self.restore.setEnabled(not newest)
        brings = f"Brings the clip to how it was at {clock(touch.time)}; can be undone"
        self.restore.setToolTip("This is how the clip is now" if newest else brings)
        self.restore.setAccessibleName(self.restore.text().strip())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        view = self._bench.snapshot
        record = view.record(self.clip)
        if not isinstance(record, Clip):
            self.close_card()
            return
        track = view.find(Track, record.track)
        gone = " · removed" if record.deleted else ""
        self._name.setText(called(view, record) + (f" · {lane(view, track)}" if track is not None else "") + gone)
        clear(self._list)
        shown = [t for t in self._past.touches if not t.carried][:SHOWN]
        self._steps = [_Step(self._bench, touch, self.choose) for touch in shown]
        for step in self._steps:
            self._list.addWidget(step)
        self._list.addStretch(1)
        self._none.setVisible(self._past.done and not shown)
        self._area.setVisible(bool(shown))
        self.restore.setVisible(len(shown) > 1)
        theme = self._bench.theme
        self._area.setFixedHeight(min(theme.px(288), theme.px(44) * max(1, len(shown))))
        if shown:
            kept = next((t for t in shown if self.chosen is not None and t.stamp == self.chosen.stamp), None)
            self.choose(kept or shown[min(1, len(shown) - 1)])
        self._fit()

    def _fit(self) -> None:
        self.adjustSize()
        around, at = self.parentWidget().rect(), getattr(self, "_wanted", QPoint(0, 0))
        margin = self._bench.theme.px(8)
        self.move(max(margin, min(at.x(), around.width() - self.width() - margin)),
                  max(margin, min(at.y(), around.height() - self.height() - margin)))

    def _restore(self) -> None:
        bench, touch = self._bench, self.chosen
        record = bench.snapshot.record(self.clip)
        if touch is None or not isinstance(record, Clip):
            return
        linked = [(other, self._others[i].touches[::-1]) for i in self._others if (other := bench.snapshot.find(Clip, i)) is not None]
        done = bench.run("clip.restore", state_args(bench.snapshot, record, self._past.touches[::-1], touch.stamp, linked))
        if done is None:
            return
        if done["lifted"]:
            bench.say("Its old place is taken, so the clip lies on a new track", "info")
        elif done["stayed"]:
            bench.say("Its old place is taken, so the clip stays where it is", "info")
        else:
            bench.say(f"Restored to {clock(touch.time)}", "ok")

    def _full(self) -> None:
        show_history(self._bench, self.clip)
        self.close_card()
