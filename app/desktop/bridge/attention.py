"""What needs a person's attention, kept up to date beside the editing.

Owns: handing over what is needed to work it out, in slices that do not hold up the window; the list; carrying out a fix or a decision.
Refuses: working it out (see `app.services.attending`), and doing anything unasked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.post import Post
from app.services.attending import RELEVANT, Attending, Matter, Need
from app.services.deciding import AlongWith, decision, sides_of
from app.services.errors import AppError
from app.services.open_project import OpenProject
from editor_core.commands.registry import CommandError
from editor_core.document import ChangeSet, Entry, Put, Snapshot, Stamp
from editor_core.schema import Marker
from editor_core.storage import StorageError

log = logging.getLogger(__name__)
SETTLED_MS = 200
SLICE = 0.006
"""Seconds of the interface thread that handing over may take at a time."""


class Attention(QObject):
    """`rows` by time, `changed` when they are others. `checked` is when they were worked out last, Unix seconds."""

    changed = Signal()

    def __init__(self, project: OpenProject, post: Post, run: Callable[[str, Any], Any], say: Callable[[str, str], None],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._post, self._run, self._say = project, post, run, say
        self._attending = Attending()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="attention")
        self._told = 0
        self._lacking: list[Stamp] = []
        self._loaded: dict[Stamp, ChangeSet] = {}
        self._busy = self._again = False
        self.rows: tuple[Matter, ...] = ()
        self.checked = time.time()
        self._soon = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._soon.timeout.connect(self._look)
        self._load_soon = QTimer(self, singleShot=True, interval=0)
        self._load_soon.timeout.connect(self._load)

    def start(self) -> None:
        """Looks for the first time, a little later."""
        self._soon.start()

    def close(self) -> None:
        self._soon.stop()
        self._load_soon.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def on_change(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        """For the document's listener: looks again when the change can have made a difference."""
        ops = change.operations
        matters = change.kind != "do" or any(not isinstance(op, Put) or op.field in RELEVANT or op.replaced_also for op in ops)
        if matters and not self._soon.isActive():
            self._soon.start()

    def row(self, matter_id: str) -> Matter | None:
        return next((one for one in self.rows if one.id == matter_id), None)

    def fix(self, matter: Matter, number: int) -> bool:
        """Carries out a fix as a command; whether it was done."""
        fix = matter.fixes[number]
        return self._settle(matter, fix.command, fix.args)

    def decide(self, matter: Matter, choice: str) -> bool:
        """Decides an open conflict: mine, theirs, merge or both; whether it was done."""
        if matter.conflict is None:
            return False
        try:
            every = [one.conflict for one in self.rows if one.conflict is not None]
            args = decision(self._project, matter.conflict, choice, AlongWith(self._project, every))
        except AppError as error:
            self._say(str(error), "warn")
            return False
        return self._settle(matter, "conflict.decide", args)

    def _settle(self, matter: Matter, command: str, args: Any) -> bool:
        """Carries something out; the marker by which a review left it open goes along, in the same step of history."""
        door, frame = self._project.door, self._project.snapshot.timeline.rate.ticks_per_frame
        alone = all(one.id == matter.id or one.at // frame != matter.at // frame for one in self.rows)
        flags = [one.id for one in self._project.snapshot.of_kind(Marker)
                 if alone and one.start == matter.at // frame * frame and one.text.startswith("Decide: ")]
        if not flags:
            return self._run(command, args) is not None
        try:
            with door.batch(f"Decide: {matter.title}") as commit:
                door.execute(command, args)
                for flag in flags:
                    door.execute("marker.remove", {"marker": flag})
                commit()
        except CommandError as error:
            self._say(str(error), "warn")
            return False
        return True

    def sides(self, matter: Matter) -> tuple[Any, Any]:
        """(my side, theirs) of an open conflict."""
        assert matter.conflict is not None
        return sides_of(self._project, matter.conflict)

    def _look(self) -> None:
        if self._busy:
            self._again = True
            return
        self._busy, self._again = True, False
        self._hand_over()

    def _hand_over(self) -> None:
        entries = self._project.door.history.entries
        lines: Sequence[Entry] = entries[self._told:]
        self._told = len(entries)
        loaded, self._loaded = self._loaded, {}
        document = self._project.document
        work = self._thread.submit(self._work, lines, loaded, document.snapshot, document.stamps)
        work.add_done_callback(lambda done: self._post(self._done, done))

    def _work(self, lines: Sequence[Entry], loaded: dict[Stamp, ChangeSet], view: Snapshot, stamps: Any) -> Need | list[Matter]:
        need = self._attending.tell(lines, loaded)
        return need if need is not None else self._attending.look(view, stamps)

    def _done(self, done: Future[Need | list[Matter]]) -> None:
        if done.cancelled():
            return
        try:
            found = done.result()
        except Exception:
            log.exception("what needs attention could not be worked out")
            self._busy = False
            return
        if isinstance(found, Need):
            self._lacking = list(found.stamps)
            self._load_soon.start()
            return
        self._busy = False
        self.checked = time.time()
        if tuple(found) != self.rows:
            self.rows = tuple(found)
            self.changed.emit()
        if self._again:
            self._soon.start()

    def _load(self) -> None:
        """Fetches changes for a few milliseconds, then lets the window go on."""
        until = time.perf_counter() + SLICE
        while self._lacking and time.perf_counter() < until:
            stamp = self._lacking.pop()
            try:
                self._loaded[stamp] = self._project.file.change(stamp)
            except StorageError as error:
                log.warning("what competes cannot be worked out: %s", error)
                self._busy, self._lacking = False, []
                return
        if self._lacking:
            self._load_soon.start()
        else:
            self._hand_over()
