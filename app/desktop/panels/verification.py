"""Verification: how an exported file compares with the cut.

Owns: showing the report, going to where a finding is. Refuses: comparing.
"""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.deliver import verdict
from app.desktop.bridge.jobs import is_live
from app.desktop.widgets.basics import IconLabel, LiveIconButton, Words, button, clear, label, line, show_button
from app.desktop.widgets.empty import Empty
from app.services.jobs import Job
from render.export.report import Check, Report

PANEL = PanelSpec("verification", "Verification", "right", "badge-check", order=40, context="deliver", workspaces=("deliver",))


def build(bench: Workbench) -> QWidget:
    return VerificationPanel(bench)


def measured_words(check: Check) -> str:
    """What was measured, in words for people."""
    if check.message:
        return check.message
    return f"{_number(check.measured)} {check.unit}".strip()


def limit_words(check: Check) -> str:
    if isinstance(check.limit, str) and check.limit == check.measured:
        return "As planned"
    limit = _number(check.limit)
    return f"Limit {limit} {check.unit}".strip() if limit else ""


def _number(value: float | int | str) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


class CheckRow(QFrame):
    """One check. A click on a finding goes to its time."""

    def __init__(self, bench: Workbench, check: Check) -> None:
        super().__init__()
        theme = bench.theme
        self._bench, self._check = bench, check
        self.setMinimumHeight(theme.px(34))
        self.setAccessibleName(f"{check.title}, {'passed' if check.ok else 'finding'}, {measured_words(check)}")
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(14), theme.px(4), theme.px(14), theme.px(4))
        bar.setSpacing(theme.px(8))
        bar.addWidget(IconLabel(theme, "circle-check" if check.ok else "triangle-alert", "ok" if check.ok else "warn", 16))
        title = Words(check.title)
        title.setFont(theme.font("body", 500))
        title.setMinimumWidth(theme.px(120))
        bar.addWidget(title, 10)
        words = Words(measured_words(check))
        words.setFont(theme.font("body"))
        words.setProperty("role", "secondary")
        bar.addWidget(words, 14)
        if not check.ok and check.ticks is not None:
            bar.addWidget(button(theme, check.timecode or "Go there", self._go, kind="outline", icon="corner-down-left", compact=True))
        limit = label(theme, limit_words(check), "tertiary")
        limit.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        limit.setMinimumWidth(theme.px(110))
        bar.addWidget(limit)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._go()

    def _go(self) -> None:
        if self._check.ticks is not None:
            self._bench.transport.seek(self._check.ticks)


class VerificationPanel(QWidget):
    """The report of the export that is selected in the queue."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack)
        body = QWidget()
        stack = QVBoxLayout(body)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(14), theme.px(14), theme.px(14), theme.px(14))
        head.setSpacing(theme.px(14))
        self._tile = QLabel()
        self._tile.setFixedSize(theme.px(44), theme.px(44))
        self._tile.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head.addWidget(self._tile)
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        self._headline = Words("")
        self._headline.setFont(theme.font("title"))
        self._sentence = Words("")
        self._sentence.setFont(theme.font("body"))
        self._sentence.setProperty("role", "secondary")
        words.addWidget(self._headline)
        words.addWidget(self._sentence)
        head.addLayout(words, 1)
        self._finding = button(theme, "Go to finding", self._go, icon="corner-down-left")
        head.addWidget(self._finding)
        stack.addLayout(head)
        stack.addWidget(line())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        self._list = QVBoxLayout(inner)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        area.setWidget(inner)
        stack.addWidget(area, 1)
        self._stack.addWidget(body)
        more = ("After each export the file is opened again and compared with the cut: length, sound, black and frozen pictures, "
                "loudness, frames.")
        self._none = Empty(theme, "badge-check", "No report yet", more)
        self._stack.addWidget(self._none)
        self._save = LiveIconButton(theme, "download", "Save the report", self._save_report, colour="text-3")
        self._shown: Report | None = None
        bench.deliver.picked.connect(self.refresh)
        bench.jobs.ended.connect(lambda _job: self.refresh())
        self.refresh()

    def header_widgets(self) -> list[QWidget]:
        return [self._save]

    def header_note(self) -> str:
        job = self._bench.deliver.shown
        return job.title if job is not None else ""

    def refresh(self) -> None:
        job = self._bench.deliver.shown
        report = job.facts.get("report") if job is not None else None
        show_button(self._save, report is not None)
        dock = self.parentWidget()
        while dock is not None and not hasattr(dock, "note"):
            dock = dock.parentWidget()
        if dock is not None:
            dock.note()  # type: ignore[attr-defined]
        if not isinstance(report, Report):
            self._shown = None
            self._none.sentence.setText(_why_none(job))
            self._stack.setCurrentIndex(1)
            return
        self._stack.setCurrentIndex(0)
        if report is not self._shown:
            self._shown = report
            self._fill(report)

    def _fill(self, report: Report) -> None:
        theme = self._bench.theme
        headline, sentence, kind = verdict(report)
        self._headline.setText(headline)
        self._sentence.setText(sentence)
        self._tile.setPixmap(theme.pixmap("shield-check" if kind == "ok" else "triangle-alert", kind, 20))
        self._tile.setStyleSheet(f"background: {theme.hex(kind + '-soft')}; border-radius: {theme.px(10)}px;")
        self._finding.setVisible(any(check.ticks is not None for check in report.failures))
        clear(self._list)
        for check in sorted(report.checks, key=lambda c: c.ok):
            self._list.addWidget(CheckRow(self._bench, check))
            self._list.addWidget(line())
        self._list.addStretch(1)

    def _go(self) -> None:
        if self._shown is not None:
            first = next((c for c in self._shown.failures if c.ticks is not None), None)
            if first is not None and first.ticks is not None:
                self._bench.transport.seek(first.ticks)

    def _save_report(self) -> None:
        if self._shown is None:
            return
        suggested = str(Path(self._shown.file).with_suffix(".report.json"))
        name, _ = QFileDialog.getSaveFileName(self, "Save the report", suggested, "JSON (*.json)")
        if name:
            try:
                Path(name).write_text(json.dumps(self._shown.plain(), indent=2, ensure_ascii=False), "utf-8")
                self._bench.say(f"Saved {Path(name).name}", "ok")
            except OSError as error:
                self._bench.say(f"{name} could not be written: {error.strerror}", "danger")


def _why_none(job: Job | None) -> str:
    if job is None:
        return "No report yet"
    if is_live(job):
        return "The report comes when the export is done"
    if job.state == "done":
        return str(job.facts.get("unverified") or "This export was not verified")
    return "This export did not finish, so there is nothing to verify"
