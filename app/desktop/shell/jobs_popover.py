"""The jobs popover above the status bar.

Owns: one row for each job with progress, words, cancel. Refuses: exports' details (the queue has them).
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.jobs import is_live
from app.desktop.widgets.basics import IconLabel, LiveIconButton, button, label, line, row, set_role
from app.desktop.widgets.shadow import Shadow
from app.services.jobs import Job

_STATE = {"waiting": ("hourglass", "text-3"), "running": ("loader-circle", "accent"), "done": ("circle-check", "ok"),
          "failed": ("circle-x", "danger"), "cancelled": ("x", "text-3")}
_WORDS = {"waiting": "Waiting", "done": "Done", "cancelled": "Cancelled"}


class _Row(QWidget):
    def __init__(self, bench: Workbench, job: Job) -> None:
        super().__init__()
        theme = bench.theme
        self._job = job
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(12), theme.px(8), theme.px(8), theme.px(8))
        layout.setSpacing(theme.px(4))
        self._icon = IconLabel(theme, "hourglass", "text-3", 14)
        self._cancel = LiveIconButton(theme, "x", "Cancel", lambda: bench.jobs.cancel(job), size=14, side=22)
        layout.addLayout(row(self._icon, label(theme, job.title, font="strong", cut=True), self._cancel))
        self._words = label(theme, "", "tertiary", "label", cut=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        layout.addWidget(self._words)
        layout.addWidget(self._bar)
        self.refresh()

    def refresh(self) -> None:
        job = self._job
        icon, colour = _STATE[job.state]
        self._icon.set(icon, colour)
        words = job.error if job.state == "failed" else _WORDS.get(job.state, job.detail or "Working")
        self._words.setText(words)
        set_role(self._words, "role", "danger" if job.state == "failed" else "tertiary")
        self._bar.setVisible(is_live(job))
        self._bar.setValue(round(job.fraction * 1000))
        self._cancel.setVisible(is_live(job))


class JobsPopover(QFrame):
    """Stands above the status bar until clicked away."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        self._bench = bench
        theme = bench.theme
        self.setProperty("surface", "popover")
        self.setAccessibleName("Jobs")
        self.setFixedWidth(theme.px(360))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        self._clear = button(theme, "Clear finished", bench.jobs.clear_ended, kind="link")
        head = row(label(theme, "Jobs", font="strong"), None, self._clear, margins=(12, 8, 12, 8))
        layout.addLayout(head)
        layout.addWidget(line())
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._area.setWidget(inner)
        layout.addWidget(self._area)
        self._none = label(theme, "Nothing runs in the background", "tertiary")
        self._none.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(self._none)
        self._rows: dict[int, _Row] = {}
        Shadow(self, 28, 8, 130)
        bench.jobs.changed.connect(self.refresh)
        self.hide()

    def show_above(self, anchor: QWidget) -> None:
        self.refresh()
        self.adjustSize()
        at = anchor.mapTo(self.parentWidget(), QPoint(0, 0))
        self.move(max(8, at.x()), at.y() - self.height() - 8)
        self.show()
        self.raise_()

    def refresh(self) -> None:
        jobs = self._bench.jobs.rows
        wanted = {job.number for job in jobs}
        for number in [n for n in self._rows if n not in wanted]:
            gone = self._rows.pop(number)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for job in jobs:
            if job.number not in self._rows:
                made = self._rows[job.number] = _Row(self._bench, job)
                self._list.insertWidget(0, made)
            self._rows[job.number].refresh()
        self._none.setVisible(not jobs)
        self._area.setVisible(bool(jobs))
        self._clear.setVisible(any(not is_live(job) for job in jobs))
        theme = self._bench.theme
        self._area.setFixedHeight(min(theme.px(330), theme.px(66) * max(1, len(jobs))))
        if self.isVisible():
            bottom = self.geometry().bottom()
            self.adjustSize()
            self.move(self.x(), bottom - self.height() + 1)
