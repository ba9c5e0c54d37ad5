"""The Verification panel's widgets: verdict, loudness, frame pair, checks.

Owns: showing the report, going to where a finding is, accepting it, saving the report. Refuses: comparing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.bridge.deliver import verdict
from app.desktop.bridge.frame_pairs import FramePairs
from app.desktop.bridge.jobs import is_live
from app.desktop.panels.verification.graph import LoudnessGraph
from app.desktop.panels.verification.pair import PairView
from app.desktop.widgets.basics import IconLabel, LiveIconButton, Words, button, column, frame, label, line, row, show_button
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.row_list import RowList
from app.services.jobs import Job
from app.services.stills import locations
from editor_core.timing import TICKS_PER_SECOND, format_timecode
from render.export.report import Check, Report

LEAD = 2 * TICKS_PER_SECOND
"""How long before a finding its playing begins."""


def measured_words(check: Check) -> str:
    """What was measured, in words for people."""
    if check.message:
        return check.message
    return f"{_number(check.measured)} {check.unit}".strip()


def limit_words(check: Check) -> str:
    if isinstance(check.limit, str) and check.limit == check.measured:
        return "As planned"
    if check.limit == check.measured and check.limit:
        return "Exact"
    limit = _number(check.limit)
    return f"Limit {limit} {check.unit}".strip() if limit else ""


def _number(value: float | int | str) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


class CheckRow(QFrame):
    """One check. A click shows its frame above; the button, or a double click, goes to its time."""

    def __init__(self, bench: Workbench, check: Check, accepted: bool, chosen: Callable[[Check], None]) -> None:
        super().__init__()
        theme = bench.theme
        self._bench, self.check, self._chosen = bench, check, chosen
        state = "passed" if check.ok else "accepted" if accepted else "finding"
        self.setProperty("row", "true")
        self.setMinimumHeight(theme.px(34))
        self.setAccessibleName(f"{check.title}, {state}, {measured_words(check)}")
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(14), theme.px(4), theme.px(14), theme.px(4))
        bar.setSpacing(theme.px(8))
        icon, colour = {"passed": ("circle-check", "ok"), "accepted": ("circle-check", "text-3")}.get(state, ("triangle-alert", "warn"))
        bar.addWidget(IconLabel(theme, icon, colour, 16))
        title = Words(check.title)
        title.setFont(theme.font("body", 500))
        title.setMinimumWidth(theme.px(120))
        bar.addWidget(title, 10)
        words = Words(measured_words(check))
        words.setFont(theme.font("body"))
        words.setProperty("role", "secondary")
        rest = row(words, spacing=theme.px(8))
        if accepted:
            rest.addWidget(label(theme, "Accepted", "tertiary"))
        elif not check.ok and check.ticks is not None:
            rest.addWidget(button(theme, check.timecode or "Go there", self._go, kind="outline", icon="corner-down-left", compact=True))
        limit = label(theme, limit_words(check), "tertiary")
        limit.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        limit.setMinimumWidth(theme.px(110))
        rest.addWidget(limit)
        bar.addLayout(rest, 22)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.check.ticks is not None:
            self._chosen(self.check)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._go()

    def _go(self) -> None:
        if self.check.ticks is not None:
            self._bench.transport.seek(self.check.ticks)


class VerificationPanel(QWidget):
    """The report of the export that is selected in the queue."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        theme = bench.theme
        self._shown: Report | None = None
        self._accepted: frozenset[str] = frozenset()
        self._looked_at: Check | None = None
        self._pairs = FramePairs(lambda: locations(bench.services.project), bench.services.tasks, bench.post, self)
        self._pairs.ready.connect(lambda *_: self._compare())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack)
        body = QWidget()
        stack = QVBoxLayout(body)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addLayout(self._head())
        stack.addLayout(self._pictures())
        stack.addWidget(line())
        self._list = RowList(Empty(theme, "badge-check", "Nothing was compared"))
        stack.addWidget(self._list, 1)
        stack.addWidget(self._foot())
        self._stack.addWidget(body)
        more = ("After each export the file is opened again and compared with the cut: length, sound, black and frozen pictures, "
                "loudness, frames.")
        self._none = Empty(theme, "badge-check", "No report yet", more)
        self._stack.addWidget(self._none)
        self._save = LiveIconButton(theme, "download", "Save the report", self._save_report, colour="text-3")
        bench.deliver.picked.connect(self.refresh)
        bench.jobs.ended.connect(self.refresh)
        self.refresh()

    def _head(self) -> QHBoxLayout:
        theme = self._bench.theme
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(14), theme.px(14), theme.px(14), theme.px(12))
        head.setSpacing(theme.px(14))
        self._tile = QLabel()
        self._tile.setFixedSize(theme.px(44), theme.px(44))
        self._tile.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head.addWidget(self._tile)
        self._headline, self._sentence = Words(""), Words("")
        self._headline.setFont(theme.font("title"))
        self._sentence.setFont(theme.font("body"))
        self._sentence.setProperty("role", "secondary")
        head.addLayout(column(self._headline, self._sentence, spacing=theme.px(2)), 1)
        self._finding = button(theme, "Play finding", self._play, icon="play")
        head.addWidget(self._finding)
        return head

    def _pictures(self) -> QHBoxLayout:
        """Loudness left, the frame pair right."""
        theme = self._bench.theme
        self.graph, self.pair = LoudnessGraph(theme), PairView(theme)
        self.graph.asked.connect(self._bench.transport.seek)
        self._mixed = label(theme, "", "tertiary", "label")
        self._where = label(theme, "", "tertiary", "label", cut=True)
        self._sound_card = self._card(row(label(theme, "Loudness over time, LUFS short term", "tertiary", "label", cut=True), self._mixed),
                                      self.graph)
        self._picture_card = self._card(row(self._where), self.pair)
        made = row(self._sound_card, self._picture_card, spacing=theme.px(8), margins=(theme.px(14), 0, theme.px(14), theme.px(14)))
        made.setStretch(0, 3)
        made.setStretch(1, 2)
        return made

    def _card(self, head: QHBoxLayout, content: QWidget) -> QFrame:
        theme = self._bench.theme
        card = frame("raised")
        stack = QVBoxLayout(card)
        stack.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(10))
        stack.setSpacing(theme.px(6))
        stack.addLayout(head)
        stack.addWidget(content, 1)
        return card

    def _foot(self) -> QWidget:
        theme = self._bench.theme
        foot = frame("raised")
        note = label(theme, "The report holds no footage.", "tertiary", "label", cut=True)
        self._accept = button(theme, "Accept finding", self._accept_finding)
        self._again = button(theme, "Export this range again", self._export_again, kind="primary")
        save = button(theme, "Save report", self._save_report)
        edge = theme.px(14)
        foot.setLayout(row(note, self._accept, save, self._again, spacing=theme.px(8), margins=(edge, theme.px(10), edge, theme.px(10))))
        return foot

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
        if job is None or not isinstance(report, Report):
            self._shown = None
            self._none.sentence.setText(_why_none(job))
            self._stack.setCurrentIndex(1)
            return
        self._stack.setCurrentIndex(0)
        accepted = frozenset(job.facts.get("accepted", ()))
        if report is not self._shown or accepted != self._accepted:
            self._fill(report, accepted, keep=report is self._shown)

    def _fill(self, report: Report, accepted: frozenset[str], *, keep: bool) -> None:
        theme = self._bench.theme
        self._shown, self._accepted = report, accepted
        headline, sentence, kind = verdict(report, accepted)
        self._headline.setText(headline)
        self._sentence.setText(sentence)
        self._tile.setPixmap(theme.pixmap("shield-check" if kind == "ok" else "shield-alert", kind, 20))
        self._tile.setStyleSheet(f"background: {theme.hex(kind + '-soft')}; border-radius: {theme.px(10)}px;")
        self._finding.setVisible(self._first() is not None)
        self._accept.setVisible(any(check.name not in accepted for check in report.failures))
        several = sum(check.name not in accepted for check in report.failures) > 1
        self._accept.setText("Accept findings" if several else "Accept finding")
        order = sorted(report.checks, key=lambda c: (c.ok, c.name in accepted))
        self._list.fill(CheckRow(self._bench, check, not check.ok and check.name in accepted, self._look_at) for check in order)
        if not keep:
            worst = next((c for c in report.checks if c.name in ("areas", "fidelity") and c.ticks is not None), None)
            self._looked_at = self._first() or worst
        self._show_pictures(report)

    def _show_pictures(self, report: Report) -> None:
        finding = self._looked_at if self._looked_at is not None and not self._looked_at.ok else None
        curve = report.loudness
        self._sound_card.setVisible(curve is not None)
        self.graph.show_report(report, finding.ticks if finding is not None else None)
        loud = next((check for check in report.checks if check.name == "loudness"), None)
        whole = loud.title.removeprefix("Loudness ").split(" against")[0] if loud is not None else ""
        self._mixed.setText(whole.replace("-", "−") if whole.endswith("LUFS") else "")
        self._compare()

    def _look_at(self, check: Check) -> None:
        if self._shown is not None and check is not self._looked_at:
            self._looked_at = check
            self._show_pictures(self._shown)

    def _compare(self) -> None:
        """The frame pair of the check that is looked at, asked for if it is not there."""
        check, job, report = self._looked_at, self._bench.deliver.shown, self._shown
        pictured = report is not None and any(c.name == "frames" for c in report.checks)
        self._picture_card.setVisible(pictured)
        if report is None or job is None or not pictured:
            return
        if check is None or check.ticks is None or "snapshot" not in job.facts:
            self._where.setText("Cut against file")
            self.pair.show_pair(None, "No frame to look at")
            return
        code = check.timecode or format_timecode(check.ticks, self._bench.rate)
        self._where.setText(f"{'Worst frame' if check.ok else 'At the finding'}, {code}")
        self.pair.show_pair(self._pairs.get(job, check.ticks), "The pictures are being made …")

    def _first(self) -> Check | None:
        """The first finding that has a time and was not accepted."""
        failures = self._shown.failures if self._shown is not None else ()
        return next((c for c in failures if c.ticks is not None and c.name not in self._accepted), None)

    def _go(self) -> None:
        check = self._first()
        if check is not None and check.ticks is not None:
            self._bench.transport.seek(check.ticks)

    def _play(self) -> None:
        """Plays the timeline over the finding, from two seconds before it."""
        check = self._looked_at if self._looked_at is not None and not self._looked_at.ok else self._first()
        if check is not None and check.ticks is not None:
            transport = self._bench.transport
            frame = transport.frame
            transport.seek(max(0, (check.ticks - LEAD) // frame * frame))
            transport.play()

    def _accept_finding(self) -> None:
        job = self._bench.deliver.shown
        if job is not None and self._shown is not None:
            job.facts["accepted"] = tuple(check.name for check in self._shown.failures)
            self.refresh()
            self._bench.jobs.changed.emit()

    def _export_again(self) -> None:
        job = self._bench.deliver.shown
        if job is not None and "order" in job.facts:
            self._bench.deliver.again(job)

    def _save_report(self) -> None:
        if self._shown is None:
            return
        suggested = str(Path(self._shown.file).with_suffix(".report.json"))
        name, _ = QFileDialog.getSaveFileName(self, "Save the report", suggested, "JSON (*.json)")
        if name:
            self.write_report(Path(name))

    def write_report(self, path: Path) -> None:
        """The report as JSON, with what was accepted."""
        assert self._shown is not None
        plain = {**self._shown.plain(), "accepted": sorted(self._accepted)}
        try:
            path.write_text(json.dumps(plain, indent=2, ensure_ascii=False), "utf-8")
            self._bench.say(f"Saved {path.name}", "ok")
        except OSError as error:
            self._bench.say(f"{path} could not be written: {error.strerror}", "danger")


def _why_none(job: Job | None) -> str:
    if job is None:
        return "No report yet"
    if is_live(job):
        return "The report comes when the export is done"
    if job.state == "done":
        return str(job.facts.get("unverified") or "This export was not verified")
    return "This export did not finish, so there is nothing to verify"
