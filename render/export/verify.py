"""A finished file compared with the timeline it was made from, seen from the process that asks for it.

Owns: finding out what the file should be, sharing the work out, the verdicts. Refuses: decoding and drawing, which happen in the pool's
workers; this module loads neither.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from editor_core.document import Snapshot
from editor_core.schema import MediaReference
from editor_core.timeline.effective import effective
from editor_core.timing import TICKS_PER_SECOND
from render.export import catalogue, film, origin, png_note
from render.export.crew import Crew, Order, Piece, Pool
from render.export.errors import NothingToExport, StretchFailed, VerifyError
from render.export.plan import Plan, make_plan
from render.export.preset import Limits, Preset
from render.export.progress import OnProgress, Pace
from render.export.report import LoudnessCurve, Report
from render.export.verdicts import Examined, checks

_STRETCH_SECONDS = 10


@dataclass(frozen=True)
class FramePair:
    """One frame, `ticks` of the timeline, `width` × `height` pixels, RGBA: `cut` is the timeline's, `file` what was exported."""

    ticks: int
    width: int
    height: int
    cut: bytes
    file: bytes


def verify(out: Path, snapshot: Snapshot, locations: film.Locations, pool: Pool, on_progress: OnProgress | None = None, *,
           preset: str | None = None, settings: Mapping[str, Any] | None = None, start: int | None = None, end: int | None = None,
           workers: int = 2, cancel: threading.Event | None = None) -> Report:
    """Examines `out` and says where it is not what the timeline says.

    Which range was exported, and how, is read from the file's own note unless `preset`, `settings`, `start`, `end` (ticks) say it;
    without either it is the whole film by the preset of the file's ending. `out` of a range of stills is the name given to the
    export. Blocks; `on_progress` is called on the calling thread.
    Raises VerifyError where the file cannot be examined at all, Cancelled, StretchFailed.
    """
    task = _Verification(out, effective(snapshot)[0], locations, pool, on_progress or (lambda progress: None), max(1, workers), cancel)
    return task.run(preset, settings, start, end)


def frame_pair(out: Path, snapshot: Snapshot, locations: film.Locations, pool: Pool, ticks: int, height: int = 360) -> FramePair:
    """The frame that `out` shows at `ticks` of the timeline, beside the timeline's own. Blocks for some seconds.

    Raises VerifyError, StretchFailed.
    """
    return _Verification(out, effective(snapshot)[0], locations, pool, lambda progress: None, 1, None).pair(ticks, height)


class _Verification:
    def __init__(self, out: Path, snapshot: Snapshot, locations: film.Locations, pool: Pool, on_progress: OnProgress, workers: int,
                 cancel: threading.Event | None) -> None:
        self.out = out
        self.snapshot = snapshot
        self.locations = locations
        self.on_progress = on_progress
        self.workers = workers
        self._crew = Crew(pool, out.parent, lambda frame: f"frame {frame}", cancel, what="verification")
        self._done: dict[int, int] = {}
        self._told = 0.0

    def run(self, preset: str | None, settings: Mapping[str, Any] | None, start: int | None, end: int | None) -> Report:
        begun = time.monotonic()
        plan, limits, paths, described = self._planned(preset, settings, start, end)
        found = self._examine(plan, limits, paths, described)
        judged = checks(plan, found, limits)
        return Report(ok=all(check.ok for check in judged), file=str(self.out), preset=plan.preset, frames=found.frames,
                      seconds=found.media.duration / TICKS_PER_SECOND, checks=tuple(judged), elapsed=time.monotonic() - begun,
                      start=plan.start, loudness=_curve(found))

    def pair(self, ticks: int, height: int) -> FramePair:
        """The frame at a time of the timeline, as the file has it and as the timeline has it now."""
        plan, _, paths, described = self._planned(None, None, None, None)
        if plan.picture is None or not described["stamps"]:
            raise VerifyError(f"{self.out.name} has no picture")
        frames = min(plan.frames, len(paths) if plan.kind == "pictures" else len(described["stamps"]))
        frame = min(max(0, (ticks - plan.start) // plan.step), frames - 1)
        made = self._ask("verify_pair", {**self._pictures(plan, paths, described["media"], frames, frame, 1), "frame": frame,
                                         "height": height}, tries=2)
        return FramePair(plan.ticks(frame), int(made["width"]), int(made["height"]), bytes(made["cut"]), bytes(made["file"]))

    def _planned(self, preset: str | None, settings: Mapping[str, Any] | None, start: int | None,
                 end: int | None) -> tuple[Plan, Limits, list[Path], dict[str, Any]]:
        """What the file should be, and what it says that it is."""
        paths = self._paths()
        try:
            described = self._ask("verify_file", {"path": str(paths[0])}, tries=1)
        except StretchFailed as error:
            raise VerifyError(f"{paths[0].name} cannot be examined: {error.reason}") from None
        noted = origin.read(str(described["note"]) or png_note.read(paths[0]))
        chosen = self._preset(preset, noted)
        values = chosen.read(settings if settings is not None else noted.settings if noted else {})
        if noted is not None and not noted.whole and start is None and end is None:
            start, end = noted.start, noted.end
        try:
            plan = make_plan(self.snapshot, chosen, values, chosen.container_of(self.out), start, end)
        except NothingToExport as error:
            raise VerifyError(f"{self.out.name} cannot be compared: {error}") from None
        return plan, chosen.limits(values), paths, described

    def _paths(self) -> list[Path]:
        """The file, or the numbered pictures of a range."""
        if self.out.is_file():
            return [self.out]
        numbered = sorted(path for path in self.out.parent.glob(f"{_literal(self.out.stem)}-*{self.out.suffix}")
                          if path.stem[len(self.out.stem) + 1:].isdigit()) if self.out.parent.is_dir() else []
        if not numbered:
            raise VerifyError(f"There is no file {self.out}")
        return numbered

    def _preset(self, preset: str | None, noted: origin.Origin | None) -> Preset:
        if preset is not None:
            return catalogue.preset(preset)
        if noted is not None and noted.preset in catalogue.all_presets():
            return catalogue.preset(noted.preset)
        suffix = self.out.suffix.lower()
        found = catalogue.preset_for(suffix) or next((p for p in catalogue.all_presets().values() if suffix in p.suffixes), None)
        if found is None:
            raise VerifyError(f"{self.out.name} is no kind of file that an export writes")
        return found

    def _ask(self, task: str, args: Mapping[str, Any], tries: int) -> dict[str, Any]:
        order = Order(task, self.out.name, lambda number, pieces: args, most_tries=tries)
        self._crew.work([order])
        return order.result

    def _examine(self, plan: Plan, limits: Limits, paths: Sequence[Path], described: Mapping[str, Any]) -> Examined:
        media = msgspec.convert(described["media"], MediaReference)
        stamps = list(map(int, described["stamps"]))
        frames = len(paths) if plan.kind == "pictures" else len(stamps)
        found = Examined(file=self.out.name, media=media, frames=frames, stamps=stamps)
        orders: list[Order] = []
        pictures: list[Order] = []
        if plan.sound is not None and media.audio:
            orders.append(self._sound_order(plan, media))
        if plan.picture is not None and media.video is not None:
            pictures = self._picture_orders(plan, limits, paths, described["media"], min(frames, plan.frames))
        pace = Pace(min(frames, plan.frames) if pictures else 1000)
        self._crew.work([*orders, *pictures], lambda: self._tell(pace))
        found.sound = orders[0].result if orders else None
        found.pictures = [order.result for order in pictures]
        return found

    def _tell(self, pace: Pace) -> None:
        now = time.monotonic()
        if now - self._told >= 0.1:
            self._told = now
            self.on_progress(pace.at("Verifying", sum(self._done.values())))

    def _common(self, records: Sequence[Any]) -> dict[str, Any]:
        places = {asset: str(path) for asset in film.used_assets(records)
                  if (path := film.locate(self.locations, asset)) is not None}
        return {"records": film.encode(records), "locations": places, "slates": True}

    def _sound_order(self, plan: Plan, media: MediaReference) -> Order:
        rate = media.audio[0].sample_rate
        records = film.excerpt(self.snapshot, plan.start, plan.end, ("audio",))
        args = {**self._common(records), "path": str(self.out), "begin": media.audio[0].start, "start": plan.start, "end": plan.end,
                "rate": rate, "samples": plan.samples_at(rate), "clips": media.audio[0].codec.startswith(("pcm_s", "flac"))}
        alone = plan.picture is None
        return Order("verify_sound", f"sound of {self.out.name}", lambda number, pieces: args,
                     on_report=lambda report: self._done.update({-1: int(1000 * report["done"])}) if alone else None)

    def _picture_orders(self, plan: Plan, limits: Limits, paths: Sequence[Path], media: Any, frames: int) -> list[Order]:
        size = min(max(1, round(_STRETCH_SECONDS * plan.shape.rate.fps)), -(-frames // self.workers))
        orders = []
        for first in range(0, frames, max(1, size)):
            orders.append(self._picture_order(plan, limits, paths, media, frames, first, min(size, frames - first)))
        return orders

    def _picture_order(self, plan: Plan, limits: Limits, paths: Sequence[Path], media: Any, frames: int, first: int, count: int) -> Order:
        def args(number: int, pieces: Sequence[Piece]) -> dict[str, Any]:
            return {**self._pictures(plan, paths, media, frames, first, count), "tolerance": limits.order}

        def note(report: dict[str, Any]) -> None:
            self._done[first] = int(report["done"])

        return Order("verify_picture", f"stretch from {plan.timecode(first)} of {self.out.name}", args, on_report=note)


    def _pictures(self, plan: Plan, paths: Sequence[Path], media: Any, frames: int, first: int, count: int) -> dict[str, Any]:
        """What a worker needs to look at a stretch of frames."""
        assert plan.picture is not None
        low, high = plan.ticks(max(0, first - 10)), plan.ticks(first + count + 10)
        return {**self._common(film.excerpt(self.snapshot, low, high, ("video", "caption"))), "paths": [str(path) for path in paths],
                "media": media, "stills": plan.kind == "pictures", "start": plan.start, "step": plan.step, "frames": frames,
                "first": first, "count": count, "shape": msgspec.to_builtins(plan.shape), "planes": plan.picture.planes}


def _curve(found: Examined) -> LoudnessCurve | None:
    if found.sound is None or not found.sound["curve"][1]:
        return None
    every, film_curve, mixed = found.sound["curve"]
    return LoudnessCurve(step=every * TICKS_PER_SECOND // 10, file=tuple(film_curve), mix=tuple(mixed))


def _literal(text: str) -> str:
    """The text as a pattern that matches only itself."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)
