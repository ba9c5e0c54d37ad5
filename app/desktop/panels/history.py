"""History: every step of this project, to go back and forth in.

Owns: the list by gesture, going to a step. Refuses: undo itself (a command), and steps of others, which only they take back.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.desktop.bridge import PanelSpec, Workbench
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.segments import Segments
from editor_core.document import Entry

PANEL = PanelSpec("history", "History", "right", "rotate-ccw-clock", order=82, context="history")

Index = QModelIndex | QPersistentModelIndex
STEP = Qt.ItemDataRole.UserRole
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


def steps_of(entries: list[Entry], actor: str, undone: set[Any], everyone: bool) -> list[Step]:
    """Gestures, newest first: undone ones of `actor` (that could be redone) on top, then what counts now.

    Undo and redo are no steps of their own: they only move along the list.
    """
    made: list[list[Entry]] = []
    dead: set[Any] = set()
    at: dict[Any, list[Entry]] = {}
    for entry in entries:
        if entry.kind == "undo" or entry.kind == "redo":
            gesture = at.get(entry.target)
            if gesture is not None:
                for one in gesture:
                    (dead.add if entry.kind == "undo" else dead.discard)(one.stamp)
            continue
        last = made[-1] if made else None
        if last is not None and entry.gesture and last[-1].gesture == entry.gesture and last[-1].actor == entry.actor:
            last.append(entry)
        else:
            made.append([entry])
        at[entry.stamp] = made[-1]
    kept = [g for g in made if (everyone or g[-1].actor == actor) and (g[-1].stamp not in dead or g[-1].stamp in undone)]
    live = [g for g in kept if g[-1].stamp not in undone]
    gone = [g for g in kept if g[-1].stamp in undone]
    rows: list[Step] = []
    for n, gesture in enumerate(gone):
        rows.append(_step(gesture, actor, True, -(n + 1)))
    rows.reverse()
    after = 0
    for gesture in reversed(live):
        mine = gesture[-1].actor == actor
        rows.append(_step(gesture, actor, False, after if mine else 0))
        after += mine
    return rows[:SHOWN]


def _step(gesture: list[Entry], actor: str, undone: bool, steps: int) -> Step:
    last = gesture[-1]
    return Step(last.label, last.time, last.actor, last.actor == actor, undone, len(gesture), steps, last.command)


class Steps(QAbstractListModel):
    """Rows of the history, newest first."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Step] = []

    def show(self, rows: list[Step]) -> None:
        if rows == self.rows:
            return
        added = len(rows) - len(self.rows)
        if added == 1 and [s.label for s in rows[1:4]] == [s.label for s in self.rows[:3]]:
            self.beginInsertRows(QModelIndex(), 0, 0)
            self.rows = rows
            self.endInsertRows()
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 0))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        step = self.rows[index.row()]
        if role == STEP:
            return step
        if role == Qt.ItemDataRole.DisplayRole:
            return step.label
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{step.label}, {'you' if step.mine else 'someone else'}, {_clock(step.time)}{', undone' if step.undone else ''}"
        if role == Qt.ItemDataRole.ToolTipRole:
            more = f"{step.count} changes in one step" if step.count > 1 else step.command
            return f"{step.label}\n{more}, {datetime.datetime.fromtimestamp(step.time / 1000):%d %b %Y, %H:%M:%S}"
        return None


class _Painter(QStyledItemDelegate):
    """A row: who, words (struck through when undone), time."""

    def __init__(self, bench: Workbench, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = bench.theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, self._theme.px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, step = self._theme, index.data(STEP)
        box: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        now = not step.undone and step.mine and step.steps == 0
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if now:
            painter.fillRect(box, theme.color("accent-soft"))
        elif state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            painter.fillRect(box, theme.color("hover"))
        painter.setOpacity(0.55 if step.undone else 1.0)
        side = theme.px(18)
        avatar = QRect(box.left() + theme.px(10), box.center().y() - side // 2, side, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent-fill" if step.mine else "peer-teal"))
        painter.drawEllipse(avatar)
        painter.setFont(theme.font("tick", 600))
        painter.setPen(theme.color("text-on-accent" if step.mine else "peer-ink"))
        painter.drawText(avatar, Qt.AlignmentFlag.AlignCenter, "Y" if step.mine else "O")
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
        words = QRect(left, box.top(), box.right() - width - theme.px(18) - left, box.height())
        text = step.label + (f"  ×{step.count}" if step.count > 1 else "")
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, cut)
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
        self.list.setMouseTracking(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.clicked.connect(lambda index: self.go(self.model.rows[index.row()]))
        self.list.activated.connect(lambda index: self.go(self.model.rows[index.row()]))
        self.list.setAccessibleName("History")
        self._stack.addWidget(self.list)
        words = "Every step appears here and can be taken back."
        self._stack.addWidget(Empty(bench.theme, "rotate-ccw-clock", "Nothing changed yet", words))
        self._who = Segments(bench.theme, "Whose steps", [("mine", "Mine"), ("everyone", "Everyone")],
                             str(bench.settings.get("history/who", "mine")), height=22)
        self._who.chosen.connect(self._choose)
        self._soon = QTimer(self, singleShot=True, interval=60)
        self._soon.timeout.connect(self.refresh)
        bench.listen(lambda *_: self._soon.start() if self.isVisible() else None, self)
        self.refresh()

    def header_widgets(self) -> list[QWidget]:
        return [self._who]

    def focus_target(self) -> QWidget:
        return self.list

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        history, actor = self._bench.door.history, self._bench.door.actor.id
        rows = steps_of(history.entries[-3 * SHOWN:], actor, history.undone_stamps(actor), self._who.value == "everyone")
        self.model.show(rows)
        self._stack.setCurrentIndex(0 if rows else 1)

    def go(self, step: Step) -> None:
        """Undoes or redoes until `step` is the present one."""
        bench = self._bench
        if not step.mine:
            bench.say("Only the person who did a step can take it back", "info")
            return
        command = "edit.redo" if step.steps < 0 else "edit.undo"
        for _ in range(abs(step.steps)):
            if bench.run(command) is None:
                break

    def _choose(self, who: str) -> None:
        self._bench.settings.set("history/who", who)
        self.refresh()


def _clock(milliseconds: int) -> str:
    when = datetime.datetime.fromtimestamp(milliseconds / 1000)
    return f"{when:%H:%M}" if when.date() == datetime.date.today() else f"{when:%d %b}"
