"""Bringing files into the project from the window.

Owns: one import at a time in the background, what came of each file, files that could not be read. Refuses: probing and copying.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Signal

from app.desktop.bridge.jobs import Jobs
from app.desktop.bridge.post import Closed, Post
from app.services.jobs import Job
from editor_core.commands.registry import CommandError
from editor_core.schema import Collection, MediaReference

if TYPE_CHECKING:
    from app.services.importing import Imported

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unreadable:
    """A file that was not taken in, and why."""

    path: Path
    reason: str


class Imports(QObject):
    """`taken(asset id)` for each file, `changed` when the list of unreadable ones differs, `finished(assets)` at the end.

    The folder walk and the probing happen on the job's thread and in workers; only taking a file in runs here.
    """

    changed = Signal()
    taken = Signal(str)
    finished = Signal(list)

    def __init__(self, project: Any, tasks: Any, jobs: Jobs, post: Post, located: Callable[[str, Path], None],
                 run: Callable[..., Any], library: Callable[[], Any] = lambda: None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._tasks, self._jobs, self._post = project, tasks, jobs, post
        self._located, self._run, self._library = located, run, library
        self._numbers = itertools.count(1)
        self.unreadable: list[Unreadable] = []
        self.collection = ""
        """The collection that Media shows: what is imported meanwhile lands there."""

    def add(self, paths: Sequence[Path], collection: str | None = None) -> Job | None:
        """Imports files and folders as one undoable step, into a collection (by its id; empty for none) or the one that is shown."""
        wanted = [Path(p) for p in paths]
        if not wanted:
            return None
        title = f"Import {wanted[0].name}" if len(wanted) == 1 else f"Import {len(wanted)} files"
        gesture = f"import {next(self._numbers)}"
        into = self.collection if collection is None else collection

        def work(job: Job) -> list[Imported]:
            from app.services.importing import import_files  # brings the library's database in, which a start can do without

            def report(done: int, total: int, item: Imported) -> None:
                self._post(self._told, item)
                job.report(done / max(1, total), f"{done} of {total} files, {item.name}")

            return import_files(wanted, self._tasks, lambda reference, path: self._post.ask(self._take, reference, path, gesture, into),
                                self._library(), report)

        return self._jobs.start("import", title, work, self._ended)

    def dismiss(self, path: Path) -> None:
        self.unreadable = [row for row in self.unreadable if row.path != path]
        self.changed.emit()

    def _take(self, reference: MediaReference, path: Path, gesture: str, collection: str) -> str:
        same = next((m for m in self._project.snapshot.of_kind(MediaReference) if m.hash == reference.hash), None)
        if same is not None:
            asset = same.id
        else:
            fields = {k: v for k, v in msgspec.to_builtins(reference).items() if k not in ("id", "type", "deleted")}
            if self._project.snapshot.find(Collection, collection) is not None:
                fields["collection"] = collection
            result = self._run("asset.add", fields, gesture)
            if not isinstance(result, dict):
                raise CommandError(f"{reference.name} could not be taken in")
            asset = str(result["asset"])
        self._located(asset, path)
        return asset

    def _told(self, item: Imported) -> None:
        if item.error:
            path = Path(item.path)
            self.unreadable = [*(row for row in self.unreadable if row.path != path), Unreadable(path, item.error)]
            self.changed.emit()
        elif item.asset:
            if any(row.path == Path(item.path) for row in self.unreadable):
                self.dismiss(Path(item.path))
            self.taken.emit(item.asset)

    def _ended(self, job: Job) -> None:
        if job.state == "failed":
            log.info("import failed: %s", job.error)
        self.finished.emit([item.asset for item in job.result or [] if item.asset])


__all__ = ["Closed", "Imports", "Unreadable"]
