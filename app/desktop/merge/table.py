"""The list of changes as a table.

Owns: which rows are shown and in what order, headings by track and person, the words of each cell. Refuses: painting (see `delegate`)
and what a choice means.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from app.desktop.merge.reviewer import Reviewer
from app.desktop.widgets.basics import plain_tip
from app.services.review.questions import Option, Question
from app.services.review.rows import Row
from editor_core.timing import Rate, format_timecode

COLUMNS = ("", "Time", "Clip", "Mine", "Theirs", "Result")
TICK, TIME, CLIP, MINE, THEIRS, RESULT = range(6)
ROW = Qt.ItemDataRole.UserRole
"""The role under which a cell gives its Row, or the words of a heading."""
Index = QModelIndex | QPersistentModelIndex


class Changes(QAbstractTableModel):
    """Rows of an outlook, filtered and sorted. `order` is time, track or person; `show` all, mine, theirs or decide."""

    filtered = Signal()

    def __init__(self, reviewer: Reviewer, rate: Rate, parent: Any = None) -> None:
        super().__init__(parent)
        self.reviewer = reviewer
        self._rate = rate
        self.order = "time"
        self.show = "all"
        self.words = ""
        self.lines: list[Row | str] = []
        self.rows: list[Row] = []
        """The lines that are changes and not headings."""
        self._numbers: dict[str, int] = {}
        self._open: set[str] = set()
        self._questions: dict[str, Question] = {}

    def refill(self) -> None:
        """Everything anew: another outlook, filter or order."""
        found = self.reviewer.outlook
        self.beginResetModel()
        rows = [row for row in found.rows if self._wanted(row)] if found is not None else []
        self._questions = {one.id: one for one in found.questions} if found is not None else {}
        self._look_again()
        self.lines = list(self._grouped(rows)) if self.order != "time" else list(rows)
        self.rows, self._numbers = [line for line in self.lines if isinstance(line, Row)], {}
        self.endResetModel()
        self.filtered.emit()

    def _grouped(self, rows: list[Row]) -> list[Row | str]:
        def key(row: Row) -> str:
            return (row.track or "Whole film") if self.order == "track" else ", ".join(row.people) or "Somebody"

        lines: list[Row | str] = []
        for name in sorted({key(row) for row in rows}):
            mine = [row for row in rows if key(row) == name]
            lines.extend([f"{name}  ·  {len(mine)}", *mine])
        return lines

    def _wanted(self, row: Row) -> bool:
        if self.show == "decide" and not row.questions:
            return False
        if self.show in ("mine", "theirs") and not (row.mine if self.show == "mine" else row.theirs):
            return False
        words = self.words.lower()
        return not words or words in f"{row.name} {row.track} {row.mine} {row.theirs} {' '.join(row.people)}".lower()

    def set(self, *, order: str | None = None, show: str | None = None, words: str | None = None) -> None:
        """Another order, filter or search."""
        self.order, self.show = order or self.order, show or self.show
        self.words = self.words if words is None else words.strip()
        self.refill()

    def choices_changed(self) -> None:
        """Ticks and results are others."""
        self._look_again()
        if self.lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.lines) - 1, RESULT))

    def _look_again(self) -> None:
        self._open = {one.id for one in self.reviewer.open}

    def row(self, number: int) -> Row | None:
        line = self.lines[number] if 0 <= number < len(self.lines) else None
        return line if isinstance(line, Row) else None

    def number_of(self, row_id: str) -> int | None:
        """Where a row stands now."""
        if not self._numbers:
            numbers = self._numbers
            for number in range(len(self.lines) - 1, -1, -1):  # of several that are about a clip, the first
                line = self.lines[number]
                if not isinstance(line, str):
                    numbers[line.id] = number
                    for record in line.records:
                        numbers[record] = number
        return self._numbers.get(row_id)

    def cell(self, number: int, column: int) -> QModelIndex:
        """As `index`, for a cell that is there."""
        return self.createIndex(number, column)

    def look(self, number: int) -> Hashable:
        """What tells lines apart that look different."""
        line = self.lines[number]
        return line if isinstance(line, str) else (line.id, self.state(line), self.chosen(line))

    def state(self, row: Row) -> tuple[str, str]:
        """How the row ends, (look, words): open, decided, out or done."""
        asked = [self._questions[i] for i in row.questions if i in self._questions]
        for one in asked:
            if one.id in self._open:
                return "open", one.title
        choice = self.reviewer.choices.rows.get(row.id, "")
        if asked:
            answer = self._answer(asked[0])
            return "decided", f"Decided: {answer.title if answer is not None else {'mine': 'mine', 'theirs': 'theirs'}.get(choice, 'both')}"
        if self.reviewer.left_out(row):
            return "out", "Left out" if row.theirs else "Taken back"
        return "done", row.settled

    def _answer(self, question: Question) -> Option | None:
        return question.option(self.reviewer.choices.answers.get(question.id, ""))

    def segments(self, row: Row) -> list[tuple[str, str]]:
        """(choice, word) of what stands side by side in the result; nothing where the tick says it all."""
        if row.sides != "both":
            return []
        words = {"mine": "Mine", "theirs": "Theirs", "merged": "Both"}
        return [(choice, words[choice]) for choice in ("mine", "theirs", "merged") if choice in row.choices]

    def chosen(self, row: Row) -> str:
        """Which segment is on."""
        choice = self.reviewer.choices.rows.get(row.id, "")
        if choice:
            return choice
        if row.questions:
            answers = [self._answer(self._questions[i]) for i in row.questions if i in self._questions]
            sides = {answer.side if answer is not None else "" for answer in answers}
            return sides.pop() if len(sides) == 1 else ""
        if "merged" in row.choices:
            return "merged"
        found = self.reviewer.outlook
        if found is None:
            return ""
        sides = found.sides
        return "mine" if all(sides.merged.record(i) == sides.mine.record(i) for i in row.records) else "theirs"

    # Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.row(index.row()) is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role == ROW:
            return line
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if isinstance(line, str):
            return line if index.column() == 0 else ""
        return self._text(line, index.column(), role)

    def _text(self, row: Row, column: int, role: int) -> str:
        if role == Qt.ItemDataRole.ToolTipRole:
            words = self._text(row, column, Qt.ItemDataRole.DisplayRole) if column in (MINE, THEIRS, RESULT) else ""
            return plain_tip(words) if words else ""
        if column == TICK:
            look = self.state(row)[0]
            return {"open": "needs a decision", "out": "not ticked"}.get(look, "ticked") if role != Qt.ItemDataRole.DisplayRole else ""
        if column == TIME:
            return format_timecode(row.at, self._rate)
        if column == CLIP:
            return f"{row.name}, {row.track}" if role != Qt.ItemDataRole.DisplayRole else row.name
        if column == MINE:
            return row.mine or "No change"
        if column == THEIRS:
            return row.theirs or "No change"
        return self.state(row)[1]
