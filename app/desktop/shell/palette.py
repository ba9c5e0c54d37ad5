"""The command palette: one field for every command, clip, marker, media and time.

Owns: the popover, its list, asking arguments inline, recent ones. Refuses: scoring (see `finder`) and what commands do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from app.desktop.bridge import Workbench
from app.desktop.shell.finder import Entry, entry, find
from app.desktop.shell.palette_rows import PaletteRows, RowPainter
from app.desktop.shell.questions import Question, answer, current, known_arguments, questions
from app.desktop.widgets.basics import IconLabel, label, line, set_role
from app.desktop.widgets.shadow import Shadow
from editor_core.document import Snapshot
from editor_core.schema import Clip, Marker, MediaReference
from editor_core.timing import TimingError, format_timecode, parse_time

MOST_CLIPS = 5000
_NOTHING = "Nothing is called"
SLICE = 600
"""Things of the film that are gathered in one turn of the event loop."""


class Palette(QFrame):
    """A popover over the window. Enter runs, Ctrl+C copies the command as a script line, Esc closes."""

    def __init__(self, bench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        self._bench = bench
        theme = bench.theme
        self.setProperty("surface", "popover")
        self._index: list[Entry] = []
        self._things: tuple[Snapshot | None, list[Entry]] = (None, [])
        self._coming: Iterator[Entry] = iter(())
        self._gathering = QTimer(self, interval=0)
        self._gathering.timeout.connect(self._gather_on)
        self._command, self._args = "", {}
        self._asking: list[Question] = []
        self._focus_before: QWidget | None = None
        self.search_ms = 0.0
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, theme.px(6))
        layout.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(theme.px(14), 0, theme.px(14), 0)
        head.setSpacing(theme.px(8))
        head.addWidget(IconLabel(theme, "search", "text-3", 16))
        self._prompt = label(theme, "", "accent", "strong")
        head.addWidget(self._prompt)
        self.field = QLineEdit()
        self.field.setProperty("bare", "true")
        self.field.setFont(theme.font("title", 400))
        self.field.setFixedHeight(theme.px(44))
        self.field.setAccessibleName("Find a command")
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        head.addWidget(self.field, 1)
        self._key = label(theme, "F1", "tertiary", "label")
        head.addWidget(self._key)
        layout.addLayout(head)
        layout.addWidget(line())
        layout.addSpacing(theme.px(6))
        self.rows = PaletteRows(self)
        self.list = QListView()
        self.list.setModel(self.rows)
        self.list.setItemDelegate(RowPainter(bench, self))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(lambda _index: self._choose())
        self.list.setAccessibleName("Results")
        layout.addWidget(self.list)
        self._note = label(theme, "", "tertiary", "label", wrap=True)
        self._note.setContentsMargins(theme.px(16), theme.px(6), theme.px(16), theme.px(4))
        layout.addWidget(self._note)
        Shadow(self, 32, 12, 140)
        self.hide()

    def open(self, text: str = "", command: str = "", given: Mapping[str, Any] | None = None) -> None:
        """Shows the palette with `text` typed, or asks the arguments of one command that are not `given`."""
        if not self.isVisible():
            self._focus_before = self.window().focusWidget()
        self._command, self._asking = "", []
        self._index = self._entries()
        self._say("", "")
        self.field.setText(text)
        self.show()
        self.raise_()
        self.field.setFocus()
        if command:
            self._ask(command, given)
        else:
            self._search(text)

    def close_palette(self) -> None:
        if self.isVisible():
            self.hide()
            if self._focus_before is not None:
                self._focus_before.setFocus()
            self._focus_before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.close_palette()
            elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._choose()
            elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                self._move({Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}.get(Qt.Key(event.key()), -8))
            elif event.key() == Qt.Key.Key_C and event.modifiers() & Qt.KeyboardModifier.ControlModifier \
                    and not self.field.hasSelectedText():
                self._copy()
            elif event.key() == Qt.Key.Key_Backspace and self._command and not self.field.text():
                self.open("")
            else:
                return False
            return True
        return super().eventFilter(watched, event)

    def _entries(self) -> list[Entry]:
        bench = self._bench
        return [entry(spec.id, bench.actions.title(spec.id), spec.menu or "Command", shortcut=next(iter(bench.actions.keys(spec.id)), ""),
                      reason=bench.actions.reason(spec.id), words=spec.help, icon=spec.icon)
                for spec in bench.actions if spec.palette]

    def _all(self) -> list[Entry]:
        """Commands, and the clips, markers and media of the film, which are gathered once for each state of it; what is gathered later
        is found then."""
        bench = self._bench
        if self._things[0] is not bench.snapshot:
            self._things, self._coming = (bench.snapshot, []), self._of_the_film()
            self._things[1].extend(islice(self._coming, SLICE))
            self._gathering.start()
        return [*self._index, *self._things[1]]

    def _gather_on(self) -> None:
        more = list(islice(self._coming, SLICE))
        self._things[1].extend(more)
        if len(more) < SLICE:
            self._gathering.stop()
            still = self._things[0] is self._bench.snapshot and self.list.currentIndex().row() < 1  # nobody has chosen among them yet
            if self.isVisible() and not self._command and still and self.field.text().strip():
                self._search(self.field.text())

    def _of_the_film(self) -> Iterator[Entry]:
        view, rate = self._bench.snapshot, self._bench.rate
        for c in islice((clip for track in view.tracks() for clip in view.clips_on(track.id)), MOST_CLIPS):
            yield entry(c.id, c.name or c.text or "Clip", format_timecode(c.start, rate), kind="clip",
                        icon={"audio": "audio-lines", "title": "type", "solid": "shapes"}.get(c.kind, "film"))
        for m in view.of_kind(Marker):
            yield entry(m.id, m.text or "Marker", format_timecode(m.start, rate), kind="marker")
        for media in view.of_kind(MediaReference):
            yield entry(media.id, media.name, "Media", kind="media")

    def _search(self, typed: str) -> None:
        began = time.perf_counter()
        if self._command:
            self._offer(typed)
        else:
            self.rows.show(self._found(typed))
            if not self.rows.rows:
                self._say(f"{_NOTHING} “{typed.strip()}”", "")
            elif self._note.text().startswith(_NOTHING):
                self._say("", "")
        self.search_ms = (time.perf_counter() - began) * 1000
        if self.rows.rows:
            self.list.setCurrentIndex(self.rows.index(0, 0))
        self._fit()

    def _found(self, typed: str) -> list[tuple[Entry, tuple[int, ...]]]:
        kinds = {">": ("command",), "#": ("marker",), "@": ("clip", "media")}
        recent = tuple(str(i) for i in self._bench.settings.get("palette/recent", []))
        head = typed[:1]
        if head == ":" or typed[:1].isdigit():
            at = self._time(typed.removeprefix(":"))
            if at is not None:
                made = entry(f"time:{at}", f"Go to {format_timecode(at, self._bench.rate)}", "Time", kind="time")
                return [(made, ())]
        if head in kinds:
            return find(typed[1:], [e for e in self._all() if e.kind in kinds[head]], recent)
        if not typed.strip():
            order = {key: n for n, key in enumerate(recent)}
            commands = [e for e in self._index if e.kind == "command"]
            return [(e, ()) for e in sorted(commands, key=lambda e: (order.get(e.key, 99), bool(e.reason)))[:40]]
        return find(typed, self._all(), recent)

    def _time(self, typed: str) -> int | None:
        words = typed.strip()
        if not words:
            return None
        parts = words.split(":")
        if 1 < len(parts) < 4 and all(p.isdigit() for p in parts):
            words = ":".join(f"{int(p):02d}" for p in [*["0"] * (4 - len(parts)), *parts])
        elif words.isdigit():
            words = f"{words}f"
        try:
            return parse_time(words, self._bench.rate)
        except TimingError:
            return None

    def _choose(self) -> None:
        if self._command:
            self._answer()
            return
        row = self.list.currentIndex().row()
        if not 0 <= row < len(self.rows.rows):
            return
        one = self.rows.rows[row][0]
        if one.reason:
            self._say(one.reason, "warn")
            return
        if one.kind == "command":
            self._remember(one.key)
            spec = self._bench.actions.spec(one.key)
            if spec.ask:
                self._ask(one.key)
                return
            self.close_palette()
            self._bench.actions.trigger(one.key)
            return
        self.close_palette()
        self._go(one)

    def _go(self, one: Entry) -> None:
        bench = self._bench
        if one.kind == "time":
            bench.transport.seek(int(one.key.split(":")[1]))
        elif one.kind == "media":
            bench.selection.set_assets([one.key])
            bench.source.open(one.key)
            bench.shell.show_panel("media")
        else:
            record = bench.snapshot.record(one.key)
            if isinstance(record, Clip):
                bench.selection.set([c.id for c in bench.snapshot.linked(record)])
                bench.transport.seek(record.start)
            elif isinstance(record, Marker):
                bench.selection.set((), markers=[record.id])
                bench.transport.seek(record.start)

    def _ask(self, command: str, given: Mapping[str, Any] | None = None) -> None:
        bench = self._bench
        self._command = command
        self._args = {**known_arguments(bench, command), **(given or {})}
        self._asking = questions(bench, command, self._args)
        if not self._asking:
            self._run()
            return
        self._next()

    def _next(self) -> None:
        question = self._asking[0]
        title = self._bench.door.registry.get(self._command).title
        self._prompt.setText(f"{title}: {question.words.lower()}")
        self._prompt.show()
        self._say(question.hint + ("" if question.required else (" · " if question.hint else "") + "Enter leaves it as it is"), "")
        before = current(self._bench, self._command, self._args, question.name)
        self.field.setText(before)
        self.field.selectAll()
        self._search("")

    def _offer(self, typed: str) -> None:
        question = self._asking[0] if self._asking else None
        rows = [entry(str(value), words, more) for value, words, more in question.choices] if question is not None else []
        self.rows.show(find(typed, rows) if typed.strip() and question is not None and question.kind == "choice"
                       and typed != current(self._bench, self._command, self._args, question.name) else [(r, ()) for r in rows[:60]])

    def _answer(self) -> None:
        question = self._asking[0]
        row = self.list.currentIndex().row()
        typed = self.field.text()
        if question.kind in ("choice", "truth") and 0 <= row < len(self.rows.rows) and (question.required or typed.strip()):
            typed = self.rows.rows[row][0].key
        if not typed.strip() and question.required and question.name != "text":
            self._say(f"{question.words} is needed. {question.hint}", "warn")
            return
        untouched = not question.required and (not typed.strip() or typed == current(self._bench, self._command, self._args, question.name))
        if not untouched:
            try:
                self._args[question.name] = answer(question, typed)
            except ValueError as error:
                self._say(str(error), "warn")
                return
        self._asking.pop(0)
        if self._asking:
            self._next()
        else:
            self._run()

    def _run(self) -> None:
        command, args = self._command, dict(self._args)
        result, refused = self._bench.attempt(command, args)
        if refused:
            self._asking = questions(self._bench, command, {})
            self._args = {}
            self._next()
            self._say(refused, "warn")
            return
        self._remember(command)
        self.close_palette()
        if isinstance(result, dict) and "clip" in result:
            self._bench.selection.set([str(result["clip"])])

    def _copy(self) -> None:
        row = self.list.currentIndex().row()
        key = self._command or (self.rows.rows[row][0].key if 0 <= row < len(self.rows.rows) else "")
        if key and self._bench.knows(key):
            args = self._args if self._command else known_arguments(self._bench, key)
            QGuiApplication.clipboard().setText(msgspec.json.encode({"command": key, "args": args}).decode())
            self._say("Copied as a script line", "ok")

    def _remember(self, key: str) -> None:
        recent = [k for k in self._bench.settings.get("palette/recent", []) if k != key]
        self._bench.settings.set("palette/recent", [key, *recent][:20])

    def _say(self, words: str, role: str) -> None:
        self._note.setText(words)
        set_role(self._note, "role", role or "tertiary")
        self._note.setVisible(bool(words))
        self._prompt.setVisible(bool(self._command))
        self._fit()

    def _move(self, by: int) -> None:
        count = len(self.rows.rows)
        if count:
            row = min(count - 1, max(0, self.list.currentIndex().row() + by))
            self.list.setCurrentIndex(self.rows.index(row, 0))

    def _fit(self) -> None:
        theme, parent = self._bench.theme, self.parentWidget()
        shown = min(11, len(self.rows.rows))
        self.list.setFixedHeight(theme.px(32) * shown)
        width = min(theme.px(620), parent.width() - 40)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((parent.width() - width) // 2, theme.px(76))
