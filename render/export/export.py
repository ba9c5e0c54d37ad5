"""An export from the asking to the finished file, seen from the process that asks for it.

Owns: checking what is asked, the order of the work, resuming, the final name. Refuses: codecs and drawing, which happen in the pool's
workers; this module loads neither.

Picture stretches and sound are made apart (see `plan`), kept in a work folder beside the output (see `work_folder`), and joined
without encoding again. The file has its name only when it is whole.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from editor_core.document import Snapshot
from editor_core.schema import Clip, MediaReference
from editor_core.timeline.effective import effective
from editor_core.timing import TICKS_PER_SECOND, format_timecode
from render.export import catalogue, film, origin
from render.export.crew import Crew, Order, Piece, Pool
from render.export.errors import Cancelled, ExportError, OfflineMedia, OutOfSpace, StretchFailed, TargetError
from render.export.plan import Plan, Stretch, cut, edit_points, make_plan
from render.export.progress import OnProgress, Pace
from render.export.work_folder import Manifest, WorkFolder, no_space, writing

_log = logging.getLogger(__name__)

_MOST_THREADS = 8
_SHORT_SOUND_SECONDS = 120.0
"""Clips of so much sound together are mixed in two seconds of one processor."""
_ENCODING_SOUND, _MIXING_SOUND = 0.02, 0.005
"""Seconds that it takes to encode a second of sound, and to decode and mix a second of a clip."""


class ExportResult(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: `paths` (one file, or the numbered pictures), frames, seconds of film, bytes; `kept` frames came from an
    earlier, interrupted export; `warnings` are sentences; `elapsed` seconds it took."""

    paths: tuple[str, ...]
    preset: str
    frames: int
    seconds: float
    size: int
    kept: int = 0
    warnings: tuple[str, ...] = ()
    elapsed: float = 0.0


def export(snapshot: Snapshot, locations: film.Locations, out: Path, preset: str = "h264",
           settings: Mapping[str, Any] | None = None, *, start: int | None = None, end: int | None = None, workers: int = 2,
           pool: Pool, on_progress: OnProgress | None = None, cancel: threading.Event | None = None, allow_slates: bool = False,
           keep_on_cancel: Callable[[], bool] = lambda: False) -> ExportResult:
    """Writes `[start, end)` ticks of the timeline (all of it without them) to `out`, with `workers` workers at once.

    Blocks until done; `on_progress` is called on the calling thread about ten times a second. Setting `cancel` ends it within a
    second and removes what was made, unless `keep_on_cancel()`. An interrupted or failed export goes on where it was when it is
    asked for again. Media that is missing is refused by name unless `allow_slates`.
    Raises ExportError: SettingError, PresetError, NothingToExport, OfflineMedia, TargetError, OutOfSpace, StretchFailed, Cancelled.
    """
    begun = time.monotonic()
    snapshot = effective(snapshot)[0]
    found = catalogue.preset(preset)
    values = found.read(settings or {})
    plan = make_plan(snapshot, found, values, found.container_of(out), start, end)
    _check_target(out, locations)
    note = origin.words(plan, start is None and end is None)
    task = _Export(snapshot, locations, out, plan, note, workers, pool, on_progress or (lambda progress: None), cancel, allow_slates)
    task.check_media()
    with WorkFolder(out) as folder:
        try:
            paths = task.run(folder)
        except Cancelled:
            folder.drop_unfinished()
            if not keep_on_cancel():
                folder.remove()
            raise
        except OutOfSpace:
            folder.drop_unfinished()
            raise no_space(out) from None
        folder.remove()
    return ExportResult(
        paths=tuple(str(path) for path in paths), preset=preset, frames=plan.frames, seconds=plan.frames / plan.shape.rate.fps,
        size=sum(path.stat().st_size for path in paths), kept=task.kept, warnings=tuple(dict.fromkeys(task.warnings)),
        elapsed=time.monotonic() - begun)


class _Export:
    def __init__(self, snapshot: Snapshot, locations: film.Locations, out: Path, plan: Plan, note: str, workers: int,
                 pool: Pool, on_progress: OnProgress, cancel: threading.Event | None, allow_slates: bool) -> None:
        self.snapshot = snapshot
        self.locations = locations
        self.out = out
        self.plan = plan
        self.note = note
        self.workers = max(1, workers)
        self.pool = pool
        self.on_progress = on_progress
        self.cancel = cancel or threading.Event()
        self.allow_slates = allow_slates
        self.warnings: list[str] = []
        self.kept = 0
        self.threads = encoder_threads(self.workers)
        self._sound_share = 0.0
        self._told = 0.0

    def check_media(self) -> None:
        """Raises OfflineMedia naming clips and files, unless slates are wanted."""
        kinds = {"film": ("video", "caption", "audio"), "sound": ("audio",), "pictures": ("video", "caption")}[self.plan.kind]
        records = film.excerpt(self.snapshot, self.plan.start, self.plan.end, kinds)  # type: ignore[arg-type]
        missing: list[str] = []
        words: list[str] = []
        for asset, clips in film.used_assets(records).items():
            if film.locate(self.locations, asset) is None:
                media = self.snapshot.find(MediaReference, asset)
                at = format_timecode(min(clip.start for clip in clips), self.plan.timeline_rate)
                missing.append(asset)
                words.append(f"{media.name if media else asset} (at {at})")
        if not missing:
            return
        text = f"Media is missing: {', '.join(words[:5])}{f' and {len(words) - 5} more' if len(words) > 5 else ''}"
        if not self.allow_slates:
            raise OfflineMedia(f"{text}. Relink it, or allow slates in the export", tuple(missing))
        self.warnings.append(f"{text}; the film shows slates there")

    def run(self, folder: WorkFolder) -> list[Path]:
        """Makes everything; the finished paths."""
        plan = self.plan
        runs = self._cut(folder) if plan.picture is not None else []
        pieces = [[Piece(self._name(stretch), stretch.first, stretch.count) for stretch in run] for run in runs]
        sound = self._sound_name() if plan.sound is not None else ""
        names = [piece.name for run in pieces for piece in run]
        there = folder.keep_only([*names, sound])
        for piece in (piece for run in pieces for piece in run):
            piece.finished = piece.name in there
            self.kept += piece.count if piece.finished else 0
        crew = Crew(self.pool, folder.path, self._timecode, self.cancel)
        orders = self._picture_orders(folder.path, pieces)
        if sound and sound not in there:
            orders.insert(0, self._sound_order(folder.path, sound, len(orders)))
        pace = Pace(plan.frames if names else 1000, self.kept)
        crew.work(orders, lambda: self._tell(pace, pieces))
        if plan.kind == "pictures":
            return self._deliver_pictures(folder, names)
        made = folder.path / sound if plan.kind == "sound" else self._join(folder, crew, names, sound, pace)
        folder.deliver(made)
        return [self.out]

    def _tell(self, pace: Pace, runs: Sequence[Sequence[Piece]]) -> None:
        now = time.monotonic()
        if now - self._told < 0.1:
            return
        self._told = now
        done = sum(piece.count if piece.finished else piece.frames for run in runs for piece in run)
        if not runs:
            self.on_progress(pace.at("Mixing the sound", int(1000 * self._sound_share)))
        else:
            self.on_progress(pace.at("Rendering" if done < self.plan.frames else "Finishing the sound", done))

    def _cut(self, folder: WorkFolder) -> list[list[Stretch]]:
        """How the film is cut: as the interrupted export of the same film did it, else anew."""
        plan = self.plan
        making = hashlib.blake2b(msgspec.json.encode([plan.start, plan.frames, plan.step, plan.preset, plan.values]), digest_size=8)
        before = folder.cut_before(making.hexdigest())
        if before is not None:
            self.threads = before.threads
            return before.runs
        edits = edit_points(self.snapshot, plan) if plan.kind == "film" else []
        runs = cut(plan.frames, plan.shape.rate, edits, self.workers)
        folder.note_cut(Manifest(making=making.hexdigest(), runs=runs, threads=self.threads))
        return runs

    def _excerpt(self, first: int, end: int) -> list[Any]:
        return film.excerpt(self.snapshot, self.plan.ticks(first), self.plan.ticks(end), ("video", "caption"))

    def _name(self, stretch: Stretch) -> str:
        plan = self.plan
        making = [plan.ticks(stretch.first), plan.step, stretch.count, msgspec.to_builtins(plan.shape), plan.container,
                  msgspec.to_builtins(plan.picture), self.threads, self.allow_slates, self.note if plan.kind == "pictures" else ""]
        span = plan.ticks(stretch.first), plan.ticks(stretch.end)
        key = film.content_key(self._excerpt(stretch.first, stretch.end), span, self.locations, making)
        if plan.kind == "pictures":
            return f"{stretch.first:07d}-{key}"
        return f"{stretch.first:07d}-{key}{SEGMENT_SUFFIX[plan.container]}"

    def _sound_name(self) -> str:
        plan = self.plan
        records = film.excerpt(self.snapshot, plan.start, plan.end, ("audio",))
        making = [plan.start, plan.samples, plan.container, msgspec.to_builtins(plan.sound), self.allow_slates,
                  self.note if plan.kind == "sound" else ""]
        suffix = self.out.suffix.lower() if plan.kind == "sound" else SOUND_SUFFIX[plan.container]
        return f"sound-{film.content_key(records, (plan.start, plan.end), self.locations, making)}{suffix}"

    def _common(self, records: Sequence[Any]) -> dict[str, Any]:
        places = {asset: str(path) for asset in film.used_assets(records)
                  if (path := film.locate(self.locations, asset)) is not None}
        return {"records": film.encode(records), "locations": places, "slates": self.allow_slates}

    def _picture_orders(self, folder: Path, runs: Sequence[Sequence[Piece]]) -> list[Order]:
        plan = self.plan
        task = "export_pictures" if plan.kind == "pictures" else "export_segment"

        def args(number: int, pieces: Sequence[Piece]) -> dict[str, Any]:
            last = max(pieces, key=lambda piece: piece.first)
            return {**self._common(self._excerpt(min(piece.first for piece in pieces), last.first + last.count)),
                    "number": number, "folder": str(folder), "start": plan.start, "step": plan.step,
                    "pieces": [[piece.first, piece.count, piece.name] for piece in pieces],
                    "shape": msgspec.to_builtins(plan.shape), "codec": msgspec.to_builtins(plan.picture), "threads": self.threads,
                    "note": self.note}

        orders = []
        for run in runs:
            left = [piece for piece in run if not piece.finished]
            if left:
                orders.append(Order(task, self.out.name, args, left, self._heard))
        return orders

    def _sound_order(self, folder: Path, name: str, runs: int) -> Order:
        plan = self.plan

        def args(number: int, pieces: Sequence[Piece]) -> dict[str, Any]:
            records = film.excerpt(self.snapshot, plan.start, plan.end, ("audio",))
            return {**self._common(records), "out": str(folder / name), "start": plan.start, "end": plan.end,
                    "samples": plan.samples, "codec": msgspec.to_builtins(plan.sound),
                    "note": self.note if plan.kind == "sound" else ""}

        return Order("export_sound", f"sound of {self.out.name}", args, on_report=self._heard_sound, late=self._sound_begins(runs))

    def _sound_begins(self, runs: int) -> float:
        """Seconds before the picture's end, where it is short work and the picture's runs keep all processors busy until there: runs
        never end together, and what the first leaves idle is filled with the sound. Else at once."""
        heard = film.excerpt(self.snapshot, self.plan.start, self.plan.end, ("audio",))
        seconds = sum(record.duration for record in heard if isinstance(record, Clip)) / TICKS_PER_SECOND
        if runs < (os.cpu_count() or 1) or seconds > _SHORT_SOUND_SECONDS:
            return math.inf
        return _ENCODING_SOUND * self.plan.frames / self.plan.shape.rate.fps + _MIXING_SOUND * seconds

    def _heard(self, report: dict[str, Any]) -> None:
        if "warning" in report:
            self.warnings.append(str(report["warning"]))

    def _heard_sound(self, report: dict[str, Any]) -> None:
        self._sound_share = float(report.get("done", self._sound_share))
        self._heard(report)

    def _join(self, folder: WorkFolder, crew: Crew, names: Sequence[str], sound: str, pace: Pace) -> Path:
        """The whole film from its stretches."""
        plan = self.plan
        whole = folder.path / f"whole.part{self.out.suffix.lower()}"

        def args(number: int, pieces: Sequence[Piece]) -> dict[str, Any]:
            return {"folder": str(folder.path), "pieces": list(names), "sound": sound, "out": str(whole), "container": plan.container,
                    "frames": plan.frames, "shape": msgspec.to_builtins(plan.shape),
                    "note": self.note}

        self.on_progress(pace.at("Joining", plan.frames))
        try:
            crew.work([Order("export_join", f"joining of {self.out.name}", args)])
        except StretchFailed:
            folder.keep_only([])  # a stretch on disk is not what it should be: the next try makes all anew
            raise
        return whole

    def _deliver_pictures(self, folder: WorkFolder, names: Sequence[str]) -> list[Path]:
        made = [picture for name in names for picture in sorted((folder.path / name).iterdir())]
        if len(made) != self.plan.frames:
            raise ExportError(f"{len(made)} pictures were made instead of {self.plan.frames}; export again")
        if len(made) == 1:
            folder.deliver(made[0])
            return [self.out]
        paths = numbered(self.out, len(made))
        with writing(self.out):
            for picture, path in zip(made, paths, strict=True):
                picture.replace(path)
        return paths

    def _timecode(self, frame: int) -> str:
        return self.plan.timecode(frame)


SEGMENT_SUFFIX = {"mp4": ".mp4", "mov": ".mov", "matroska": ".mp4", "webm": ".mp4"}
"""Container of a stretch, whose time stamps are exact, by container of the film."""
SOUND_SUFFIX = {"mp4": ".mp4", "mov": ".mov", "matroska": ".mkv", "webm": ".mkv"}
"""Container in which the encoded sound waits."""


def encoder_threads(workers: int) -> int:
    """Threads of each worker's encoder, so that all processors are busy: one where there is a worker for each, which encodes a tenth
    cheaper than two do. A resumed export keeps what it began with, because an encoder's bytes depend on it."""
    return max(1, min(_MOST_THREADS, (os.cpu_count() or 1) // workers))


def numbered(out: Path, count: int) -> list[Path]:
    """NAME-0001.png and on; more digits only where there are more than 9999."""
    digits = max(4, len(str(count)))
    return [out.with_name(f"{out.stem}-{number:0{digits}d}{out.suffix}") for number in range(1, count + 1)]


def _check_target(out: Path, locations: film.Locations) -> None:
    if not out.parent.is_dir():
        raise TargetError(f"{out.parent} is not a folder; make it first")
    if out.is_dir():
        raise TargetError(f"{out} is a folder; give the file a name in it")
    if not out.exists():
        return
    for asset in locations:
        path = film.locate(locations, asset)
        if path is not None and path.samefile(out):
            raise TargetError(f"{out.name} is media that the film is made from; choose another name")


__all__ = ["ExportResult", "encoder_threads", "export", "numbered"]
