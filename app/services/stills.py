"""One frame of a film as a picture file.

Owns: checking the request, having a media worker draw and write it. Refuses: drawing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.services.errors import AppError
from app.services.listing import locate
from app.services.open_project import OpenProject
from editor_core.document import Snapshot
from editor_core.schema import MediaReference
from editor_core.timing import format_timecode, parse_time
from render.pool import TaskError, TaskPool


def locations(project: OpenProject) -> dict[str, Path]:
    """Where each asset lies on this machine; missing ones are left out."""
    found = {m.id: locate(project, m.id) for m in project.snapshot.of_kind(MediaReference)}
    return {asset: path for asset, path in found.items() if path is not None}


def records_of(snapshot: Snapshot) -> bytes:
    """All live records as msgpack, for a worker."""
    return msgspec.msgpack.encode([record for record in snapshot.records.values() if not record.deleted])


def write_still(project: OpenProject, pool: TaskPool, at: str, out: Path, scale: float) -> Sequence[str]:
    """Writes the frame shown at `at` as PNG; warnings as lines. Raises AppError, TimingError."""
    timeline = project.snapshot.timeline
    ticks = parse_time(at, timeline.rate)
    end = project.snapshot.end()
    if not 0.05 <= scale <= 4:
        raise AppError(f"--scale {scale:g} must be 0.05 to 4")
    if out.suffix.lower() != ".png":
        raise AppError(f"{out}: frames are written as PNG; let the name end in .png")
    if ticks < 0 or (end and ticks >= end) or (not end and ticks > 0):
        raise AppError(f"--at {at} is outside the film, which is {format_timecode(end, timeline.rate)} long")
    if not out.parent.is_dir():
        raise AppError(f"{out.parent} is not a folder")
    part = out.with_name(f".{out.name}.{os.getpid()}.part.png")
    try:
        answer = pool.submit("still", {
            "records": records_of(project.snapshot), "locations": {k: str(v) for k, v in locations(project).items()},
            "ticks": ticks, "scale": scale, "path": str(part)}, timeout=120, about=out.name).result()
        part.replace(out)
    except TaskError as error:
        raise AppError(str(error).replace(part.name, out.name)) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return [str(line) for line in answer.get("warnings", [])]
