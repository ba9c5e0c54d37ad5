"""The export panel's frame: picture, range, form, facts, buttons.

Owns: what is shown of the export before it starts. Refuses: running it.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFileDialog, QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.desktop.bridge import Workbench
from app.desktop.panels.export.range_strip import RangeStrip
from app.desktop.panels.export.settings_form import SettingsForm
from app.desktop.widgets.asking import ask_words
from app.desktop.widgets.basics import IconLabel, LiveIconButton, Words, button, column, label, row, set_role, show_button
from app.desktop.widgets.picture import PictureView
from app.desktop.widgets.segments import Segments
from editor_core.schema import MediaReference


class ExportPicture(PictureView):
    """The frame at the playhead with a note how it was drawn."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, bench = self._bench.theme, self._bench
        timeline = bench.snapshot.timeline
        exact = bench.frames.image.width() == timeline.width and bench.frames.image.height() == timeline.height
        words = "Exact picture, full quality" if exact else f"Preview, {bench.frames.image.width()} × {bench.frames.image.height()}"
        if bench.frames.image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("label", 600))
        box = painter.fontMetrics().boundingRect(words).adjusted(-theme.px(8), -theme.px(4), theme.px(8), theme.px(4))
        box.moveTo(theme.px(12), theme.px(12))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(10, 11, 12, 209))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(QColor("#FFFFFF"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.tell()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tell()

    def tell(self) -> None:
        """Says how large the picture is, while this is what is looked at."""
        if self.isVisible():
            ratio = self.devicePixelRatioF()
            self._bench.frames.set_view(round(self.width() * ratio), round(self.height() * ratio))
            self._bench.frames.request(self._bench.transport.ticks)


class Fact(QFrame):
    """One fact before starting: icon, figure, words."""

    def __init__(self, bench: Workbench, icon: str) -> None:
        super().__init__()
        theme = bench.theme
        self.setProperty("surface", "well")
        self._icon = IconLabel(theme, icon, "text-3", 16)
        self._figure, self._words = Words(""), Words("")
        self._figure.setFont(theme.font("strong"))
        self._words.setFont(theme.font("label", 400))
        self._words.setProperty("role", "tertiary")
        bar = QHBoxLayout(self)
        bar.setContentsMargins(theme.px(10), theme.px(8), theme.px(10), theme.px(8))
        bar.setSpacing(theme.px(8))
        bar.addWidget(self._icon)
        bar.addLayout(column(self._figure, self._words), 1)

    def show_fact(self, figure: str, words: str, colour: str = "text-3") -> None:
        self._figure.setText(figure)
        self._words.setText(words)
        self._icon.set(colour=colour)


class ExportPanel(QWidget):
    """Everything about the next export."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._free: tuple[str, str] = ("", "")
        theme = bench.theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.picture = ExportPicture(bench)
        self.picture.setMinimumHeight(theme.px(160))
        layout.addWidget(self.picture, 4)
        layout.addWidget(RangeStrip(bench))
        layout.addWidget(self._form(), 5)
        layout.addWidget(self._foot())
        self._simple = Segments(theme, "Settings", [("simple", "Simple"), ("all", "All settings")],
                                str(bench.settings.get("deliver/form", "simple")), height=22)
        self._simple.chosen.connect(lambda key: (bench.settings.set("deliver/form", key), self.refresh()))
        self._reset = LiveIconButton(theme, "rotate-ccw", "Back to the preset's settings", bench.deliver.reset, size=14)
        bench.deliver.changed.connect(self.refresh)
        bench.media.changed.connect(self.refresh)
        bench.listen(lambda *_: self._facts() if self.isVisible() else None, self)
        self.refresh()

    def header_widgets(self) -> list[QWidget]:
        return [self._reset, self._simple]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._bench.deliver.look_again()

    def header_note(self) -> str:
        deliver = self._bench.deliver
        return f"{deliver.choice.title}{', changed from preset' if deliver.modified else ''}"

    def refresh(self) -> None:
        deliver = self._bench.deliver
        self.form.show_all(self._simple.value == "all")
        marked = self._bench.transport.mark_in is not None or self._bench.transport.mark_out is not None
        self.range.button("marks").setEnabled(marked)
        self.range.button("marks").setToolTip("" if marked else "Set in and out marks with I and O first")
        self.range.set("all" if deliver.whole else "marks")
        if not self.place.hasFocus():
            self.place.setText(str(deliver.path))
        self.check.setChecked(deliver.verify)
        show_button(self._reset, deliver.modified)
        self._facts()
        dock = self.parentWidget()
        while dock is not None and not hasattr(dock, "note"):
            dock = dock.parentWidget()
        if dock is not None:
            dock.note()  # type: ignore[attr-defined]

    def _form(self) -> QScrollArea:
        theme, deliver = self._bench.theme, self._bench.deliver
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setObjectName("scrolled")
        stack = QVBoxLayout(inner)
        stack.setContentsMargins(theme.px(16), theme.px(12), theme.px(16), theme.px(8))
        stack.setSpacing(theme.px(6))
        self.range = Segments(theme, "Range", [("marks", "In to out"), ("all", "Whole timeline")], "all", height=26)
        self.range.chosen.connect(lambda key: deliver.set_whole(key == "all"))
        stack.addLayout(self._line("Range", self.range, None))
        self.form = SettingsForm(self._bench)
        stack.addWidget(self.form)
        self.place = QLineEdit()
        self.place.setFont(theme.font("body"))
        self.place.setAccessibleName("Save as")
        self.place.editingFinished.connect(self._typed_place)
        stack.addLayout(self._line("Save as", self.place, LiveIconButton(theme, "folder-open", "Choose where to save", self._choose_place)))
        self.check = QCheckBox("Compare the file with the cut")
        self.check.setToolTip("Verification: opens the file again and compares length, pictures and sound with the cut")
        self.check.setFont(theme.font("body"))
        self.check.toggled.connect(lambda on: deliver.set_verify(on) if on != deliver.verify else None)
        stack.addLayout(self._line("After export", self.check, None))
        self.slates = QCheckBox("Put slates where media is missing")
        self.slates.setFont(theme.font("body"))
        self.slates.toggled.connect(self._allow_slates)
        self._slate_line = QWidget()
        self._slate_line.setLayout(self._line("Missing media", self.slates, None))
        stack.addWidget(self._slate_line)
        stack.addStretch(1)
        area.setWidget(inner)
        return area

    def _line(self, words: str, *fields: QWidget | None) -> QHBoxLayout:
        theme = self._bench.theme
        head = label(theme, words, "secondary")
        head.setFixedWidth(theme.px(104))
        made = row(head, theme.px(4), *fields, spacing=theme.px(8))
        if isinstance(fields[0], QLineEdit):
            made.setStretchFactor(fields[0], 1)
        return made

    def _foot(self) -> QWidget:
        theme = self._bench.theme
        holder = QWidget()
        stack = QVBoxLayout(holder)
        stack.setContentsMargins(theme.px(16), theme.px(10), theme.px(16), theme.px(14))
        stack.setSpacing(theme.px(8))
        self.length, self.space, self.media = (Fact(self._bench, icon) for icon in ("hourglass", "hard-drive", "file-check"))
        stack.addLayout(row(self.length, self.space, self.media, spacing=theme.px(8)))
        self.note = label(theme, "", "tertiary", "label", cut=True)
        self.add = button(theme, "Add to queue", lambda: self._bench.actions.trigger("export.add"), kind="primary", icon="list-plus")
        save = button(theme, "Save as preset", self._save_preset)
        stack.addLayout(row(self.note, save, self.add, spacing=theme.px(8)))
        return holder

    def _facts(self) -> None:
        bench, deliver = self._bench, self._bench.deliver
        start, end = deliver.range
        frames = max(0, end - start) // bench.transport.frame
        seconds = max(0, end - start) / 705_600_000
        self.length.show_fact(f"{int(seconds // 60)}:{seconds % 60:04.1f}", f"{frames:,} frames")
        offline = len(bench.media.offline)
        total = len(bench.snapshot.of_kind(MediaReference))
        if offline:
            self.media.show_fact(f"{offline} offline", "Find it, or put slates in its place", "danger")
        else:
            self.media.show_fact("All media found", f"{total} file{'s' if total != 1 else ''}", "ok")
        self._slate_line.setVisible(bool(offline))
        self._look_at_space(deliver.path.parent)
        why = deliver.problem()
        self.note.setText(why or "You can keep editing. The export uses the cut as it is now.")
        set_role(self.note, "role", "warn" if why else "tertiary")
        self.add.setEnabled(not why)
        self.add.setToolTip(bench.actions.tooltip("export.add"))

    def _look_at_space(self, folder: Path) -> None:
        if self._free[0] == str(folder):
            return
        self._free = (str(folder), "")

        def look() -> None:
            try:
                free = f"{shutil.disk_usage(folder).free / 2**30:,.0f} GB free"
            except OSError:
                free = "Folder not found"
            self._bench.post(self.space.show_fact, free, folder.name or str(folder))

        threading.Thread(target=look, name="free space", daemon=True).start()

    def _allow_slates(self, on: bool) -> None:
        self._bench.deliver.allow_slates = on

    def _typed_place(self) -> None:
        words = self.place.text().strip()
        if words and words != str(self._bench.deliver.path):
            self._bench.deliver.set_place(Path(words).expanduser())

    def _choose_place(self) -> None:
        preset = self._bench.deliver.preset
        kinds = " ".join(f"*{suffix}" for suffix in preset.suffixes)
        name, _ = QFileDialog.getSaveFileName(self, "Save the export as", str(self._bench.deliver.path), f"{preset.title} ({kinds})")
        if name:
            self._bench.deliver.set_place(Path(name))

    def _save_preset(self) -> None:
        name = ask_words(self, "Save as preset", "Name of the preset", f"My {self._bench.deliver.choice.title}", "Save preset")
        if name:
            self._bench.deliver.save_preset(name[:80])
