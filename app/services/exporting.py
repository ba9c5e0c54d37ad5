"""Export and verification for the command line and the export queue.

Owns: reading what a person gave, the pool's life, progress on a terminal. Refuses: rendering, encoding, comparing.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.services.errors import AppError
from app.services.open_project import OpenProject
from app.services.stills import locations
from editor_core.timing import format_timecode, parse_time
from render.export.catalogue import all_presets, preset_for
from render.export.errors import ExportError, OfflineMedia
from render.export.export import export
from render.export.progress import Progress
from render.export.verify import verify
from render.export.workers import default_workers, export_pool
from render.pool import TaskPool

DEFAULT = "h264"


class ExportRefused(AppError):
    """The export or verification cannot be done as asked; the message says what would do."""


def read_settings(pairs: list[str]) -> dict[str, str]:
    """`["crf=20", "speed=veryfast"]` as a mapping. Raises ExportRefused."""
    settings: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ExportRefused(f"--set {pair!r}: write NAME=VALUE, as in --set crf=20")
        settings[name.strip()] = value.strip()
    return settings


def choose_preset(out: Path, preset: str | None) -> str:
    """The preset asked for, else the one whose files end as OUT does, else h264."""
    if preset:
        return preset
    found = preset_for(out.suffix)
    return found.id if found is not None else DEFAULT


def export_film(project: OpenProject, out: Path, preset: str | None, settings: list[str], start: str | None, end: str | None,
                workers: int | None, allow_slates: bool, *, quiet: bool, pool: TaskPool | None = None) -> dict[str, Any]:
    """Exports as the command line says; facts of the result as plain values. Raises AppError.

    `pool` may be one that was made before the project was opened, so that its workers are ready by now.
    """
    rate = project.snapshot.timeline.rate
    first = parse_time(start, rate) if start is not None else None
    last = parse_time(end, rate) if end is not None else None
    count = workers or default_workers()
    with _pool(count) if pool is None else contextlib.nullcontext(pool) as crew, _bar(quiet) as show, _refusals():
        result = export(project.snapshot, locations(project), out, choose_preset(out, preset), read_settings(settings), start=first,
                        end=last, workers=count, pool=crew, on_progress=show, cancel=threading.Event(), allow_slates=allow_slates)
    warnings = [*result.warnings]
    if last is not None and last > project.snapshot.end():
        warnings.append(f"The film ends at {format_timecode(project.snapshot.end(), rate)}, before {end}; it was exported to there")
    for warning in warnings:
        print(f"proeditor: {warning}", file=sys.stderr)
    return {"paths": list(result.paths), "preset": result.preset, "frames": result.frames, "seconds": result.seconds, "size": result.size,
            "kept_frames": result.kept, "elapsed": round(result.elapsed, 3), "warnings": warnings}


def verify_film(project: OpenProject, out: Path, *, quiet: bool) -> dict[str, Any]:
    """Compares an exported file with the project's timeline; the report as plain values. Raises AppError."""
    with _pool(default_workers()) as pool, _bar(quiet) as show, _refusals():
        report = verify(out, project.snapshot, locations(project), pool=pool, on_progress=show)
    return report.plain()


def report_lines(report: dict[str, Any]) -> list[str]:
    """A report for a terminal."""
    import msgspec

    from render.export.report import Report

    return msgspec.convert(report, Report).lines()


def presets_plain() -> list[dict[str, Any]]:
    """All presets with their settings as plain values."""
    return [preset.describe() for preset in all_presets().values()]


def preset_lines() -> list[str]:
    """All presets for a terminal."""
    lines: list[str] = []
    for preset in all_presets().values():
        lines.append(f"{preset.id:8} {preset.title} ({', '.join(preset.suffixes)}): {preset.help}")
        lines.extend(f"           {s.name}={s.default!s:10} {s.help} {s.range_in_words}" for s in preset.settings)
    return lines


@contextlib.contextmanager
def _pool(workers: int) -> Iterator[TaskPool]:
    pool = export_pool(workers)
    try:
        yield pool
    finally:
        pool.close()


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OfflineMedia as error:
        raise ExportRefused(f"{error}\nPut it back, import it again from where it is now, or export with --allow-slates") from error
    except ExportError as error:
        raise ExportRefused(str(error)) from error


@contextlib.contextmanager
def _bar(quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A progress bar on a terminal; nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.fields[fps]}"),
               TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("Starting", total=1.0, fps="")

        def show(progress: Progress) -> None:
            bars.update(bar, completed=progress.share, description=progress.stage, fps=f"{progress.fps:.0f} fps" if progress.fps else "")

        yield show
