"""The bar at the bottom: problems, jobs, frame rate, cache, whether work is on disk.

Owns: these facts in words. Refuses: details; a click opens the panel or popover that has them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from app.desktop.bridge import Workbench
from app.desktop.theme.theme import Theme
from app.desktop.widgets.basics import IconLabel, set_role

SAVING_SHOWN_MS = 60
"""How long a change may be on its way to the disk before the words say so."""


_BOUND = {"viewer": "Viewer: you cannot edit", "commenter": "Commenter: you cannot edit"}
"""Roles that keep somebody from editing, said before they try."""


class Fact(QToolButton):
    """An icon with words that opens something."""

    def __init__(self, theme: Theme, name: str, call: Callable[[], object]) -> None:
        super().__init__()
        self._theme = theme
        self._look = ("", "")
        self.setProperty("fact", "true")
        self.setAccessibleName(name)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFont(theme.font("label"))
        self.setIconSize(QSize(theme.px(14), theme.px(14)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(lambda: call())

    def setText(self, words: str) -> None:
        super().setText(f" {words}")  # Qt leaves hardly any room between an icon and words

    def text(self) -> str:
        return super().text().strip()

    def show_fact(self, icon: str, colour: str, words: str, tip: str = "") -> None:
        if (icon, colour) != self._look:
            self._look = (icon, colour)
            self.setIcon(self._theme.icon(icon, colour, 14))
        if words != self.text():
            self.setText(words)
            self.setAccessibleName(words)
        self.setToolTip(tip)


class _Bar(QWidget):
    """A 72 x 4 bar of progress."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self.share = theme, 0.0
        self.setFixedSize(theme.px(72), theme.px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, width in (("pressed", self.width()), ("accent", round(self.width() * self.share))):
            painter.setBrush(self._theme.color(colour))
            painter.drawRoundedRect(0, 0, width, self.height(), 2, 2)
        painter.end()


class StatusBar(QWidget):
    """24 px."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        theme = bench.theme
        self._bench = bench
        self.setObjectName("statusLine")
        self.setFixedHeight(theme.size("status_bar"))
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(6), 0, theme.px(8), 0)
        bar.setSpacing(theme.px(8))
        self.problems = Fact(theme, "Problems", lambda: bench.shell.show_panel("problems"))
        self.jobs = Fact(theme, "Jobs", lambda: bench.shell.popover("jobs"))
        self._bar = _Bar(theme)
        self.rate = Fact(theme, "Frame rate", lambda: bench.actions.trigger("viewer.quality_next"))
        self.saving_icon = IconLabel(theme, "hard-drive", "ok", 14)
        self.saving = QLabel()
        self.saving.setFont(theme.font("label"))
        self.attention = Fact(theme, "Attention", lambda: bench.shell.show_panel("attention"))
        self.room = Fact(theme, "Session", lambda: bench.shell.show_panel("people"))
        self.role = Fact(theme, "Your role", lambda: bench.actions.trigger("together.members"))
        self.trip = QLabel()
        self.trip.setFont(theme.font("label"))
        self.trip.setProperty("role", "tertiary")
        for widget in (self.problems, self.attention, self.room, self.role, self.trip, self.jobs, self._bar):
            bar.addWidget(widget)
        self.cache = Fact(theme, "Cache", lambda: bench.shell.dialog("preferences"))
        self.cache.hide()
        bar.addStretch(1)
        bar.addWidget(self.rate)
        bar.addWidget(self.cache)
        bar.addSpacing(theme.px(8))
        bar.addWidget(self.saving_icon)
        bar.addWidget(self.saving)
        bench.problems.changed.connect(self._problems)
        bench.attention.changed.connect(self._attention)
        bench.jobs.changed.connect(self._jobs)
        self._saving_soon = QTimer(self, singleShot=True, interval=SAVING_SHOWN_MS)
        self._saving_soon.timeout.connect(self._saving)
        bench.saving.changed.connect(self._saving_changed)
        bench.cache.changed.connect(self._cache)
        bench.frames.quality_changed.connect(self._rate)
        bench.transport.state_changed.connect(self._rate)
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._rate)
        self._second.start()
        bench.together.changed.connect(self._together)
        self._together()
        self._problems()
        self._attention()
        self._jobs()
        self._saving()
        self._cache()
        self._rate()

    def _problems(self) -> None:
        rows = self._bench.problems.rows
        count = sum(1 for row in rows if row.severity != "info")
        if count:
            worst = "danger" if any(row.severity == "danger" for row in rows) else "warn"
            self.problems.show_fact("triangle-alert", worst, f"{count} problem{'s' if count > 1 else ''}", rows[0].title)
        else:
            self.problems.show_fact("circle-check", "text-3", "No problems", "Everything this project needs is there")

    def _attention(self) -> None:
        rows = self._bench.attention.rows
        self.attention.setVisible(bool(rows))
        if rows:
            words = f"{len(rows)} to look at" if len(rows) > 1 else f"1 to look at · {rows[0].title}"
            self.attention.show_fact("circle-alert", "warn", words, rows[0].message)

    def _together(self) -> None:
        together = self._bench.together
        state, people = together.state, len({one.key for one in together.people}) + 1
        self.room.setVisible(state != "off")
        words = _BOUND.get(together.role, "")
        self.role.setVisible(bool(words) and state in ("online", "connecting"))
        if words:
            self.role.show_fact("lock", "warn", words, self._bench.actions.reason("marker.add"))
        self.trip.setVisible(state == "online" and together.round_trip > 0)
        self.trip.setText(f"Round trip {max(1, round(together.round_trip * 1000))} ms")
        sending = f", {together.to_send} change{'s' if together.to_send != 1 else ''} to send" if together.to_send else ""
        if state == "online":
            words = f"Session: {people} people" if people > 1 else "Session: only you"
            self.room.show_fact("radio", "ok", words + sending, f"Over {together.over}. {together.secrecy}")
        elif state == "connecting":
            self.room.show_fact("wifi", "text-2", f"Connecting{sending}", f"Over {together.over}")
        elif together.out:
            self.room.show_fact("user-minus", "warn", "On your own: you do not take part any more", together.why)
        else:
            self.room.show_fact("wifi-off", "warn", f"Working offline{sending}",
                                together.why or "Edits are kept here and sent when there is a connection again")

    def _jobs(self) -> None:
        live = self._bench.jobs.live
        self._bar.setVisible(bool(live))
        self.jobs.setVisible(bool(self._bench.jobs.rows))
        if not live:
            self.jobs.show_fact("list-checks", "text-3", "No jobs running", "What ran in the background")
            return
        job = live[0]
        words = f"{len(live)} jobs · {job.title}" if len(live) > 1 else job.title
        self.jobs.show_fact("list-checks", "text-2", words, job.detail)
        self._bar.share = sum(j.fraction for j in live) / len(live)
        self._bar.update()

    def _rate(self) -> None:
        bench = self._bench
        wanted = bench.rate.fps
        words = f"{wanted:g} fps" if wanted == round(wanted, 3) else f"{wanted:.2f} fps"
        quality = bench.frames.quality
        if bench.transport.playing:
            shown, dropped = bench.frames.rate(), bench.transport.dropped
            speed = bench.transport.speed
            late = shown < wanted * 0.9 and abs(speed) == 1 and bench.frames.settled()
            how = f"{shown:.0f} of {words}" if abs(speed) == 1 else f"{abs(speed):g} × {'back' if speed < 0 else 'forward'}"
            self.rate.show_fact("gauge", "warn" if late else "text-3", f"{how} · {dropped} dropped", f"Preview quality: {quality}")
        else:
            dropped = bench.transport.dropped
            self.rate.show_fact("gauge", "text-3", f"{words} · {dropped} dropped" if dropped else words,
                                f"Preview quality: {quality}; click for the next")

    def _cache(self) -> None:
        held = self._bench.cache.bytes
        self.cache.setVisible(held is not None)
        if held is not None:
            size = f"{held / 2**30:.1f} GB" if held >= 2**30 else f"{held / 2**20:.0f} MB"
            self.cache.show_fact("archive", "text-3", f"Cache {size}", "Pictures and waveforms kept on this computer; click for storage")

    def _saving_changed(self) -> None:
        """Says at once what is bad news. A change that is on disk a moment later does not flicker, and costs the repaint nothing:
        until then the words say how far everything is on disk, which stays true."""
        if self._bench.saving.state == "trouble":
            self._saving()
        elif not self._saving_soon.isActive():
            self._saving_soon.start()

    def _saving(self) -> None:
        saving = self._bench.saving
        if self._bench.services is not None and self._bench.services.project.file.read_only:
            why = "Another program holds this project, its folder is not for you to write in, or it is of a newer version"
            self._disk("lock", "warn", "Read only", why)
        elif saving.state == "trouble":
            self._disk("octagon-alert", "danger", f"Not saved: {saving.message}", saving.message)
        elif saving.state == "saving":
            self._disk("loader-circle", "text-2", "Saving …", "The last change is on its way to the disk")
        elif saving.at is None:
            self._disk("hard-drive", "ok", "On disk", "Everything is on disk")
        else:
            when = datetime.datetime.fromtimestamp(saving.at).strftime("%H:%M:%S")
            self._disk("hard-drive", "ok", f"On disk {when}", "Every change up to this time is on disk")

    def _disk(self, icon: str, colour: str, words: str, tip: str) -> None:
        self.saving_icon.set(icon, colour)
        self.saving.setText(words if len(words) < 90 else words[:89] + "…")
        self.saving.setToolTip(tip)
        set_role(self.saving, "role", colour if colour in ("danger", "warn") else "tertiary")
