"""History and problems as lines and as plain values.

Owns: what `proeditor history` and `proeditor problems` say. Refuses: fixing anything.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.services.open_project import OpenProject
from app.services.replaced import replaced
from editor_core.document import Entry
from editor_core.document.integrity import breaches
from editor_core.edits.wording import one_line
from editor_core.schema import Clip, MediaReference


def _undone(project: OpenProject) -> set[str]:
    history = project.door.history
    actors = {entry.actor for entry in history.entries}
    return {str(stamp) for actor in actors for stamp in history.undone_stamps(actor)}


def history_plain(project: OpenProject) -> dict[str, Any]:
    """Every step in order: label, command, actor, time (Unix milliseconds), kind, whether it is undone now."""
    undone = _undone(project)
    return {"entries": [_entry(entry, str(entry.stamp) in undone) for entry in project.door.history.entries]}


def _entry(entry: Entry, undone: bool) -> dict[str, Any]:
    return {"id": str(entry.stamp), "label": entry.label, "command": entry.command, "actor": entry.actor, "time": entry.time,
            "kind": entry.kind, "undone": undone}


def history_lines(project: OpenProject) -> list[str]:
    """One line a step: time, mark, label."""
    undone = _undone(project)
    lines = []
    for entry in project.door.history.entries:
        when = datetime.datetime.fromtimestamp(entry.time / 1000).strftime("%Y-%m-%d %H:%M:%S")
        mark = "undone" if str(entry.stamp) in undone else ""
        lines.append(f"{when}  {mark:6}  {one_line(entry.label)}  ({entry.command})")
    return lines


def offline_media(project: OpenProject) -> list[MediaReference]:
    """Media of the project that lies nowhere on this machine where it is known to be."""
    return [m for m in project.snapshot.of_kind(MediaReference) if locate(project, m.id) is None]


def locate(project: OpenProject, asset: str) -> Path | None:
    """Where an asset's file lies now, if it does."""
    return next((p for p in project.file.locations.get(asset) if p.is_file()), None)


def problems_plain(project: OpenProject, hashes_of: Callable[[list[Path]], list[str]] | None = None) -> list[dict[str, Any]]:
    """kind, message, fix and records of each problem: repairs made on opening, missing media, broken rules."""
    found: list[dict[str, Any]] = [
        {"kind": p.kind, "message": p.message, "fix": p.fix, "records": []} for p in project.file.problems]
    clips = project.snapshot.of_kind(Clip)
    for media in offline_media(project):
        uses = [c.id for c in clips if c.asset == media.id]
        known = project.file.locations.get(media.id)
        where = f"; it was at {known[0]}" if known else ""
        found.append({"kind": "media offline", "message": f"{media.name} is missing{where}",
                      "fix": "Put the file back, or import it again from where it is now", "records": [media.id, *uses]})
    found.extend(_changed_media(project, hashes_of))
    found.extend({"kind": breach.rule, "message": breach.message, "fix": "", "records": list(breach.records)}
                 for breach in breaches(project.snapshot))
    return found


def _changed_media(project: OpenProject, hashes_of: Callable[[list[Path]], list[str]] | None) -> list[dict[str, Any]]:
    """Media whose file is there with another size or content than when it was imported: cut off, or replaced by something else."""
    found = []
    same: dict[str, tuple[Path, str]] = {}
    fix = "Put the original back, or import the new file and replace the clips"
    for media in project.snapshot.of_kind(MediaReference):
        path = locate(project, media.id)
        size = path.stat().st_size if path is not None else media.size
        if media.size and size != media.size:
            found.append({"kind": "media changed", "message": f"{path} is not as it was imported: {size:,} bytes instead of {media.size:,}",
                          "fix": fix, "records": [media.id]})
        elif path is not None:
            same[media.id] = path, media.hash
    paths = [path for path, _ in same.values()]
    now = dict(zip(paths, hashes_of(paths), strict=True)) if hashes_of is not None and paths else {}
    found.extend({"kind": "media changed", "message": f"{same[asset][0]} is not as it was imported: another file of the same size",
                  "fix": fix, "records": [asset]} for asset in replaced(same, now))
    return found
