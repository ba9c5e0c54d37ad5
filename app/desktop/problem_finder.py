"""What is wrong with the open project, and what would mend it.

Owns: gathering problems from file, media and rules; relinking. Refuses: showing them (the panel does) and doing anything unasked.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from app.desktop.bridge import ProblemRow, Workbench
from app.services.jobs import Job
from app.services.open_project import OpenProject
from editor_core.document import ChangeSet, Snapshot
from editor_core.document.integrity import Breach, breaches
from editor_core.schema import Clip, MediaReference

if TYPE_CHECKING:
    from assets.relink import Match

log = logging.getLogger(__name__)
SETTLED_MS = 1500


class ProblemFinder(QObject):
    """Keeps `bench.problems` up to date: at once for media, a little after the last change for rules (on a thread of its own)."""

    def __init__(self, bench: Workbench, project: OpenProject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench, self._project = bench, project
        self._soon = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._soon.timeout.connect(self._check_rules)
        self._checking = False
        self._gaps: set[str] = set()
        bench.media.changed.connect(self._media)
        bench.frames.slates_changed.connect(self._slates)
        bench.listen(self._changed, self)
        self._file()
        self._media()
        self._soon.start()

    def _changed(self, change: ChangeSet, before: Snapshot, after: Snapshot) -> None:
        self._soon.start()
        if not after.shares(before, MediaReference):
            self._media()

    def _file(self) -> None:
        rows = [ProblemRow(str(p.message), str(p.fix), "warn", "file-clock", "Got it", lambda p=p: self._dismiss(p))
                for p in self._project.file.problems]
        self._bench.problems.set("file", rows)

    def _dismiss(self, problem: Any) -> None:
        self._project.file.dismiss(problem)
        self._file()

    def _media(self) -> None:
        bench = self._bench
        view, rows = bench.snapshot, []
        used: dict[str, list[str]] = {asset: [] for asset in (*bench.media.offline, *bench.media.replaced)}
        for clip in view.of_kind(Clip) if used else ():
            if clip.asset in used:
                used[clip.asset].append(clip.id)
        for media in view.of_kind(MediaReference):
            if media.id in bench.media.offline:
                known = self._project.file.locations.get(media.id)
                where = f"Last seen in {known[0].parent}" if known else "It was never seen on this computer"
                rows.append(ProblemRow(f"{media.name} is offline", where, "danger", "unlink", "Find …",
                                       lambda i=media.id: self.relink(i), tuple(used[media.id])))
            elif media.id in bench.media.replaced:
                known = self._project.file.locations.get(media.id)
                where = f"In its place lies another file: {known[0]}" if known else "Another file lies in its place"
                rows.append(ProblemRow(f"{media.name} was replaced", where, "danger", "file-warning", "Find …",
                                       lambda i=media.id: self.relink(i), tuple(used[media.id])))
            rows += [ProblemRow(media.name, words, "info", "info") for words in media.warnings]
            if media.id in self._gaps and not any("of sound" in words and "damaged" in words for words in media.warnings):
                rows.append(ProblemRow(media.name, "Parts of its sound are damaged; they are silent", "warn", "file-exclamation-point"))
        bench.problems.set("media", rows)

    def sound_damaged(self, asset: str) -> None:
        """Parts of an asset's sound cannot be decoded: found while its waveform was made, which hears all of it."""
        self._gaps.add(asset)
        self._media()

    def _slates(self) -> None:
        rows = [ProblemRow("A picture could not be drawn", words, "warn", "file-exclamation-point") for words in self._bench.frames.slates]
        offline = {m.name for m in self._bench.snapshot.of_kind(MediaReference) if m.id in self._bench.media.offline}
        self._bench.problems.set("slates", [row for row in rows if not any(name in row.where for name in offline)])

    def _check_rules(self) -> None:
        if self._checking:
            self._soon.start()
            return
        self._checking = True
        snapshot = self._bench.snapshot

        def look() -> None:
            self._bench.post(self._ruled, list(breaches(snapshot)))

        threading.Thread(target=look, name="check the document", daemon=True).start()

    def _ruled(self, found: list[Breach]) -> None:
        self._checking = False
        rows = []
        for breach in found:
            clips = [c for i in breach.records if (c := self._bench.snapshot.find(Clip, i)) is not None]
            rows.append(ProblemRow(breach.message, "Left by a merge; move or delete one of them", "danger", "triangle-alert",
                                   clips=tuple(c.id for c in clips), ticks=clips[-1].start if clips else None))
        self._bench.problems.set("rules", rows)

    def relink(self, asset: str = "") -> None:
        """Asks for a folder and looks there for every offline file, by content, then by name; `asset` names the one asked for."""
        bench = self._bench
        missing = [m for m in bench.snapshot.of_kind(MediaReference) if m.id in bench.media.offline | bench.media.replaced]
        if not missing:
            bench.say("No media is offline", "ok")
            return
        known = self._project.file.locations.get(asset or missing[0].id)
        start = next((str(folder) for path in known for folder in path.parents if folder.is_dir()), str(Path.home()))
        folder = QFileDialog.getExistingDirectory(QApplication.activeWindow(), "Folder to search for offline media", start)
        if folder:
            self.search(Path(folder), missing)

    def search(self, folder: Path, missing: list[MediaReference]) -> None:
        """Looks for missing media below a folder, in the background."""
        services = self._bench.services

        def hash_of(path: Path) -> str:
            try:
                return str(services.tasks.submit("probe", {"path": str(path), "asset_id": "m0"}, timeout=60.0).result()["hash"])
            except Exception as error:
                log.info("%s could not be probed: %s", path, error)
                return ""

        def work(job: Job) -> list[Match]:
            from assets.relink import find  # with the library's database, which a start can do without

            job.report(0.0, f"Looking in {folder}")
            return find(missing, [folder], services.library(), hash_of)

        self._bench.jobs.start("relink", "Find offline media", work, lambda job: self._relinked(job, missing))

    def _relinked(self, job: Job, missing: list[MediaReference]) -> None:
        bench = self._bench
        if job.state != "done":
            bench.say(f"The search did not work: {job.error}" if job.error else "The search was stopped", "warn")
            return
        sure = [match for match in job.result if match.sure]
        for match in sure:
            bench.services.locate(match.asset, match.path)
        others = [match for match in job.result if not match.sure]
        words = f"Found {len(sure)} of {len(missing)} files" if sure else "None of the offline files is there"
        if others:
            words += f"; {others[0].path.name} has the name but another content, so it was left alone"
        bench.say(words, "ok" if sure else "warn")
