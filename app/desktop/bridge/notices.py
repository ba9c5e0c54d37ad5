"""What happened that concerns this person: mentions, replies, tasks, and one line after an absence.

Owns: the list and what is unread of it, quiet toasts, how far this person had seen the project when it was closed last. Refuses: widgets.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.absence import Absence, absence_of
from editor_core.comments import Person, Thread
from editor_core.comments.acts import Say, SetAssignee, SetText
from editor_core.comments.talk import Talk
from editor_core.comments.threads import same_author

if TYPE_CHECKING:
    from app.desktop.bridge.workbench import Workbench

log = logging.getLogger(__name__)
SEEN = "comments/seen"
"""Setting: how far this person has seen each project, by its file: [acts, history lines, acts read]."""
_PROJECTS = 100
MOST = 200
AT_ONCE = 3
"""Toasts for what came at once; more are summed up in one."""


@dataclass(frozen=True)
class Notice:
    """`kind` is mention, reply, task or absence; `thread` and `act` are ids, empty for an absence. `number` counts acts in the order they
    came here."""

    kind: str
    words: str
    time: int
    who: Person | None = None
    thread: bytes = b""
    act: bytes = b""
    number: int = 0
    unread: bool = True


class Notices(QObject):
    """`rows`, newest first."""

    changed = Signal()

    def __init__(self, bench: Workbench, talk: Talk, me: Person, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._comments, self._me = bench, talk.comments, me
        self.rows: list[Notice] = []
        self._read = 0
        self._told = 0
        """So many acts were counted in a line about an absence."""
        self._closed = False
        self._keep = QTimer(self, singleShot=True, interval=2000)
        self._keep.timeout.connect(self.keep)

    @property
    def unread(self) -> int:
        return sum(one.unread for one in self.rows)

    def unread_in(self, thread: bytes) -> bool:
        """Whether something unread is about a thread."""
        return any(one.unread and one.thread == thread for one in self.rows)

    def start(self) -> None:
        """What happened since this person last had the project open: one line, and what concerns them."""
        comments = self._comments
        self._told = len(comments)
        seen = self._bench.settings.get(SEEN, {}).get(self._key)
        try:
            acts, lines, self._read = (int(number) for number in seen)
        except (TypeError, ValueError):
            self._read = len(comments)
            self.keep()
            return
        ids = comments.ids[min(self._read, acts):]
        self.rows = list(reversed([one for one in self._notices(ids) if one is not None]))[:MOST]
        absence = absence_of(self._bench.door.history.entries, comments, self._me, lines, acts)
        if absence.told:
            self.rows.insert(0, Notice("absence", f"While you were away: {absence.words(self._conflicts())}", int(time.time() * 1000)))
            QTimer.singleShot(1200, self, lambda: self._tell_absence(absence))
        self.keep()
        self.changed.emit()

    def _conflicts(self) -> int:
        return sum(getattr(one, "conflict", None) is not None for one in getattr(self._bench.late.get("attention"), "rows", ()))

    def _tell_absence(self, absence: Absence) -> None:
        """A little later, when open conflicts have been looked for."""
        if self._closed:
            return
        words = f"While you were away: {absence.words(self._conflicts())}"
        self.rows = [Notice("absence", words, one.time) if one.kind == "absence" else one for one in self.rows]
        self._bench.say(words, "info")
        self.changed.emit()

    def away(self, edits: int, people: int, conflicts: int = 0) -> str:
        """Others did so much while there was no connection: one line, with the comments that came along; it is said as well."""
        absence = absence_of((), self._comments, self._me, 0, self._told)._replace(edits=edits, people=people)
        self._told = len(self._comments)
        words = f"While you were away: {absence.words(conflicts)}"
        self.rows = [Notice("absence", words, int(time.time() * 1000)), *self.rows][:MOST]
        self._bench.say(words, "info")
        self.changed.emit()
        return words

    def arrived(self, ids: list[bytes]) -> None:
        """Acts came in, or were made here."""
        new = [one for one in self._notices(ids) if one is not None]
        if not self._keep.isActive():
            self._keep.start()
        if not new:
            return
        self.rows = [*reversed(new), *self.rows][:MOST]
        for one in new[:AT_ONCE]:
            self._bench.say(one.words, "info")
        if len(new) > AT_ONCE:
            self._bench.say(f"{len(new) - AT_ONCE} more comments concern you", "info")
        self.changed.emit()

    def _notices(self, ids: Sequence[bytes]) -> Iterable[Notice | None]:
        """What some acts mean for this person; they are the last that came."""
        comments = self._comments
        for number, act_id in enumerate(ids, len(comments) - len(ids) + 1):
            act = comments.act(act_id)
            if act is None or same_author(act.author, self._me):
                continue
            thread = comments.thread(act_id if isinstance(act, Say) else act.comment)
            if thread is not None and (found := self._about(act, thread)) is not None:
                kind, words = found
                yield Notice(kind, words, act.time, act.author, thread.id, act_id, number, number > self._read)

    def _about(self, act: Any, thread: Thread) -> tuple[str, str] | None:
        """What an act of somebody else means for this person, in words."""
        name = act.author.name or "Somebody"
        assignee = getattr(act, "assignee", None)
        if assignee is not None and assignee.is_(self._me) and isinstance(act, (Say, SetAssignee)):
            return "task", f"{name} gave you a task: {short(thread.root.text)}"
        if isinstance(act, (Say, SetText)) and any(p.is_(self._me) for p in act.mentions):
            return "mention", f"{name} mentioned you: {short(act.text)}"
        if isinstance(act, Say) and act.thread and thread.concerns(self._me):
            return "reply", f"{name} replied: {short(act.text)}"
        return None

    def read(self, thread: bytes | None = None) -> None:
        """What is about a thread was read; everything without one."""
        marked = [replace(one, unread=False) if one.unread and thread in (None, one.thread) else one for one in self.rows]
        if marked != self.rows:
            self.rows = marked
            if not self.unread:
                self._read = len(self._comments)
            self._keep.start()
            self.changed.emit()

    @property
    def _key(self) -> str:
        return str(self._bench.project_path)

    def keep(self) -> None:
        """Notes how far this person has seen the project."""
        if self._bench.project_path is None:
            return
        known = dict(self._bench.settings.get(SEEN, {}))
        known.pop(self._key, None)
        read = self._read if self.unread else len(self._comments)
        known[self._key] = [len(self._comments), len(self._bench.door.history.entries), read]
        self._bench.settings.set(SEEN, dict(list(known.items())[-_PROJECTS:]))

    def close(self) -> None:
        """The project is being closed."""
        self._closed = True
        self._keep.stop()
        self.keep()


def short(text: str, most: int = 60) -> str:
    """A text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most - 1] + "…"
