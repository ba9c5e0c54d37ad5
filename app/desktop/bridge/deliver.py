"""The export that is being set up, and those that run.

Owns: which preset with which settings, range, place; adding it to the queue; verification after it. Refuses: encoding and comparing.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.desktop.bridge.jobs import Jobs, is_live
from app.desktop.bridge.settings import Settings
from app.desktop.bridge.transport import Transport
from app.services.file_names import file_name
from app.services.jobs import Job
from app.services.open_project import OpenProject
from app.services.stills import locations
from editor_core.document import Snapshot
from render.export.catalogue import all_presets
from render.export.errors import Cancelled, ExportError
from render.export.export import ExportResult, export
from render.export.preset import Preset
from render.export.progress import Progress
from render.export.report import Report
from render.export.verify import verify
from render.export.workers import default_workers, export_pool

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """A line of the preset list: a preset of the exporter with settings of its own."""

    id: str
    title: str
    preset: str
    settings: tuple[tuple[str, Any], ...] = ()
    icon: str = "film"
    mine: bool = False


def choices(own: list[dict[str, Any]]) -> list[tuple[str, list[Choice]]]:
    """Groups of the preset list: the bundled ones, presets of the exporter that none of them uses, the person's own."""
    raw = json.loads(resources.files("resources").joinpath("presets/deliver.json").read_text("utf-8"))
    known = all_presets()
    groups = [(group["title"], [_choice(one) for one in group["presets"] if one["preset"] in known]) for group in raw["groups"]]
    used = {choice.preset for _, listed in groups for choice in listed}
    rest = [Choice(preset.id, preset.title, preset.id) for preset in known.values() if preset.id not in used]
    if rest:
        groups.append(("More", rest))
    mine = [_choice({**one, "icon": "star"}, mine=True) for one in own if isinstance(one, dict) and one.get("preset") in known]
    return [(title, listed) for title, listed in [*groups, ("Mine", mine)] if listed]


def _choice(one: dict[str, Any], mine: bool = False) -> Choice:
    settings = tuple(sorted(dict(one.get("settings", {})).items()))
    return Choice(str(one["id"]), str(one["title"]), str(one["preset"]), settings, str(one.get("icon", "film")), mine)


class Deliver(QObject):
    """`changed` when preset, settings, range or place differ; `picked` when another job's report shall be shown."""

    changed = Signal()
    picked = Signal()
    presets_changed = Signal()

    def __init__(self, project: OpenProject, jobs: Jobs, transport: Transport, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project, self._jobs, self._transport, self._settings = project, jobs, transport, settings
        self.groups = choices(settings.get("deliver/own", []))
        listed = [choice for _, group in self.groups for choice in group]
        self.choice = next((c for c in listed if c.id == settings.get("deliver/choice", "web")), listed[0])
        self.values: dict[str, Any] = dict(self.choice.settings)
        self.whole = True
        self.verify = bool(settings.get("deliver/verify", True))
        self.allow_slates = False
        self._place: Path | None = None
        self._free: tuple[Path, Path, str] | None = None
        self._checked: Path | None = None
        self._there = True
        self.shown: Job | None = None
        transport.marks_changed.connect(self._marked)

    @property
    def preset(self) -> Preset:
        return all_presets()[self.choice.preset]

    @property
    def modified(self) -> bool:
        """Whether settings differ from the preset's."""
        return self.values != dict(self.choice.settings)

    @property
    def queue(self) -> list[Job]:
        """Exports, newest first."""
        return [job for job in reversed(self._jobs.rows) if job.kind == "export"]

    @property
    def path(self) -> Path:
        """Where the file will be: the place that was chosen, or beside the project with a name that is free."""
        if self._place is not None:
            return self._place
        if self._free is None:
            self._free = self._look_for_a_name()
        return self._free[0]

    def look_again(self) -> None:
        """Files may have come or gone: which name is free, and whether the folder is there, is looked up anew."""
        self._free = None
        self.changed.emit()

    def _look_for_a_name(self) -> tuple[Path, Path, str]:
        folder = Path(str(self._settings.get("deliver/folder", str(self._project.path.parent))))
        if not folder.is_dir():
            folder = self._project.path.parent
        name = file_name(self._project.snapshot.project.name, self._project.path.stem)
        taken = {job.facts.get("out") for job in self.queue if is_live(job)}
        suffix = self.preset.suffixes[0]
        wanted, number = folder / f"{name}{suffix}", 2
        while wanted.exists() or str(wanted) in taken:
            wanted, number = folder / f"{name}, {number}{suffix}", number + 1
        return wanted, folder, name

    @property
    def range(self) -> tuple[int, int]:
        """What will be exported, [start, end) in ticks."""
        end = self._transport.end
        if self.whole:
            return 0, end
        start, stop = self._transport.marks()
        return min(start, end), min(stop, end)

    def choose(self, choice: Choice) -> None:
        self.choice = choice
        self.values = dict(choice.settings)
        if self._place is not None and self._place.suffix.lower() not in self.preset.suffixes:
            self._place = self._place.with_suffix(self.preset.suffixes[0])
        self._settings.set("deliver/choice", choice.id)
        self.look_again()

    def set(self, name: str, value: Any) -> None:
        """Sets one setting of the preset; a value equal to the preset's own default is forgotten."""
        setting = next(s for s in self.preset.settings if s.name == name)
        if value == setting.default and name not in dict(self.choice.settings):
            self.values.pop(name, None)
        else:
            self.values[name] = value
        self.changed.emit()

    def value(self, name: str) -> Any:
        """A setting as it is now."""
        setting = next((s for s in self.preset.settings if s.name == name), None)
        return None if setting is None else self.values.get(name, setting.default)

    def reset(self) -> None:
        self.values = dict(self.choice.settings)
        self.changed.emit()

    def set_whole(self, whole: bool) -> None:
        self.whole = whole
        self.changed.emit()

    def set_place(self, path: Path) -> None:
        if path.suffix.lower() not in self.preset.suffixes:
            path = path.with_name(path.name + self.preset.suffixes[0])
        self._place = path
        self._settings.set("deliver/folder", str(path.parent))
        self.look_again()

    def set_verify(self, on: bool) -> None:
        self.verify = on
        self._settings.set("deliver/verify", on)
        self.changed.emit()

    def save_preset(self, title: str) -> None:
        """Keeps the settings as a preset of one's own; one of the same name is replaced."""
        own = [one for one in self._settings.get("deliver/own", []) if one.get("title") != title]
        made = {"id": f"mine:{title}", "title": title, "preset": self.choice.preset, "settings": self.values}
        self._settings.set("deliver/own", [*own, made])
        self._listed(f"mine:{title}")

    def remove_preset(self, choice: Choice) -> None:
        self._settings.set("deliver/own", [one for one in self._settings.get("deliver/own", []) if one.get("id") != choice.id])
        self._listed("web")

    def _listed(self, wanted: str) -> None:
        self.groups = choices(self._settings.get("deliver/own", []))
        self.presets_changed.emit()
        listed = [c for _, group in self.groups for c in group]
        self.choose(next((c for c in listed if c.id == wanted), listed[0]))

    def problem(self) -> str:
        """Why it cannot be added to the queue, in words; empty when it can. Looks at the disk only after something changed."""
        start, end = self.range
        if end <= start:
            return "There is nothing in the range" if self._transport.end else "There is nothing on the timeline yet"
        try:
            values = self.preset.read(self.values)
            self.preset.shape(self._project.snapshot.timeline, values)
            self.preset.container_of(self.path)
        except ExportError as error:
            return str(error)
        return "" if self._folder_is_there() else f"There is no folder {self.path.parent}"

    def _folder_is_there(self) -> bool:
        if self._place is None:
            return True
        if self._checked != self._place:
            self._checked, self._there = self._place, self._place.parent.is_dir()
        return self._there

    def add_to_queue(self) -> Job | None:
        """Queues the export of the cut as it is now. None when it cannot be, see `problem`."""
        self._free, self._checked = None, None
        if self.problem():
            return None
        out, snapshot, (start, end) = self.path, self._project.snapshot, self.range
        order = Order(out, self.choice.preset, dict(self.values), None if self.whole else start, None if self.whole else end, self.verify,
                      self.allow_slates)
        job = self._jobs.start("export", out.name, lambda job: order.run(job, snapshot, self._project), self._ended)
        job.facts.update(out=str(out), preset=self.preset.title, order=order, start=start, rate=snapshot.timeline.rate, snapshot=snapshot)
        self._place = None
        self.show(job)
        self.look_again()
        return job

    def again(self, job: Job) -> None:
        """Runs an export once more, as it was asked for then, of the cut as it is now."""
        order: Order = job.facts["order"]
        snapshot = self._project.snapshot
        made = self._jobs.start("export", order.out.name, lambda j: order.run(j, snapshot, self._project), self._ended)
        made.facts.update(job.facts, report=None, accepted=(), snapshot=snapshot)
        self._jobs.remove(job)
        self.show(made)

    def show(self, job: Job | None) -> None:
        """Whose report the verification shows."""
        self.shown = job
        self.picked.emit()

    def _ended(self, job: Job) -> None:
        self.look_again()
        if self.shown is job:
            self.picked.emit()

    def _marked(self) -> None:
        self.whole = self._transport.mark_in is None and self._transport.mark_out is None
        self.changed.emit()


@dataclass(frozen=True)
class Order:
    """One export as it was asked for. Runs on the thread of its job."""

    out: Path
    preset: str
    settings: dict[str, Any]
    start: int | None
    end: int | None
    verify: bool
    allow_slates: bool

    def run(self, job: Job, snapshot: Snapshot, project: OpenProject) -> ExportResult:
        """Exports, then verifies. Facts of the job: `result`, `report`, `stage`, `done`, `total`, `fps`, `remaining`."""
        workers = default_workers()
        places = locations(project)
        share = 0.8 if self.verify else 1.0
        with export_pool(workers) as pool:
            try:
                result = export(snapshot, places, self.out, self.preset, self.settings, start=self.start, end=self.end,
                                workers=workers, pool=pool, on_progress=lambda p: _tell(job, p, 0.0, share), cancel=job.cancel,
                                allow_slates=self.allow_slates, keep_on_cancel=lambda: job.keep)
            except Cancelled:
                return ExportResult(paths=(), preset=self.preset, frames=0, seconds=0.0, size=0)
            job.facts["result"] = result
            if self.verify:
                try:
                    report = verify(self.out, snapshot, places, pool, lambda p: _tell(job, p, share, 1.0), workers=workers,
                                    cancel=job.cancel)
                    job.facts["report"] = report
                except Cancelled:
                    job.facts["unverified"] = "The verification was stopped"
                except ExportError as error:
                    job.facts["unverified"] = str(error)
        return result


def _tell(job: Job, progress: Progress, begin: float, end: float) -> None:
    words = [progress.stage]
    if progress.total > 1:
        words.append(f"frame {progress.done:,} of {progress.total:,}")
    if progress.fps:
        words.append(f"{progress.fps:.0f} fps")
    if progress.remaining is not None and progress.remaining < 360000:
        words.append(f"{time_left(progress.remaining)} left")
    job.facts.update(done=progress.done, total=progress.total, fps=progress.fps, remaining=progress.remaining, stage=progress.stage)
    job.fraction, job.detail = begin + progress.share * (end - begin), " · ".join(words)


def time_left(seconds: float) -> str:
    """`1 min 30 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


def verdict(report: Report, accepted: Collection[str] = ()) -> tuple[str, str, str]:
    """(headline, sentence, kind ok or warn) of a report; `accepted` are the names of findings that a person found good."""
    bad, count = len(report.failures), len(report.checks)
    left = sum(check.name not in accepted for check in report.failures)
    took = f" in {report.elapsed:.0f} s" if report.elapsed else ""
    sentence = f"The file was opened again and compared with the cut. {count - bad} of {count} checks passed{took}."
    if not bad:
        return "Matches the timeline", sentence, "ok"
    if not left:
        return f"{bad} finding{'s' if bad > 1 else ''}, accepted", sentence, "ok"
    return f"{left} finding{'s' if left > 1 else ''} to look at", sentence, "warn"


__all__ = ["Choice", "Deliver", "Report", "time_left", "verdict"]
