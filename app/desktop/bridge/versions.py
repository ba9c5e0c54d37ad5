"""Versions and branches of the open project, as the window works with them.

Owns: reading and writing them on a thread of its own, the lists, what comes of each deed. Refuses: widgets, and deciding what a version is
(see `app.services.versions`, `app.services.branches`).
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.desktop.bridge.post import Post
from app.services import branch_picks, branches, people, versions
from app.services.branch_picks import Look
from app.services.branches import Branch
from app.services.errors import AppError
from app.services.open_project import OpenProject
from app.services.reading import read_project
from editor_core.commands.registry import CommandError
from editor_core.document import Snapshot
from editor_core.schema import Record
from editor_core.storage import StorageError
from editor_core.storage import versions as stored
from editor_core.sync.differences import differences

log = logging.getLogger(__name__)
REFUSALS = (AppError, StorageError, CommandError, OSError)


class Versions(QObject):
    """`rows` (as `versions_plain`, newest first, `since` left to who shows them) and `branches`; `changed` when they are others. Deeds
    come back by callbacks."""

    changed = Signal()

    def __init__(self, project: OpenProject, post: Post, say: Callable[[str, str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._post, self._say = project, post, say
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="versions")
        self.rows: list[dict[str, Any]] = []
        self.branches: list[Branch] = [Branch(branches.current(project.path), True, project.path)]
        self.busy = False
        self._soon = QTimer(self, singleShot=True, interval=150)
        self._soon.timeout.connect(self.refresh)

    @property
    def current(self) -> str:
        """The branch that the film is on."""
        return self.branches[0].name

    def close(self) -> None:
        self._soon.stop()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def refresh_soon(self) -> None:
        """Something may have been kept."""
        if not self._soon.isActive():
            self._soon.start()

    def refresh(self) -> None:
        """Reads both lists anew."""
        def read() -> tuple[list[dict[str, Any]], list[Branch]]:
            rows = versions.versions_plain(self._project, count=False)[::-1]
            return [{**row, "since": 0} for row in rows], branches.branches(self._project.path)

        self._do(read, self._took)

    def _took(self, found: tuple[list[dict[str, Any]], list[Branch]]) -> None:
        if found != (self.rows, self.branches):
            self.rows, self.branches = found
            self.changed.emit()

    def names(self, done: Callable[[dict[str, str]], None]) -> None:
        """What the people of the film are called, once all that was recorded is on disk."""
        def read() -> dict[str, str]:
            self._project.file.flush()
            return people.names(self._project)

        self._do(read, done)

    # versions

    def save(self, name: str, at: int | None, done: Callable[[], None] = lambda: None, *, replace: bool = False) -> None:
        """Keeps the film as it is now under a name; `at` is the picture that stands for it. An earlier version of that name is forgotten
        only with `replace`."""
        project, view = self._project, self._project.snapshot

        def write() -> None:
            if not replace and stored.find(project.file, name) is not None:
                raise AppError(f"There is a version “{name}” already; take another name")
            stored.save(project.file, name, view.records.values(), actor=project.door.actor.id, time=int(time.time() * 1000),
                        revision=view.revision, poster=versions.poster_of(view, at))

        self._do(write, lambda _: (self._say(f"Version “{name}” is kept", "ok"), self.refresh(), done()))

    def drop(self, name: str) -> None:
        self._do(lambda: versions.drop_version(self._project, name), lambda _: self.refresh())

    def restore(self, name: str, done: Callable[[], None] = lambda: None) -> None:
        """Makes the film what a version was, as one edit that can be undone."""
        def read() -> tuple[list[Record], int]:
            found = self._found(name)
            return stored.records_of(found), found.revision

        def write(read: tuple[list[Record], int]) -> None:
            try:
                outcome = versions.restore_records(self._project, name, *read)
            except REFUSALS as error:
                self._say(str(error), "warn")
                return
            count = len(outcome.change.touched) if outcome.change is not None else 0
            self._say(f"Restored “{name}”; Undo takes it back" if count else f"The film is as “{name}” has it", "ok")
            self.refresh_soon()
            done()

        self._do(read, write)

    def _found(self, name: str) -> stored.Version:
        found = stored.find(self._project.file, name)
        if found is None:
            raise AppError(f"There is no version “{name}” any more")
        return found

    def read(self, name: str, done: Callable[[Snapshot], None]) -> None:
        """The film as a version has it."""
        self._do(lambda: Snapshot.of(stored.records_of(self._found(name))), done)

    # branches

    def new_branch(self, name: str, done: Callable[[], None] = lambda: None) -> None:
        """Makes a branch of the film as it is now."""
        self._do(lambda: branches.serve(self._project, "new", name), lambda _: (self.refresh(), done()))

    def drop_branch(self, name: str) -> None:
        self._do(lambda: branches.drop(self._project.path, name), lambda _: (self._say(f"Dropped {name}", "info"), self.refresh()))

    def read_branch(self, name: str, done: Callable[[Look, dict[str, list[Path]]], None]) -> None:
        """What a branch has to offer to the film as it is now, and where its media lie."""
        project = self._project
        view, written = project.snapshot, {i: dict(fields) for i, fields in project.document.stamps.items()}
        entries, taken = list(project.door.history.entries), branch_picks.picked(project, name)

        def read() -> tuple[Look, dict[str, list[Path]]]:
            with contextlib.closing(read_project(branches.path_of(project.path, name), project)) as other:
                found = branch_picks.look_at(name, view, written, entries, taken, other)
                return found, {asset: list(other.file.locations.get(asset)) for asset in other.file.locations}

        self._do(read, lambda found: done(*found))

    def pick(self, name: str, look: Look, chosen: list[str], done: Callable[[dict[str, Any]], None]) -> None:
        """Takes chosen changes of a branch into the film, as one edit that can be undone."""
        try:
            report = branch_picks.pick(self._project, name, look, chosen, wait=False)
        except REFUSALS as error:
            self._say(str(error), "warn")
            return
        also = f", {len(report['needed'])} of them needed by the others" if report["needed"] else ""
        self._say(f"{branch_picks.picked_words(report, name)}{also}; {report['left']} left", "ok")
        self.refresh_soon()
        done(report)

    def compare(self, first: Snapshot, second: Snapshot, done: Callable[[list[Any]], None]) -> None:
        """The differences between two states."""
        self._do(lambda: differences(first, second), done)

    # doing it

    def beside(self, work: Callable[[], Any]) -> None:
        """Reads something of the file where versions are read, off the interface thread."""
        self._do(work, lambda _: None)

    def _do(self, work: Callable[[], Any], done: Callable[[Any], Any]) -> None:
        self.busy = True

        def came(made: Future[Any]) -> None:
            self.busy = False
            if made.cancelled():
                return
            error = made.exception()
            if error is None:
                done(made.result())
            elif isinstance(error, REFUSALS):
                self._say(str(error), "warn")
            else:
                log.error("versions and branches: %s", error, exc_info=error)
                self._say("That did not work; the details are in the log", "danger")

        with contextlib.suppress(RuntimeError):  # the window is closing
            self._thread.submit(work).add_done_callback(lambda made: self._post(came, made))
