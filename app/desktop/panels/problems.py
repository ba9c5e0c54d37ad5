"""Problems: what is wrong, where, and one button that mends it.

Owns: the list. Refuses: finding and mending problems.
"""

from __future__ import annotations

import datetime

from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.desktop.bridge import PanelSpec, ProblemRow, Workbench
from app.desktop.widgets.basics import IconLabel, Words, button, column, label, plain_tip, row
from app.desktop.widgets.empty import Empty
from app.desktop.widgets.row_list import RowList

PANEL = PanelSpec("problems", "Problems", "right", "triangle-alert", order=84, context="problems")
MOST = 200


def build(bench: Workbench) -> QWidget:
    return ProblemsPanel(bench)


class ProblemLine(QFrame):
    """One problem. A click shows the clips concerned."""

    def __init__(self, bench: Workbench, problem: ProblemRow) -> None:
        super().__init__()
        theme = bench.theme
        self._bench, self._problem = bench, problem
        self.setAccessibleName(f"{problem.title}, {problem.where}")
        self.setMinimumHeight(theme.px(44))
        self.setToolTip(plain_tip(f"{problem.title}\n{problem.where}".strip()))
        colour = {"danger": "danger", "warn": "warn"}.get(problem.severity, "text-3")
        title, where = Words(problem.title), Words(problem.where)
        title.setFont(theme.font("body", 500))
        where.setFont(theme.font("label"))
        where.setProperty("role", "tertiary")
        margins = (theme.px(10), theme.px(5), theme.px(10), theme.px(5))
        bar = row(IconLabel(theme, problem.icon, colour, 16), spacing=theme.px(8), margins=margins)
        words = column(title, *([where] if problem.where else []), spacing=theme.px(1))
        bar.addLayout(words, 1)
        if problem.fix is not None:
            bar.addWidget(button(theme, problem.fix_label, problem.fix, kind="outline", compact=True))
        self.setLayout(bar)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        problem, bench = self._problem, self._bench
        clips = [c for c in problem.clips if bench.snapshot.record(c) is not None]
        if clips:
            bench.selection.set(clips)
            start = min(getattr(bench.snapshot.record(c), "start", 0) for c in clips)
            bench.transport.seek(start if problem.ticks is None else problem.ticks)
            bench.shell.show_panel("timeline")
        elif problem.ticks is not None:
            bench.transport.seek(problem.ticks)


class ProblemsPanel(QWidget):
    """Errors first, then warnings, then remarks."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._none = Empty(bench.theme, "circle-check", "No problems", " ")
        self._list = RowList(self._none)
        self.setLayout(column(self._list))
        self.setAccessibleName("Problems")
        bench.problems.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        theme = self._bench.theme
        rows = self._bench.problems.rows
        lines: list[QWidget] = [ProblemLine(self._bench, problem) for problem in rows[:MOST]]
        if len(rows) > MOST:
            more = label(theme, f"and {len(rows) - MOST} more", "tertiary", "label")
            more.setContentsMargins(theme.px(12), theme.px(8), 0, theme.px(8))
            lines.append(more)
        self._list.fill(lines)
        checked = datetime.datetime.fromtimestamp(self._bench.problems.checked)
        self._none.sentence.setText(f"No problems\n{checked:%H:%M}")
