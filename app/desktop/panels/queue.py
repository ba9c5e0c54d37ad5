"""The export queue: what waits, runs and is done.

Owns: one row for each export. Refuses: reports (the verification panel has them).
"""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDesktopServices, QGuiApplication, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.jobs import is_live
from app.desktop.widgets.basics import LiveIconButton, Words, button, column, label, row, set_role
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.numbers import short_time
from app.desktop.widgets.row_list import RowList
from app.services.jobs import Job
from editor_core.timing import TICKS_PER_SECOND

PANEL = PanelSpec("queue", "Queue", "right", "list-checks", order=30, context="deliver", workspaces=("deliver",))


def build(bench: Workbench) -> QWidget:
    return QueuePanel(bench)


class Poster(QWidget):
    """The frame where the export begins."""

    def __init__(self, bench: Workbench, job: Job) -> None:
        super().__init__()
        self._bench, self._job = bench, job
        self.setFixedSize(QSize(bench.theme.px(96), bench.theme.px(54)))
        bench.tiles.ready.connect(self._paint_again)

    def _paint_again(self) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        bench, painter = self._bench, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), bench.theme.color("viewer"))
        at = int(self._job.facts.get("start", 0)) + TICKS_PER_SECOND
        view = bench.snapshot
        clip = next((c for t in view.tracks("video") if (c := view.clip_at(t.id, at)) is not None and c.asset), None)
        image = bench.tiles.thumbnail(clip.asset, clip.source_range.start + at - clip.start, self.height()) if clip is not None else None
        if image is not None:
            size = image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
            painter.drawImage(QRect(left, top, size.width(), size.height()), image)
        else:
            side = bench.theme.px(20)
            painter.drawPixmap((self.width() - side) // 2, (self.height() - side) // 2, bench.theme.pixmap("film", "text-3", 20))
        painter.end()


class ExportRow(QFrame):
    """One export: poster, name, state, progress, what can be done with it."""

    def __init__(self, bench: Workbench, job: Job) -> None:
        super().__init__()
        theme = bench.theme
        self._bench, self.job = bench, job
        self.setProperty("row", "true")
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(14), theme.px(10), theme.px(10), theme.px(10))
        bar.setSpacing(theme.px(12))
        bar.addWidget(Poster(bench, job))
        words = QVBoxLayout()
        words.setSpacing(theme.px(2))
        self._name = Words(job.title)
        self._name.setFont(theme.font("strong"))
        self._tag = QLabel("")
        self._tag.setFont(theme.font("tick", 600))
        self._tag.setProperty("tag", "accent")
        words.addStretch(1)
        self._name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # as wide as it is, and the state beside it
        words.addLayout(row(self._name, self._tag, None, spacing=theme.px(8)))
        self._detail = Words("")
        self._detail.setFont(theme.font("label", 400))
        words.addWidget(self._detail)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        words.addSpacing(theme.px(4))
        words.addWidget(self._bar)
        words.addStretch(1)
        bar.addLayout(words, 1)
        self._percent = label(theme, "", font="strong")
        self._percent.setFixedWidth(theme.px(44))
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        bar.addWidget(self._percent)
        self._folder = button(theme, "Show file", self._show_file, icon="folder-open", compact=True)
        self._play = LiveIconButton(theme, "play", "Play the file", self._play_file)
        self._again = button(theme, "Try again", lambda: bench.deliver.again(job), kind="outline", compact=True)
        self._cancel = LiveIconButton(theme, "x", "Cancel", self._stop)
        for widget in (self._folder, self._play, self._again, self._cancel):
            bar.addWidget(widget)
        self.refresh()

    def refresh(self) -> None:
        job, live = self.job, is_live(self.job)
        done = job.state == "done"
        self._bar.setVisible(job.state == "running")
        self._percent.setVisible(job.state == "running")
        self._bar.setValue(round(job.fraction * 1000))
        self._percent.setText(f"{job.fraction * 100:.0f} %")
        self._folder.setVisible(done)
        self._play.setVisible(done)
        self._again.setVisible(job.state in ("failed", "cancelled"))
        self._cancel.set_icon("x", "Cancel" if live else "Take off the list")
        words, kind, detail = self._state()
        self._tag.setText(words)
        self._tag.setVisible(bool(words))
        set_role(self._tag, "tag", kind)
        self._detail.setText(detail)
        set_role(self._detail, "role", "danger" if job.state == "failed" else "tertiary")
        chosen = self._bench.deliver.shown is job
        if self.property("chosen") != str(chosen).lower():
            set_role(self, "chosen", str(chosen).lower())
        self.setAccessibleName(f"Export {job.title}, {words or job.state}, {detail}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._bench.deliver.show(self.job)

    def menu(self) -> QMenu:
        """What can be done with it, in words."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        job, live = self.job, is_live(self.job)
        if job.state == "done":
            menu.addAction("Play the file", self._play_file)
            menu.addAction("Show file", self._show_file)
        menu.addAction("Copy the file's path", lambda: QGuiApplication.clipboard().setText(str(self._file())))
        if not live:
            menu.addAction("Try again" if job.state != "done" else "Export again", lambda: self._bench.deliver.again(job))
        menu.addSeparator()
        menu.addAction("Cancel" if live else "Take off the list", self._stop)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._bench.deliver.show(self.job)
        self.menu().popup(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.job.state == "done":
            self._play_file()

    def _state(self) -> tuple[str, str, str]:
        job = self.job
        if job.state == "waiting":
            return "", "accent", f"Waiting · {job.facts.get('preset', '')}"
        if job.state == "running":
            checking = job.facts.get("result") is not None
            return ("Verifying" if checking else "Exporting"), "accent", job.detail or "Starting"
        if job.state == "failed":
            return "Failed", "danger", job.error
        if job.state == "cancelled":
            return "Cancelled", "warn", "Nothing was kept"
        return self._done()

    def _done(self) -> tuple[str, str, str]:
        job, report, result = self.job, self.job.facts.get("report"), self.job.facts.get("result")
        parts = [f"Done {datetime.datetime.fromtimestamp(job.ended):%H:%M}"]
        if result is not None:
            parts.append(f"{result.size / 2**20:,.1f} MB")
            parts.append(short_time(round(result.seconds * TICKS_PER_SECOND), job.facts["rate"]))
            if result.warnings:
                parts.append(result.warnings[0])
        if report is None:
            return "Not verified", "warn", " · ".join([*parts, *filter(None, [job.facts.get("unverified")])])
        bad, accepted = len(report.failures), job.facts.get("accepted", ())
        if bad:
            left = sum(check.name not in accepted for check in report.failures)
            words = f"Verified, {left or bad} finding{'s' if (left or bad) > 1 else ''}{'' if left else ' accepted'}"
            return words, "warn" if left else "ok", " · ".join(parts)
        return "Verified", "ok", " · ".join(parts)

    def _file(self) -> Path:
        result = self.job.facts.get("result")
        return Path(result.paths[0]) if result is not None and result.paths else Path(str(self.job.facts.get("out", "")))

    def _show_file(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file().parent)))

    def _play_file(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file()))):
            self._bench.say("No program on this computer opens this kind of file", "warn")

    def _stop(self) -> None:
        if is_live(self.job):
            self._bench.jobs.cancel(self.job)
        else:
            self._bench.jobs.remove(self.job)
            if self._bench.deliver.shown is self.job:
                self._bench.deliver.show(None)


class QueuePanel(QWidget):
    """Newest first. A click shows the report below."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        words = "Choose a preset, set the range, then add it. Exports run one after the other."
        self._list = RowList(Empty(bench.theme, "list-checks", "Add an export", words))
        self.setLayout(column(self._list))
        self.rows: dict[int, ExportRow] = {}
        bench.jobs.changed.connect(self.refresh)
        bench.deliver.picked.connect(self.refresh)
        self.refresh()

    def header_note(self) -> str:
        return "Editing stays live while exporting"

    def refresh(self) -> None:
        jobs = self._bench.deliver.queue
        for number in [n for n in self.rows if n not in {j.number for j in jobs}]:
            gone = self.rows.pop(number)
            self._list.rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for job in reversed(jobs):
            if job.number not in self.rows:
                made = self.rows[job.number] = ExportRow(self._bench, job)
                self._list.rows.insertWidget(0, made)
            self.rows[job.number].refresh()
        self._list.show_rows(bool(jobs))
