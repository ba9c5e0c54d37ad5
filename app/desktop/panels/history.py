"""History: every step of this project, to go back and forth in; versions as milestones; the steps of one clip.

Owns: the list by gesture, its filters, going to a step. Refuses: undo itself (a command), and steps of others, which only they take back.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import (
    QListView,
    QMenu,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.bridge.past import Past
from app.desktop.bridge.who import who_of
from app.desktop.widgets.avatar import paint_avatar
from app.desktop.widgets.basics import IconLabel, LiveIconButton, Words, plain_tip, row
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.rows import ROW, Index, Rows, as_list, paint_words
from app.desktop.widgets.segments import Segments
from app.services.blaming import state_args
from editor_core.document import ChangeSet, Entry
from editor_core.edits.wording import called
from editor_core.schema import Clip
from editor_core.sync.blame import Touch

PANEL = PanelSpec("history", "History", "right", "rotate-ccw-clock", order=82, context="history", workspaces=("edit", "review"))

SHOWN = 2000


def build(bench: Workbench) -> QWidget:
    return HistoryPanel(bench)


@dataclass(frozen=True)
class Step:
    """One gesture: `count` ChangeSets that are undone together. `steps` is how many gestures of mine lie after it (0: the present
    one), negative for undone ones."""

    label: str
    time: int
    actor: str
    mine: bool
    undone: bool
    count: int = 1
    steps: int = 0
    command: str = ""
    version: str = ""
    touch: Touch | None = None
    revision: int = 0


def steps_of(entries: list[Entry], actor: str, undone: set[Any], everyone: bool, only: str = "", revision: int = 0) -> list[Step]:
    """Gestures, newest first: undone ones of `actor` (that could be redone) on top, then what counts now; `only` those of one person.
    `revision` is that of the document after the last entry.

    Undo and redo are no steps of their own: they only move along the list. A merge stands for what it brought, which only those take
    back who did it, where they did it.
    """
    made: list[_Gesture] = []
    dead: set[Any] = set()
    at: dict[Any, _Gesture] = {}
    first = revision - len(entries) + 1
    for number, entry in enumerate(entries):
        for line in entry.merged if entry.kind == "merge" else (entry,):
            if line.kind == "undo" or line.kind == "redo":
                for one in at[line.target].lines if line.target in at else ():
                    (dead.add if line.kind == "undo" else dead.discard)(one.stamp)
                continue
            last = made[-1] if made else None
            if last is not None and line.gesture and last.lines[-1].gesture == line.gesture and last.lines[-1].actor == line.actor:
                last.lines.append(line)
                last.revision = first + number
            else:
                made.append(_Gesture([line], first + number, line is entry and line.actor == actor))
            at[line.stamp] = made[-1]
    kept = [g for g in made if (everyone or g.lines[-1].actor == actor) and (g.stamp not in dead or g.stamp in undone)]
    gone = [g for g in kept if g.stamp in undone]
    rows = [_step(gesture, True, -(n + 1)) for n, gesture in enumerate(gone)][::-1]
    after = 0
    for gesture in reversed([g for g in kept if g.stamp not in undone]):
        rows.append(_step(gesture, False, after if gesture.mine else 0))
        after += gesture.mine
    return [row for row in rows if not only or row.actor == only][:SHOWN]


@dataclass
class _Gesture:
    """Lines that are undone together, the revision after them, and whether they were done here by the person."""

    lines: list[Entry]
    revision: int
    mine: bool

    @property
    def stamp(self) -> Any:
        return self.lines[-1].stamp


def with_versions(rows: list[Step], versions: list[dict[str, Any]], actor: str) -> list[Step]:
    """The steps with named versions among them, each above what it holds."""
    made = list(rows)
    for one in versions:
        if one["kind"] == "named":
            place = next((n for n, row in enumerate(made) if not row.undone and row.revision <= one["revision"]), len(made))
            made.insert(place, Step(one["name"], one["time"], one["actor"], one["actor"] == actor, False, version=one["name"],
                                    revision=one["revision"]))
    return made


def steps_of_clip(touches: list[Touch], actor: str) -> list[Step]:
    """The steps of one clip, newest first: those that were undone since are struck through."""
    dead: set[Any] = set()
    for touch in sorted(touches, key=lambda one: (one.time, one.stamp)):
        if touch.target is not None:
            (dead.add if touch.kind == "undo" else dead.discard)(touch.target)
    return [Step(one.label, one.time, one.actor, one.actor == actor, one.stamp in dead, command=one.command, touch=one)
            for one in touches if one.kind == "do"]


def _step(gesture: _Gesture, undone: bool, steps: int) -> Step:
    last = gesture.lines[-1]
    alike = {line.records for line in gesture.lines if line.command == last.command}  # the same done to each of several things
    label = f"{last.label} and {len(alike) - 1} more" if len(alike) > 1 else last.label
    return Step(label, last.time, last.actor, gesture.mine, undone, len(gesture.lines), steps, last.command, revision=gesture.revision)


class Steps(Rows[Step]):
    """Rows of the history, newest first."""

    def show(self, rows: Sequence[Step]) -> None:
        found = list(rows)
        if found == self.rows:
            return
        if len(found) == len(self.rows) + 1 and [s.label for s in found[1:4]] == [s.label for s in self.rows[:3]]:
            self.beginInsertRows(QModelIndex(), 0, 0)
            self.rows = found
            self.endInsertRows()
            self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, 0))
            return
        super().show(found)

    def spoken(self, one: Step) -> str:
        what = f"Version {one.label}" if one.version else one.label
        return f"{what}, {'you' if one.mine else 'someone else'}, {_clock(one.time)}{', undone' if one.undone else ''}"

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.ToolTipRole and index.row() < len(self.rows):
            step = self.rows[index.row()]
            more = f"{step.count} changes in one step" if step.count > 1 else step.command or "Version"
            return plain_tip(f"{step.label}\n{more}, {datetime.datetime.fromtimestamp(step.time / 1000):%d %b %Y, %H:%M:%S}")
        return super().data(index, role)


class _Painter(QStyledItemDelegate):
    """A row: who, words (struck through when undone), time."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench, self._theme = bench, bench.theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, self._theme.px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, step = self._theme, index.data(ROW)
        box: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        now = not step.undone and step.mine and step.steps == 0 and not step.version and step.touch is None
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if now:
            painter.fillRect(box, theme.color("accent-soft"))
        elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            painter.fillRect(box, theme.color("hover"))
        painter.setOpacity(0.55 if step.undone else 1.0)
        side = theme.px(18)
        avatar = QRect(box.left() + theme.px(10), box.center().y() - side // 2, side, side)
        paint_avatar(painter, avatar, theme, who_of(self._bench, step.actor))
        painter.setFont(theme.font("label", 400))
        painter.setPen(theme.color("text-3"))
        clock = _clock(step.time)
        width = painter.fontMetrics().horizontalAdvance(clock)
        painter.drawText(QRect(box.right() - width - theme.px(10), box.top(), width, box.height()), Qt.AlignmentFlag.AlignVCenter, clock)
        font = theme.font("body")
        font.setStrikeOut(step.undone)
        painter.setFont(font)
        painter.setPen(theme.color("text"))
        left = avatar.right() + theme.px(8)
        if step.version:
            painter.setFont(theme.font("strong"))
            painter.drawText(QRect(left, box.top(), box.width(), box.height()), Qt.AlignmentFlag.AlignVCenter, "Version")
            left += painter.fontMetrics().horizontalAdvance("Version ") + theme.px(2)
            painter.setFont(font)
        words = QRect(left, box.top(), box.right() - width - theme.px(18) - left, box.height())
        paint_words(painter, theme, words, step.label, "text", font)
        painter.restore()


class HistoryPanel(QWidget):
    """A click goes to a step: later ones of mine are undone, or redone when it was undone."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        layout.addWidget(self._stack)
        self.model = Steps(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Painter(bench, self))
        self.list.setUniformItemSizes(True)
        as_list(self.list, "History")
        self.list.clicked.connect(lambda index: self.go(self.model.rows[index.row()]))
        self.list.activated.connect(lambda index: self.go(self.model.rows[index.row()]))
        self._stack.addWidget(self.list)
        words = "Every step appears here and can be taken back."
        self._stack.addWidget(Empty(bench.theme, "rotate-ccw-clock", "Nothing changed yet", words))
        self._who = Segments(bench.theme, "Whose steps", [("mine", "Mine"), ("everyone", "Everyone")],
                             str(bench.settings.get("history/who", "mine")), height=22)
        self._who.chosen.connect(self._choose)
        self._filter = LiveIconButton(bench.theme, "list-filter", "Only one person", self._people)
        self.only = ""
        self.clip = ""
        self._past: Past | None = None
        self._bar = QWidget()
        self._of = Words("")
        self._of.setFont(bench.theme.font("body"))
        self._bar.setLayout(row(IconLabel(bench.theme, "history", "accent", 14), self._of,
                                LiveIconButton(bench.theme, "x", "All steps again", lambda: self.only_clip("")), spacing=bench.theme.px(6),
                                margins=(bench.theme.px(10), bench.theme.px(3), bench.theme.px(6), bench.theme.px(3))))
        self._bar.hide()
        layout.insertLayout(0, row(self._who, None, self._filter, margins=(bench.theme.px(8), bench.theme.px(6), bench.theme.px(6),
                                                                           bench.theme.px(4))))
        layout.insertWidget(1, self._bar)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        bench.versions.changed.connect(self._versions)
        self._soon = QTimer(self, singleShot=True, interval=60)
        self._soon.timeout.connect(self.refresh)
        bench.listen(lambda change, before, after: self._changed(change), self)
        self.refresh()

    def focus_target(self) -> QWidget:
        return self.list

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        history, actor = self._bench.door.history, self._bench.door.actor.id
        if self._past is not None:
            rows = steps_of_clip(self._past.touches, actor)
            rows = [one for one in rows if (not self.only or one.actor == self.only) and (self._who.value == "everyone" or one.mine)]
        else:
            everyone = self._who.value == "everyone" or bool(self.only)
            rows = steps_of(history.entries[-3 * SHOWN:], actor, history.undone_stamps(actor), everyone, self.only,
                            self._bench.snapshot.revision)
            rows = with_versions(rows, self._bench.versions.rows, actor)
        self.model.show(rows)
        self._stack.setCurrentIndex(0 if rows else 1)

    def go(self, step: Step) -> None:
        """Undoes or redoes until `step` is the present one."""
        bench = self._bench
        if step.version or step.touch is not None:
            return
        if not step.mine:
            bench.say("Only who did a step can take it back, where it was done", "info")
            return
        command = "edit.redo" if step.steps < 0 else "edit.undo"
        for _ in range(abs(step.steps)):
            if bench.run(command, {"comments": False}) is None:  # what was said about the film is no step of it
                break

    def _choose(self, who: str) -> None:
        self._bench.settings.set("history/who", who)
        self.refresh()


    def only_clip(self, clip: str) -> None:
        """Shows the steps of one clip only; of all again when empty."""
        if self._past is not None:
            self._past.stop()
            self._past.deleteLater()
            self._past = None
        self.clip = clip
        record = self._bench.snapshot.record(clip) if clip else None
        if isinstance(record, Clip):
            self._of.setText(f"Only {called(self._bench.snapshot, record)}")
            self._past = Past(self._bench.services.project, clip, self)
            self._past.found.connect(self.refresh)
            self._who.set("everyone")
        self._bar.setVisible(self._past is not None)
        self.refresh()

    def only_person(self, actor: str) -> None:
        """Shows the steps of one person only; of all again when empty."""
        self.only = actor
        if actor and actor != self._bench.door.actor.id:
            self._who.set("everyone")
        self.refresh()

    def _changed(self, change: ChangeSet) -> None:
        if self._past is not None and self.clip in change.touched:
            self._past.again()
        if self.isVisible():
            self._soon.start()

    def _versions(self) -> None:
        if self.isVisible():
            self._soon.start()

    def _people(self) -> None:
        menu = QMenu(self)
        menu.setFont(self._bench.theme.font("body"))
        actors = dict.fromkeys(one.actor for line in self._bench.door.history.entries[-3 * SHOWN:] for one in (line.merged or (line,)))
        for actor in ("", *actors):
            made = menu.addAction(who_of(self._bench, actor).subject if actor else "Whoever it was")
            made.setCheckable(True)
            made.setChecked(actor == self.only)
            made.triggered.connect(lambda _checked=False, a=actor: self.only_person(a))
        menu.exec(self._filter.mapToGlobal(self._filter.rect().bottomLeft()))

    def _menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if not index.isValid():
            return
        step, bench = self.model.rows[index.row()], self._bench
        menu = QMenu(self)
        menu.setFont(bench.theme.font("body"))
        if step.version:
            menu.addAction("Compare with the film", lambda: bench.shell.open_compare(step.version, "", "version"))
            menu.addAction("Restore", lambda: bench.versions.restore(step.version))
        elif step.touch is not None:
            menu.addAction(f"Restore this clip to {_clock(step.time)}", lambda: self.restore(step))
        else:
            menu.addAction("Go to this step", lambda: self.go(step)).setEnabled(step.mine)
        menu.exec(self.list.viewport().mapToGlobal(at))

    def restore(self, step: Step) -> None:
        """Brings the clip whose steps are shown to how it was after one of them."""
        record = self._bench.snapshot.record(self.clip)
        if isinstance(record, Clip) and self._past is not None and step.touch is not None:
            self._bench.run("clip.restore", state_args(self._bench.snapshot, record, self._past.touches[::-1], step.touch.stamp))


def _clock(milliseconds: int) -> str:
    when = datetime.datetime.fromtimestamp(milliseconds / 1000)
    return f"{when:%H:%M}" if when.date() == datetime.date.today() else f"{when:%d %b}"
