"""Whether work is on disk, and what is wrong.

Owns: the saving state and the list of problems as the window shows them. Refuses: saving and mending.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.desktop.bridge.post import Post


class Saving(QObject):
    """`state` is `saved` (with `at`, Unix seconds), `saving` or `trouble` (with `message`). Callbacks may come from any thread."""

    changed = Signal()

    def __init__(self, post: Post, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._post = post
        self.state = "saved"
        self.at: float | None = None
        self.message = ""
        self._revision = 0
        self._durable = 0

    def started(self, revision: int) -> None:
        """A change was made that is not durable yet; called on the interface thread."""
        self._revision = max(self._revision, revision)
        if self._durable < self._revision and self.state != "trouble":
            self.state = "saving"
            self.changed.emit()

    def saved(self, revision: int, at: float | None = None) -> None:
        """For the journal: everything up to this revision is on disk."""
        self._post(self._saved, revision, time.time() if at is None else at)

    def trouble(self, message: str) -> None:
        """For the journal: it cannot write, and why."""
        self._post(self._trouble, message)

    def _saved(self, revision: int, at: float) -> None:
        self._durable = max(self._durable, revision)
        self.at = at
        self.message = ""
        self.state = "saved" if self._durable >= self._revision else "saving"
        self.changed.emit()

    def _trouble(self, message: str) -> None:
        self.state, self.message = "trouble", message
        self.changed.emit()


@dataclass(frozen=True)
class ProblemRow:
    """One problem: what, where, and what to do. `fix` is called for the button `fix_label`; `clips` are shown on click."""

    title: str
    where: str = ""
    severity: str = "warn"
    icon: str = "triangle-alert"
    fix_label: str = ""
    fix: Callable[[], None] | None = None
    clips: tuple[str, ...] = ()
    ticks: int | None = None


class Problems(QObject):
    """Problems by the part that found them; each part replaces its own list."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, tuple[ProblemRow, ...]] = {}
        self.checked: float = time.time()

    @property
    def rows(self) -> list[ProblemRow]:
        """Errors first."""
        found = [row for rows in self._rows.values() for row in rows]
        return sorted(found, key=lambda row: ("danger", "warn", "info").index(row.severity))

    def set(self, part: str, rows: Sequence[ProblemRow]) -> None:
        self.checked = time.time()
        if tuple(rows) != self._rows.get(part, ()):
            self._rows[part] = tuple(rows)
            self.changed.emit()
